using System.Collections.Concurrent;
using Breakwater.Core.Flows;
using Breakwater.Core.Incidents;
using Breakwater.Core.Mitigations;
using Breakwater.Engine.Storage;

namespace Breakwater.Tests.Engine.Storage;

/// <summary>A store without a disk, that fails when told to and remembers the order of what it was given.</summary>
internal sealed class MemoryStore : IStore
{
    private readonly ConcurrentDictionary<string, Incident> _incidents = [];
    private readonly ConcurrentDictionary<string, Mitigation> _mitigations = [];
    private readonly ConcurrentQueue<TrafficRollup> _rollups = [];
    private readonly ConcurrentDictionary<string, ExporterRecord> _exporters = [];

    /// <summary>What every call throws while it is not null.</summary>
    public string? Broken { get; set; }

    /// <summary>Every call of Save with incidents, in order.</summary>
    public ConcurrentQueue<IReadOnlyList<Incident>> Saves { get; } = [];

    public int Attempts { get; private set; }

    public List<(Timestamp Incidents, Timestamp Rollups)> Expired { get; } = [];

    public void Open() => Check();

    public void Save(IReadOnlyList<Incident> incidents)
    {
        Attempts++;
        Check();
        Saves.Enqueue(incidents);
        foreach (var incident in incidents) _incidents[incident.Id] = incident;
    }

    public void Save(IReadOnlyList<TrafficRollup> rollups)
    {
        Check();
        foreach (var rollup in rollups) _rollups.Enqueue(rollup);
    }

    public void Save(IReadOnlyList<ExporterRecord> exporters)
    {
        Check();
        foreach (var exporter in exporters) _exporters[exporter.Address] = exporter;
    }

    public void Save(IReadOnlyList<Mitigation> mitigations)
    {
        Check();
        foreach (var mitigation in mitigations) _mitigations[mitigation.Id] = mitigation;
    }

    public Mitigation? FindMitigation(string id)
    {
        Check();
        return _mitigations.GetValueOrDefault(id);
    }

    public IReadOnlyList<Mitigation> FindMitigations(MitigationQuery query)
    {
        Check();
        return
        [
            .. _mitigations.Values
                .Where(m => (query.State ?? m.State) == m.State && (query.IncidentId ?? m.IncidentId) == m.IncidentId)
                .Where(m => query.Before is not { } c || m.Created < c.Start || (m.Created == c.Start && string.CompareOrdinal(m.Id, c.Id) > 0))
                .OrderByDescending(m => m.Created).ThenBy(m => m.Id, StringComparer.Ordinal).Take(query.Limit),
        ];
    }

    public IReadOnlyList<Incident> OpenIncidents()
    {
        Check();
        return [.. _incidents.Values.Where(i => i.State != IncidentState.Ended)];
    }

    public Incident? FindIncident(string id)
    {
        Check();
        return _incidents.GetValueOrDefault(id);
    }

    public IReadOnlyList<Incident> FindIncidents(IncidentQuery query)
    {
        Check();
        return
        [
            .. _incidents.Values
                .Where(i => (query.Kind ?? i.Kind) == i.Kind && (query.State ?? i.State) == i.State && i.Severity >= (query.AtLeast ?? Severity.Info))
                .Where(i => query.Target is not { } t || (i.Target is { } own && (t.Contains(own) || own.Contains(t))) || (i.Host is { } host && t.Contains(host)))
                .Where(i => query.Before is not { } c || i.Start < c.Start || (i.Start == c.Start && string.CompareOrdinal(i.Id, c.Id) > 0))
                .OrderByDescending(i => i.Start).ThenBy(i => i.Id, StringComparer.Ordinal).Take(query.Limit)
                .Select(i => i with { Evidence = Evidence.Empty }),
        ];
    }

    public IReadOnlyList<TrafficRollup> FindTraffic(Timestamp from, Timestamp to, string? hostGroup, TimeSpan step)
    {
        Check();
        return [.. _rollups.Where(r => r.Minute >= from && r.Minute < to && (hostGroup ?? r.HostGroup) == r.HostGroup)];
    }

    public IReadOnlyList<ExporterRecord> FindExporters()
    {
        Check();
        return [.. _exporters.Values.OrderByDescending(e => e.LastSeen)];
    }

    public void Expire(Timestamp incidentsBefore, Timestamp rollupsBefore)
    {
        Check();
        Expired.Add((incidentsBefore, rollupsBefore));
    }

    public void Dispose()
    {
    }

    private void Check()
    {
        if (Broken is { } why) throw new StoreException(why);
    }
}
