using Breakwater.Core.Flows;
using Breakwater.Core.Net;

namespace Breakwater.Core.Mitigations;

/// <summary>What traffic a rule applies to: FlowSpec's components (RFC 8955 §4.2.2, RFC 8956 §3), all of which must match; an empty list matches anything.</summary>
public sealed record TrafficMatch
{
    public Prefix? Destination { get; init; }
    public Prefix? Source { get; init; }

    /// <summary>IANA protocol numbers.</summary>
    public IReadOnlyList<byte> Protocols { get; init; } = [];
    public IReadOnlyList<ValueRange> SourcePorts { get; init; } = [];
    public IReadOnlyList<ValueRange> DestinationPorts { get; init; } = [];
    public IReadOnlyList<ValueRange> IcmpTypes { get; init; } = [];
    public IReadOnlyList<ValueRange> IcmpCodes { get; init; } = [];

    /// <summary>TCP flags that must be set, of those in <see cref="TcpFlagsMask"/>; a mask of 0 does not look at flags.</summary>
    public byte TcpFlags { get; init; }
    public byte TcpFlagsMask { get; init; }

    /// <summary>Total IP length in octets.</summary>
    public IReadOnlyList<ValueRange> PacketLengths { get; init; } = [];
    public IReadOnlyList<ValueRange> Dscp { get; init; } = [];

    /// <summary>True: fragments only; false: no fragments; null: both.</summary>
    public bool? Fragment { get; init; }

    /// <summary>True when the whole flow would be matched. Lengths are compared with the mean length of a multi-packet record.</summary>
    public bool Matches(in Flow flow)
    {
        if (Destination is { } destination && !destination.Contains(flow.Destination)) return false;
        if (Source is { } source && !source.Contains(flow.Source)) return false;
        if (Protocols.Count > 0 && !Protocols.Contains(flow.Protocol)) return false;
        // A later fragment carries no ports: a router cannot match them there (RFC 8955 §4.2.2.3).
        var noPorts = (flow.Flags & FlowFlags.LaterFragment) != 0;
        if (SourcePorts.Count > 0 && (noPorts || !Any(SourcePorts, flow.SourcePort))) return false;
        if (DestinationPorts.Count > 0 && (noPorts || !Any(DestinationPorts, flow.DestinationPort))) return false;
        if (IcmpTypes.Count > 0 && !(IsIcmp(flow.Protocol) && Any(IcmpTypes, flow.DestinationPort >> 8))) return false;
        if (IcmpCodes.Count > 0 && !(IsIcmp(flow.Protocol) && Any(IcmpCodes, flow.DestinationPort & 0xFF))) return false;
        if (TcpFlagsMask != 0 && (flow.Protocol != 6 || (flow.TcpFlags & TcpFlagsMask) != TcpFlags)) return false;
        if (PacketLengths.Count > 0 && !Any(PacketLengths, flow.MeanLength)) return false;
        if (Dscp.Count > 0 && !Any(Dscp, flow.Tos >> 2)) return false;
        return Fragment is not { } fragment || fragment == ((flow.Flags & FlowFlags.Fragment) != 0);
    }

    private static bool IsIcmp(byte protocol) => protocol is 1 or 58;

    private static bool Any(IReadOnlyList<ValueRange> ranges, int value)
    {
        foreach (var range in ranges)
            if (value >= range.From && value <= range.To) return true;
        return false;
    }
}

/// <summary>Both ends belong to it; a single value has equal ends.</summary>
public readonly record struct ValueRange(int From, int To)
{
    public static implicit operator ValueRange(int value) => new(value, value);
    public override string ToString() => From == To ? $"{From}" : $"{From}-{To}";
}

/// <summary>From the mildest to the hardest.</summary>
public enum MitigationAction : byte { RateLimit, Drop, Divert, Blackhole }

/// <summary>A rule that would have helped, with what it would have cost. Nothing is sent anywhere.</summary>
/// <param name="Match">What it matches.</param>
/// <param name="Action">What it does.</param>
/// <param name="AttackShare">Share of the attack's packets that it stops, 0 to 1.</param>
/// <param name="CollateralShare">Share of the target's ordinary packets that it would stop, 0 to 1; null when no ordinary traffic was seen.</param>
public sealed record ProposedMitigation(TrafficMatch Match, MitigationAction Action, double AttackShare, double? CollateralShare)
{
    /// <summary>Bits per second that a rate limit lets through; null for other actions.</summary>
    public double? RateBitsPerSecond { get; init; }
}
