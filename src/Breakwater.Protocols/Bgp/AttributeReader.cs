using System.Buffers.Binary;
using Breakwater.Core.Net;
using Breakwater.Protocols.Net;

namespace Breakwater.Protocols.Bgp;

/// <summary>Reads path attributes one after the other and keeps the hardest reaction that an error asked for.</summary>
/// <remarks>RFC 4271 §4.3: flags (8 bits), type (8), length (8, or 16 with the extended-length flag), value. Errors: RFC 7606 §3, §4, §7.</remarks>
internal sealed class AttributeReader(UpdateContext context)
{
    private const byte Optional = 0x80;
    private const byte Transitive = 0x40;
    private const byte ExtendedLength = 0x10;

    private readonly List<OtherAttribute> _others = [];
    private readonly HashSet<byte> _seen = [];

    public PathAttributes Attributes { get; private set; } = new();
    public MpReach? Reach { get; private set; }
    public MpUnreach? Unreach { get; private set; }
    public UpdateReaction Reaction { get; private set; }
    public string Problem { get; private set; } = "";
    public BgpNotification? Notification { get; private set; }
    public int Skipped { get; private set; }

    /// <summary>Reads to the end, or to an error behind which nothing can be found.</summary>
    public void ReadAll(ReadOnlySpan<byte> bytes)
    {
        var reader = new WireReader(bytes);
        while (reader.Remaining > 0 && Notification is null)
        {
            var flags = reader.U8();
            var type = reader.U8();
            var value = reader.Bytes((flags & ExtendedLength) != 0 ? reader.U16() : reader.U8());
            if (reader.Failed)
            {
                // RFC 7606 §4: the routes can still be found, outside the attributes.
                Report(UpdateReaction.TreatAsWithdraw, "attributes run past their end");
                break;
            }
            if (_seen.Add(type)) Read(flags, (PathAttributeType)type, value);
            else if (type is (byte)PathAttributeType.MpReach or (byte)PathAttributeType.MpUnreach)
                Reset(BgpErrorSubcode.MalformedAttributeList, $"attribute {type} twice"); // RFC 7606 §3 (g)
            else Report(UpdateReaction.AttributeDiscard, $"attribute {type} twice");
        }
        if (_others.Count > 0) Attributes = Attributes with { Others = _others };
    }

    /// <summary>RFC 7606 §3 (d): routes without what every route has are no routes.</summary>
    public void RequireMandatory(bool announces)
    {
        if (!announces && Reach is not { Routes.Count: > 0 }) return;
        if (!_seen.Contains((byte)PathAttributeType.Origin)) Report(UpdateReaction.TreatAsWithdraw, "no ORIGIN");
        if (!_seen.Contains((byte)PathAttributeType.AsPath)) Report(UpdateReaction.TreatAsWithdraw, "no AS_PATH");
        if (announces && !_seen.Contains((byte)PathAttributeType.NextHop)) Report(UpdateReaction.TreatAsWithdraw, "no NEXT_HOP");
    }

    private void Read(byte flags, PathAttributeType type, ReadOnlySpan<byte> value)
    {
        if (ExpectedFlags(type) is { } expected && (flags & (Optional | Transitive)) != expected)
        {
            // RFC 7606 §3 (c): the routes are taken as withdrawn, unless the attribute says otherwise. Which routes those are has to be read in any case.
            Report(IsDiscardable(type) ? UpdateReaction.AttributeDiscard : UpdateReaction.TreatAsWithdraw, $"flags of attribute {(byte)type}");
            if (type is not (PathAttributeType.MpReach or PathAttributeType.MpUnreach)) return;
        }
        switch (type)
        {
            case PathAttributeType.Origin: ReadOrigin(value); break;
            case PathAttributeType.AsPath: ReadAsPath(value); break;
            case PathAttributeType.NextHop:
                if (value.Length == 4) Attributes = Attributes with { NextHop = IpAddr.V4(value) };
                else Malformed(type);
                break;
            case PathAttributeType.MultiExitDiscriminator:
                if (Number(type, value) is { } discriminator) Attributes = Attributes with { MultiExitDiscriminator = discriminator };
                break;
            case PathAttributeType.LocalPreference:
                if (Number(type, value) is { } preference) Attributes = Attributes with { LocalPreference = preference };
                break;
            case PathAttributeType.AtomicAggregate:
                if (value.IsEmpty) Attributes = Attributes with { AtomicAggregate = true };
                else Malformed(type);
                break;
            case PathAttributeType.Aggregator: ReadAggregator(value); break;
            case PathAttributeType.Communities:
                if (Items(type, value, 4) is { } communities) Attributes = Attributes with { Communities = communities.Read(value, b => new BgpCommunity(BinaryPrimitives.ReadUInt32BigEndian(b))) };
                break;
            case PathAttributeType.OriginatorId:
                if (Number(type, value) is { } originator) Attributes = Attributes with { OriginatorId = originator };
                break;
            case PathAttributeType.ClusterList:
                if (Items(type, value, 4) is { } clusters) Attributes = Attributes with { ClusterList = clusters.Read(value, b => BinaryPrimitives.ReadUInt32BigEndian(b)) };
                break;
            case PathAttributeType.ExtendedCommunities:
                if (Items(type, value, 8) is { } extended) Attributes = Attributes with { ExtendedCommunities = extended.Read(value, b => new BgpExtendedCommunity(BinaryPrimitives.ReadUInt64BigEndian(b))) };
                break;
            case PathAttributeType.Ipv6ExtendedCommunities:
                if (Items(type, value, 20) is { } six)
                    Attributes = Attributes with { Ipv6ExtendedCommunities = six.Read(value, b => new BgpIpv6ExtendedCommunity(BinaryPrimitives.ReadUInt16BigEndian(b), IpAddr.V6(b[2..]), BinaryPrimitives.ReadUInt16BigEndian(b[18..]))) };
                break;
            case PathAttributeType.LargeCommunities:
                if (Items(type, value, 12) is { } large)
                    Attributes = Attributes with { LargeCommunities = large.Read(value, b => new BgpLargeCommunity(BinaryPrimitives.ReadUInt32BigEndian(b), BinaryPrimitives.ReadUInt32BigEndian(b[4..]), BinaryPrimitives.ReadUInt32BigEndian(b[8..]))) };
                break;
            case PathAttributeType.OnlyToCustomer:
                if (Number(type, value) is { } customer) Attributes = Attributes with { OnlyToCustomer = customer };
                break;
            case PathAttributeType.MpReach: ReadReach(value); break;
            case PathAttributeType.MpUnreach: ReadUnreach(value); break;
            case PathAttributeType.PrefixSid when !PrefixSid.IsWellFormed(value): Malformed(type); break;
            default: _others.Add(new OtherAttribute((byte)(flags & ~ExtendedLength), (byte)type, value.ToArray())); break;
        }
    }

    /// <summary>RFC 7606 §7.1.</summary>
    private void ReadOrigin(ReadOnlySpan<byte> value)
    {
        if (value.Length == 1 && value[0] <= (byte)BgpOrigin.Incomplete) Attributes = Attributes with { Origin = (BgpOrigin)value[0] };
        else Malformed(PathAttributeType.Origin);
    }

    /// <summary>Segments of kind (8 bits), count (8) and AS numbers: RFC 7606 §7.2, RFC 7607 §2 (no AS 0).</summary>
    private void ReadAsPath(ReadOnlySpan<byte> value)
    {
        var segments = new List<AsSegment>();
        var reader = new WireReader(value);
        while (reader.Remaining > 0)
        {
            var kind = (AsSegmentKind)reader.U8();
            var numbers = new uint[reader.U8()];
            for (var i = 0; i < numbers.Length; i++) numbers[i] = context.FourOctetAs ? reader.U32() : reader.U16();
            if (reader.Failed || numbers.Length == 0 || numbers.Contains(0u) || kind is < AsSegmentKind.Set or > AsSegmentKind.ConfederationSet)
            {
                Malformed(PathAttributeType.AsPath);
                return;
            }
            segments.Add(new AsSegment(kind, numbers));
        }
        Attributes = Attributes with { AsPath = segments };
    }

    /// <summary>RFC 7606 §7.7, RFC 6793 §3.</summary>
    private void ReadAggregator(ReadOnlySpan<byte> value)
    {
        var reader = new WireReader(value);
        if (value.Length != (context.FourOctetAs ? 8 : 6)) Malformed(PathAttributeType.Aggregator);
        else Attributes = Attributes with { Aggregator = new BgpAggregator(context.FourOctetAs ? reader.U32() : reader.U16(), reader.U32()) };
    }

    /// <summary>AFI (16 bits), SAFI (8), length of the next hop (8), next hop, reserved (8), routes: RFC 4760 §3.</summary>
    private void ReadReach(ReadOnlySpan<byte> value)
    {
        var reader = new WireReader(value);
        var family = new BgpFamily(reader.U16(), reader.U8());
        var nextHop = reader.Bytes(reader.U8());
        reader.Skip(1);
        // RFC 7606 §7.11: with a next hop of a wrong length, nobody knows where the routes begin.
        if (reader.Failed || !IsNextHopLength(family, nextHop.Length))
        {
            Reset(BgpErrorSubcode.OptionalAttributeError, "MP_REACH_NLRI cannot be read");
            return;
        }
        if (reader.Remaining == 0) Report(UpdateReaction.TreatAsWithdraw, "MP_REACH_NLRI without routes");
        if (Routes(family, reader.Rest, "MP_REACH_NLRI") is { } routes) Reach = new MpReach(family, nextHop.ToArray(), routes);
    }

    /// <summary>AFI (16 bits), SAFI (8), routes: RFC 4760 §4.</summary>
    private void ReadUnreach(ReadOnlySpan<byte> value)
    {
        var reader = new WireReader(value);
        var family = new BgpFamily(reader.U16(), reader.U8());
        if (reader.Failed) Reset(BgpErrorSubcode.OptionalAttributeError, "MP_UNREACH_NLRI cannot be read");
        else if (Routes(family, reader.Rest, "MP_UNREACH_NLRI") is { } routes) Unreach = new MpUnreach(family, routes);
    }

    private List<BgpNlri>? Routes(BgpFamily family, ReadOnlySpan<byte> bytes, string attribute)
    {
        var routes = new List<BgpNlri>();
        var skipped = 0;
        if (!BgpNlri.TryRead(family, bytes, routes, ref skipped))
        {
            Reset(BgpErrorSubcode.OptionalAttributeError, $"routes in {attribute} cannot be told apart");
            return null;
        }
        if (skipped > 0) Report(UpdateReaction.TreatAsWithdraw, "a malformed flow specification");
        Skipped += skipped;
        return routes;
    }

    /// <summary>RFC 4760 §3, RFC 2545 §3, RFC 4364 §4.3.2, RFC 4659 §3.2.1, RFC 8950 §3, RFC 8955 §4.</summary>
    private static bool IsNextHopLength(BgpFamily family, int length) => family switch
    {
        // Ignored on receipt, and then so is its length.
        { IsFlowSpec: true } => true,
        { HasPrefixes: true, Afi: BgpFamily.Ipv4 } => length is 4 or 16 or 32,
        { HasPrefixes: true } => length is 16 or 32,
        { Safi: BgpFamily.LabelledVpn, IsIp: true } => length is 12 or 24 or 48,
        _ => true,
    };

    private uint? Number(PathAttributeType type, ReadOnlySpan<byte> value)
    {
        if (!IsExpected(type)) return null;
        if (value.Length == 4) return BinaryPrimitives.ReadUInt32BigEndian(value);
        Malformed(type);
        return null;
    }

    /// <summary>A list of items of one size, of which there must be one.</summary>
    private ItemList? Items(PathAttributeType type, ReadOnlySpan<byte> value, int size)
    {
        if (!IsExpected(type)) return null;
        if (!value.IsEmpty && value.Length % size == 0) return new ItemList(size);
        Malformed(type);
        return null;
    }

    /// <summary>RFC 7606 §7.5, §7.9, §7.10: what only means something inside an AS is dropped when it comes from outside, whatever its shape.</summary>
    private bool IsExpected(PathAttributeType type)
    {
        if (context.Internal || type is not (PathAttributeType.LocalPreference or PathAttributeType.OriginatorId or PathAttributeType.ClusterList)) return true;
        Report(UpdateReaction.AttributeDiscard, $"attribute {(byte)type} from outside");
        return false;
    }

    private void Malformed(PathAttributeType type) =>
        Report(IsDiscardable(type) ? UpdateReaction.AttributeDiscard : UpdateReaction.TreatAsWithdraw, $"attribute {(byte)type} is malformed");

    /// <summary>Attributes that no decision hangs on: RFC 7606 §7.6, §7.7; RFC 6793 §6; RFC 7311 §3.2.</summary>
    private static bool IsDiscardable(PathAttributeType type) => type is PathAttributeType.AtomicAggregate or PathAttributeType.Aggregator
        or PathAttributeType.As4Path or PathAttributeType.As4Aggregator or PathAttributeType.AccumulatedIgp;

    private static int? ExpectedFlags(PathAttributeType type) => type switch
    {
        PathAttributeType.Origin or PathAttributeType.AsPath or PathAttributeType.NextHop
            or PathAttributeType.LocalPreference or PathAttributeType.AtomicAggregate => Transitive,
        PathAttributeType.MultiExitDiscriminator or PathAttributeType.OriginatorId or PathAttributeType.ClusterList
            or PathAttributeType.MpReach or PathAttributeType.MpUnreach or PathAttributeType.AccumulatedIgp => Optional,
        PathAttributeType.Aggregator or PathAttributeType.Communities or PathAttributeType.ExtendedCommunities or PathAttributeType.As4Path
            or PathAttributeType.As4Aggregator or PathAttributeType.Ipv6ExtendedCommunities or PathAttributeType.LargeCommunities or PathAttributeType.OnlyToCustomer
            or PathAttributeType.PrefixSid => Optional | Transitive,
        _ => null,
    };

    private void Report(UpdateReaction reaction, string problem)
    {
        if (reaction <= Reaction) return;
        Reaction = reaction;
        Problem = problem;
    }

    private void Reset(byte subcode, string problem)
    {
        Report(UpdateReaction.SessionReset, problem);
        Notification = new BgpNotification(BgpErrorCode.Update, subcode);
    }

    private delegate T ReadItem<T>(ReadOnlySpan<byte> bytes);

    private readonly struct ItemList(int size)
    {
        public T[] Read<T>(ReadOnlySpan<byte> value, ReadItem<T> read)
        {
            var items = new T[value.Length / size];
            for (var i = 0; i < items.Length; i++) items[i] = read(value.Slice(i * size, size));
            return items;
        }
    }
}
