using Breakwater.Core.Cases;
using Breakwater.Core.Detection;
using Breakwater.Core.Flows;
using Breakwater.Core.Incidents;
using Breakwater.Engine.Detection;
using Breakwater.Engine.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Breakwater.Engine.Cases;

/// <summary>Keeps the book of cases: incidents come in, people move cases, time closes them. Detection only queues here. Thread-safe.</summary>
public sealed class CaseService(CaseOptions options, HomeNetwork network, CaseStore store, LiveState live, TimeProvider time, ILogger<CaseService> logger) : BackgroundService
{
    /// <summary>Incidents that may wait; beyond, the one that waits longest is passed over until it changes again.</summary>
    private const int MaxWaiting = 4096;

    private static readonly TimeSpan Turn = TimeSpan.FromSeconds(2);

    private readonly Lock _queue = new();
    private readonly Lock _gate = new();
    private readonly OrderedDictionary<string, Incident> _waiting = [];
    private readonly Dictionary<string, Case> _unsaved = [];
    private readonly HashSet<string> _forgotten = [];
    private readonly CaseBook _book = new(options, network);
    private bool _works = true;

    /// <summary>Newest first.</summary>
    public IReadOnlyList<Case> All()
    {
        lock (_gate) return [.. _book.All.OrderByDescending(c => c.Opened).ThenBy(c => c.Id, StringComparer.Ordinal)];
    }

    public Case? Find(string id)
    {
        lock (_gate) return _book.Find(id);
    }

    /// <summary>Somebody does something about a case; on disk when it returns, or once the disk works again.</summary>
    /// <returns>The case as it is then; null where it does not exist, or stands where that makes no sense.</returns>
    public Case? Take(string id, CaseStep step, string who, string why)
    {
        lock (_gate)
        {
            var changed = _book.Take(id, step, who, why, Now());
            if (changed is not null) Keep([changed], []);
            return changed;
        }
    }

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
            foreach (var known in store.All()) _book.Resume(known);
        live.IncidentChanged += Queue;
        return base.StartAsync(cancellationToken);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        live.IncidentChanged -= Queue;
        await base.StopAsync(cancellationToken).ConfigureAwait(false);
        TakeWhatWaits();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Turn, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false)) TakeWhatWaits();
        }
        catch (OperationCanceledException)
        {
            // The service stops.
        }
    }

    internal void TakeWhatWaits()
    {
        Incident[] incidents;
        lock (_queue)
        {
            incidents = [.. _waiting.Values];
            _waiting.Clear();
        }
        // Nobody looks, so nobody can say that a host has been quiet.
        if (!options.Enabled) return;
        lock (_gate)
        {
            var now = Now();
            var changed = incidents.Select(i => _book.Take(i, now)).OfType<Case>().ToList();
            var (later, forgotten) = _book.Tick(now);
            Keep([.. changed, .. later], forgotten);
        }
    }

    private void Keep(IReadOnlyList<Case> changed, IReadOnlyList<string> forgotten)
    {
        foreach (var item in changed) _unsaved[item.Id] = item;
        foreach (var id in forgotten)
        {
            _unsaved.Remove(id);
            _forgotten.Add(id);
        }
        if (_unsaved.Count == 0 && _forgotten.Count == 0) return;
        try
        {
            store.Save([.. _unsaved.Values], [.. _forgotten]);
            _unsaved.Clear();
            _forgotten.Clear();
            _works = true;
        }
        catch (StoreException problem)
        {
            if (_works) logger.CasesFail(problem.Message);
            _works = false;
        }
    }

    private void Queue(Incident incident)
    {
        if (!options.Enabled || incident.Kind == IncidentKind.Ddos) return;
        lock (_queue)
        {
            if (_waiting.Count >= MaxWaiting && !_waiting.ContainsKey(incident.Id)) _waiting.RemoveAt(0);
            _waiting[incident.Id] = incident;
        }
    }

    private Timestamp Now() => Timestamp.From(time.GetUtcNow());
}
