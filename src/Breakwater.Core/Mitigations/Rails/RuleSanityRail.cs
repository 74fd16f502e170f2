using System.Globalization;

namespace Breakwater.Core.Mitigations.Rails;

/// <summary>Fields hold what their header fields can hold, conditions fit together, and no rule matches everything by leaving all out.</summary>
/// <remarks>A rule for packets of 99,971 to 99,985 octets once took a content network's routers down; RFC 8955 §4.2.2 leaves such values to the sender.</remarks>
public sealed class RuleSanityRail : IGuardRail
{
    /// <summary>Ranges that one component may have; routers refuse or ignore longer lists.</summary>
    public const int MaxRanges = 32;

    private const double MaxRate = 1e13;

    public string Name => "rule-sanity";

    public string? Refuse(Mitigation mitigation, RailContext context) =>
        Fields(mitigation.Match) ?? Together(mitigation.Match) ?? Breadth(mitigation) ?? Rate(mitigation);

    private static string? Fields(TrafficMatch match) =>
        Ranges("source ports", match.SourcePorts, 65535) ?? Ranges("destination ports", match.DestinationPorts, 65535)
        ?? Ranges("ICMP types", match.IcmpTypes, 255) ?? Ranges("ICMP codes", match.IcmpCodes, 255)
        ?? Ranges("packet lengths", match.PacketLengths, 65535) ?? Ranges("DSCP values", match.Dscp, 63)
        ?? ((match.TcpFlags & ~match.TcpFlagsMask) != 0 ? "TCP flags are asked for that the mask leaves out" : null);

    private static string? Ranges(string what, IReadOnlyList<ValueRange> ranges, int highest)
    {
        if (ranges.Count > MaxRanges) return string.Create(CultureInfo.InvariantCulture, $"{ranges.Count} ranges of {what}, at most {MaxRanges} are understood everywhere");
        foreach (var range in ranges)
            if (range.From < 0 || range.To > highest || range.From > range.To)
                return string.Create(CultureInfo.InvariantCulture, $"{what} {range.From} to {range.To} are not a range within 0 to {highest}");
        return null;
    }

    private static string? Together(TrafficMatch match)
    {
        if (match.Destination is not { } destination) return "it has no destination";
        if (match.Source is { } source && source.IsV4 != destination.IsV4) return $"{source} and {destination} are of different families";
        if (match.Source is { Length: 0 }) return "a source of length 0 says nothing: leave it out";
        if (match.Protocols.Distinct().Count() != match.Protocols.Count) return "a protocol stands there twice";
        var ports = match.SourcePorts.Count > 0 || match.DestinationPorts.Count > 0;
        if (ports && (match.Protocols.Count == 0 || !match.Protocols.All(FlowWeights.CarriesPorts))) return "ports mean something only with protocols that have them: say which";
        if (ports && match.Fragment == true) return "ports and fragments: later fragments carry no ports, so it would miss them";
        if (match.TcpFlagsMask != 0 && match.Protocols is not [6]) return "TCP flags mean something only with protocol 6 alone";
        if ((match.IcmpTypes.Count > 0 || match.IcmpCodes.Count > 0) && (match.Protocols.Count == 0 || !match.Protocols.All(p => p is 1 or 58)))
            return "ICMP types and codes mean something only with protocol 1 or 58";
        return null;
    }

    private static string? Breadth(Mitigation mitigation)
    {
        var match = mitigation.Match;
        var onlyPrefixes = match.Protocols.Count == 0 && match.PacketLengths.Count == 0 && match.Dscp.Count == 0 && match.Fragment is null;
        return mitigation.Action switch
        {
            MitigationAction.Blackhole when !onlyPrefixes => "a blackhole looks at addresses only: take a drop",
            MitigationAction.Drop or MitigationAction.RateLimit when onlyPrefixes && match.Source is null =>
                $"it would {mitigation.Action.Name()} everything to {match.Destination}: say what traffic, or take a blackhole",
            _ => null,
        };
    }

    private static string? Rate(Mitigation mitigation)
    {
        if (mitigation.Action != MitigationAction.RateLimit)
            return mitigation.RateBitsPerSecond is null && mitigation.RatePacketsPerSecond is null ? null : $"a {mitigation.Action.Name()} has no rate";
        if (mitigation.RateBitsPerSecond is null == mitigation.RatePacketsPerSecond is null) return "a rate limit has one rate, in bits or in packets per second";
        var rate = mitigation.RateBitsPerSecond ?? mitigation.RatePacketsPerSecond!.Value;
        return rate is > 0 and <= MaxRate ? null : string.Create(CultureInfo.InvariantCulture, $"a rate of {rate} per second is not between 0 and {MaxRate}");
    }
}
