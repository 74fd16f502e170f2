using System.Globalization;
using Breakwater.Core.Flows;
using Breakwater.Core.Incidents;
using Breakwater.Core.Mitigations;
using Microsoft.Data.Sqlite;

namespace Breakwater.Engine.Storage;

/// <summary>Keeps everything in one SQLite file. Inert until <see cref="Open"/>; thread-safe: one connection writes, one reads.</summary>
/// <remarks>
/// Write-ahead log with <c>synchronous = FULL</c>: a commit is on disk when it returns, so neither <c>kill -9</c> nor a
/// power cut takes it back (https://sqlite.org/pragma.html#pragma_synchronous).
/// </remarks>
public sealed class SqliteStore(StorageOptions options) : IStore
{
    /// <summary>Rows deleted at a time, so that an incident never waits long behind the cleaning.</summary>
    private const int ExpireStep = 500;

    /// <summary>Evidence references remembered, see <see cref="Save(IReadOnlyList{Incident})"/>.</summary>
    private const int MaxRemembered = 4096;

    private readonly Lock _writing = new();
    private readonly Lock _reading = new();
    private readonly Dictionary<string, Evidence> _savedEvidence = [];
    private SqliteConnection? _writer;
    private SqliteConnection? _reader;

    /// <summary>The database file.</summary>
    public string File { get; } = Path.Combine(options.Path, "breakwater.db");

    public void Open()
    {
        MakeFolder();
        try
        {
            _writer = Connect();
            // The first must come before anything is written to the file.
            Run(_writer, "PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA journal_size_limit = 67108864");
            SchemaMigrator.Migrate(_writer, File, Schema.Steps);
            _reader = Connect();
            Run(_reader, "PRAGMA query_only = ON");
        }
        catch (SqliteException problem)
        {
            Dispose();
            throw StoreException.From(File, problem);
        }
        catch (StoreException)
        {
            Dispose();
            throw;
        }
    }

    /// <remarks>Evidence is by far the largest part and seldom changes: it is written only when it is another object than last time.</remarks>
    public void Save(IReadOnlyList<Incident> incidents)
    {
        if (incidents.Count == 0) return;
        Commit(connection =>
        {
            foreach (var incident in incidents) IncidentTable.Save(connection, incident, HasNewEvidence(incident));
        }, afterCommit: () => Remember(incidents));
    }

    private bool HasNewEvidence(Incident incident) =>
        !_savedEvidence.TryGetValue(incident.Id, out var saved) || !ReferenceEquals(saved, incident.Evidence);

    private void Remember(IReadOnlyList<Incident> incidents)
    {
        if (_savedEvidence.Count + incidents.Count > MaxRemembered) _savedEvidence.Clear();
        foreach (var incident in incidents)
        {
            if (incident.State == IncidentState.Ended) _savedEvidence.Remove(incident.Id);
            else _savedEvidence[incident.Id] = incident.Evidence;
        }
    }

    public void Save(IReadOnlyList<TrafficRollup> rollups)
    {
        if (rollups.Count > 0) Commit(connection => TrafficTable.Save(connection, rollups));
    }

    public void Save(IReadOnlyList<ExporterRecord> exporters)
    {
        if (exporters.Count > 0) Commit(connection => ExporterTable.Save(connection, exporters));
    }

    public void Save(IReadOnlyList<Mitigation> mitigations)
    {
        if (mitigations.Count > 0) Commit(connection => MitigationTable.Save(connection, mitigations));
    }

    public Mitigation? FindMitigation(string id) => Read(connection => MitigationTable.Find(connection, id));

    public IReadOnlyList<Mitigation> FindMitigations(MitigationQuery query) => Read(connection => MitigationTable.Find(connection, query));

    public IReadOnlyList<Incident> OpenIncidents() => Read(IncidentTable.FindOpen);

    public Incident? FindIncident(string id) => Read(connection => IncidentTable.Find(connection, id));

    public IReadOnlyList<Incident> FindIncidents(IncidentQuery query) => Read(connection => IncidentTable.Find(connection, query));

    public IReadOnlyList<TrafficRollup> FindTraffic(Timestamp from, Timestamp to, string? hostGroup, TimeSpan step)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(step, TimeSpan.FromMinutes(1));
        return Read(connection => TrafficTable.Find(connection, from, to, hostGroup, step));
    }

    public IReadOnlyList<ExporterRecord> FindExporters() => Read(ExporterTable.Find);

    public void Expire(Timestamp incidentsBefore, Timestamp rollupsBefore)
    {
        while (Write(connection => IncidentTable.Expire(connection, incidentsBefore.Nanoseconds, ExpireStep))) { }
        while (Write(connection => MitigationTable.Expire(connection, incidentsBefore, ExpireStep))) { }
        while (Write(connection => TrafficTable.Expire(connection, rollupsBefore, ExpireStep))) { }
        Write(connection =>
        {
            ExporterTable.Expire(connection, rollupsBefore);
            Run(connection, "PRAGMA incremental_vacuum(10000)");
            return true;
        });
    }

    public void Dispose()
    {
        lock (_writing) _writer?.Dispose();
        lock (_reading) _reader?.Dispose();
        _writer = _reader = null;
    }

    private void MakeFolder()
    {
        try
        {
            if (Directory.Exists(options.Path)) return;
            // Who attacked whom is nobody else's business.
            if (OperatingSystem.IsWindows()) Directory.CreateDirectory(options.Path);
            else Directory.CreateDirectory(options.Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new StoreException($"{options.Path} cannot be made: {problem.Message}", problem);
        }
    }

    private SqliteConnection Connect()
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = File, Pooling = false }.ToString());
        connection.Open();
        // A negative size is in KiB: https://sqlite.org/pragma.html#pragma_cache_size.
        Run(connection, string.Create(CultureInfo.InvariantCulture, $"PRAGMA cache_size = -{options.CacheMebibytes * 1024}"));
        return connection;
    }

    private void Commit(Action<SqliteConnection> work, Action? afterCommit = null) => Write(connection =>
    {
        using var transaction = connection.BeginTransaction();
        work(connection);
        transaction.Commit();
        afterCommit?.Invoke();
        return true;
    });

    private T Write<T>(Func<SqliteConnection, T> work)
    {
        lock (_writing) return Guarded(_writer, work);
    }

    private T Read<T>(Func<SqliteConnection, T> work)
    {
        lock (_reading) return Guarded(_reader, work);
    }

    private T Guarded<T>(SqliteConnection? connection, Func<SqliteConnection, T> work)
    {
        if (connection is null) throw new StoreException($"{File} is not open");
        try
        {
            return work(connection);
        }
        catch (SqliteException problem)
        {
            throw StoreException.From(File, problem);
        }
        catch (FormatException problem)
        {
            throw new StoreException($"{File} holds a document that cannot be read: {problem.Message}", problem);
        }
    }

    private static void Run(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
