using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Breakwater.Core.Mitigations;
using Breakwater.Core.Net;

namespace Breakwater.Protocols.Dots;

/// <summary>A client's filter: an access control list with ordered entries.</summary>
/// <param name="Json">As the client gave it, and as it is shown.</param>
public sealed record DotsFilter(string Name, DotsActivation Activation, IReadOnlyList<DotsFilterEntry> Entries, JsonObject Json);

/// <param name="Drop">Else accept.</param>
/// <param name="RateBitsPerSecond">What an accepting entry lets through; null for everything.</param>
/// <param name="Match">The traffic; null for an entry that accepts and that no rule of ours has to express.</param>
public sealed record DotsFilterEntry(string Name, bool Drop, double? RateBitsPerSecond, TrafficMatch? Match);

/// <summary>Reads filters (RFC 8783 §4.3, §7.2; fields of RFC 8519).</summary>
internal static class DotsFilterJson
{
    private const int MaxEntries = 64;

    /// <param name="problem">What is wrong, for the client; null when nothing is.</param>
    public static DotsFilter? Read(JsonObject acl, DotsClientProfile client, out string? problem)
    {
        problem = null;
        var name = Text(acl["name"]);
        if (name is not { Length: > 0 and <= 64 }) problem = "an acl needs a name of at most 64 characters";
        var activation = Text(acl["activation-type"]) is { } label ? Array.IndexOf(DotsLabels.ActivationType, label) + 1 : (int)DotsActivation.WhenMitigating;
        if (activation == 0) problem ??= "activation-type is not known";
        if (Text(acl["type"]) is { } type && type is not ("ipv4-acl-type" or "ipv6-acl-type")) problem ??= $"acl type '{type}' is not supported";
        if (acl["aces"] is not JsonObject aces || aces["ace"] is not JsonArray { Count: > 0 and <= MaxEntries } list) problem ??= "aces are missing, or too many";
        else
        {
            var entries = new List<DotsFilterEntry>();
            foreach (var ace in list)
                if (problem is null && Entry(ace as JsonObject, client, ref problem) is { } entry) entries.Add(entry);
            if (problem is null) return new DotsFilter(name!, (DotsActivation)activation, entries, acl);
        }
        return null;
    }

    private static DotsFilterEntry? Entry(JsonObject? ace, DotsClientProfile client, ref string? problem)
    {
        if (ace is null || Text(ace["name"]) is not { Length: > 0 } name) return Wrong("an ace needs a name", ref problem);
        var matches = ace["matches"] as JsonObject ?? [];
        // Figure 32 of the RFC itself writes the actions inside the matches.
        if ((ace["actions"] ?? matches["actions"]) is not JsonObject actions || Text(actions["forwarding"]) is not { } forwarding) return Wrong($"{name}: actions are missing", ref problem);
        var plain = forwarding[(forwarding.IndexOf(':', StringComparison.Ordinal) + 1)..];
        if (plain is not ("drop" or "accept")) return Wrong($"{name}: forwarding '{forwarding}' is not supported", ref problem);
        double? rate = null;
        if (actions["rate-limit"] is { } limit)
        {
            if (!double.TryParse(Text(limit), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var octets) || !double.IsFinite(octets)) return Wrong($"{name}: rate-limit is not a number", ref problem);
            // Octets per second (RFC 8783 §4.3).
            rate = octets * 8;
        }
        TrafficMatch? match = new();
        foreach (var (layer, fields) in matches)
        {
            if (layer == "actions") continue;
            if (fields is not JsonObject set) return Wrong($"{name}: {layer} is not an object", ref problem);
            match = layer switch
            {
                "ipv4" or "ipv6" => Network(match, set, layer == "ipv4", client, ref problem),
                "tcp" or "udp" => Transport(match, set, layer == "tcp", ref problem),
                "icmp" => Icmp(match, set, ref problem),
                _ => null,
            };
            if (problem is not null) return null;
            if (match is null) break;
        }
        // What lets everything through needs no rule of ours; anything else must be expressible.
        if (match is null && (plain == "drop" || rate is not null)) return Wrong($"{name}: a field is not supported", ref problem);
        return new DotsFilterEntry(name, plain == "drop", rate, match);
    }

    private static TrafficMatch? Network(TrafficMatch match, JsonObject set, bool v4, DotsClientProfile client, ref string? problem)
    {
        var supported = true;
        foreach (var (field, value) in set)
        {
            switch (field)
            {
                case "destination-ipv4-network" or "destination-ipv6-network" or "source-ipv4-network" or "source-ipv6-network":
                    if (!Prefix.TryParse(Text(value), out var prefix) || prefix.IsV4 != v4) return Broken($"{field} is not a prefix", ref problem);
                    match = field[0] == 'd' ? match with { Destination = prefix } : match with { Source = prefix };
                    if (field[0] == 'd' && !client.Prefixes.Any(own => own.Contains(prefix))) return Broken($"{prefix} is not within the prefixes of this client", ref problem);
                    break;
                case "protocol":
                    if (Number(value, 255) is not { } protocol) return Broken("protocol is not a number", ref problem);
                    match = match with { Protocols = [(byte)protocol] };
                    break;
                case "length":
                    if (Number(value, 65_535) is not { } length) return Broken("length is not a number", ref problem);
                    match = match with { PacketLengths = [length] };
                    break;
                case "dscp":
                    if (Number(value, 63) is not { } dscp) return Broken("dscp is not a number", ref problem);
                    match = match with { Dscp = [dscp] };
                    break;
                case "fragment" when value is JsonObject fragment && Text(fragment["operator"]) is "match" or "not" && Text(((JsonObject)value!)["type"]) is "isf" or "ff" or "lf":
                    match = match with { Fragment = Text(((JsonObject)value!)["operator"]) == "match" };
                    break;
                default:
                    supported = false;
                    break;
            }
        }
        return supported ? match : null;
    }

    private static TrafficMatch? Transport(TrafficMatch match, JsonObject set, bool tcp, ref string? problem)
    {
        var supported = true;
        match = match with { Protocols = [tcp ? (byte)6 : (byte)17] };
        foreach (var (field, value) in set)
        {
            switch (field)
            {
                case "source-port-range-or-operator" or "destination-port-range-or-operator":
                    if (Ports(value as JsonObject) is not { } ports) return Broken($"{field} is not a range of ports", ref problem);
                    match = field[0] == 's' ? match with { SourcePorts = ports } : match with { DestinationPorts = ports };
                    break;
                case "flags-bitmask" when tcp:
                    if (value is not JsonObject flags || Number(flags["bitmask"], 255) is not { } bits) return Broken("flags-bitmask is not a number", ref problem);
                    supported &= Text(flags["operator"]) is "match" or null;
                    match = match with { TcpFlags = (byte)bits, TcpFlagsMask = (byte)bits };
                    break;
                default:
                    supported = false;
                    break;
            }
        }
        return supported ? match : null;
    }

    private static TrafficMatch? Icmp(TrafficMatch match, JsonObject set, ref string? problem)
    {
        match = match with { Protocols = match.Destination is { IsV4: false } || match.Source is { IsV4: false } ? [(byte)58] : [(byte)1] };
        foreach (var (field, value) in set)
        {
            if (field is not ("type" or "code")) return null;
            if (Number(value, 255) is not { } number) return Broken($"icmp {field} is not a number", ref problem);
            match = field == "type" ? match with { IcmpTypes = [number] } : match with { IcmpCodes = [number] };
        }
        return match;
    }

    /// <summary>A range, or an operator with one port (RFC 8519 §4.2).</summary>
    private static ValueRange[]? Ports(JsonObject? json)
    {
        if (json is null) return null;
        if (json["lower-port"] is { } lower)
            return Number(lower, 65_535) is { } from && Number(json["upper-port"] ?? lower, 65_535) is { } to && from <= to ? [new ValueRange(from, to)] : null;
        if (Number(json["port"], 65_535) is not { } port) return null;
        return Text(json["operator"]) switch
        {
            "eq" or null => [port],
            "lte" => [new ValueRange(0, port)],
            "gte" => [new ValueRange(port, 65_535)],
            "neq" => [.. new[] { new ValueRange(0, port - 1), new ValueRange(port + 1, 65_535) }.Where(r => r.From <= r.To)],
            _ => null,
        };
    }

    private static string? Text(JsonNode? node) => node is JsonValue && node.GetValueKind() is JsonValueKind.String or JsonValueKind.Number ? node.ToString() : null;

    private static int? Number(JsonNode? node, int max) =>
        Text(node) is { } text && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= max ? number : null;

    private static DotsFilterEntry? Wrong(string what, ref string? problem)
    {
        problem ??= what;
        return null;
    }

    private static TrafficMatch? Broken(string what, ref string? problem)
    {
        problem ??= what;
        return null;
    }
}
