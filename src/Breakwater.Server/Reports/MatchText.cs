using System.Globalization;
using Breakwater.Core.Mitigations;
using Breakwater.Core.Net;

namespace Breakwater.Server.Reports;

/// <summary>A mitigation's rule in words: "udp from any port 53 to 192.0.2.7/32, 1200-1500 octets".</summary>
public static class MatchText
{
    private static readonly (byte Bit, string Name)[] Flags =
        [(1, "FIN"), (2, "SYN"), (4, "RST"), (8, "PSH"), (16, "ACK"), (32, "URG"), (64, "ECE"), (128, "CWR")];

    public static string Describe(TrafficMatch match)
    {
        var parts = new List<string> { match.Protocols.Count == 0 ? "any protocol" : string.Join("/", match.Protocols.Select(Protocol)) };
        if (match.Source is not null || match.SourcePorts.Count > 0)
            parts.Add("from " + (Address(match.Source)) + Ports(match.SourcePorts));
        if (match.Destination is not null || match.DestinationPorts.Count > 0)
            parts.Add("to " + (Address(match.Destination)) + Ports(match.DestinationPorts));
        var text = string.Join(" ", parts);
        if (match.IcmpTypes.Count > 0) text += ", type " + string.Join(", ", match.IcmpTypes);
        if (match.IcmpCodes.Count > 0) text += ", code " + string.Join(", ", match.IcmpCodes);
        if (match.TcpFlagsMask != 0) text += ", flags " + FlagText(match.TcpFlags, match.TcpFlagsMask);
        if (match.PacketLengths.Count > 0) text += ", " + string.Join(", ", match.PacketLengths) + " octets";
        if (match.Dscp.Count > 0) text += ", DSCP " + string.Join(", ", match.Dscp);
        return match.Fragment switch
        {
            true => text + ", fragments only",
            false => text + ", no fragments",
            null => text,
        };
    }

    /// <summary>The action with its rate: <c>rate-limit to 5 Mbit/s</c>.</summary>
    public static string Describe(ProposedMitigation mitigation)
    {
        var action = ActionName(mitigation.Action);
        return mitigation.RateBitsPerSecond is { } rate ? $"{action} to {Quantities.BitRate(rate)}" : action;
    }

    private static string ActionName(MitigationAction action) => action switch
    {
        MitigationAction.RateLimit => "rate-limit",
        MitigationAction.Drop => "drop",
        MitigationAction.Divert => "divert",
        MitigationAction.Blackhole => "blackhole",
        _ => throw new ArgumentOutOfRangeException(nameof(action)),
    };

    private static string Address(Prefix? prefix) => prefix is { } known ? Words.Of(known) : "any";

    private static string Ports(IReadOnlyList<ValueRange> ports) => ports.Count == 0 ? "" : " port " + string.Join(",", ports);

    /// <summary>Names out of IANA's protocol numbers, for those one meets in attacks.</summary>
    private static string Protocol(byte protocol) => protocol switch
    {
        1 => "icmp",
        2 => "igmp",
        4 => "ipip",
        6 => "tcp",
        17 => "udp",
        41 => "6in4",
        47 => "gre",
        50 => "esp",
        51 => "ah",
        58 => "icmpv6",
        132 => "sctp",
        _ => "protocol " + protocol.ToString(CultureInfo.InvariantCulture),
    };

    /// <summary>SYN !ACK: set, and looked at but clear.</summary>
    private static string FlagText(byte flags, byte mask) =>
        string.Join(" ", Flags.Where(f => (mask & f.Bit) != 0).Select(f => (flags & f.Bit) != 0 ? f.Name : "!" + f.Name));
}
