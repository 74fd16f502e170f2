using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Breakwater.Core.Mitigations;
using Breakwater.Core.Net;

namespace Breakwater.Protocols.Nftables;

/// <summary>One mitigation as a rule of its target's chain, where the destination has been looked at already.</summary>
/// <param name="MitigationId">Comment of the rule and name of its counter.</param>
/// <param name="Expressions">The JSON array of its statements: libnftables-json(5), "expr" of RULE.</param>
public sealed record NftRule(string MitigationId, string Expressions)
{
    /// <summary>The same for ICMPv6 behind an Authentication Header; null for a rule about anything else.</summary>
    /// <remarks>
    /// The protocol of a rule is the first that is no extension header (RFC 8956 §3.3), and RFC 8200 §4 counts this one among those.
    /// The kernel stops at it, so that behind it only the protocol is matched, without the type.
    /// </remarks>
    public string? Behind { get; private init; }

    private const int IPv6Header = 40;

    private const byte IcmpV6 = 58;

    /// <summary>RFC 791 §3.1: more fragments, and the offset. Both 0 in what is not fragmented.</summary>
    private const int FragmentBits = 0x3FFF;

    private static readonly byte[] WithPorts = [6, 17, 33, 132, 136], Icmp = [1, 58], Tcp = [6];

    /// <param name="problem">Why nftables cannot say it; null when it can.</param>
    public static NftRule? Of(Mitigation mitigation, out string? problem)
    {
        var match = mitigation.Match;
        problem = mitigation.Action == MitigationAction.Divert ? "nftables limits and drops; sending traffic elsewhere is routing, which BGP does"
            : match.Destination is not { Length: > 0 } destination ? "a rule without destination is never applied"
            : match.Source is { } source && source.IsV4 != destination.IsV4 ? "source and destination are of different address families: nothing can match"
            : mitigation.Action == MitigationAction.RateLimit && mitigation.RateBitsPerSecond is null == mitigation.RatePacketsPerSecond is null ? "a rate limit has one rate, in bits or in packets"
            : null;
        if (problem is not null) return null;
        if (Conditions(match) is { } conditions)
        {
            var behind = Hidden(match) is { } hidden ? Conditions(hidden, behind: true) : null;
            return new NftRule(mitigation.Id, Write(conditions, mitigation)) { Behind = behind is null ? null : Write(behind, mitigation) };
        }
        problem = "its conditions exclude each other: nothing can match";
        return null;
    }

    /// <summary>What of a match can be looked for behind an Authentication Header, which may be of any length. Null where the rule needs no other.</summary>
    /// <remarks>For ICMPv6 only, of which such floods are known: nft 1.0.6 dies of some other protocols in this place.</remarks>
    private static TrafficMatch? Hidden(TrafficMatch match) =>
        match is { Destination.IsV4: false, Fragment: null } && TryProtocols(match, out var protocols) && protocols is [IcmpV6]
            ? match with { Protocols = protocols, IcmpTypes = [], IcmpCodes = [] } : null;

    /// <summary>Matches in the order in which they are cheapest to fail; null when nothing can match.</summary>
    /// <param name="behind">True for what comes behind an Authentication Header.</param>
    private static List<Action<Utf8JsonWriter>>? Conditions(TrafficMatch match, bool behind = false)
    {
        var v4 = match.Destination!.Value.IsV4;
        var ip = v4 ? "ip" : "ip6";
        var conditions = new List<Action<Utf8JsonWriter>>();
        if (match.Source is { } source) conditions.Add(json => Match(json, "==", Payload(ip, "saddr"), j => WritePrefix(j, source)));
        if (!TryProtocols(match, out var protocols)) return null;
        if (protocols is not null) conditions.Add(json => In(json, behind ? Payload("ah", "nexthdr") : j => WriteMeta(j, "l4proto"), Merged(protocols.Select(p => (ValueRange)p))));
        if (match.Fragment is { } fragment) conditions.Add(v4 ? json => WriteFragment4(json, fragment) : json => WriteFragment6(json, fragment));
        // The kernel finds no ports in a later fragment, as FlowSpec wants it (RFC 8955 §4.2.2.3).
        return Add("th", "sport", match.SourcePorts) && Add("th", "dport", match.DestinationPorts)
            && AddRaw(0, match.IcmpTypes) && AddRaw(8, match.IcmpCodes) && AddFlags()
            // RFC 8200 §3: its length field leaves the header out.
            && Add(ip, "length", v4 ? match.PacketLengths : [.. match.PacketLengths.Where(l => l.To >= IPv6Header).Select(l => new ValueRange(Math.Max(0, l.From - IPv6Header), l.To - IPv6Header))], match.PacketLengths)
            && Add(ip, "dscp", match.Dscp)
            ? conditions : null;

        bool Add(string protocol, string field, IReadOnlyList<ValueRange> ranges, IReadOnlyList<ValueRange>? asked = null)
        {
            if ((asked ?? ranges).Count > 0) conditions.Add(json => In(json, Payload(protocol, field), Merged(ranges)));
            return ranges.Count > 0 || (asked ?? ranges).Count == 0;
        }

        // By offset, for "icmp type" would mean ICMP of IPv4 alone. RFC 792 and RFC 4443 §2.1: type, then code, of 8 bits each.
        bool AddRaw(int offset, IReadOnlyList<ValueRange> ranges)
        {
            if (ranges.Count > 0) conditions.Add(json => In(json, j => WriteRaw(j, offset), Merged(ranges)));
            return true;
        }

        bool AddFlags()
        {
            if (match.TcpFlagsMask != 0) conditions.Add(json => WriteFlags(json, match.TcpFlags, match.TcpFlagsMask));
            return (match.TcpFlags & ~match.TcpFlagsMask) == 0;
        }
    }

    /// <summary>Protocols that the whole match leaves possible: null for any.</summary>
    /// <returns>False when it leaves none.</returns>
    private static bool TryProtocols(TrafficMatch match, out IReadOnlyList<byte>? protocols)
    {
        protocols = match.Protocols.Count > 0 ? match.Protocols : null;
        if (match.SourcePorts.Count > 0 || match.DestinationPorts.Count > 0) protocols = Both(protocols, WithPorts);
        if (match.TcpFlagsMask != 0) protocols = Both(protocols, Tcp);
        if (match.IcmpTypes.Count > 0 || match.IcmpCodes.Count > 0) protocols = Both(protocols, Icmp);
        return protocols is not { Count: 0 };
    }

    private static IReadOnlyList<byte> Both(IReadOnlyList<byte>? some, byte[] others) => some is null ? others : [.. some.Intersect(others)];

    /// <summary>Ascending and disjoint: a set with overlapping ranges is refused.</summary>
    private static List<ValueRange> Merged(IEnumerable<ValueRange> ranges)
    {
        var merged = new List<ValueRange>();
        foreach (var range in ranges.OrderBy(r => r.From))
        {
            if (merged.Count > 0 && range.From <= merged[^1].To + 1) merged[^1] = new ValueRange(merged[^1].From, Math.Max(merged[^1].To, range.To));
            else merged.Add(range);
        }
        return merged;
    }

    private static string Write(List<Action<Utf8JsonWriter>> conditions, Mitigation mitigation)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartArray();
            foreach (var condition in conditions) condition(json);
            if (mitigation.Action == MitigationAction.RateLimit) WriteLimit(json, mitigation);
            json.WriteStartObject();
            json.WriteString("counter", mitigation.Id);
            json.WriteEndObject();
            json.WriteStartObject();
            json.WriteNull("drop");
            json.WriteEndObject();
            json.WriteEndArray();
        }
        return Encoding.UTF8.GetString(bytes.WrittenSpan);
    }

    /// <summary>Lets pass what is within the rate; what is over it goes on to the drop.</summary>
    private static void WriteLimit(Utf8JsonWriter json, Mitigation mitigation)
    {
        json.WriteStartObject();
        json.WriteStartObject("limit");
        json.WriteNumber("rate", (long)Math.Max(1, mitigation.RateBitsPerSecond / 8 ?? mitigation.RatePacketsPerSecond!.Value));
        if (mitigation.RateBitsPerSecond is not null) json.WriteString("rate_unit", "bytes");
        json.WriteString("per", "second");
        json.WriteBoolean("inv", true);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void Match(Utf8JsonWriter json, string operation, Action<Utf8JsonWriter> left, Action<Utf8JsonWriter> right)
    {
        json.WriteStartObject();
        json.WriteStartObject("match");
        json.WriteString("op", operation);
        json.WritePropertyName("left");
        left(json);
        json.WritePropertyName("right");
        right(json);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void In(Utf8JsonWriter json, Action<Utf8JsonWriter> left, List<ValueRange> ranges) => Match(json, "==", left, j => WriteSet(j, ranges));

    private static void WriteSet(Utf8JsonWriter json, List<ValueRange> ranges)
    {
        json.WriteStartObject();
        json.WriteStartArray("set");
        foreach (var range in ranges)
        {
            if (range.From == range.To) json.WriteNumberValue(range.From);
            else json.WriteRawValue(string.Create(CultureInfo.InvariantCulture, $$$"""{"range":[{{{range.From}}},{{{range.To}}}]}"""));
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteFlags(Utf8JsonWriter json, byte flags, byte mask) =>
        Match(json, "==", j => j.WriteRawValue(string.Create(CultureInfo.InvariantCulture, $$$"""{"&":[{"payload":{"protocol":"tcp","field":"flags"}},{{{mask}}}]}""")), j => j.WriteNumberValue(flags));

    private static void WriteFragment4(Utf8JsonWriter json, bool fragment) =>
        Match(json, fragment ? "!=" : "==", j => j.WriteRawValue(string.Create(CultureInfo.InvariantCulture, $$$"""{"&":[{"payload":{"protocol":"ip","field":"frag-off"}},{{{FragmentBits}}}]}""")), j => j.WriteNumberValue(0));

    /// <summary>RFC 8200 §4.5: a fragment has the header.</summary>
    private static void WriteFragment6(Utf8JsonWriter json, bool fragment) =>
        Match(json, "==", j => j.WriteRawValue("""{"exthdr":{"name":"frag"}}"""), j => j.WriteBooleanValue(fragment));

    private static Action<Utf8JsonWriter> Payload(string protocol, string field) => json => json.WriteRawValue($$$"""{"payload":{"protocol":"{{{protocol}}}","field":"{{{field}}}"}}""");

    private static void WriteRaw(Utf8JsonWriter json, int offset) =>
        json.WriteRawValue(string.Create(CultureInfo.InvariantCulture, $$$"""{"payload":{"base":"th","offset":{{{offset}}},"len":8}}"""));

    private static void WriteMeta(Utf8JsonWriter json, string key) => json.WriteRawValue($$$"""{"meta":{"key":"{{{key}}}"}}""");

    private static void WritePrefix(Utf8JsonWriter json, Prefix prefix)
    {
        json.WriteStartObject();
        json.WriteStartObject("prefix");
        json.WriteString("addr", prefix.Address.ToString());
        json.WriteNumber("len", prefix.Length);
        json.WriteEndObject();
        json.WriteEndObject();
    }
}
