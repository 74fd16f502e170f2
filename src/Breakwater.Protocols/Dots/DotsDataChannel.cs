using System.Text.Json;
using System.Text.Json.Nodes;
using Breakwater.Core.Flows;
using Breakwater.Protocols.Json;

namespace Breakwater.Protocols.Dots;

/// <summary>The data channel's resources, whatever HTTP server carries them.</summary>
/// <remarks>RFC 8783 §5 to §7 over RESTCONF (RFC 8040): method, path below the data resource, JSON.</remarks>
public sealed class DotsDataChannel(DotsDataStore store)
{
    /// <summary>Where RESTCONF has this module's data.</summary>
    public const string Root = "/restconf/data/ietf-dots-data-channel:dots-data";

    private const string Module = "ietf-dots-data-channel:";

    /// <summary>Answers a request.</summary>
    /// <param name="method">GET, POST, PUT or DELETE.</param>
    /// <param name="path">What follows <see cref="Root"/>, percent-decoded: "" or "/dots-client=…/aliases/alias=…".</param>
    /// <param name="content">The query parameter "content": config, nonconfig or all (RFC 8040 §4.8.1); null for all.</param>
    public DotsDataAnswer Answer(Timestamp now, DotsClientProfile client, string method, string path, string? content, ReadOnlyMemory<byte> body)
    {
        JsonObject? json = null;
        if (method is "POST" or "PUT" && !TryParse(body, out json)) return DotsDataAnswer.Error(400, "malformed-message", "the body is not a JSON object");
        if (content is not (null or "all" or "config" or "nonconfig")) return DotsDataAnswer.Error(400, "invalid-value", "content is config, nonconfig or all");
        var segments = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        return store.Do(client, now, data => (method, segments) switch
        {
            ("GET", ["capabilities"]) => new DotsDataAnswer(200, Capabilities()),
            ("POST", []) => Register(data, json!, null),
            ("PUT", [var named]) when Key(named, "dots-client") is { } cuid => Register(data, json!, cuid),
            (_, [var named, .. var rest]) when Key(named, "dots-client") is { } cuid => OfClient(data, method, cuid, rest, content, json),
            ("GET", []) => DotsDataAnswer.Error(403, "access-denied", "a client sees its own data: name it"),
            _ => DotsDataAnswer.Error(404, "invalid-value", "there is no such resource"),
        });
    }

    private static DotsDataAnswer Register(DotsDataStore.DataOfClient data, JsonObject body, string? expected)
    {
        if (body[Module + "dots-client"] is not JsonArray and not null || (body[Module + "dots-client"] as JsonArray) is not [JsonObject entry]
            || entry["cuid"] is not JsonValue value || !value.TryGetValue<string>(out var cuid) || cuid.Length is 0 or > 80 || expected is not null && expected != cuid)
            return DotsDataAnswer.Error(400, "invalid-value", "one dots-client with its cuid is needed");
        if (entry.ContainsKey("cdid") && !data.Client.IsGateway) return DotsDataAnswer.Error(400, "invalid-value", "cdid is for gateways");
        if (data.IsOthers(cuid)) return DotsDataAnswer.Error(409, "resource-denied", "this cuid is another client's");
        var exists = data.Find(cuid) is not null;
        if (exists && expected is null) return DotsDataAnswer.Error(409, "data-exists", "this client is registered");
        if (!exists && data.Add(cuid) is null) return DotsDataAnswer.Error(409, "resource-denied", "too many clients");
        return new DotsDataAnswer(exists ? 204 : 201, null, $"{Root}/dots-client={cuid}");
    }

    private static DotsDataAnswer OfClient(DotsDataStore.DataOfClient data, string method, string cuid, string[] rest, string? content, JsonObject? body)
    {
        if (data.Find(cuid) is not { } entries) return DotsDataAnswer.Error(404, "invalid-value", "this client is not registered");
        var pending = content == "config" ? (int?)null : data.PendingMinutes(entries);
        switch (method, rest)
        {
            case ("GET", []):
                return new DotsDataAnswer(200, new JsonObject
                {
                    [Module + "dots-client"] = new JsonArray(new JsonObject { ["cuid"] = cuid, ["aliases"] = Aliases(entries, pending), ["acls"] = Filters(entries, pending) }),
                });
            case ("DELETE", []):
                data.Remove(cuid);
                return new DotsDataAnswer(204, null);
            case ("POST", []) when body![Module + "aliases"] is JsonObject list && list["alias"] is JsonArray { Count: > 0 } aliases:
                return Create(data, entries, aliases, ReadAlias, entries.Aliases, $"{Root}/dots-client={cuid}/aliases");
            case ("POST", []) when body![Module + "acls"] is JsonObject list && list["acl"] is JsonArray { Count: > 0 } filters:
                return Create(data, entries, filters, DotsFilterJson.Read, entries.Filters, $"{Root}/dots-client={cuid}/acls");
            case ("POST", []):
                return DotsDataAnswer.Error(400, "invalid-value", "aliases or acls are needed");
            case ("GET", ["aliases"]):
                return new DotsDataAnswer(200, new JsonObject { [Module + "aliases"] = Aliases(entries, pending) });
            case ("GET", ["acls"]):
                return new DotsDataAnswer(200, new JsonObject { [Module + "acls"] = Filters(entries, pending) });
            case (_, ["aliases", var named]) when Key(named, "alias") is { } name:
                return One(data, method, name, body?[Module + "aliases"]?["alias"] as JsonArray, ReadAlias, entries.Aliases, a => new JsonObject { [Module + "aliases"] = new JsonObject { ["alias"] = new JsonArray(Show(a.Json, pending)) } });
            case (_, ["acls", var named]) when Key(named, "acl") is { } name:
                return One(data, method, name, body?[Module + "acls"]?["acl"] as JsonArray, DotsFilterJson.Read, entries.Filters, f => new JsonObject { [Module + "acls"] = new JsonObject { ["acl"] = new JsonArray(Show(f.Json, pending)) } });
            default:
                return DotsDataAnswer.Error(rest is ["aliases"] or ["acls"] ? 405 : 404, "invalid-value", "there is no such resource or operation");
        }
    }

    private delegate T? Reader<T>(JsonObject json, DotsClientProfile client, out string? problem);

    private static DotsDataAnswer Create<T>(DotsDataStore.DataOfClient data, DotsDataStore.Entries entries, JsonArray list, Reader<T> reader, Dictionary<string, T> into, string location) where T : class
    {
        var read = new Dictionary<string, T>();
        foreach (var item in list)
        {
            if (item is not JsonObject json) return DotsDataAnswer.Error(400, "invalid-value", "the list holds no objects");
            if (reader(json, data.Client, out var problem) is not { } entry) return DotsDataAnswer.Error(400, "invalid-value", problem!);
            // All or nothing: a name that is taken refuses the whole request (RFC 8783 §6.1, §7.2).
            if (into.ContainsKey(NameOf(json)) || !read.TryAdd(NameOf(json), entry)) return DotsDataAnswer.Error(409, "data-exists", $"'{NameOf(json)}' exists");
        }
        if (entries.Aliases.Count + entries.Filters.Count + read.Count > DotsDataStore.MaxEntries) return DotsDataAnswer.Error(409, "resource-denied", "too many entries");
        foreach (var (name, entry) in read) into[name] = entry;
        return new DotsDataAnswer(201, null, location);
    }

    private static DotsDataAnswer One<T>(DotsDataStore.DataOfClient data, string method, string name, JsonArray? body, Reader<T> reader, Dictionary<string, T> all, Func<T, JsonObject> show) where T : class
    {
        var known = all.GetValueOrDefault(name);
        switch (method)
        {
            case "GET":
                return known is null ? DotsDataAnswer.Error(404, "invalid-value", $"there is no '{name}'") : new DotsDataAnswer(200, show(known));
            case "DELETE":
                return all.Remove(name) ? new DotsDataAnswer(204, null) : DotsDataAnswer.Error(404, "invalid-value", $"there is no '{name}'");
            case "PUT":
                if (body is not [JsonObject json] || NameOf(json) != name) return DotsDataAnswer.Error(400, "invalid-value", $"one entry named '{name}' is needed");
                if (reader(json, data.Client, out var problem) is not { } entry) return DotsDataAnswer.Error(400, "invalid-value", problem!);
                if (known is null && all.Count >= DotsDataStore.MaxEntries) return DotsDataAnswer.Error(409, "resource-denied", "too many entries");
                all[name] = entry;
                return new DotsDataAnswer(known is null ? 201 : 204, null);
            default:
                return DotsDataAnswer.Error(405, "operation-not-supported", $"{method} is not supported here");
        }
    }

    /// <summary>RFC 8783 §6.1: a name and at least one target, all of them the client's.</summary>
    private static DotsAlias? ReadAlias(JsonObject json, DotsClientProfile client, out string? problem)
    {
        var name = NameOf(json);
        var target = json.DeepClone().AsObject();
        target.Remove("name");
        problem = name.Length is 0 or > 64 ? "an alias needs a name of at most 64 characters" : null;
        // The signal channel's codec knows the same fields and their types.
        byte[] cbor = [];
        if (problem is null) DotsBody.TryWrite(new JsonObject { [DotsScopeJson.Container] = new JsonObject { ["scope"] = new JsonArray(target) } }, out cbor, out problem);
        if (problem is not null || DotsBody.Read(cbor, out var body, out problem) != DecodeError.None) return null;
        var scopes = DotsScopeJson.Read(body, out problem);
        if (problem is not null || scopes is not [var scope]) return null;
        if (scope.TargetPrefixes.Count + scope.TargetFqdns.Count + scope.TargetUris.Count == 0) problem = "one of target-prefix, target-fqdn and target-uri is needed";
        problem ??= DotsTargets.Refuses(scope, client);
        return problem is null ? new DotsAlias(name, scope, json) : null;
    }

    private static JsonObject Aliases(DotsDataStore.Entries entries, int? pending) => new() { ["alias"] = new JsonArray([.. entries.Aliases.Values.Select(a => Show(a.Json, pending))]) };

    private static JsonObject Filters(DotsDataStore.Entries entries, int? pending) => new() { ["acl"] = new JsonArray([.. entries.Filters.Values.Select(f => Show(f.Json, pending))]) };

    private static JsonObject Show(JsonObject json, int? pending)
    {
        var shown = json.DeepClone().AsObject();
        if (pending is { } minutes) shown["pending-lifetime"] = minutes;
        return shown;
    }

    /// <summary>RFC 8783 §7.1, figure 25: what filters may hold.</summary>
    private static JsonObject Capabilities() => JsonNode.Parse(
        """
        {"ietf-dots-data-channel:capabilities":{
          "address-family":["ipv4","ipv6"],"forwarding-actions":["drop","accept"],"rate-limit":true,"transport-protocols":[1,6,17,58],
          "ipv4":{"dscp":true,"length":true,"protocol":true,"destination-prefix":true,"source-prefix":true,"fragment":true},
          "ipv6":{"dscp":true,"length":true,"protocol":true,"destination-prefix":true,"source-prefix":true,"fragment":true},
          "tcp":{"flags-bitmask":true,"source-port":true,"destination-port":true,"port-range":true},
          "udp":{"source-port":true,"destination-port":true,"port-range":true},
          "icmp":{"type":true,"code":true}}}
        """)!.AsObject();

    private static string? Key(string segment, string list) =>
        segment.StartsWith(list + "=", StringComparison.Ordinal) && segment.Length > list.Length + 1 ? segment[(list.Length + 1)..] : null;

    private static string NameOf(JsonObject json) => json["name"] is JsonValue value && value.TryGetValue<string>(out var name) ? name : "";

    private static bool TryParse(ReadOnlyMemory<byte> body, out JsonObject? json)
    {
        json = null;
        try
        {
            // Duplicate names, and text that is none, would only be found out at the first look.
            if (!ForeignJson.IsText(body.Span)) return false;
            json = JsonNode.Parse(body.Span, documentOptions: new JsonDocumentOptions { MaxDepth = 16, AllowDuplicateProperties = false }) as JsonObject;
        }
        catch (JsonException)
        {
            return false;
        }
        return json is not null;
    }
}

/// <summary>An answer over HTTP.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="Body">JSON (application/yang-data+json); null for none.</param>
/// <param name="Location">Of what was created.</param>
public sealed record DotsDataAnswer(int Status, JsonObject? Body, string? Location = null)
{
    /// <summary>RFC 8040 §7.1.</summary>
    internal static DotsDataAnswer Error(int status, string tag, string message) => new(status, new JsonObject
    {
        ["ietf-restconf:errors"] = new JsonObject { ["error"] = new JsonArray(new JsonObject { ["error-type"] = "application", ["error-tag"] = tag, ["error-message"] = message }) },
    });
}
