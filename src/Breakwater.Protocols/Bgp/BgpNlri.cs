using Breakwater.Core.Net;
using Breakwater.Protocols.Net;

namespace Breakwater.Protocols.Bgp;

/// <summary>What one route is about: a prefix or a flow specification, as it stands on the wire. Equal when family and octets are.</summary>
/// <remarks>RFC 4271 §4.3 (prefix: length in bits, then as many octets as it needs), RFC 8955 §4 (flow specification: length in octets, then components).</remarks>
public sealed class BgpNlri : IEquatable<BgpNlri>
{
    private readonly byte[] _bytes;
    private readonly int _hash;

    private BgpNlri(BgpFamily family, byte[] bytes)
    {
        Family = family;
        _bytes = bytes;
        var hash = new HashCode();
        hash.Add(family);
        hash.AddBytes(bytes);
        _hash = hash.ToHashCode();
    }

    public BgpFamily Family { get; }

    /// <summary>The octets, length field included.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes;

    /// <summary>A route to a prefix.</summary>
    public static BgpNlri Of(Prefix prefix)
    {
        var bytes = new byte[1 + OctetsFor(prefix.Length)];
        bytes[0] = prefix.Length;
        WirePrefix.Write(prefix, 0, bytes.AsSpan(1));
        return new BgpNlri(prefix.IsV4 ? BgpFamily.Ipv4Unicast : BgpFamily.Ipv6Unicast, bytes);
    }

    /// <summary>A flow specification.</summary>
    public static BgpNlri Of(FlowSpecRule rule) => new(rule.Family, rule.Encode());

    /// <summary>The prefix of a unicast or multicast route; null for routes of other families, and for IPv6 prefixes that only hold mapped IPv4 addresses.</summary>
    public Prefix? Prefix =>
        Family.HasPrefixes && WirePrefix.TryRead(_bytes.AsSpan(1), Family.Afi == BgpFamily.Ipv6, _bytes[0], 0, out var prefix) ? prefix : null;

    /// <summary>The flow specification; null for routes of other families.</summary>
    public FlowSpecRule? Rule => Family.IsFlowSpec && FlowSpecRule.TryDecode(Family, _bytes, out var rule, out _) ? rule : null;

    /// <summary>Reads routes of one family up to the end.</summary>
    /// <param name="into">Receives those that are understood.</param>
    /// <param name="skipped">Flow specifications of a right length with a wrong content: the next one can still be found.</param>
    /// <returns>False when lengths are wrong, so that nothing behind can be found (RFC 7606 §5.3).</returns>
    internal static bool TryRead(BgpFamily family, ReadOnlySpan<byte> bytes, List<BgpNlri> into, ref int skipped)
    {
        if (family.IsFlowSpec) return TryReadRules(family, bytes, into, ref skipped);
        if (family.IsIp && family.Safi == BgpFamily.LabelledVpn) return TryReadPrefixes(family, 24 + 64, bytes, into);
        if (family.HasPrefixes) return TryReadPrefixes(family, 0, bytes, into);
        // A family that we did not offer: nobody here knows where one of its routes ends.
        if (!bytes.IsEmpty) into.Add(new BgpNlri(family, bytes.ToArray()));
        return true;
    }

    /// <param name="before">Bits that stand before the address: label and route distinguisher (RFC 4364 §4.3.4).</param>
    private static bool TryReadPrefixes(BgpFamily family, int before, ReadOnlySpan<byte> bytes, List<BgpNlri> into)
    {
        var reader = new WireReader(bytes);
        while (reader.Remaining > 0)
        {
            var length = reader.U8();
            if (length < before || length > before + family.AddressBits) return false;
            var content = reader.Bytes(OctetsFor(length));
            if (reader.Failed) return false;
            var nlri = new byte[1 + content.Length];
            nlri[0] = length;
            content.CopyTo(nlri.AsSpan(1));
            // RFC 4271 §4.3: bits behind the prefix mean nothing; without them, equal prefixes are equal octets.
            if ((length & 7) != 0) nlri[^1] &= (byte)(0xFF << (8 - (length & 7)));
            into.Add(new BgpNlri(family, nlri));
        }
        return true;
    }

    private static bool TryReadRules(BgpFamily family, ReadOnlySpan<byte> bytes, List<BgpNlri> into, ref int skipped)
    {
        while (!bytes.IsEmpty)
        {
            if (!FlowSpecRule.TryReadLength(bytes, out var header, out var length) || bytes.Length < header + length) return false;
            var nlri = bytes[..(header + length)];
            if (FlowSpecRule.TryDecode(family, nlri, out _, out _)) into.Add(new BgpNlri(family, nlri.ToArray()));
            else skipped++;
            bytes = bytes[nlri.Length..];
        }
        return true;
    }

    private static int OctetsFor(int bits) => (bits + 7) / 8;

    public bool Equals(BgpNlri? other) => other is not null && _hash == other._hash && Family == other.Family && Bytes.SequenceEqual(other.Bytes);

    public override bool Equals(object? obj) => Equals(obj as BgpNlri);

    public override int GetHashCode() => _hash;

    /// <summary>"192.0.2.7/32", or what the flow specification matches, or hexadecimal octets of another family.</summary>
    public override string ToString() => Prefix?.ToString() ?? Rule?.ToString() ?? Convert.ToHexString(_bytes);
}
