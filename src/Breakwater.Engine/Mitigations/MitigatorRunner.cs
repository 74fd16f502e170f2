using Breakwater.Core.Mitigations.Rails;
using Microsoft.Extensions.Logging;

namespace Breakwater.Engine.Mitigations;

/// <summary>Tells one mitigator the newest desired set, on a task of its own: one that hangs or fails costs only itself.</summary>
internal sealed class MitigatorRunner(IMitigator mitigator, TimeProvider time, ILogger logger) : IAsyncDisposable
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _news = new(0, 1);
    private readonly Lock _gate = new();
    private IReadOnlyList<ClearedMitigation> _desired = [];
    private bool _halted;
    private TaskCompletionSource? _applying;
    private Task? _task;
    private volatile string? _problem;

    public IMitigator Mitigator => mitigator;

    /// <summary>Why it does not do what it is told; null when it does.</summary>
    public string? Problem => _problem;

    public void Start() => _task = Task.Run(RunAsync);

    /// <summary>Hands over the whole desired set; a set not taken up yet is replaced. Never waits.</summary>
    /// <param name="afterHalt">True ends a halt: only the set made after withdraw-all may.</param>
    public void Tell(IReadOnlyList<ClearedMitigation> desired, bool afterHalt)
    {
        lock (_gate)
        {
            if (afterHalt) _halted = false;
            _desired = [.. desired.Where(c => mitigator.WhyNot(c.Mitigation) is null)];
            if (_news.CurrentCount == 0) _news.Release();
        }
    }

    /// <summary>Takes everything back at once, and does nothing more until told so. Works while the mitigator or we hang.</summary>
    /// <remarks>A set that was on its way already is taken back again once it has arrived; that is waited for within bounds.</remarks>
    public async Task HaltAsync()
    {
        TaskCompletionSource? underWay;
        lock (_gate)
        {
            _halted = true;
            _desired = [];
            underWay = _applying;
        }
        try
        {
            await Task.WhenAll(mitigator.WithdrawAllAsync(CancellationToken.None), underWay?.Task ?? Task.CompletedTask).WaitAsync(Patience, time).ConfigureAwait(false);
        }
        catch (Exception problem)
        {
            // Whatever went wrong in one must not keep the others from withdrawing.
            logger.WithdrawAllFailed(mitigator.Name, problem.Message);
        }
    }

    /// <summary>A clean stop, within bounds.</summary>
    public async Task StopAsync(CancellationToken cancellation)
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        try
        {
            if (_task is not null) await _task.WaitAsync(Patience, time, cancellation).ConfigureAwait(false);
            await mitigator.StopAsync(cancellation).WaitAsync(Patience, time, cancellation).ConfigureAwait(false);
        }
        catch (Exception problem) when (problem is TimeoutException or OperationCanceledException)
        {
            logger.MitigatorDidNotStop(mitigator.Name);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await mitigator.DisposeAsync().ConfigureAwait(false);
        _stop.Dispose();
        _news.Dispose();
    }

    private async Task RunAsync()
    {
        var started = false;
        var pause = FirstPause;
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                if (!started) await mitigator.StartAsync(_stop.Token).ConfigureAwait(false);
                started = true;
                // After a failure the same set is told again, without news.
                if (_problem is null || IsHalted) await _news.WaitAsync(_stop.Token).ConfigureAwait(false);
                if (TakeSet() is not { } desired) continue;
                try
                {
                    await mitigator.ApplyAsync(desired, _stop.Token).ConfigureAwait(false);
                }
                finally
                {
                    await ArrivedAsync().ConfigureAwait(false);
                }
                if (_problem is not null) logger.MitigatorWorksAgain(mitigator.Name);
                _problem = null;
                pause = FirstPause;
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception problem)
            {
                // The contract says statuses, not exceptions; one that breaks it costs itself, not detection and not the others.
                if (_problem is null) logger.MitigatorFailed(mitigator.Name, problem);
                _problem = problem.Message;
                await Pause(pause).ConfigureAwait(false);
                pause = TimeSpan.FromTicks(Math.Min(LongestPause.Ticks, 2 * pause.Ticks));
            }
        }
    }

    private bool IsHalted
    {
        get { lock (_gate) return _halted; }
    }

    /// <returns>The newest set, on its way from now on; null while halted.</returns>
    private IReadOnlyList<ClearedMitigation>? TakeSet()
    {
        lock (_gate)
        {
            if (_halted) return null;
            _applying = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _desired;
        }
    }

    /// <summary>A set has been applied, or has failed: if everything was to go meanwhile, it came too late and goes as well.</summary>
    private async Task ArrivedAsync()
    {
        try
        {
            if (IsHalted) await mitigator.WithdrawAllAsync(CancellationToken.None).ConfigureAwait(false);
        }
        finally
        {
            lock (_gate)
            {
                _applying!.SetResult();
                _applying = null;
            }
        }
    }

    private async Task Pause(TimeSpan pause)
    {
        try
        {
            await Task.Delay(pause, time, _stop.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // Stopping.
        }
    }
}
