using System.ComponentModel;
using System.Text.Json;
using Breakwater.Core.Flows;
using Breakwater.Engine.Detection;
using Breakwater.Engine.Storage;
using Breakwater.Protocols.Json;

namespace Breakwater.Server.Api;

/// <summary>Traffic: what it is now, and what it was.</summary>
internal static class TrafficEndpoints
{
    private const int MaxPoints = 2000;
    private const int DefaultPoints = 300;
    private const int MaxStep = 7 * 86400;

    private static readonly TimeSpan DefaultSpan = TimeSpan.FromHours(1);

    public static void Map(RouteGroupBuilder api)
    {
        var traffic = api.MapGroup("/traffic").WithTags("Traffic");
        traffic.MapGet("", Series).WithName("getTraffic").WithSummary("Traffic over time by host group, direction and class")
            .WithDescription("Sums of whole minutes, kept as long as storage.rollup_retention says. A step without traffic has no point.")
            .Produces<Shapes.Traffic>().ProducesValidationProblem();
        traffic.MapGet("/live", (LiveState live) => new JsonAnswer(json => TrafficJson.Write(json, live.Traffic)))
            .WithName("getLiveTraffic").WithSummary("Rates over the last second").Produces<Shapes.LiveTraffic>();
    }

    private static IResult Series(
        HttpRequest request, IStore store, TimeProvider time,
        [Description("Start, RFC 3339; an hour before 'to' when not given.")] string? from,
        [Description("End, RFC 3339; now when not given.")] string? to,
        [Description("Only this host group.")] string? group,
        [Description("Seconds from one point to the next: a multiple of 60, at most 2,000 points. Chosen to give about 300 when not given.")] string? step)
    {
        var errors = new QueryErrors(request, "from", "to", "group", "step");
        var end = errors.Time("to", to) ?? Timestamp.From(time.GetUtcNow());
        var start = errors.Time("from", from) ?? end - DefaultSpan;
        if (start >= end) errors.Add("from", "must be before 'to'");
        var span = (end - start).TotalSeconds;
        var width = errors.Number("step", step, 60, MaxStep) ?? (int)Math.Min(MaxStep, 60 * Math.Max(1, Math.Ceiling(span / 60 / DefaultPoints)));
        if (width % 60 != 0) errors.Add("step", "must be a multiple of 60");
        else if (span / width > MaxPoints) errors.Add("step", $"gives more than {MaxPoints} points: make it longer, or the span shorter");
        return errors.Answer ?? Answer(start, end, width, store.FindTraffic(start, end, group, TimeSpan.FromSeconds(width)));
    }

    private static JsonAnswer Answer(Timestamp from, Timestamp to, int step, IReadOnlyList<TrafficRollup> rollups) => new(json =>
    {
        json.WriteStartObject();
        json.WriteString("from", Rfc3339.Format(from));
        json.WriteString("to", Rfc3339.Format(to));
        json.WriteNumber("step", step);
        json.WriteObjects("series", rollups.GroupBy(r => (r.HostGroup, r.Inbound, r.Class)).OrderBy(g => g.Key.HostGroup, StringComparer.Ordinal).ThenBy(g => !g.Key.Inbound).ThenBy(g => g.Key.Class), series =>
        {
            json.WriteString("hostGroup", series.Key.HostGroup);
            json.WriteString("direction", series.Key.Inbound ? "in" : "out");
            json.WriteString("class", series.Key.Class.Name());
            json.WriteStartArray("points");
            foreach (var point in series) WritePoint(json, point);
            json.WriteEndArray();
        });
        json.WriteEndObject();
    });

    private static void WritePoint(Utf8JsonWriter json, TrafficRollup point)
    {
        json.WriteStartObject();
        json.WriteString("time", Rfc3339.Format(point.Minute));
        json.WriteNumber("packets", point.Packets);
        json.WriteNumber("bytes", point.Bytes);
        json.WriteNumber("flows", point.Flows);
        json.WriteNumber("peakPacketsPerSecond", point.PeakPacketsPerSecond);
        json.WriteEndObject();
    }
}
