using Breakwater.Core.Incidents;
using Breakwater.Engine.Detection;
using Breakwater.Engine.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Breakwater.Engine.Incidents;

/// <summary>Brings every incident to disk first and then to whoever looks on, on a thread of its own.</summary>
/// <remarks>
/// What was shown survives <c>kill -9</c>, because it is shown only once it is stored. New incidents and changes of state go
/// at once, other changes about once a second. When the store fails, incidents are shown all the same, and stored once it works again.
/// </remarks>
public sealed class IncidentPump(IStore store, LiveState shown, TimeProvider time, IncidentPumpMetrics metrics, ILogger<IncidentPump> logger)
    : IHostedService, IIncidentSink, IDisposable
{
    /// <summary>Incidents that wait for a failing store at most; beyond, the mildest is given up.</summary>
    public const int MaxUnsaved = 4096;

    private static readonly TimeSpan UpdateInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    private readonly IncidentBacklog _backlog = new(metrics);
    private readonly OrderedDictionary<string, Incident> _unsaved = [];
    private readonly AutoResetEvent _urgent = new(false);
    private Thread? _thread;
    private volatile bool _stopping;
    private DateTimeOffset _updatesDue = DateTimeOffset.MinValue;
    private DateTimeOffset _retryAt = DateTimeOffset.MinValue;
    private TimeSpan _pause;

    /// <summary>False while the store refuses incidents.</summary>
    public bool StoreWorks => _pause == TimeSpan.Zero;

    public void Publish(Incident incident)
    {
        if (_backlog.Add(incident)) _urgent.Set();
    }

    /// <summary>Shows the incidents that the last run left open, and starts the thread.</summary>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var incident in store.OpenIncidents())
        {
            _backlog.Know(incident);
            shown.Publish(incident);
        }
        _thread = new Thread(Run) { IsBackground = true, Name = "incidents" };
        _thread.Start();
        return Task.CompletedTask;
    }

    /// <summary>Stores and shows what still waits, and ends the thread.</summary>
    public Task StopAsync(CancellationToken cancellationToken)
    {
        _stopping = true;
        _urgent.Set();
        return _thread is { } thread ? Task.Run(thread.Join, cancellationToken) : Task.CompletedTask;
    }

    /// <summary>Ends the thread as well, for a host that is disposed of without having been stopped.</summary>
    public void Dispose()
    {
        _stopping = true;
        if (_thread is { } thread)
        {
            _urgent.Set();
            thread.Join();
            _thread = null;
        }
        _urgent.Dispose();
    }

    private void Run()
    {
        while (!_stopping)
        {
            _urgent.WaitOne(UpdateInterval);
            Turn();
        }
        _updatesDue = _retryAt = DateTimeOffset.MinValue;
        Turn();
    }

    /// <summary>One round: store what is due, then show it.</summary>
    internal void Turn()
    {
        var now = time.GetUtcNow();
        var updatesToo = now >= _updatesDue;
        if (updatesToo) _updatesDue = now + UpdateInterval;
        var batch = _backlog.Take(updatesToo);
        if (batch.Count > 0 || _unsaved.Count > 0) Save(batch, now);
        foreach (var incident in batch) shown.Publish(incident);
    }

    private void Save(IReadOnlyList<Incident> batch, DateTimeOffset now)
    {
        foreach (var incident in batch) Keep(incident);
        if (now < _retryAt) return;
        try
        {
            store.Save([.. _unsaved.Values]);
        }
        catch (StoreException problem)
        {
            if (StoreWorks) logger.StoreFailed(problem.Message);
            metrics.StoreFailed();
            _pause = StoreWorks ? UpdateInterval : TimeSpan.FromTicks(Math.Min(LongestPause.Ticks, _pause.Ticks * 2));
            _retryAt = now + _pause;
            return;
        }
        metrics.Stored(_unsaved.Count);
        if (!StoreWorks) logger.StoreWorksAgain(_unsaved.Count);
        _unsaved.Clear();
        _pause = TimeSpan.Zero;
    }

    /// <summary>Notes that an incident is to be stored; a newer snapshot takes the place of the older.</summary>
    private void Keep(Incident incident)
    {
        if (_unsaved.Count >= MaxUnsaved && !_unsaved.ContainsKey(incident.Id))
        {
            _unsaved.Remove(_unsaved.Values.MinBy(i => (i.Severity, i.LastSeen))!.Id);
            metrics.GivenUp();
        }
        _unsaved[incident.Id] = incident;
    }
}
