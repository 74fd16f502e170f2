using System.Collections.Concurrent;
using Breakwater.Core.Flows;
using Breakwater.Core.Incidents;
using Breakwater.Core.Mitigations;
using Breakwater.Core.Mitigations.Rails;
using Breakwater.Engine.Health;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Breakwater.Engine.Mitigations;

/// <summary>Owns the book of mitigations on a thread of its own: hears of incidents and people, writes the journal, then tells the mitigators.</summary>
/// <remarks>
/// Detection only queues here, and nothing here waits for a mitigator, the database or a page. What is to be done is on disk
/// (<see cref="MitigationJournal"/>) before a mitigator hears of it; the next start takes it up, or back, from there.
/// A thread and not a task: at each change it waits for the disk, and it must still act when the pool's threads all wait for something.
/// </remarks>
public sealed class MitigationService : IHostedService, IIncidentSink, IReadinessCheck, IAsyncDisposable
{
    /// <summary>Incidents and requests that may wait; beyond, newcomers are refused. A second of work at most.</summary>
    private const int MaxWaiting = 16_384;

    /// <summary>Whose doing is what no person asked for.</summary>
    private const string Policy = "breakwater";

    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(200);

    private readonly MitigationBook _book;
    private readonly MitigatorRunner[] _runners;
    private readonly MitigationJournal _journal;
    private readonly MitigationLease _lease;
    private readonly MitigationScribe _scribe;
    private readonly SignalReader _signals;
    private readonly MitigationMetrics _metrics;
    private readonly string _folder;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly IHostApplicationLifetime? _lifetime;

    private readonly Lock _gate = new();
    private readonly OrderedDictionary<string, Incident> _incidents = [];
    private readonly Queue<Command> _commands = new();
    private readonly AutoResetEvent _wake = new(false);
    private readonly ConcurrentDictionary<string, Mitigation> _shown = [];
    private readonly List<(string Who, Mitigation Mitigation)> _changes = [];
    private IReadOnlySet<string>? _mitigated;
    private TrafficSnapshot? _traffic;
    private Thread? _thread;
    private DateTimeOffset _secondDue;
    private bool _open, _toldOfLease, _disposed;
    private volatile bool _stopping, _statusChanged, _reopen;
    private volatile string? _pausedBy;

    public MitigationService(
        MitigationBook book, IReadOnlyList<IMitigator> mitigators, SignalReader signals, MitigationScribe scribe, string folder, TimeProvider time,
        ILogger<MitigationService> logger, IHostApplicationLifetime? lifetime = null)
    {
        _book = book;
        _runners = [.. mitigators.Select(m => new MitigatorRunner(m, time, logger))];
        _signals = signals;
        _scribe = scribe;
        _folder = folder;
        _journal = new MitigationJournal(Path.Combine(folder, "mitigations.journal"), logger);
        _lease = new MitigationLease(Path.Combine(folder, "mitigations.lock"));
        _metrics = new MitigationMetrics(() => _shown.Values);
        _time = time;
        _logger = logger;
        _lifetime = lifetime;
    }

    public string Name => "mitigation";

    /// <summary>Raised after each change, on the service's thread: handlers must only queue.</summary>
    public event Action<Mitigation>? Changed;

    /// <summary>Raised with all incidents that have mitigations in force, at the start and when they change. On the service's thread: handlers must only queue.</summary>
    public event Action<IReadOnlySet<string>>? MitigatedChanged;

    /// <summary>Who withdrew everything, so that nothing begins by itself; null while not paused.</summary>
    public string? PausedBy => _pausedBy;

    /// <summary>Names of the mitigators that the configuration gives something to do, with what is wrong with each.</summary>
    public IReadOnlyList<KeyValuePair<string, string?>> Mitigators => [.. _runners.Select(r => KeyValuePair.Create(r.Mitigator.Name, r.Problem))];

    public string? WhyNotReady() =>
        !_lease.IsHeld && _thread is not null ? "another process mitigates from the same folder"
        : !_journal.Works ? "the journal of mitigations cannot be written"
        : _runners.FirstOrDefault(r => r.Problem is not null) is { } failed ? $"mitigator {failed.Mitigator.Name}: {failed.Problem}"
        : null;

    /// <summary>Mitigations as they are now, newest first; those that are over stay for a while.</summary>
    public IReadOnlyList<Mitigation> All() => [.. _shown.Values.OrderByDescending(m => m.Created).ThenBy(m => m.Id, StringComparer.Ordinal)];

    public Mitigation? Find(string id) => _shown.GetValueOrDefault(id);

    /// <summary>Where it is held, and how that goes.</summary>
    public IReadOnlyList<MitigationStatus> StatusOf(string id) => [.. _runners.SelectMany(r => r.Mitigator.Status).Where(s => s.MitigationId == id)];

    /// <summary>From the detection loop's thread: only queues. A newer snapshot of the same incident takes the place of an older one.</summary>
    public void Publish(Incident incident)
    {
        lock (_gate)
        {
            if (_incidents.Count < MaxWaiting || _incidents.ContainsKey(incident.Id)) _incidents[incident.Id] = incident;
            else _metrics.Missed();
        }
        _wake.Set();
    }

    /// <summary>Rates of the last second; only the newest counts.</summary>
    public void Observe(TrafficSnapshot traffic) => Volatile.Write(ref _traffic, traffic);

    /// <exception cref="MitigationUnavailableException">Another process holds the lease, or too much waits.</exception>
    public Task<Mitigation> RequestAsync(MitigationRequest request) => Ask(request.Requester, (book, now) => book.Request(request, now));

    /// <summary>Every rail's no; empty when it would be done. Keeps nothing.</summary>
    public Task<IReadOnlyList<Refusal>> DryRunAsync(MitigationRequest request) => Ask(request.Requester, (book, now) => book.DryRun(request, now));

    public Task<Mitigation?> ApproveAsync(string id, string person) => Ask(person, (book, now) => book.Approve(id, person, now));

    public Task<Mitigation?> RejectAsync(string id, string person, string why) => Ask(person, (book, now) => book.Reject(id, person, why, now));

    public Task<Mitigation?> WithdrawAsync(string id, string who, string why) => Ask(who, (book, now) => book.Withdraw(id, who, why, now));

    /// <param name="edit">Gives the mitigation as it should be, told how it is and what time it is.</param>
    public Task<(Mitigation? Mitigation, Refusal? Refusal)> EditAsync(string id, string person, Func<Mitigation, Timestamp, Mitigation> edit) =>
        Ask(person, (book, now) => book.Find(id) is { IsOver: false } before ? book.Edit(edit(before, now), person, now) : default);

    /// <summary>Lets things begin by themselves again after <see cref="WithdrawAllAsync"/>.</summary>
    public Task ResumeAsync(string person) => Ask(person, (book, _) =>
    {
        book.Resume();
        _scribe.Note(new AuditEntry(person, "resumed", "all", "mitigations may begin by themselves again"));
        return true;
    });

    /// <summary>Takes everything back at once, and pauses. The mitigators are told first, past everything that may hang.</summary>
    /// <returns>Mitigations that were taken back.</returns>
    public async Task<int> WithdrawAllAsync(string who, string why)
    {
        await Task.WhenAll(_runners.Select(r => r.HaltAsync())).ConfigureAwait(false);
        return await Ask(who, (book, now) =>
        {
            var count = book.WithdrawAll(who, why, now);
            _reopen = true;
            _logger.AllWithdrawn(who, count, why);
            _scribe.Note(new AuditEntry(who, "withdraw-all", "all", why));
            return count;
        }).ConfigureAwait(false);
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        MitigationWarmUp.Run();
        foreach (var runner in _runners) runner.Mitigator.StatusChanged += OnStatusChanged;
        _scribe.Start();
        _thread = new Thread(Run) { IsBackground = true, Name = "mitigations" };
        _thread.Start();
        return Task.CompletedTask;
    }

    /// <summary>Ends the thread and stops the mitigators; what may stay stays, and the journal keeps what is wanted for the next start.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        _stopping = true;
        _wake.Set();
        if (_thread is { } thread) await Task.Run(thread.Join, cancellationToken).ConfigureAwait(false);
        _thread = null;
        if (_open) await Task.WhenAll(_runners.Select(r => r.StopAsync(cancellationToken))).ConfigureAwait(false);
        _scribe.Stop();
    }

    /// <summary>A container disposes of it once for each role that it plays in the host.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_disposed) return;
        _disposed = true;
        _stopping = true;
        _wake.Set();
        _thread?.Join();
        _thread = null;
        foreach (var runner in _runners)
        {
            runner.Mitigator.StatusChanged -= OnStatusChanged;
            await runner.DisposeAsync().ConfigureAwait(false);
        }
        _scribe.Dispose();
        _journal.Dispose();
        _lease.Dispose();
        _metrics.Dispose();
        _wake.Dispose();
    }

    private void OnStatusChanged()
    {
        _statusChanged = true;
        _wake.Set();
    }

    private Task<T> Ask<T>(string who, Func<MitigationBook, Timestamp, T> work)
    {
        var answer = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        var command = new Command(who,
            now => { var result = work(_book, now); return () => answer.TrySetResult(result); },
            why => answer.TrySetException(new MitigationUnavailableException(why)));
        lock (_gate)
        {
            if (_commands.Count >= MaxWaiting) command.Refuse("too many requests wait");
            else _commands.Enqueue(command);
        }
        _wake.Set();
        return answer.Task;
    }

    private void Run()
    {
        try
        {
            while (!_stopping)
            {
                Turn();
                _wake.WaitOne(Tick);
            }
            Turn();
        }
        catch (Exception failure)
        {
            // A bug of ours: loudly, as everywhere; the next start reconciles.
            _logger.ServiceFailed(failure);
            Environment.ExitCode = 1;
            _lifetime?.StopApplication();
        }
    }

    private void Turn()
    {
        Incident[] incidents;
        Command[] commands;
        lock (_gate)
        {
            incidents = [.. _incidents.Values];
            commands = [.. _commands];
            _incidents.Clear();
            _commands.Clear();
        }
        if (!_open && !TryOpen())
        {
            foreach (var command in commands) command.Refuse("another process mitigates from the same folder");
            return;
        }
        var now = Timestamp.From(_time.GetUtcNow());
        foreach (var incident in incidents) _book.Consider(incident, _signals.Of(incident, now), now);
        Collect(Policy, now);
        var answers = new Action[commands.Length];
        for (var i = 0; i < commands.Length; i++)
        {
            answers[i] = commands[i].Run(now);
            Collect(commands[i].Who, now);
        }
        // However many asked at once: one wait for the disk, one set for the mitigators.
        Settle();
        foreach (var answer in answers) answer();
        var second = _time.GetUtcNow() >= _secondDue;
        if (second)
        {
            _secondDue = _time.GetUtcNow() + TimeSpan.FromSeconds(1);
            if (Interlocked.Exchange(ref _traffic, null) is { } traffic) _book.Observe(traffic);
            _book.Tick(now);
        }
        if (second || _statusChanged)
        {
            _statusChanged = false;
            _book.Placed(Placements(), now);
        }
        Collect(Policy, now);
        Settle();
    }

    private bool TryOpen()
    {
        if (!_lease.TryTake())
        {
            if (!_toldOfLease) _logger.LeaseTaken(_folder);
            _toldOfLease = true;
            return false;
        }
        _open = true;
        var (live, pausedBy) = _journal.Open();
        _book.Restore(live, pausedBy, Timestamp.From(_time.GetUtcNow()));
        foreach (var mitigation in _book.All) _shown[mitigation.Id] = mitigation;
        foreach (var runner in _runners)
        {
            runner.Start();
            // The whole set, be it empty: what a former run left behind goes.
            runner.Tell(_book.Desired(), afterHalt: true);
        }
        Collect(Policy, Timestamp.From(_time.GetUtcNow()));
        Settle();
        TellOfIncidents();
        return true;
    }

    /// <summary>Notes whose doing the newest changes are, and gives up what no mitigator can do.</summary>
    private void Collect(string who, Timestamp now)
    {
        for (var fresh = _book.TakeChanges(); fresh.Count > 0; fresh = _book.TakeChanges())
        {
            _changes.AddRange(fresh.Select(m => (who, m)));
            foreach (var begun in fresh.Where(m => m.State == MitigationState.Approved))
                if (WhyNobodyCan(begun) is { } why) _book.Fail(begun.Id, why, now);
        }
    }

    /// <summary>What changed, first on disk, then to the mitigators, then to whoever looks on.</summary>
    private void Settle()
    {
        if (_changes.Count == 0 && _book.PausedBy == _pausedBy && !_reopen) return;
        _pausedBy = _book.PausedBy;
        _journal.Append([.. _changes.Select(c => c.Mitigation)], _pausedBy);
        var desired = _book.Desired();
        foreach (var runner in _runners) runner.Tell(desired, afterHalt: _reopen);
        _reopen = false;
        foreach (var (who, mitigation) in _changes)
        {
            _shown[mitigation.Id] = mitigation;
            _metrics.Changed(mitigation);
            _logger.MitigationChanged(mitigation.Id, mitigation.State.Name(), mitigation.Action.Name(), mitigation.Match.Describe(),
                mitigation.Outcome.Length > 0 ? mitigation.Outcome : mitigation.Reason);
            _scribe.Note(who, mitigation);
            Changed?.Invoke(mitigation);
        }
        _changes.Clear();
        TellOfIncidents();
        if (_shown.Count > _book.Count)
            foreach (var id in _shown.Keys.Where(id => _book.Find(id) is null)) _shown.TryRemove(id, out _);
    }

    private void TellOfIncidents()
    {
        var mitigated = _book.MitigatedIncidents();
        if (_mitigated is not null && mitigated.SetEquals(_mitigated)) return;
        _mitigated = mitigated;
        MitigatedChanged?.Invoke(mitigated);
    }

    private string? WhyNobodyCan(Mitigation mitigation)
    {
        if (_runners.Length == 0) return "no mitigator is configured";
        var reasons = _runners.Select(r => (r.Mitigator.Name, Why: r.Mitigator.WhyNot(mitigation))).ToArray();
        return reasons.Any(r => r.Why is null) ? null : "no mitigator can do it: " + string.Join("; ", reasons.Select(r => $"{r.Name}: {r.Why}"));
    }

    private Dictionary<string, Placement> Placements()
    {
        var placements = new Dictionary<string, Placement>();
        foreach (var status in _runners.SelectMany(r => r.Mitigator.Status))
        {
            var before = placements.GetValueOrDefault(status.MitigationId);
            placements[status.MitigationId] = new Placement(
                before.IsHeld || status.State is PlacementState.Sent or PlacementState.Seen,
                status.DroppedPackets is null ? before.DroppedPackets : (before.DroppedPackets ?? 0) + status.DroppedPackets);
        }
        return placements;
    }

    /// <param name="Who">Whose doing it is.</param>
    /// <param name="Run">Does it, and gives what tells the answer once it has been acted on.</param>
    /// <param name="Refuse">Answers that it cannot be.</param>
    private sealed record Command(string Who, Func<Timestamp, Action> Run, Action<string> Refuse);
}

/// <summary>Mitigation is not available here and now; the message says why.</summary>
public sealed class MitigationUnavailableException(string message) : Exception(message);
