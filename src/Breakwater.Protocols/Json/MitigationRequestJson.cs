using System.Globalization;
using System.Text.Json;
using Breakwater.Core.Mitigations;
using Breakwater.Core.Net;

namespace Breakwater.Protocols.Json;

/// <summary>What a person asks for, as JSON: <c>match</c> and <c>action</c>, and optionally rate, target, lifetime in seconds, and a reason.</summary>
/// <remarks>Comes from outside: everything wrong is a problem with the field's name, never an exception.</remarks>
public static class MitigationRequestJson
{
    private static readonly string[] Known =
        ["match", "action", "rateBitsPerSecond", "ratePacketsPerSecond", "divertTo", "lifetimeSeconds", "reason", "incident"];

    private static readonly string[] KnownInMatch =
        ["destination", "source", "protocols", "sourcePorts", "destinationPorts", "icmpTypes", "icmpCodes", "tcpFlags", "packetLengths", "dscp", "fragment"];

    private const int MaxText = 500;
    private const int MaxName = 40;
    private const int MaxItems = 300;

    /// <param name="utf8">The document.</param>
    /// <param name="person">Who asks.</param>
    /// <param name="lifetime">How long where it does not say.</param>
    /// <param name="problem">What is wrong, with the field; null when nothing is.</param>
    public static MitigationRequest? Read(ReadOnlyMemory<byte> utf8, string person, TimeSpan lifetime, out string? problem)
    {
        using var document = ForeignJson.Parse(utf8, new JsonDocumentOptions { MaxDepth = 8 });
        problem = document is null ? "not JSON" : Wrong(document.RootElement, Known, "");
        return problem is null ? Read(document!.RootElement, person, lifetime, ref problem) : null;
    }

    private static MitigationRequest? Read(JsonElement json, string person, TimeSpan lifetime, ref string? problem)
    {
        if (!json.TryGetProperty("match", out var matchJson)) problem = "match: is missing";
        else if (!json.TryGetProperty("action", out var actionJson)) problem = "action: is missing";
        else if (actionJson.ValueKind != JsonValueKind.String || !MitigationNames.TryParseAction(actionJson.GetString()!, out var action))
            problem = "action: must be one of " + string.Join(", ", Enum.GetValues<MitigationAction>().Select(a => a.Name()));
        else if (Match(matchJson, ref problem) is { } match)
        {
            var seconds = Number(json, "lifetimeSeconds", ref problem) ?? lifetime.TotalSeconds;
            var request = new MitigationRequest(MitigationOrigin.Operator, person, match, action, TimeSpan.FromSeconds(Math.Clamp(seconds, 0, 1e9)), Text(json, "reason", ref problem) ?? "")
            {
                RateBitsPerSecond = Number(json, "rateBitsPerSecond", ref problem),
                RatePacketsPerSecond = Number(json, "ratePacketsPerSecond", ref problem),
                DivertTo = Text(json, "divertTo", ref problem),
                IncidentId = Text(json, "incident", ref problem),
            };
            if (problem is null) return request;
        }
        return null;
    }

    private static TrafficMatch? Match(JsonElement json, ref string? problem)
    {
        problem = Wrong(json, KnownInMatch, "match.");
        if (problem is not null) return null;
        byte flags = 0, mask = 0;
        if (json.TryGetProperty("tcpFlags", out var tcpFlags))
        {
            problem ??= Wrong(tcpFlags, ["value", "mask"], "match.tcpFlags.");
            if (problem is not null) return null;
            flags = (byte)(Whole(tcpFlags, "value", 255, ref problem) ?? 0);
            mask = (byte)(Whole(tcpFlags, "mask", 255, ref problem) ?? 0);
        }
        bool? fragment = null;
        if (json.TryGetProperty("fragment", out var fragmentJson))
        {
            if (fragmentJson.ValueKind is JsonValueKind.True or JsonValueKind.False) fragment = fragmentJson.GetBoolean();
            else problem ??= "match.fragment: must be true or false";
        }
        var match = new TrafficMatch
        {
            Destination = PrefixAt(json, "destination", ref problem),
            Source = PrefixAt(json, "source", ref problem),
            Protocols = Protocols(json, ref problem),
            SourcePorts = Ranges(json, "sourcePorts", ref problem),
            DestinationPorts = Ranges(json, "destinationPorts", ref problem),
            IcmpTypes = Ranges(json, "icmpTypes", ref problem),
            IcmpCodes = Ranges(json, "icmpCodes", ref problem),
            TcpFlags = flags,
            TcpFlagsMask = mask,
            PacketLengths = Ranges(json, "packetLengths", ref problem),
            Dscp = Ranges(json, "dscp", ref problem),
            Fragment = fragment,
        };
        return problem is null ? match : null;
    }

    /// <summary>Not an object, or with a field that means nothing: a rule with a typing error would silently match more.</summary>
    private static string? Wrong(JsonElement json, string[] known, string path)
    {
        if (json.ValueKind != JsonValueKind.Object) return $"{(path.Length == 0 ? "the request" : path.TrimEnd('.'))}: must be an object";
        var seen = new HashSet<string>();
        foreach (var field in json.EnumerateObject())
        {
            if (!known.Contains(field.Name)) return $"{path}{(field.Name.Length <= MaxName ? field.Name : field.Name[..MaxName] + "…")}: no such field; known: {string.Join(", ", known)}";
            if (!seen.Add(field.Name)) return $"{path}{field.Name}: stands there twice";
        }
        return null;
    }

    private static Prefix? PrefixAt(JsonElement json, string name, ref string? problem)
    {
        if (!json.TryGetProperty(name, out var field) || field.ValueKind == JsonValueKind.Null) return null;
        if (field.ValueKind == JsonValueKind.String && Prefix.TryParse(field.GetString(), out var prefix)) return prefix;
        problem ??= $"match.{name}: must be an address or a prefix such as 192.0.2.0/24";
        return null;
    }

    private static IReadOnlyList<byte> Protocols(JsonElement json, ref string? problem)
    {
        if (!json.TryGetProperty("protocols", out var list)) return [];
        if (list.ValueKind == JsonValueKind.Array && list.GetArrayLength() <= MaxItems && list.EnumerateArray().All(p => p.ValueKind == JsonValueKind.Number && p.TryGetByte(out _)))
            return [.. list.EnumerateArray().Select(p => p.GetByte())];
        problem ??= "match.protocols: must be a list of IANA protocol numbers, 0 to 255";
        return [];
    }

    private static IReadOnlyList<ValueRange> Ranges(JsonElement json, string name, ref string? problem)
    {
        if (!json.TryGetProperty(name, out var list)) return [];
        if (list.ValueKind == JsonValueKind.Array && list.GetArrayLength() <= MaxItems)
        {
            var ranges = new List<ValueRange>();
            foreach (var item in list.EnumerateArray())
            {
                if (item.ValueKind == JsonValueKind.Number && item.TryGetInt32(out var only)) ranges.Add(only);
                else if (item.ValueKind == JsonValueKind.Object && item.TryGetProperty("from", out var from) && item.TryGetProperty("to", out var to)
                    && from.ValueKind == JsonValueKind.Number && to.ValueKind == JsonValueKind.Number && from.TryGetInt32(out var first) && to.TryGetInt32(out var last)) ranges.Add(new ValueRange(first, last));
                else break;
            }
            if (ranges.Count == list.GetArrayLength()) return ranges;
        }
        problem ??= $"match.{name}: must be a list of numbers, or of ranges such as {{\"from\": 1024, \"to\": 65535}}";
        return [];
    }

    private static int? Whole(JsonElement json, string name, int most, ref string? problem)
    {
        if (json.TryGetProperty(name, out var field) && field.ValueKind == JsonValueKind.Number && field.TryGetInt32(out var number) && number >= 0 && number <= most) return number;
        problem ??= string.Create(CultureInfo.InvariantCulture, $"match.tcpFlags.{name}: must be a whole number from 0 to {most}");
        return null;
    }

    private static double? Number(JsonElement json, string name, ref string? problem)
    {
        if (!json.TryGetProperty(name, out var field) || field.ValueKind == JsonValueKind.Null) return null;
        if (field.ValueKind == JsonValueKind.Number && field.TryGetDouble(out var number)) return number;
        problem ??= $"{name}: must be a number";
        return null;
    }

    private static string? Text(JsonElement json, string name, ref string? problem)
    {
        if (!json.TryGetProperty(name, out var field) || field.ValueKind == JsonValueKind.Null) return null;
        if (field.ValueKind == JsonValueKind.String && field.GetString() is { Length: <= MaxText } text) return text;
        problem ??= $"{name}: must be text of at most {MaxText} characters";
        return null;
    }
}
