using Breakwater.Core.Net;

namespace Breakwater.Core.Flows;

/// <summary>Classes that traffic is metered by. A packet belongs to exactly one.</summary>
public enum TrafficClass : byte
{
    /// <summary>TCP with SYN set and ACK clear.</summary>
    TcpSyn,

    /// <summary>TCP with SYN and ACK, or with RST: answers.</summary>
    TcpAnswer,

    /// <summary>All other TCP.</summary>
    TcpOther,
    Udp,

    /// <summary>ICMP and ICMPv6.</summary>
    Icmp,

    /// <summary>IP fragments of any protocol.</summary>
    Fragment,
    Other,
}

/// <summary>Rates over the last whole second, estimated before sampling.</summary>
public readonly record struct Rates(double PacketsPerSecond, double BitsPerSecond, double FlowsPerSecond);

/// <summary>One home host among the heaviest.</summary>
public sealed record HostRates(IpAddr Host, string HostGroup, Rates In, Rates Out);

/// <summary>What the network does now. Made once a second by the detection loop; immutable.</summary>
public sealed record TrafficSnapshot
{
    public required Timestamp Time { get; init; }
    public required Rates In { get; init; }
    public required Rates Out { get; init; }

    /// <summary>Traffic with both ends at home, and with none.</summary>
    public required Rates Internal { get; init; }
    public required Rates Transit { get; init; }

    /// <summary>Inbound rates by class, indexed by <see cref="TrafficClass"/>.</summary>
    public required IReadOnlyList<Rates> InByClass { get; init; }
    public required IReadOnlyList<Rates> OutByClass { get; init; }

    /// <summary>Heaviest home hosts, by bits in plus out, at most 20.</summary>
    public required IReadOnlyList<HostRates> TopHosts { get; init; }

    /// <summary>Home hosts metered, and hosts refused because the table was full.</summary>
    public required long Hosts { get; init; }
    public required long HostsRefused { get; init; }
    public required int OpenIncidents { get; init; }

    public static TrafficSnapshot Empty { get; } = new()
    {
        Time = new Timestamp(0),
        In = default,
        Out = default,
        Internal = default,
        Transit = default,
        InByClass = new Rates[Enum.GetValues<TrafficClass>().Length],
        OutByClass = new Rates[Enum.GetValues<TrafficClass>().Length],
        TopHosts = [],
        Hosts = 0,
        HostsRefused = 0,
        OpenIncidents = 0,
    };
}

/// <summary>One minute of one host group's traffic in one direction and class; what the store keeps for months.</summary>
/// <param name="Minute">Start of the minute.</param>
/// <param name="HostGroup">Name of the host group; "default" for hosts in none.</param>
/// <param name="Inbound">True: towards home.</param>
/// <param name="Class">Traffic class.</param>
/// <param name="Packets">Packets in the minute, estimated before sampling.</param>
/// <param name="Bytes">Octets at the IP layer, estimated before sampling.</param>
/// <param name="Flows">Flow records (or packets, from a capture).</param>
/// <param name="PeakPacketsPerSecond">Highest one-second rate in the minute.</param>
public readonly record struct TrafficRollup(
    Timestamp Minute, string HostGroup, bool Inbound, TrafficClass Class, long Packets, long Bytes, long Flows, double PeakPacketsPerSecond);
