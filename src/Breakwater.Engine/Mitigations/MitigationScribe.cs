using System.Collections.Concurrent;
using Breakwater.Core.Mitigations;
using Breakwater.Engine.Storage;
using Microsoft.Extensions.Logging;

namespace Breakwater.Engine.Mitigations;

/// <summary>Writes the audit log and the database behind what is done, on a thread of its own: neither delays a mitigation.</summary>
/// <remarks>A thread and not a task: nearly all its time it waits for the disk, in calls that have no asynchronous form (fsync, SQLite).</remarks>
public sealed class MitigationScribe(AuditLog audit, IStore? store, ILogger<MitigationScribe> logger) : IDisposable
{
    /// <summary>Mitigations that wait for a failing store at most; beyond, the oldest are given up. The audit log has them.</summary>
    private const int MaxUnsaved = 20_000;

    private const int MaxWaiting = 100_000;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly BlockingCollection<AuditEntry> _entries = new(MaxWaiting);
    private readonly OrderedDictionary<string, Mitigation> _unsaved = [];
    private Thread? _thread;
    private bool _storeFails;

    public void Start()
    {
        _thread = new Thread(Run) { IsBackground = true, Name = "mitigation scribe" };
        _thread.Start();
    }

    public void Note(AuditEntry entry) => _entries.TryAdd(entry);

    /// <param name="who">Whose doing the change is.</param>
    public void Note(string who, Mitigation mitigation) =>
        Note(new AuditEntry(who, mitigation.State.Name(), mitigation.Id, mitigation.Outcome.Length > 0 ? mitigation.Outcome : mitigation.Reason, mitigation));

    /// <summary>Writes what still waits, and ends the thread.</summary>
    public void Stop()
    {
        if (_thread is not { } thread) return;
        _entries.CompleteAdding();
        thread.Join();
        _thread = null;
    }

    public void Dispose()
    {
        Stop();
        _entries.Dispose();
        audit.Dispose();
    }

    private void Run()
    {
        var batch = new List<AuditEntry>();
        while (!_entries.IsCompleted)
        {
            if (_entries.TryTake(out var entry, Interval)) batch.Add(entry);
            while (_entries.TryTake(out entry)) batch.Add(entry);
            audit.Write([.. batch]);
            foreach (var mitigation in batch.Select(e => e.Mitigation).OfType<Mitigation>()) Keep(mitigation);
            batch.Clear();
            Save();
        }
    }

    private void Keep(Mitigation mitigation)
    {
        if (_unsaved.Count >= MaxUnsaved && !_unsaved.ContainsKey(mitigation.Id)) _unsaved.RemoveAt(0);
        _unsaved[mitigation.Id] = mitigation;
    }

    private void Save()
    {
        if (store is null || _unsaved.Count == 0) return;
        try
        {
            store.Save([.. _unsaved.Values]);
            _unsaved.Clear();
            _storeFails = false;
        }
        catch (StoreException problem)
        {
            if (!_storeFails) logger.StoreFailed(problem.Message);
            _storeFails = true;
        }
    }
}
