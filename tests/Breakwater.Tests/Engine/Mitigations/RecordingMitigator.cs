using System.Collections.Concurrent;
using Breakwater.Core.Mitigations;
using Breakwater.Core.Mitigations.Rails;
using Breakwater.Engine.Mitigations;

namespace Breakwater.Tests.Engine.Mitigations;

/// <summary>A mitigator without a network: remembers what it was told, and can refuse, fail or hang.</summary>
internal sealed class RecordingMitigator : IMitigator
{
    private volatile IReadOnlyList<ClearedMitigation> _held = [];

    public string Name => "recording";

    public Func<Mitigation, string?> Why { get; set; } = _ => null;

    /// <summary>Awaited before anything is applied.</summary>
    public Task Before { get; set; } = Task.CompletedTask;

    public Exception? Failure { get; set; }

    /// <summary>What it holds.</summary>
    public IReadOnlyList<ClearedMitigation> Held => _held;

    /// <summary>Called with the set just before it is held.</summary>
    public Action<IReadOnlyList<ClearedMitigation>>? OnApply { get; set; }

    public ConcurrentQueue<string> Calls { get; } = [];

    public IReadOnlyList<MitigationStatus> Status =>
        [.. _held.Select(c => new MitigationStatus(c.Id, Name, "here", PlacementState.Seen, c.Mitigation.Since))];

    public event Action? StatusChanged;

    public string? WhyNot(Mitigation mitigation) => Why(mitigation);

    public Task StartAsync(CancellationToken cancellation)
    {
        Calls.Enqueue("start");
        return Task.CompletedTask;
    }

    public async Task ApplyAsync(IReadOnlyList<ClearedMitigation> desired, CancellationToken cancellation)
    {
        Calls.Enqueue($"told {desired.Count}");
        await Before.WaitAsync(cancellation);
        if (Failure is { } failure) throw failure;
        OnApply?.Invoke(desired);
        Calls.Enqueue($"apply {desired.Count}");
        _held = desired;
        StatusChanged?.Invoke();
    }

    public Task WithdrawAllAsync(CancellationToken cancellation)
    {
        Calls.Enqueue("withdraw-all");
        _held = [];
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellation)
    {
        Calls.Enqueue("stop");
        return Task.CompletedTask;
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
