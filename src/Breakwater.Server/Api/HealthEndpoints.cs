using System.Reflection;
using Breakwater.Engine.Detection;
using Breakwater.Engine.Health;
using Breakwater.Protocols.Json;

namespace Breakwater.Server.Api;

/// <summary>Is the process alive, is it of use, and why not.</summary>
internal static class HealthEndpoints
{
    private static readonly string Version =
        typeof(HealthEndpoints).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "";

    public static void Map(IEndpointRouteBuilder routes, RouteGroupBuilder api)
    {
        api.MapGet("/health", (LiveState live, IEnumerable<IReadinessCheck> checks) => Answer(live, checks, StatusCodes.Status200OK))
            .WithTags("Health").WithName("getHealth").WithSummary("Version, readiness and its reasons").Produces<Shapes.Health>();
        routes.MapGet("/health/live", () => new JsonAnswer(json =>
        {
            json.WriteStartObject();
            json.WriteString("status", "live");
            json.WriteEndObject();
        })).WithTags("Health").WithName("getLive").WithSummary("200 as long as the process answers").AllowAnonymous();
        routes.MapGet("/health/ready", Ready)
            .WithTags("Health").WithName("getReady").WithSummary("200 when receivers and store are up, else 503")
            .WithDescription("Open to everybody, so that orchestrators can ask; the reasons are told only to viewers.")
            .Produces<Shapes.Health>().Produces<Shapes.Health>(StatusCodes.Status503ServiceUnavailable).AllowAnonymous();
    }

    private static JsonAnswer Ready(HttpContext context, LiveState live, IEnumerable<IReadinessCheck> checks)
    {
        if (context.User.IsInRole(nameof(ApiRole.Viewer))) return Answer(live, checks, StatusCodes.Status503ServiceUnavailable);
        var ready = checks.All(c => c.WhyNotReady() is null);
        return new JsonAnswer(json =>
        {
            json.WriteStartObject();
            json.WriteString("status", ready ? "ready" : "not-ready");
            json.WriteEndObject();
        }, ready ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
    }

    private static JsonAnswer Answer(LiveState live, IEnumerable<IReadinessCheck> checks, int statusWhenNotReady)
    {
        var results = checks.Select(c => (c.Name, Reason: c.WhyNotReady())).ToArray();
        var ready = results.All(r => r.Reason is null);
        return new JsonAnswer(json =>
        {
            json.WriteStartObject();
            json.WriteString("status", ready ? "ready" : "not-ready");
            json.WriteString("version", Version);
            json.WriteString("lastTraffic", live.Traffic.Time.Nanoseconds == 0 ? null : Rfc3339.Format(live.Traffic.Time));
            json.WriteNumber("openIncidents", live.OpenIncidents.Count);
            json.WriteStartArray("checks");
            foreach (var (name, reason) in results)
            {
                json.WriteStartObject();
                json.WriteString("name", name);
                json.WriteBoolean("ready", reason is null);
                json.WriteString("reason", reason);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }, ready ? StatusCodes.Status200OK : statusWhenNotReady);
    }
}
