using Breakwater.Core.Flows;
using Breakwater.Core.Mitigations;
using Breakwater.Core.Mitigations.Rails;
using Breakwater.Protocols.Nftables;
using Microsoft.Extensions.Logging;

namespace Breakwater.Engine.Mitigations.Nftables;

/// <summary>Drops and limits in the kernel of this machine, in one nftables table of our own.</summary>
/// <remarks>
/// Each change is one transaction: the kernel does it whole or not at all. The table is read back after it and then every
/// <see cref="NftablesOptions.CheckInterval"/>: for the counters, and for what others changed. With nothing wanted there is no table.
/// </remarks>
public sealed class NftablesMitigator : IMitigator
{
    /// <summary>Its name in the composition.</summary>
    public const string PartName = "nftables";

    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(60);

    /// <summary>Withdrawing all at once has five seconds in all.</summary>
    private static readonly TimeSpan Urgent = TimeSpan.FromSeconds(1.5);

    private readonly NftablesOptions _options;
    private readonly NftHook _hook;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly NftablesMetrics _metrics;
    private readonly NftCommand _nft;
    private readonly NftLedger _ledger;

    /// <summary>Guards the kernel's table, and the fields below down to the next remark.</summary>
    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly Dictionary<string, (NftRule Rule, string Problem)> _refused = [];
    private NftPlan? _held;
    private string? _fingerprint;
    private IReadOnlyDictionary<string, NftCount> _counts = new Dictionary<string, NftCount>();
    private bool _isOurs;
    private string? _problem;
    private int _failures;
    private DateTimeOffset _retryDue, _renewDue, _refusedDue;

    // From here on for any thread.
    private readonly CancellationTokenSource _stopping = new();
    private readonly Lock _swap = new();
    private CancellationTokenSource _work = new();
    private volatile IReadOnlyList<Mitigation> _wanted = [];
    private Task? _watch;

    public NftablesMitigator(NftablesOptions options, TimeProvider time, ILogger<NftablesMitigator> logger)
    {
        _options = options;
        _hook = options.TableHook;
        _time = time;
        _logger = logger;
        _ledger = new NftLedger($"table {NftHook.Family} {options.Table}" + (options.Netns is { } name ? $" in {name}" : ""));
        _metrics = new NftablesMetrics(this);
        _nft = new NftCommand(options, _metrics);
    }

    public event Action? StatusChanged;

    public string Name => PartName;

    public IReadOnlyList<MitigationStatus> Status => _ledger.Lines;

    private Timestamp Now => Timestamp.From(_time.GetUtcNow());

    public string? WhyNot(Mitigation mitigation) => NftRule.Of(mitigation, out var problem) is null ? problem : null;

    public Task StartAsync(CancellationToken cancellation)
    {
        _watch = Task.Run(WatchAsync, CancellationToken.None);
        return Task.CompletedTask;
    }

    public async Task ApplyAsync(IReadOnlyList<ClearedMitigation> desired, CancellationToken cancellation)
    {
        CancellationToken work;
        lock (_swap)
        {
            _wanted = [.. desired.Select(c => c.Mitigation)];
            work = _work.Token;
        }
        await LockedAsync(ReconcileAsync, work, cancellation).ConfigureAwait(false);
    }

    public async Task WithdrawAllAsync(CancellationToken cancellation)
    {
        lock (_swap)
        {
            _wanted = [];
            // Whatever runs or waits is given up: its program is killed, and what it was to do is no longer wanted.
            _work.Cancel();
            _work = new CancellationTokenSource();
        }
        var mine = await _gate.WaitAsync(Urgent, cancellation).ConfigureAwait(false);
        try
        {
            if (await RemoveAsync(Urgent, cancellation).ConfigureAwait(false) is not { } problem) return;
            Failed(problem);
            throw new InvalidOperationException(problem);
        }
        finally
        {
            Tell();
            if (mine) _gate.Release();
        }
    }

    public async Task StopAsync(CancellationToken cancellation)
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        if (_watch is { } watch) await watch.WaitAsync(cancellation).ConfigureAwait(false);
        _wanted = [.. _wanted.Where(m => m.OnDeath == DeadMan.Keep)];
        await LockedAsync(ReconcileAsync, CancellationToken.None, cancellation).ConfigureAwait(false);
    }

    public ValueTask DisposeAsync()
    {
        _stopping.Cancel();
        _metrics.Dispose();
        _work.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>Does it alone; what withdraw-all interrupts ends quietly.</summary>
    private async Task LockedAsync(Func<CancellationToken, Task> act, CancellationToken work, CancellationToken cancellation)
    {
        using var both = CancellationTokenSource.CreateLinkedTokenSource(work, cancellation);
        try
        {
            await _gate.WaitAsync(both.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return;
        }
        try
        {
            await act(both.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            _held = null;
        }
        finally
        {
            Tell();
            _gate.Release();
        }
    }

    private async Task ReconcileAsync(CancellationToken cancellation)
    {
        if (_time.GetUtcNow() >= _refusedDue) _refused.Clear();
        var wanted = NftPlan.Of(_wanted.Where(m => !IsRefused(m)));
        if (_held is { } held && held.Same(wanted)) return;
        if (await WriteAsync(wanted, cancellation).ConfigureAwait(false) is { } problem) Failed(problem);
        else Succeeded();
    }

    /// <returns>Why it could not be done; null when it was, but for what <see cref="_refused"/> says.</returns>
    private async Task<string?> WriteAsync(NftPlan wanted, CancellationToken cancellation)
    {
        if (wanted.IsEmpty) return await RemoveAsync(_options.Timeout, cancellation).ConfigureAwait(false);
        if (_held is { IsEmpty: false } held)
        {
            var change = await RunAsync(NftTransaction.Change(_hook, held, wanted, _counts, Now), cancellation).ConfigureAwait(false);
            if (change.IsDone) return await ReadBackAsync(wanted, cancellation).ConfigureAwait(false);
            if (change.Outcome != NftOutcome.Refused) return change.Problem;
            // Somebody changed what it builds on, or one rule is refused: from the ground up.
        }
        var (presence, problem) = await AdoptAsync(_options.Timeout, cancellation).ConfigureAwait(false);
        if (presence is Presence.Unknown or Presence.Others) return problem;
        var answer = await WholeAsync(wanted, cancellation).ConfigureAwait(false);
        return answer.IsDone ? await ReadBackAsync(wanted, cancellation).ConfigureAwait(false)
            : answer.Outcome == NftOutcome.Refused ? await WithoutRefusedAsync(wanted, cancellation).ConfigureAwait(false)
            : answer.Problem;
    }

    private Task<NftAnswer> WholeAsync(NftPlan plan, CancellationToken cancellation)
    {
        _renewDue = _time.GetUtcNow() + _options.Lease / 3;
        return RunAsync(NftTransaction.Whole(_hook, plan, _counts, _options.Lease, Now), cancellation);
    }

    /// <summary>One mitigation that nft refuses must not keep the others away: finds it by halves.</summary>
    private async Task<string?> WithoutRefusedAsync(NftPlan wanted, CancellationToken cancellation)
    {
        var proven = _held?.Mitigations.ToHashSet() ?? [];
        var all = wanted.Mitigations.ToHashSet();
        var added = _wanted.Where(m => all.Contains(m.Id) && proven.Contains(m.Id)).ToList();
        var parts = new Stack<Mitigation[]>([[.. _wanted.Where(m => all.Contains(m.Id) && !proven.Contains(m.Id))]]);
        _held = NftPlan.Of(added);
        if (await WholeAsync(_held, cancellation).ConfigureAwait(false) is { IsDone: false } broken) return broken.Problem;
        _refusedDue = _time.GetUtcNow() + LongestPause;
        while (parts.TryPop(out var part))
        {
            var plan = NftPlan.Of([.. added, .. part]);
            var answer = await RunAsync(NftTransaction.Change(_hook, _held, plan, _counts, Now), cancellation).ConfigureAwait(false);
            if (answer.IsDone)
            {
                added.AddRange(part);
                _held = plan;
            }
            else if (answer.Outcome != NftOutcome.Refused)
            {
                return answer.Problem;
            }
            else if (part is [var one])
            {
                if (NftRule.Of(one, out _) is { } rule) _refused[one.Id] = (rule, answer.Problem);
                _logger.OneRefused(one.Id, answer.Problem);
            }
            else
            {
                parts.Push(part[(part.Length / 2)..]);
                parts.Push(part[..(part.Length / 2)]);
            }
        }
        return await ReadBackAsync(_held, cancellation).ConfigureAwait(false);
    }

    private bool IsRefused(Mitigation mitigation) => _refused.TryGetValue(mitigation.Id, out var refused) && NftRule.Of(mitigation, out _) == refused.Rule;

    /// <summary>Takes the table away, if there is one and it is ours.</summary>
    private async Task<string?> RemoveAsync(TimeSpan limit, CancellationToken cancellation)
    {
        var presence = Presence.Ours;
        if (_held is not { IsEmpty: false })
        {
            (presence, var problem) = await AdoptAsync(limit, cancellation).ConfigureAwait(false);
            if (presence == Presence.Unknown) return problem;
        }
        if (presence == Presence.Ours && await _nft.RunAsync(["-j", "-f", "-"], NftTransaction.Remove(_hook), limit, cancellation).ConfigureAwait(false) is { IsDone: false } answer) return answer.Problem;
        _held = NftPlan.Empty;
        _isOurs = false;
        _counts = new Dictionary<string, NftCount>();
        return null;
    }

    /// <summary>Looks whether there is a table of our name, and whose; takes over its counters.</summary>
    private async Task<(Presence Presence, string? Problem)> AdoptAsync(TimeSpan limit, CancellationToken cancellation)
    {
        var tables = await _nft.RunAsync(["-j", "list", "tables"], default, limit, cancellation).ConfigureAwait(false);
        if (!tables.IsDone) return (Presence.Unknown, tables.Problem);
        if (NftTable.Find(tables.Output, _hook.Table, out var found, out var unreadable) != DecodeError.None) return (Presence.Unknown, Unreadable(unreadable));
        if (!found) return (Presence.Absent, null);
        var (table, problem) = await ListAsync(limit, cancellation).ConfigureAwait(false);
        if (table is null) return (Presence.Unknown, problem);
        if (!table.IsOurs && !_isOurs) return (Presence.Others, $"table {NftHook.Family} {_hook.Table} belongs to somebody else: choose another name");
        _isOurs = true;
        TakeCounts(table);
        return (Presence.Ours, null);
    }

    private string Unreadable(string? problem)
    {
        _metrics.Ran(NftOutcome.Unreadable);
        return $"what nft says cannot be read: {problem}";
    }

    private async Task<(NftTable? Table, string? Problem)> ListAsync(TimeSpan limit, CancellationToken cancellation)
    {
        var answer = await _nft.RunAsync(["-j", "list", "table", NftHook.Family, _hook.Table], default, limit, cancellation).ConfigureAwait(false);
        if (!answer.IsDone) return (null, answer.Problem);
        return NftTable.Read(answer.Output, out var table, out var problem) == DecodeError.None ? (table, null) : (null, Unreadable(problem));
    }

    /// <summary>What was committed, as the kernel shows it: the yardstick for what others change.</summary>
    private async Task<string?> ReadBackAsync(NftPlan plan, CancellationToken cancellation)
    {
        _held = plan;
        _isOurs = true;
        _fingerprint = null;
        var (table, problem) = await ListAsync(_options.Timeout, cancellation).ConfigureAwait(false);
        if (table is null) return problem;
        TakeCounts(table);
        if (plan.MissingFrom(table, _hook) is { } missing)
        {
            _held = null;
            return missing;
        }
        _fingerprint = table.Fingerprint;
        return null;
    }

    private void TakeCounts(NftTable table)
    {
        // A counter that others reset or removed goes on from where it was.
        var counts = new Dictionary<string, NftCount>();
        foreach (var mitigation in _wanted)
        {
            var (old, now) = (_counts.GetValueOrDefault(mitigation.Id), table.Counters.GetValueOrDefault(mitigation.Id));
            counts[mitigation.Id] = now.Packets >= old.Packets ? now : old;
        }
        _counts = counts;
    }

    private async Task WatchAsync()
    {
        try
        {
            while (!_stopping.IsCancellationRequested)
            {
                var began = _time.GetTimestamp();
                CancellationToken work;
                lock (_swap) work = _work.Token;
                await LockedAsync(CheckAsync, work, _stopping.Token).ConfigureAwait(false);
                // A table so large that a look takes long is looked at less often: a twentieth of our time at most.
                var pause = TimeSpan.FromTicks(Math.Max(_options.CheckInterval.Ticks, 20 * _time.GetElapsedTime(began).Ticks));
                var most = TimeSpan.FromTicks(Math.Max(_options.CheckInterval.Ticks, _options.Lease.Ticks / 3));
                await Task.Delay(pause < most ? pause : most, _time, _stopping.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // Stopping.
        }
        catch (Exception failure)
        {
            // Nobody awaits this task before the stop: said at once, here.
            _logger.WatchFailed(_hook.Table, failure);
            throw;
        }
    }

    private async Task CheckAsync(CancellationToken cancellation)
    {
        var now = _time.GetUtcNow();
        if (_problem is not null ? now >= _retryDue : _refused.Count > 0 && now >= _refusedDue)
        {
            await ReconcileAsync(cancellation).ConfigureAwait(false);
            return;
        }
        // Nothing to look after; or, before the first set is known, what a former run left and may still be wanted.
        if (_held is not { IsEmpty: false } held) return;
        if (now >= _renewDue)
        {
            // Refused when somebody took the set away: the look below finds that out.
            if ((await RunAsync(NftTransaction.Renew(_hook, _options.Lease), cancellation).ConfigureAwait(false)).IsDone) _renewDue = now + _options.Lease / 3;
        }
        var (table, problem) = await ListAsync(_options.Timeout, cancellation).ConfigureAwait(false);
        if (table is not null)
        {
            TakeCounts(table);
            if (table.Fingerprint == _fingerprint && table.IsOurs) return;
            problem = held.MissingFrom(table, _hook) ?? "something in it was changed";
        }
        _logger.ChangedByOthers(_hook.Table, problem!);
        _held = null;
        await ReconcileAsync(cancellation).ConfigureAwait(false);
        if (_problem is null) _metrics.Repaired();
    }

    private Task<NftAnswer> RunAsync(byte[] transaction, CancellationToken cancellation) => _nft.RunAsync(["-j", "-f", "-"], transaction, _options.Timeout, cancellation);

    private void Failed(string problem)
    {
        if (_problem is null) _logger.NftFails(problem);
        _problem = problem;
        // What the kernel holds now is anybody's guess.
        _held = null;
        _retryDue = _time.GetUtcNow() + TimeSpan.FromTicks(Math.Min(LongestPause.Ticks, TimeSpan.TicksPerSecond << Math.Min(_failures++, 6)));
    }

    private void Succeeded()
    {
        if (_problem is not null) _logger.NftWorksAgain();
        _problem = null;
        _failures = 0;
    }

    private void Tell()
    {
        var held = _held?.Mitigations.ToHashSet();
        var changed = _ledger.Tell(_wanted, mitigation =>
            held?.Contains(mitigation.Id) == true ? (_fingerprint is null ? PlacementState.Sent : PlacementState.Seen, null)
            : _refused.TryGetValue(mitigation.Id, out var refused) ? (PlacementState.Failed, refused.Problem)
            : _problem is not null ? (PlacementState.Failed, _problem)
            : (PlacementState.Pending, null), _counts, Now);
        if (changed) StatusChanged?.Invoke();
    }

    /// <summary>Whose the table of our name is.</summary>
    private enum Presence : byte { Unknown, Absent, Ours, Others }
}
