using System.ComponentModel;
using System.Security.Claims;
using System.Text.Json.Nodes;
using Breakwater.Core.Flows;
using Breakwater.Core.Sharing;
using Breakwater.Engine.Mitigations;
using Breakwater.Engine.Sharing;
using Breakwater.Engine.Storage;
using Breakwater.Protocols.DdosDb;
using Breakwater.Protocols.Json;
using Breakwater.Protocols.Misp;
using Breakwater.Protocols.Stix;
using Breakwater.Protocols.Xarf;

namespace Breakwater.Server.Api;

/// <summary>What others may be told of an incident, as they would read it; and taking it back. Nothing is sent from here.</summary>
internal static class SharingEndpoints
{
    private static readonly string[] Formats = ["stix", "xarf", "ddosdb", "misp"];

    /// <summary>Incidents listed as told, and newest incidents that are looked at to name them.</summary>
    private const int MaxTold = 100, MaxNamed = 500;

    public static void Map(RouteGroupBuilder api)
    {
        api.MapGet("/sharing", Told).WithTags("Sharing").WithName("getSharing").WithSummary("What others can fetch, and of which incidents they were told, the newest first")
            .Produces<Shapes.Sharing>();
        var incidents = api.MapGroup("/incidents").WithTags("Sharing");
        incidents.MapGet("/{id}/shared", Shared).WithName("getShared").WithSummary("What others may be told of an incident, in a format of theirs")
            .WithDescription("What the policy of section 'sharing' hides is not in it; 409 says why nothing may be told. Nothing is sent anywhere.")
            .Produces(StatusCodes.Status200OK, contentType: "application/json").ProducesValidationProblem()
            .ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
        incidents.MapPost("/{id}/reverse", Reverse).RequireAuthorization(MitigationEndpoints.OperatorPolicy).WithName("reverseShared")
            .WithSummary("The finding was wrong: take back for good what others were told of it")
            .Produces<Shapes.Reversed>().ProducesProblem(StatusCodes.Status404NotFound);
    }

    private static JsonAnswer Told(HttpContext http, IStore store)
    {
        var desk = Desk(http);
        var told = desk is { HasTold: true } ? desk.Objects.Told(MaxTold) : [];
        // The file of what was told knows no identifier of ours; those of the newest incidents are found again.
        var ours = told.Count == 0 ? [] : store.FindIncidents(new IncidentQuery(Limit: MaxNamed)).ToDictionary(i => desk!.ReferenceOf(i.Id), i => i.Id);
        var objects = told.Count == 0 ? 0 : desk!.Objects.Count;
        return new JsonAnswer(json =>
        {
            json.WriteStartObject();
            json.WriteBoolean("enabled", desk?.Options.Enabled ?? false);
            json.WriteString("tlp", (desk?.Options.Tlp ?? Tlp.Red).Label());
            json.WriteNumber("objects", objects);
            json.WriteObjects("told", told, item =>
            {
                json.WriteString("incident", ours.GetValueOrDefault(item.Reference));
                json.WriteString("reference", item.Reference);
                json.WriteNumber("objects", item.Versions);
                json.WriteString("last", Rfc3339.Format(item.Last));
                json.WriteBoolean("revoked", item.Revoked);
            });
            json.WriteEndObject();
        });
    }

    private static IResult Shared(
        HttpContext http, IStore store, [Description("Identifier of the incident.")] string id,
        [Description("'stix' (a STIX 2.1 bundle, the default), 'xarf' (a list of X-ARF 4.2 abuse reports), 'ddosdb' (a fingerprint) or 'misp' (a MISP event).")] string? format)
    {
        var errors = new QueryErrors(http.Request, "format");
        if (format is not null && !Formats.Contains(format)) errors.Add("format", $"must be one of {string.Join(", ", Formats)}");
        if (errors.Answer is { } wrong) return wrong;
        if (store.FindIncident(id) is not { } incident) return Problems.NoIncident(id);
        if (Desk(http) is not { } desk) return Off();
        if (desk.Decide(incident, out var refusal) is not { } shared) return Problems.Of(StatusCodes.Status409Conflict, $"Nothing of it may be told: {refusal}.");
        if (desk.Options.Organisation.Length == 0) return Problems.Of(StatusCodes.Status409Conflict, "Recipients must know who tells them: set sharing.organisation.");
        var now = Timestamp.From(http.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow());
        return format switch
        {
            "xarf" => Xarf(desk, shared, now),
            "ddosdb" => Json(DdosFingerprint.Of(shared)),
            "misp" => MispReport.Of(shared, desk.Options.Organisation, desk.Stix.Space) is { } told
                ? Json(told)
                : Problems.Of(StatusCodes.Status409Conflict, "MISP needs a victim or a source, and neither may be told (sharing.victims; sources that are forged never are)."),
            _ => Json(StixReport.Bundle(StixReport.Objects(shared, desk.Stix, now), desk.Stix.Space)),
        };
    }

    private static IResult Xarf(SharingDesk desk, SharedIncident shared, Timestamp now)
    {
        if (desk.Sender is not { } sender) return Problems.Of(StatusCodes.Status409Conflict, "An abuse report needs an address for answers: set sharing.contact.");
        return Json(new JsonArray([.. XarfReport.Of(shared, sender, now, out _)]));
    }

    private static IResult Reverse(HttpContext http, IStore store, [Description("Identifier of the incident.")] string id, [Description("Why, for the audit log.")] string? why)
    {
        if (Desk(http) is not { } desk) return Off();
        if (store.FindIncident(id) is null) return Problems.NoIncident(id);
        var objects = desk.Reverse(id);
        http.RequestServices.GetService<AuditLog>()?.Write(new AuditEntry(http.User.FindFirstValue(ClaimTypes.Name) ?? "", "reverse", id, why is null ? "" : why[..Math.Min(why.Length, 500)]));
        return new JsonAnswer(json =>
        {
            json.WriteStartObject();
            json.WriteNumber("revoked", objects);
            json.WriteEndObject();
        });
    }

    private static SharingDesk? Desk(HttpContext http) => http.RequestServices.GetService<SharingDesk>();

    private static IResult Off() => Problems.Of(StatusCodes.Status409Conflict, "Sharing is not part of this service.");

    private static IResult Json(JsonNode node) => Results.Bytes(PlainJson.Write(node), "application/json");
}
