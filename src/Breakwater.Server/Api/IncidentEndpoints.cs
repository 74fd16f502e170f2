using System.Buffers;
using System.ComponentModel;
using System.Text.Json;
using Breakwater.Core.Incidents;
using Breakwater.Engine.Storage;
using Breakwater.Protocols.Json;
using Breakwater.Protocols.Pcap;

namespace Breakwater.Server.Api;

/// <summary>Incidents: the list, one of them, and its evidence.</summary>
internal static class IncidentEndpoints
{
    private const int DefaultLimit = 50;
    private const int MaxLimit = 500;

    public static void Map(RouteGroupBuilder api)
    {
        var incidents = api.MapGroup("/incidents").WithTags("Incidents");
        incidents.MapGet("", List).WithName("listIncidents").WithSummary("Incidents, newest start first")
            .WithDescription("Without evidence. Follow 'next' to page: no incident is skipped or repeated, whatever happens meanwhile.")
            .Produces<Shapes.IncidentList>().ProducesValidationProblem();
        incidents.MapGet("/{id}", Get).WithName("getIncident").WithSummary("One incident with its evidence")
            .Produces<Shapes.IncidentWithEvidence>().ProducesProblem(StatusCodes.Status404NotFound);
        incidents.MapGet("/{id}/evidence.pcap", EvidencePackets).WithName("getEvidencePackets").WithSummary("The packets kept with an incident, as a capture file")
            .WithDescription("404 where the incident was seen in flow records and no packets exist.")
            .Produces(StatusCodes.Status200OK, contentType: "application/vnd.tcpdump.pcap").ProducesProblem(StatusCodes.Status404NotFound);
        incidents.MapGet("/{id}/evidence.jsonl", EvidenceFlows).WithName("getEvidenceFlows").WithSummary("The flows kept with an incident, one JSON object a line")
            .Produces(StatusCodes.Status200OK, contentType: "application/jsonl").ProducesProblem(StatusCodes.Status404NotFound);
    }

    private static IResult List(
        HttpRequest request, IStore store,
        [Description("Only this kind.")] string? kind,
        [Description("Only this state.")] string? state,
        [Description("Only this severity and above.")] string? severity,
        [Description("Only incidents whose target overlaps this address or prefix, or whose host lies in it.")] string? target,
        [Description("Incidents on the page, 1 to 500; 50 when not given.")] string? limit,
        [Description("'next' of the page before.")] string? cursor)
    {
        var errors = new QueryErrors(request, "kind", "state", "severity", "target", "limit", "cursor");
        var query = new IncidentQuery(
            errors.Name<IncidentKind>("kind", kind, IncidentNames.TryParseKind, Enum.GetValues<IncidentKind>().Select(k => k.Name())),
            errors.Name<IncidentState>("state", state, IncidentNames.TryParseState, Enum.GetValues<IncidentState>().Select(s => s.Name())),
            errors.Name<Severity>("severity", severity, IncidentNames.TryParseSeverity, Enum.GetValues<Severity>().Select(s => s.Name())),
            errors.Prefix("target", target),
            Limit: errors.Number("limit", limit, 1, MaxLimit) ?? DefaultLimit);
        if (cursor is not null)
        {
            if (Cursor.TryParse(cursor, out var before)) query = query with { Before = before };
            else errors.Add("cursor", "is not a cursor that this API gave");
        }
        return errors.Answer ?? Page(store, query);
    }

    private static JsonAnswer Page(IStore store, IncidentQuery query)
    {
        // One more than asked tells whether there is a next page.
        var found = store.FindIncidents(query with { Limit = query.Limit + 1 });
        var page = found.Take(query.Limit).ToArray();
        return new JsonAnswer(json =>
        {
            json.WriteStartObject();
            json.WriteList("incidents", page, static (list, incident) => IncidentJson.Write(list, incident, IncidentDetail.Summary));
            json.WriteString("next", found.Count > page.Length ? Cursor.After(page[^1]) : null);
            json.WriteEndObject();
        });
    }

    private static IResult Get(IStore store, [Description("Identifier of the incident.")] string id) =>
        store.FindIncident(id) is { } incident
            ? new JsonAnswer(json => IncidentJson.Write(json, incident, IncidentDetail.Full))
            : Problems.NoIncident(id);

    private static IResult EvidencePackets(IStore store, [Description("Identifier of the incident.")] string id)
    {
        if (store.FindIncident(id) is not { } incident) return Problems.NoIncident(id);
        if (incident.Evidence.Packets.Count == 0)
            return Problems.Of(StatusCodes.Status404NotFound, "No packets were seen of this incident, only flow records: see evidence.jsonl.");
        var file = new ArrayBufferWriter<byte>();
        PcapWriter.Write(file, incident.Evidence);
        return Results.Bytes(file.WrittenMemory, "application/vnd.tcpdump.pcap", FileName(incident, "pcap"));
    }

    private static IResult EvidenceFlows(IStore store, [Description("Identifier of the incident.")] string id)
    {
        if (store.FindIncident(id) is not { } incident) return Problems.NoIncident(id);
        var file = new ArrayBufferWriter<byte>();
        foreach (var flow in incident.Evidence.Flows)
        {
            using (var json = new Utf8JsonWriter(file)) FlowJson.Write(json, flow);
            file.Write("\n"u8);
        }
        return Results.Bytes(file.WrittenMemory, "application/jsonl", FileName(incident, "jsonl"));
    }

    private static string FileName(Incident incident, string extension) =>
        $"{string.Concat(incident.Id.Select(c => char.IsAsciiLetterOrDigit(c) ? c : '-'))}.{extension}";
}
