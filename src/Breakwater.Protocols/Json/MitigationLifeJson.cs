using System.Text.Json;
using Breakwater.Core.Mitigations;
using Breakwater.Core.Net;

namespace Breakwater.Protocols.Json;

/// <summary>A mitigation with its whole life as JSON, in both directions: the journal, the store and the API have one shape.</summary>
public static class MitigationLifeJson
{
    public static void Write(Utf8JsonWriter json, Mitigation mitigation)
    {
        json.WriteStartObject();
        WriteFields(json, mitigation);
        json.WriteEndObject();
    }

    /// <summary>The fields without the braces, for a document that says more.</summary>
    public static void WriteFields(Utf8JsonWriter json, Mitigation mitigation)
    {
        json.WriteString("id", mitigation.Id);
        json.WriteString("state", mitigation.State.Name());
        json.WriteString("origin", mitigation.Origin.Name());
        json.WriteString("requester", mitigation.Requester);
        json.WriteString("incident", mitigation.IncidentId);
        json.WriteString("hostGroup", mitigation.HostGroup);
        json.WritePropertyName("match");
        MitigationJson.WriteMatch(json, mitigation.Match);
        json.WriteString("rule", mitigation.Match.Describe());
        json.WriteString("action", mitigation.Action.Name());
        WriteOptional(json, "rateBitsPerSecond", mitigation.RateBitsPerSecond);
        WriteOptional(json, "ratePacketsPerSecond", mitigation.RatePacketsPerSecond);
        if (mitigation.DivertTo is { } target)
        {
            json.WriteStartObject("divertTo");
            json.WriteString("name", target.Name);
            json.WriteString("nextHop", target.NextHop?.ToString());
            json.WriteString("routeTarget", target.RouteTarget?.ToString());
            json.WriteEndObject();
        }
        json.WriteString("reason", mitigation.Reason);
        json.WriteTime("created", mitigation.Created);
        json.WriteTime("activated", mitigation.Activated);
        json.WriteTime("since", mitigation.Since);
        json.WriteTime("expires", mitigation.Expires);
        json.WriteString("outcome", mitigation.Outcome);
        json.WriteString("refusedBy", mitigation.RefusedBy);
        json.WriteStrings("approvers", mitigation.Approvers);
        if (mitigation.RequesterPrefixes is { } own) json.WriteStrings("requesterPrefixes", own.Select(p => p.ToString()));
        json.WriteString("onDeath", mitigation.OnDeath.Name());
        WriteOptional(json, "attackShare", mitigation.AttackShare);
        WriteOptional(json, "collateralShare", mitigation.CollateralShare);
        json.WriteString("escalatedFrom", mitigation.EscalatedFrom);
        json.WriteNumber("recurrence", mitigation.Recurrence);
        if (mitigation.Effect is { } effect) WriteEffect(json, effect);
        else json.WriteNull("effect");
    }

    /// <exception cref="FormatException">The document is not a mitigation.</exception>
    public static Mitigation Read(ReadOnlyMemory<byte> utf8)
    {
        try
        {
            using var document = JsonDocument.Parse(utf8);
            return Read(document.RootElement);
        }
        catch (Exception problem) when (problem is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new FormatException("not a mitigation: " + problem.Message, problem);
        }
    }

    private static Mitigation Read(JsonElement json) => new()
    {
        Id = json.Text("id"),
        State = Named<MitigationState>(json, "state", MitigationNames.TryParseState),
        Origin = Named<MitigationOrigin>(json, "origin", MitigationNames.TryParseOrigin),
        Requester = json.Text("requester"),
        IncidentId = json.GetProperty("incident").GetString(),
        HostGroup = json.Text("hostGroup"),
        Match = MitigationJson.ReadMatch(json.GetProperty("match")),
        Action = Named<MitigationAction>(json, "action", MitigationNames.TryParseAction),
        RateBitsPerSecond = Optional(json, "rateBitsPerSecond"),
        RatePacketsPerSecond = Optional(json, "ratePacketsPerSecond"),
        DivertTo = json.TryGetProperty("divertTo", out var target) ? ReadTarget(target) : null,
        Reason = json.Text("reason"),
        Created = json.Time("created"),
        Activated = json.OptionalTime("activated"),
        Since = json.Time("since"),
        Expires = json.Time("expires"),
        Outcome = json.Text("outcome"),
        RefusedBy = json.GetProperty("refusedBy").GetString(),
        Approvers = json.Strings("approvers"),
        RequesterPrefixes = json.TryGetProperty("requesterPrefixes", out _) ? [.. json.Strings("requesterPrefixes").Select(Prefix.Parse)] : null,
        OnDeath = Named<DeadMan>(json, "onDeath", MitigationNames.TryParseDeadMan),
        AttackShare = Optional(json, "attackShare"),
        CollateralShare = Optional(json, "collateralShare"),
        EscalatedFrom = json.GetProperty("escalatedFrom").GetString(),
        Recurrence = json.GetProperty("recurrence").GetInt32(),
        Effect = json.GetProperty("effect") is { ValueKind: JsonValueKind.Object } effect ? ReadEffect(effect) : null,
    };

    private static void WriteEffect(Utf8JsonWriter json, MitigationEffect effect)
    {
        json.WriteStartObject("effect");
        json.WriteTime("at", effect.At);
        json.WriteBoolean("helped", effect.Helped);
        json.WriteDouble("packetsPerSecondBefore", effect.PacketsPerSecondBefore);
        WriteOptional(json, "packetsPerSecondAfter", effect.PacketsPerSecondAfter);
        json.WriteDouble("answersPerSecondBefore", effect.AnswersPerSecondBefore);
        json.WriteDouble("answersPerSecondAfter", effect.AnswersPerSecondAfter);
        if (effect.DroppedPackets is { } dropped) json.WriteNumber("droppedPackets", dropped);
        else json.WriteNull("droppedPackets");
        json.WriteEndObject();
    }

    private static MitigationEffect ReadEffect(JsonElement json) => new(
        json.Time("at"), json.GetProperty("helped").GetBoolean(), json.Double("packetsPerSecondBefore"), Optional(json, "packetsPerSecondAfter"),
        json.Double("answersPerSecondBefore"), json.Double("answersPerSecondAfter"),
        json.GetProperty("droppedPackets") is { ValueKind: JsonValueKind.Number } dropped ? dropped.GetInt64() : null);

    private static DivertTarget ReadTarget(JsonElement json) => new(
        json.Text("name"),
        json.GetProperty("nextHop").GetString() is { } hop ? IpAddr.Parse(hop) : null,
        json.GetProperty("routeTarget").GetString() is { } text ? RouteTarget.TryParse(text, out var target) ? target : throw new FormatException("routeTarget is none") : null);

    private static void WriteOptional(Utf8JsonWriter json, string name, double? value)
    {
        if (value is { } number) json.WriteDouble(name, number);
        else json.WriteNull(name);
    }

    private static double? Optional(JsonElement json, string name) =>
        json.GetProperty(name) is { ValueKind: JsonValueKind.Number } field ? field.GetDouble() : null;

    private delegate bool NameParser<T>(string name, out T value);

    private static T Named<T>(JsonElement json, string field, NameParser<T> parse) =>
        parse(json.Text(field), out var value) ? value : throw new FormatException($"{field} is not a known name");
}
