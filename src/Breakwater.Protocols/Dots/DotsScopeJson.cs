using System.Globalization;
using System.Text.Json.Nodes;
using Breakwater.Core.Mitigations;
using Breakwater.Core.Net;

namespace Breakwater.Protocols.Dots;

/// <summary>A mitigation scope as the body of a message, in both directions.</summary>
public static class DotsScopeJson
{
    public const string Container = "ietf-dots-signal-channel:mitigation-scope";
    private const string CallHome = "ietf-dots-call-home:";
    private const string Filters = "ietf-dots-signal-control:acl-list";

    /// <summary>The body with these scopes.</summary>
    public static JsonObject Body(params IEnumerable<DotsScope> scopes) =>
        new() { [Container] = new JsonObject { ["scope"] = new JsonArray([.. scopes.Select(Write)]) } };

    /// <summary>Reads the scopes of a body that <see cref="DotsBody.Read"/> yielded.</summary>
    /// <param name="problem">The first thing that is wrong; null when nothing is.</param>
    public static IReadOnlyList<DotsScope> Read(JsonObject body, out string? problem)
    {
        problem = null;
        if (body.Count != 1 || body[Container] is not JsonObject { Count: 1 } container || container["scope"] is not JsonArray list)
        {
            problem = $"the body must be {Container} with a list of scopes";
            return [];
        }
        var scopes = new List<DotsScope>();
        foreach (var entry in list)
        {
            scopes.Add(ReadScope(entry!.AsObject(), ref problem));
            if (problem is not null) return [];
        }
        return scopes;
    }

    private static JsonObject Write(DotsScope scope)
    {
        var json = new JsonObject();
        if (scope.Mid is { } mid) json["mid"] = (long)mid;
        if (scope.MitigationStart is { } start) json["mitigation-start"] = Text(start);
        AddTexts(json, "target-prefix", scope.TargetPrefixes.Select(p => p.ToString()));
        AddRanges(json, "target-port-range", "port", scope.TargetPorts);
        if (scope.TargetProtocols.Count > 0) json["target-protocol"] = new JsonArray([.. scope.TargetProtocols.Select(p => JsonValue.Create((long)p))]);
        AddTexts(json, "target-fqdn", scope.TargetFqdns);
        AddTexts(json, "target-uri", scope.TargetUris);
        AddTexts(json, "alias-name", scope.Aliases);
        AddTexts(json, CallHome + "source-prefix", scope.SourcePrefixes.Select(p => p.ToString()));
        AddRanges(json, CallHome + "source-port-range", "port", scope.SourcePorts);
        AddRanges(json, CallHome + "source-icmp-type-range", "type", scope.SourceIcmpTypes);
        if (scope.Filters.Count > 0)
            json[Filters] = new JsonArray([.. scope.Filters.Select(f => new JsonObject { ["acl-name"] = f.Name, ["activation-type"] = DotsLabels.ActivationType[(int)f.Activation - 1] })]);
        if (scope.Lifetime is { } lifetime) json["lifetime"] = lifetime;
        if (!scope.TriggerMitigation) json["trigger-mitigation"] = false;
        if (scope.AttackStatus is { } attack) json["attack-status"] = DotsLabels.AttackStatus[(int)attack - 1];
        if (scope.Status is { } status) json["status"] = DotsLabels.Status[(int)status - 1];
        if (scope.Conflict is { } conflict) json["conflict-information"] = Write(conflict);
        if (scope.BytesDropped is { } bytes) json["bytes-dropped"] = Text(bytes);
        if (scope.BytesPerSecondDropped is { } byteRate) json["bps-dropped"] = Text(byteRate);
        if (scope.PacketsDropped is { } packets) json["pkts-dropped"] = Text(packets);
        if (scope.PacketsPerSecondDropped is { } packetRate) json["pps-dropped"] = Text(packetRate);
        return json;
    }

    private static JsonObject Write(DotsConflict conflict)
    {
        var json = new JsonObject();
        if (conflict.Status is { } status) json["conflict-status"] = DotsLabels.ConflictStatus[(int)status - 1];
        json["conflict-cause"] = DotsLabels.ConflictCause[(int)conflict.Cause - 1];
        if (conflict.RetryTimer is { } retry) json["retry-timer"] = Text(retry);
        var scope = new JsonObject();
        AddTexts(scope, "target-prefix", (conflict.Prefixes ?? []).Select(p => p.ToString()));
        if (conflict.Mid is { } mid) scope["mid"] = (long)mid;
        if (scope.Count > 0) json["conflict-scope"] = scope;
        return json;
    }

    private static DotsScope ReadScope(JsonObject json, ref string? problem)
    {
        foreach (var (name, value) in json)
            // An empty value renders the entire request invalid (RFC 9132 §4.4.1.1).
            if (value is JsonArray { Count: 0 } or JsonObject { Count: 0 } || value is JsonValue text && text.TryGetValue<string>(out var s) && s.Length == 0) problem ??= $"{name} is empty";
        return new DotsScope
        {
            Mid = (uint?)Long(json, "mid"),
            TargetPrefixes = Prefixes(json, "target-prefix", ref problem),
            TargetPorts = Ranges(json, "target-port-range", "port", ushort.MaxValue, ref problem),
            TargetProtocols = Protocols(json, ref problem),
            TargetFqdns = Texts(json, "target-fqdn"),
            TargetUris = Texts(json, "target-uri"),
            Aliases = Texts(json, "alias-name"),
            Lifetime = Long(json, "lifetime"),
            TriggerMitigation = (bool?)json["trigger-mitigation"] ?? true,
            AttackStatus = (DotsAttackStatus?)Code(json, "attack-status", DotsLabels.AttackStatus),
            SourcePrefixes = Prefixes(json, CallHome + "source-prefix", ref problem),
            SourcePorts = Ranges(json, CallHome + "source-port-range", "port", ushort.MaxValue, ref problem),
            SourceIcmpTypes = Ranges(json, CallHome + "source-icmp-type-range", "type", byte.MaxValue, ref problem),
            Filters = FilterSwitches(json, ref problem),
            Status = (DotsStatus?)Code(json, "status", DotsLabels.Status),
            MitigationStart = Counter(json, "mitigation-start"),
            Conflict = json["conflict-information"] is JsonObject conflict ? Conflict(conflict, ref problem) : null,
            BytesDropped = Counter(json, "bytes-dropped"),
            BytesPerSecondDropped = Counter(json, "bps-dropped"),
            PacketsDropped = Counter(json, "pkts-dropped"),
            PacketsPerSecondDropped = Counter(json, "pps-dropped"),
        };
    }

    private static DotsConflict? Conflict(JsonObject json, ref string? problem)
    {
        if (Code(json, "conflict-cause", DotsLabels.ConflictCause) is not { } cause)
        {
            problem ??= "conflict-information has no conflict-cause";
            return null;
        }
        var scope = json["conflict-scope"] as JsonObject ?? [];
        return new DotsConflict((DotsConflictCause)cause, (DotsConflictStatus?)Code(json, "conflict-status", DotsLabels.ConflictStatus),
            Prefixes(scope, "target-prefix", ref problem), (uint?)Long(scope, "mid"), (uint?)Counter(json, "retry-timer"));
    }

    private static DotsFilterSwitch[] FilterSwitches(JsonObject json, ref string? problem)
    {
        if (json[Filters] is not JsonArray list) return [];
        var switches = new List<DotsFilterSwitch>();
        foreach (var entry in list.OfType<JsonObject>())
        {
            if ((string?)entry["acl-name"] is { Length: > 0 } name && Code(entry, "activation-type", DotsLabels.ActivationType) is { } activation)
                switches.Add(new DotsFilterSwitch(name, (DotsActivation)activation));
            else problem ??= $"{Filters} needs acl-name and activation-type";
        }
        return [.. switches];
    }

    private static Prefix[] Prefixes(JsonObject json, string name, ref string? problem)
    {
        var prefixes = new List<Prefix>();
        foreach (var text in Texts(json, name))
        {
            if (Prefix.TryParse(text, out var prefix)) prefixes.Add(prefix);
            else problem ??= $"{name}: '{text}' is not a prefix";
        }
        return [.. prefixes];
    }

    private static ValueRange[] Ranges(JsonObject json, string name, string kind, int max, ref string? problem)
    {
        if (json[name] is not JsonArray list) return [];
        var ranges = new List<ValueRange>();
        foreach (var entry in list.OfType<JsonObject>())
        {
            var lower = Long(entry, "lower-" + kind);
            var upper = Long(entry, "upper-" + kind) ?? lower;
            if (lower is { } from && upper is { } to && from <= to && to <= max) ranges.Add(new ValueRange((int)from, (int)to));
            else problem ??= $"{name} holds no range of {kind}s";
        }
        return [.. ranges];
    }

    private static byte[] Protocols(JsonObject json, ref string? problem)
    {
        if (json["target-protocol"] is not JsonArray list) return [];
        var numbers = list.Select(n => (long)n!).ToArray();
        if (numbers.All(n => n is >= 0 and <= byte.MaxValue)) return [.. numbers.Select(n => (byte)n)];
        problem ??= "target-protocol is out of range";
        return [];
    }

    private static void AddTexts(JsonObject json, string name, IEnumerable<string> texts)
    {
        var array = new JsonArray([.. texts.Select(t => JsonValue.Create(t))]);
        if (array.Count > 0) json[name] = array;
    }

    private static void AddRanges(JsonObject json, string name, string kind, IReadOnlyList<ValueRange> ranges)
    {
        if (ranges.Count == 0) return;
        json[name] = new JsonArray([.. ranges.Select(r =>
        {
            var range = new JsonObject { ["lower-" + kind] = (long)r.From };
            if (r.To != r.From) range["upper-" + kind] = (long)r.To;
            return range;
        })]);
    }

    private static string[] Texts(JsonObject json, string name) => json[name] is JsonArray list ? [.. list.Select(t => (string)t!)] : [];

    private static long? Long(JsonObject json, string name) => (long?)json[name];

    private static ulong? Counter(JsonObject json, string name) =>
        (string?)json[name] is { } text ? ulong.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture) : null;

    private static string Text(ulong value) => value.ToString(CultureInfo.InvariantCulture);

    private static int? Code(JsonObject json, string name, string[] labels) => (string?)json[name] is { } label ? Array.IndexOf(labels, label) + 1 : null;
}
