using System.Buffers.Binary;

namespace Breakwater.Protocols.Bgp;

/// <summary>Writes UPDATEs for one session.</summary>
/// <remarks>RFC 4271 §4.3; RFC 7606 §5.1: MP_REACH_NLRI and MP_UNREACH_NLRI come first. Attributes with equal octets share an UPDATE.</remarks>
/// <param name="context">What the OPENs settled.</param>
/// <param name="maxLength">Longest message, in octets: 4,096, or 65,535 between speakers of RFC 8654.</param>
public sealed class UpdateEncoder(UpdateContext context, int maxLength = BgpFraming.MaxLength)
{
    private const byte Optional = 0x80;
    private const byte Transitive = 0x40;
    private const byte ExtendedLength = 0x10;

    /// <summary>Header, length of withdrawn routes, length of attributes.</summary>
    private const int Fixed = BgpFraming.HeaderLength + 4;

    /// <summary>Flags, type, length of 16 bits.</summary>
    private const int AttributeHeader = 4;

    /// <summary>Longest message that this session takes.</summary>
    public int MaxLength => maxLength;

    /// <summary>The octets of the attributes in ascending order of type, without those that carry routes.</summary>
    public byte[] EncodeAttributes(PathAttributes attributes)
    {
        var written = new AttributeBytes();
        if (attributes.Origin is { } origin) written.Add(Transitive, PathAttributeType.Origin, [(byte)origin]);
        if (attributes.AsPath is { } path) written.Add(Transitive, PathAttributeType.AsPath, PathBytes(path, context.FourOctetAs));
        if (attributes.NextHop is { } nextHop) written.Add(Transitive, PathAttributeType.NextHop, Number(nextHop.V4Bits));
        if (attributes.MultiExitDiscriminator is { } discriminator) written.Add(Optional, PathAttributeType.MultiExitDiscriminator, Number(discriminator));
        if (attributes.LocalPreference is { } preference) written.Add(Transitive, PathAttributeType.LocalPreference, Number(preference));
        if (attributes.AtomicAggregate) written.Add(Transitive, PathAttributeType.AtomicAggregate, []);
        if (attributes.Aggregator is { } aggregator) written.Add(Optional | Transitive, PathAttributeType.Aggregator, [.. AsNumber(aggregator.As, context.FourOctetAs), .. Number(aggregator.Identifier)]);
        if (attributes.Communities.Count > 0) written.Add(Optional | Transitive, PathAttributeType.Communities, [.. attributes.Communities.SelectMany(c => Number(c.Value))]);
        if (attributes.OriginatorId is { } originator) written.Add(Optional, PathAttributeType.OriginatorId, Number(originator));
        if (attributes.ClusterList.Count > 0) written.Add(Optional, PathAttributeType.ClusterList, [.. attributes.ClusterList.SelectMany(Number)]);
        if (attributes.ExtendedCommunities.Count > 0) written.Add(Optional | Transitive, PathAttributeType.ExtendedCommunities, [.. attributes.ExtendedCommunities.SelectMany(c => Number(c.Value))]);
        // RFC 6793 §4.2.2: an old speaker gets a stand-in in the path, and the true numbers beside it.
        if (!context.FourOctetAs && attributes.AsPath is { } wide && wide.Any(s => s.Numbers.Any(n => n > ushort.MaxValue)))
            written.Add(Optional | Transitive, PathAttributeType.As4Path, PathBytes(wide, fourOctets: true));
        if (attributes.Ipv6ExtendedCommunities.Count > 0) written.Add(Optional | Transitive, PathAttributeType.Ipv6ExtendedCommunities, [.. attributes.Ipv6ExtendedCommunities.SelectMany(Bytes)]);
        if (attributes.LargeCommunities.Count > 0)
            written.Add(Optional | Transitive, PathAttributeType.LargeCommunities, [.. attributes.LargeCommunities.SelectMany(c => (byte[])[.. Number(c.Administrator), .. Number(c.Data1), .. Number(c.Data2)])]);
        if (attributes.OnlyToCustomer is { } customer) written.Add(Optional | Transitive, PathAttributeType.OnlyToCustomer, Number(customer));
        foreach (var other in attributes.Others) written.Add(other.Flags, (PathAttributeType)other.Type, other.Value.ToArray());
        return written.InOrder();
    }

    /// <summary>Writes one UPDATE with as many of the routes as fit.</summary>
    /// <param name="attributes">From <see cref="EncodeAttributes"/>; for IPv4 unicast with the next hop in it.</param>
    /// <param name="nextHop">For families other than IPv4 unicast; empty for flow specifications.</param>
    /// <param name="routes">All of <paramref name="family"/>.</param>
    /// <param name="from">First route that is not written yet; moved past those that this message holds.</param>
    /// <param name="message">Of at least <see cref="MaxLength"/> octets.</param>
    /// <returns>Octets written; 0 when not even the first route fits beside the attributes.</returns>
    public int Announce(ReadOnlySpan<byte> attributes, BgpFamily family, ReadOnlySpan<byte> nextHop, IReadOnlyList<BgpNlri> routes, ref int from, Span<byte> message)
    {
        var first = from;
        if (family == BgpFamily.Ipv4Unicast)
        {
            var at = Fixed + attributes.Length;
            if (at > maxLength) return 0;
            from = Fill(routes, from, message[at..maxLength], BgpFraming.MaxLength - at, out var filled);
            if (from == first) return 0;
            attributes.CopyTo(message[Fixed..]);
            return Finish(message, 0, attributes.Length, at + filled);
        }
        var head = Fixed + AttributeHeader;
        var start = head + 5 + nextHop.Length;
        if (start + attributes.Length > maxLength) return 0;
        from = Fill(routes, from, message[start..(maxLength - attributes.Length)], BgpFraming.MaxLength - attributes.Length - start, out var used);
        if (from == first) return 0;
        WriteAttributeHeader(message[Fixed..], PathAttributeType.MpReach, 5 + nextHop.Length + used);
        BinaryPrimitives.WriteUInt16BigEndian(message[head..], family.Afi);
        message[head + 2] = family.Safi;
        message[head + 3] = (byte)nextHop.Length;
        nextHop.CopyTo(message[(head + 4)..]);
        message[start - 1] = 0;
        attributes.CopyTo(message[(start + used)..]);
        return Finish(message, 0, start + used + attributes.Length - Fixed, start + used + attributes.Length);
    }

    /// <summary>Writes one UPDATE that takes back as many of the routes as fit.</summary>
    /// <param name="routes">All of <paramref name="family"/>. None at all writes the family's End-of-RIB (RFC 4724 §2).</param>
    /// <param name="from">First route that is not written yet; moved past those that this message holds.</param>
    /// <param name="message">Of at least <see cref="MaxLength"/> octets.</param>
    /// <returns>Octets written.</returns>
    public int Withdraw(BgpFamily family, IReadOnlyList<BgpNlri> routes, ref int from, Span<byte> message)
    {
        if (family == BgpFamily.Ipv4Unicast)
        {
            from = Fill(routes, from, message[(Fixed - 2)..(maxLength - 2)], BgpFraming.MaxLength - Fixed, out var filled);
            return Finish(message, filled, 0, Fixed + filled);
        }
        var head = Fixed + AttributeHeader;
        from = Fill(routes, from, message[(head + 3)..maxLength], BgpFraming.MaxLength - head - 3, out var used);
        WriteAttributeHeader(message[Fixed..], PathAttributeType.MpUnreach, 3 + used);
        BinaryPrimitives.WriteUInt16BigEndian(message[head..], family.Afi);
        message[head + 2] = family.Safi;
        return Finish(message, 0, AttributeHeader + 3 + used, head + 3 + used);
    }

    /// <summary>Writes the whole message, header included.</summary>
    /// <exception cref="InvalidOperationException">It does not fit one message.</exception>
    public byte[] Encode(BgpUpdate update)
    {
        var attributes = new List<byte>();
        if (update.Unreach is { } unreach)
        {
            byte[] content = [.. Family(unreach.Family), .. unreach.Routes.SelectMany(r => r.Bytes.ToArray())];
            attributes.AddRange(AttributeBytes.Write(Optional, PathAttributeType.MpUnreach, content));
        }
        if (update.Reach is { } reach)
        {
            byte[] content = [.. Family(reach.Family), (byte)reach.NextHop.Length, .. reach.NextHop.Span, 0, .. reach.Routes.SelectMany(r => r.Bytes.ToArray())];
            attributes.AddRange(AttributeBytes.Write(Optional, PathAttributeType.MpReach, content));
        }
        attributes.AddRange(EncodeAttributes(update.Attributes));
        byte[] withdrawn = [.. update.Withdrawn.SelectMany(r => r.Bytes.ToArray())];
        byte[] announced = [.. update.Announced.SelectMany(r => r.Bytes.ToArray())];
        var length = Fixed + withdrawn.Length + attributes.Count + announced.Length;
        if (length > maxLength) throw new InvalidOperationException($"an UPDATE of {length} octets; {maxLength} fit");

        var message = new byte[length];
        withdrawn.CopyTo(message, Fixed - 2);
        attributes.CopyTo(message, Fixed + withdrawn.Length);
        announced.CopyTo(message, length - announced.Length);
        Finish(message, withdrawn.Length, attributes.Count, length);
        return message;
    }

    /// <param name="usual">Octets for more than one route. Messages beyond 4,096 octets are for a route that needs one: FRR resets a session whose UPDATE holds 4,095 octets of rules.</param>
    /// <returns>The first route that did not fit.</returns>
    private static int Fill(IReadOnlyList<BgpNlri> routes, int from, Span<byte> space, int usual, out int used)
    {
        used = 0;
        while (from < routes.Count && routes[from].Bytes.Length <= (used == 0 ? space.Length : usual - used))
        {
            routes[from].Bytes.CopyTo(space[used..]);
            used += routes[from].Bytes.Length;
            from++;
        }
        return from;
    }

    private static int Finish(Span<byte> message, int withdrawn, int attributes, int length)
    {
        BgpFraming.WriteHeader(message, BgpMessageType.Update, length);
        BinaryPrimitives.WriteUInt16BigEndian(message[BgpFraming.HeaderLength..], (ushort)withdrawn);
        BinaryPrimitives.WriteUInt16BigEndian(message[(BgpFraming.HeaderLength + 2 + withdrawn)..], (ushort)attributes);
        return length;
    }

    private static void WriteAttributeHeader(Span<byte> bytes, PathAttributeType type, int length)
    {
        bytes[0] = Optional | ExtendedLength;
        bytes[1] = (byte)type;
        BinaryPrimitives.WriteUInt16BigEndian(bytes[2..], checked((ushort)length));
    }

    private static byte[] PathBytes(IReadOnlyList<AsSegment> path, bool fourOctets) =>
        [.. path.SelectMany(s => (byte[])[(byte)s.Kind, checked((byte)s.Numbers.Count), .. s.Numbers.SelectMany(n => AsNumber(n, fourOctets))])];

    private static byte[] AsNumber(uint number, bool fourOctets)
    {
        if (fourOctets) return Number(number);
        var narrow = number > ushort.MaxValue ? BgpOpen.AsTrans : number;
        return [(byte)(narrow >> 8), (byte)narrow];
    }

    private static byte[] Number(uint value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        return bytes;
    }

    private static byte[] Number(ulong value)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, value);
        return bytes;
    }

    private static byte[] Bytes(BgpIpv6ExtendedCommunity community)
    {
        var bytes = new byte[20];
        BinaryPrimitives.WriteUInt16BigEndian(bytes, community.Type);
        community.Address.WriteTo(bytes.AsSpan(2));
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(18), community.Local);
        return bytes;
    }

    private static byte[] Family(BgpFamily family) => [(byte)(family.Afi >> 8), (byte)family.Afi, family.Safi];

    /// <summary>Attributes that are put in order of type at the end.</summary>
    private sealed class AttributeBytes
    {
        private readonly List<(byte Type, byte[] Bytes)> _attributes = [];

        public void Add(byte flags, PathAttributeType type, byte[] value) => _attributes.Add(((byte)type, Write(flags, type, value)));

        public byte[] InOrder() => [.. _attributes.OrderBy(a => a.Type).SelectMany(a => a.Bytes)];

        public static byte[] Write(byte flags, PathAttributeType type, byte[] value) => value.Length > byte.MaxValue
            ? [(byte)(flags | ExtendedLength), (byte)type, (byte)(value.Length >> 8), (byte)value.Length, .. value]
            : [flags, (byte)type, (byte)value.Length, .. value];
    }
}
