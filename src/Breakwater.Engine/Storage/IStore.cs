using Breakwater.Core.Flows;
using Breakwater.Core.Incidents;

namespace Breakwater.Engine.Storage;

/// <summary>Keeps what must survive a restart. Called from one writer thread; reads may come from any.</summary>
/// <remarks>When <see cref="Save(IReadOnlyList{Incident})"/> returns, the incidents are on disk: a <c>kill -9</c> does not lose them.</remarks>
public interface IStore : IDisposable
{
    /// <summary>Creates or migrates the schema. Throws when the stored schema is newer than this program.</summary>
    void Open();

    void Save(IReadOnlyList<Incident> incidents);
    void Save(IReadOnlyList<TrafficRollup> rollups);
    void Save(IReadOnlyList<ExporterRecord> exporters);

    /// <summary>Incidents not yet ended, to be continued after a restart.</summary>
    IReadOnlyList<Incident> OpenIncidents();

    Incident? FindIncident(string id);

    /// <summary>Newest start first.</summary>
    IReadOnlyList<Incident> FindIncidents(IncidentQuery query);
    IReadOnlyList<TrafficRollup> FindTraffic(Timestamp from, Timestamp to, string? hostGroup);
    IReadOnlyList<ExporterRecord> FindExporters();

    /// <summary>Deletes what is older than its retention; called about once an hour.</summary>
    void Expire(Timestamp incidentsBefore, Timestamp rollupsBefore);
}

/// <param name="Before">Cursor: only incidents that sort after this one; null for the first page.</param>
public sealed record IncidentQuery(
    IncidentKind? Kind = null, IncidentState? State = null, Severity? AtLeast = null, string? Target = null,
    IncidentCursor? Before = null, int Limit = 50);

/// <summary>Place of an incident in the list: newest start first, then identifier.</summary>
public readonly record struct IncidentCursor(Timestamp Start, string Id);

/// <summary>Health of one exporter as stored and shown.</summary>
public sealed record ExporterRecord(
    string Address, string Protocol, Timestamp FirstSeen, Timestamp LastSeen, long Datagrams, long Flows, double FlowsPerSecond, long Lost,
    long DroppedWithoutTemplate, int Templates, string Sampling, IReadOnlyList<uint> SamplingRates, double? ClockSkewSeconds,
    IReadOnlyList<KeyValuePair<string, long>> Errors);
