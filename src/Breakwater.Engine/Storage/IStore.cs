using Breakwater.Core.Flows;
using Breakwater.Core.Incidents;
using Breakwater.Core.Mitigations;
using Breakwater.Core.Net;

namespace Breakwater.Engine.Storage;

/// <summary>Keeps what must survive a restart. Called from one writer thread; reads may come from any.</summary>
/// <remarks>
/// When <see cref="Save(IReadOnlyList{Incident})"/> returns, the incidents are on disk: a <c>kill -9</c> does not lose them.
/// Every method may throw <see cref="StoreException"/>; the caller counts, and tries again or answers that the store is down.
/// </remarks>
public interface IStore : IDisposable
{
    /// <summary>Creates or migrates the schema.</summary>
    /// <exception cref="StoreException">The store is damaged, another program's, or its schema is newer than this program.</exception>
    void Open();

    void Save(IReadOnlyList<Incident> incidents);
    void Save(IReadOnlyList<TrafficRollup> rollups);
    void Save(IReadOnlyList<ExporterRecord> exporters);
    void Save(IReadOnlyList<Mitigation> mitigations);

    /// <summary>Incidents not yet ended, with their evidence, to be continued after a restart.</summary>
    IReadOnlyList<Incident> OpenIncidents();

    /// <summary>One incident with its evidence; null when there is none.</summary>
    Incident? FindIncident(string id);

    /// <summary>Newest start first; without evidence.</summary>
    IReadOnlyList<Incident> FindIncidents(IncidentQuery query);

    /// <summary>Traffic from <paramref name="from"/> to before <paramref name="to"/>, minutes summed up to steps, oldest first.</summary>
    /// <param name="hostGroup">Null for all of them.</param>
    /// <param name="step">Whole minutes. <see cref="TrafficRollup.Minute"/> is then the start of the step, a multiple of it since 1970.</param>
    IReadOnlyList<TrafficRollup> FindTraffic(Timestamp from, Timestamp to, string? hostGroup, TimeSpan step);

    /// <summary>One mitigation as last stored; null when there is none.</summary>
    Mitigation? FindMitigation(string id);

    /// <summary>Made last first.</summary>
    IReadOnlyList<Mitigation> FindMitigations(MitigationQuery query);

    /// <summary>Last seen first.</summary>
    IReadOnlyList<ExporterRecord> FindExporters();

    /// <summary>Deletes what is older than its retention; called about once an hour.</summary>
    void Expire(Timestamp incidentsBefore, Timestamp rollupsBefore);
}

/// <param name="Target">Incidents whose target overlaps this prefix, or whose host lies in it.</param>
/// <param name="Before">Cursor: only incidents that sort after this one; null for the first page.</param>
public sealed record IncidentQuery(
    IncidentKind? Kind = null, IncidentState? State = null, Severity? AtLeast = null, Prefix? Target = null,
    IncidentCursor? Before = null, int Limit = 50);

/// <param name="Before">Cursor: only mitigations that sort after this one; null for the first page.</param>
public sealed record MitigationQuery(MitigationState? State = null, string? IncidentId = null, IncidentCursor? Before = null, int Limit = 50);

/// <summary>Place of an incident or a mitigation in the list: newest start first, then identifier.</summary>
public readonly record struct IncidentCursor(Timestamp Start, string Id);

/// <summary>Health of one exporter as stored and shown.</summary>
public sealed record ExporterRecord(
    string Address, string Protocol, Timestamp FirstSeen, Timestamp LastSeen, long Datagrams, long Flows, double FlowsPerSecond, long Lost,
    long DroppedWithoutTemplate, int Templates, string Sampling, IReadOnlyList<uint> SamplingRates, double? ClockSkewSeconds,
    IReadOnlyList<KeyValuePair<string, long>> Errors);
