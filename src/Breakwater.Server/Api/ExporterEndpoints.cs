using Breakwater.Engine.Storage;
using Breakwater.Protocols.Json;

namespace Breakwater.Server.Api;

/// <summary>Exporters: those the receivers know now, then those that only the store remembers.</summary>
internal static class ExporterEndpoints
{
    public static void Map(RouteGroupBuilder api) =>
        api.MapGet("/exporters", List).WithTags("Exporters").WithName("listExporters").WithSummary("Devices that send flow records, with their health")
            .WithDescription("'sampling' is unknown, announced or configured: with unknown sampling, counts may be too low by any factor.")
            .Produces<Shapes.ExporterList>();

    private static JsonAnswer List(IStore store, IEnumerable<IExporterSource> sources)
    {
        var live = sources.SelectMany(s => s.Exporters()).ToArray();
        var known = live.Select(e => e.Address).ToHashSet(StringComparer.Ordinal);
        var exporters = live.Concat(store.FindExporters().Where(e => !known.Contains(e.Address))).OrderByDescending(e => e.LastSeen);
        return new JsonAnswer(json =>
        {
            json.WriteStartObject();
            json.WriteList("exporters", exporters, ExporterJson.Write);
            json.WriteEndObject();
        });
    }
}
