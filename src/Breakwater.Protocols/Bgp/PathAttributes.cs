using Breakwater.Core.Net;

namespace Breakwater.Protocols.Bgp;

/// <summary>Types of path attributes (IANA "BGP Path Attributes").</summary>
public enum PathAttributeType : byte
{
    Origin = 1,
    AsPath = 2,
    NextHop = 3,
    MultiExitDiscriminator = 4,
    LocalPreference = 5,
    AtomicAggregate = 6,
    Aggregator = 7,
    Communities = 8,
    OriginatorId = 9,
    ClusterList = 10,
    MpReach = 14,
    MpUnreach = 15,
    ExtendedCommunities = 16,
    As4Path = 17,
    As4Aggregator = 18,
    Ipv6ExtendedCommunities = 25,
    AccumulatedIgp = 26,
    LargeCommunities = 32,
    OnlyToCustomer = 35,
    PrefixSid = 40,
}

/// <summary>Where a route comes from (RFC 4271 §4.3).</summary>
public enum BgpOrigin : byte { Igp = 0, Egp = 1, Incomplete = 2 }

/// <summary>Kinds of segments of an AS path (RFC 4271 §4.3, RFC 5065 §3).</summary>
public enum AsSegmentKind : byte { Set = 1, Sequence = 2, ConfederationSequence = 3, ConfederationSet = 4 }

/// <summary>A piece of an AS path.</summary>
public sealed record AsSegment(AsSegmentKind Kind, IReadOnlyList<uint> Numbers);

/// <summary>Who aggregated a route (RFC 4271 §5.1.7).</summary>
public readonly record struct BgpAggregator(uint As, uint Identifier);

/// <summary>An attribute that we have no use for, kept as it came.</summary>
/// <param name="Flags">Optional 0x80, transitive 0x40, partial 0x20.</param>
public sealed record OtherAttribute(byte Flags, byte Type, ReadOnlyMemory<byte> Value);

/// <summary>What a route is announced with. Null or empty: the attribute is not there.</summary>
/// <remarks>RFC 4271 §5. The routes of other families, MP_REACH_NLRI and MP_UNREACH_NLRI, are in <see cref="BgpUpdate"/>.</remarks>
public sealed record PathAttributes
{
    public BgpOrigin? Origin { get; init; }

    /// <summary>Empty for a route of our own towards an iBGP peer; null when the attribute is missing.</summary>
    public IReadOnlyList<AsSegment>? AsPath { get; init; }

    /// <summary>IPv4 next hop of the routes in the UPDATE's own field.</summary>
    public IpAddr? NextHop { get; init; }

    public uint? MultiExitDiscriminator { get; init; }
    public uint? LocalPreference { get; init; }
    public bool AtomicAggregate { get; init; }
    public BgpAggregator? Aggregator { get; init; }
    public IReadOnlyList<BgpCommunity> Communities { get; init; } = [];
    public uint? OriginatorId { get; init; }
    public IReadOnlyList<uint> ClusterList { get; init; } = [];
    public IReadOnlyList<BgpExtendedCommunity> ExtendedCommunities { get; init; } = [];
    public IReadOnlyList<BgpIpv6ExtendedCommunity> Ipv6ExtendedCommunities { get; init; } = [];
    public IReadOnlyList<BgpLargeCommunity> LargeCommunities { get; init; } = [];

    /// <summary>AS that marked the route as going down only (RFC 9234 §5).</summary>
    public uint? OnlyToCustomer { get; init; }

    /// <summary>All others, in the order in which they came.</summary>
    public IReadOnlyList<OtherAttribute> Others { get; init; } = [];
}
