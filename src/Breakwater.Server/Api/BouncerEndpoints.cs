using System.Net;
using System.Text.Json;
using Breakwater.Core.Flows;
using Breakwater.Core.Net;
using Breakwater.Engine.Mitigations;
using Breakwater.Protocols.CrowdSec;
using Microsoft.Extensions.Primitives;

namespace Breakwater.Server.Api;

/// <summary>The part of CrowdSec's local API that bouncers ask: which sources to ban. Read only; each bouncer has a key of its own.</summary>
/// <remarks>CrowdSec, local API: <c>GET /v1/decisions</c>, <c>GET /v1/decisions/stream</c>, header <c>X-Api-Key</c>. It is CrowdSec's and therefore not in our OpenAPI description.</remarks>
internal static class BouncerEndpoints
{
    private static readonly string[] Looking = ["GET", "HEAD"];

    public static void Map(IEndpointRouteBuilder routes)
    {
        var local = routes.MapGroup("/v1").AllowAnonymous().ExcludeFromDescription();
        local.MapMethods("/decisions", Looking, (HttpContext http) => Answer(http, (_, now) => List(http, now)));
        local.MapMethods("/decisions/stream", Looking, (HttpContext http) => Answer(http, (bouncer, now) => Stream(http, bouncer, now)));
        // Newer bouncers report what they did, and complain when nobody listens.
        local.MapPost("/usage-metrics", (HttpContext http) => Answer(http, (_, _) => Results.StatusCode(StatusCodes.Status201Created)));
    }

    private static IResult Answer(HttpContext http, Func<ApiBouncer, Timestamp, IResult> answer)
    {
        var services = http.RequestServices;
        var failed = services.GetRequiredService<FailedAttempts>();
        var client = http.Connection.RemoteIpAddress ?? IPAddress.None;
        var key = http.Request.Headers["X-Api-Key"].ToString();
        if (failed.TooMany(client)) return Message("too many failed attempts", StatusCodes.Status429TooManyRequests);
        if (key.Length > 0 && services.GetRequiredService<BouncerFeed>().Find(key) is { } bouncer)
            return answer(bouncer, Timestamp.From(services.GetRequiredService<TimeProvider>().GetUtcNow()));
        if (key.Length > 0) failed.Add(client);
        return Message("access forbidden", StatusCodes.Status403Forbidden);
    }

    /// <summary>Decisions that answer the query; "null" for none, which is what bouncers look for.</summary>
    private static JsonAnswer List(HttpContext http, Timestamp now)
    {
        var found = Asked(http, InForce(http, now)).ToArray();
        return new JsonAnswer(json =>
        {
            if (found.Length == 0) json.WriteNullValue();
            else Write(json, found, now);
        });
    }

    private static JsonAnswer Stream(HttpContext http, ApiBouncer bouncer, Timestamp now)
    {
        var startup = http.Request.Query["startup"].ToString() == "true";
        var (added, deleted) = http.RequestServices.GetRequiredService<BouncerFeed>().Changes(bouncer.Name, InForce(http, now), startup);
        return new JsonAnswer(json =>
        {
            json.WriteStartObject();
            json.WritePropertyName("new");
            Write(json, Scoped(http, added), now);
            json.WritePropertyName("deleted");
            Write(json, Scoped(http, deleted), now);
            json.WriteEndObject();
        });
    }

    /// <summary>Null service: a replay, which is of another time.</summary>
    private static IReadOnlyList<Decision> InForce(HttpContext http, Timestamp now) =>
        BouncerFeed.InForce(http.RequestServices.GetService<MitigationService>()?.All() ?? [], now);

    private static IEnumerable<Decision> Asked(HttpContext http, IEnumerable<Decision> decisions)
    {
        var query = http.Request.Query;
        if (query["value"].ToString() is { Length: > 0 } value) decisions = decisions.Where(d => d.Value == value);
        if (query["type"].ToString() is { Length: > 0 } type) decisions = decisions.Where(_ => type == Decision.Type);
        if (query["ip"].ToString() is { Length: > 0 } ip) decisions = IpAddr.TryParse(ip, out var address) ? decisions.Where(d => d.Source.Contains(address)) : [];
        if (query["range"].ToString() is { Length: > 0 } range) decisions = Prefix.TryParse(range, out var prefix) ? decisions.Where(d => d.Source.Contains(prefix)) : [];
        return Scoped(http, decisions);
    }

    private static IEnumerable<Decision> Scoped(HttpContext http, IEnumerable<Decision> decisions)
    {
        var query = http.Request.Query;
        if (Names(query["scopes"]) is { Length: > 0 } scopes) decisions = decisions.Where(d => scopes.Contains(d.Scope, StringComparer.OrdinalIgnoreCase));
        if (Names(query["scope"]) is { Length: > 0 } scope) decisions = decisions.Where(d => scope.Contains(d.Scope, StringComparer.OrdinalIgnoreCase));
        if (Names(query["origins"]) is { Length: > 0 } origins) decisions = decisions.Where(_ => origins.Contains(Decision.Origin));
        return decisions;
    }

    private static string[] Names(StringValues value) => value.ToString().Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static void Write(Utf8JsonWriter json, IEnumerable<Decision> decisions, Timestamp now)
    {
        json.WriteStartArray();
        foreach (var decision in decisions) decision.Write(json, now);
        json.WriteEndArray();
    }

    private static JsonAnswer Message(string text, int status) => new(json =>
    {
        json.WriteStartObject();
        json.WriteString("message", text);
        json.WriteEndObject();
    }, status);
}
