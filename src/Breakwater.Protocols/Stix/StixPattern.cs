using System.Globalization;
using Breakwater.Core.Mitigations;
using Breakwater.Core.Net;
using Breakwater.Protocols.Json;

namespace Breakwater.Protocols.Stix;

/// <summary>Writes what an indicator looks for in STIX's pattern language.</summary>
/// <remarks>STIX 2.1 §9. One observation: everything holds of the same object.</remarks>
internal static class StixPattern
{
    /// <summary><c>[ipv4-addr:value = '192.0.2.1']</c>, or <c>ISSUBSET</c> for a network.</summary>
    public static string Of(Prefix prefix) =>
        $"[{(prefix.IsV4 ? "ipv4-addr" : "ipv6-addr")}:value {(prefix.IsHost ? "=" : "ISSUBSET")} '{JsonFields.Text(prefix)}']";

    /// <summary>The traffic of a rule, as far as STIX can say it: protocol, ports, and who is hit.</summary>
    /// <returns>Null when the rule says nothing that a pattern could.</returns>
    public static string? Of(TrafficMatch match)
    {
        var terms = new List<string>();
        if (Any(match.Protocols.Select(p => $"network-traffic:protocols[*] = '{ProtocolName(p)}'")) is { } protocols) terms.Add(protocols);
        if (Ports("network-traffic:src_port", match.SourcePorts) is { } sources) terms.Add(sources);
        if (Ports("network-traffic:dst_port", match.DestinationPorts) is { } destinations) terms.Add(destinations);
        if (terms.Count == 0) return null;
        if (match.Destination is { } victim) terms.Add($"network-traffic:dst_ref.value {(victim.IsHost ? "=" : "ISSUBSET")} '{JsonFields.Text(victim)}'");
        return $"[{string.Join(" AND ", terms)}]";
    }

    /// <summary>As in the service names of RFC 6335 and the keywords of IANA's protocol numbers, lower case.</summary>
    public static string ProtocolName(byte protocol) => protocol switch
    {
        1 => "icmp",
        6 => "tcp",
        17 => "udp",
        47 => "gre",
        50 => "esp",
        58 => "ipv6-icmp",
        132 => "sctp",
        _ => string.Create(CultureInfo.InvariantCulture, $"proto-{protocol}"),
    };

    private static string? Ports(string path, IReadOnlyList<ValueRange> ranges) =>
        Any(ranges.Select(r => r.From == r.To ? $"{path} = {Number(r.From)}" : $"({path} >= {Number(r.From)} AND {path} <= {Number(r.To)})"));

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);

    private static string? Any(IEnumerable<string> terms) => terms.ToArray() switch
    {
        [] => null,
        [var one] => one,
        var many => $"({string.Join(" OR ", many)})",
    };
}
