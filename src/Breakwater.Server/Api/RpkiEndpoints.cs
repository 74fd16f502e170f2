using System.Text.Json;
using Breakwater.Core.Net;
using Breakwater.Core.Rpki;
using Breakwater.Engine.Rpki;
using Breakwater.Protocols.Json;

namespace Breakwater.Server.Api;

/// <summary>What the validating cache says of our own prefixes.</summary>
internal static class RpkiEndpoints
{
    public static void Map(RouteGroupBuilder api) =>
        api.MapGet("/rpki", (IServiceProvider services) => Answer(services.GetService<RpkiCache>())).WithTags("Hygiene").WithName("getRpki")
            .WithSummary("The RPKI cache, and whether our own prefixes are as their ROAs say")
            .WithDescription("'state' is off without a configured cache, no-data before its first answer and after its data has expired, else fresh. 'tooWide' names payloads that let others announce longer prefixes under our AS number (RFC 9319).")
            .Produces<Shapes.Rpki>();

    private static JsonAnswer Answer(RpkiCache? cache) => new(json =>
    {
        var standing = cache?.Standing();
        json.WriteStartObject();
        json.WriteString("cache", cache?.Place);
        json.WriteString("state", standing is null ? "off" : standing.HasData ? "fresh" : "no-data");
        if (standing is null) json.WriteNull("version");
        else json.WriteNumber("version", standing.Version);
        if (standing?.Serial is { } serial) json.WriteNumber("serial", serial);
        else json.WriteNull("serial");
        json.WriteNumber("roas", standing?.Roas ?? 0);
        if (standing is { Updates: > 0 }) json.WriteString("updatedAt", Rfc3339.Format(standing.UpdatedAt));
        else json.WriteNull("updatedAt");
        json.WriteString("problem", standing?.Problem);
        json.WriteList("own", cache?.Own() ?? [], (list, own) => Write(list, own, cache!.Announced));
        json.WriteEndObject();
    });

    private static void Write(Utf8JsonWriter json, RouteOrigin own, IReadOnlyList<Prefix> announced)
    {
        json.WriteStartObject();
        json.WriteString("prefix", own.Route.ToString());
        json.WriteNumber("originAs", own.As);
        json.WriteString("validity", own.Validity.Name());
        json.WriteString("because", own.Because);
        json.WriteStrings("covering", own.Covering.Select(v => v.ToString()));
        json.WriteStrings("tooWide", own.TooWide(announced).Select(v => v.ToString()));
        json.WriteEndObject();
    }
}
