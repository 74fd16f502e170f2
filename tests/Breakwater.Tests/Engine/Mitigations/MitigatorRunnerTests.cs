using Breakwater.Core.Mitigations;
using Breakwater.Core.Mitigations.Rails;
using Breakwater.Engine.Mitigations;
using Breakwater.Tests.Core.Mitigations;
using Breakwater.Tests.Core.Mitigations.Rails;
using Microsoft.Extensions.Logging.Abstractions;
using static Breakwater.Tests.Engine.Mitigations.ServiceWorld;

namespace Breakwater.Tests.Engine.Mitigations;

public sealed class MitigatorRunnerTests : IAsyncDisposable
{
    private readonly RecordingMitigator _mitigator = new();
    private readonly MitigatorRunner _runner;

    public MitigatorRunnerTests()
    {
        _runner = new MitigatorRunner(_mitigator, TimeProvider.System, NullLogger.Instance);
        _runner.Start();
    }

    [Fact]
    public async Task A_set_that_was_on_its_way_when_everything_was_to_go_is_taken_back_as_well()
    {
        var slow = new TaskCompletionSource();
        _mitigator.Before = slow.Task;
        _runner.Tell(OneRule, afterHalt: true);
        await Until(() => _mitigator.Calls.Contains("told 1"));
        var halt = _runner.HaltAsync();
        slow.SetResult();
        await halt;
        Assert.Equal(["start", "told 1", "withdraw-all", "apply 1", "withdraw-all"], _mitigator.Calls);
        Assert.Empty(_mitigator.Held);
    }

    [Fact]
    public async Task While_halted_a_set_is_not_applied_and_the_one_after_the_halt_is()
    {
        await _runner.HaltAsync();
        _runner.Tell(OneRule, afterHalt: false);
        _runner.Tell([], afterHalt: false);
        _runner.Tell(OneRule, afterHalt: true);
        await Until(() => _mitigator.Held.Count == 1);
        Assert.DoesNotContain("apply 0", _mitigator.Calls);
    }

    [Fact]
    public async Task A_mitigator_that_fails_is_not_told_its_set_again_while_halted()
    {
        _mitigator.Failure = new InvalidOperationException("no such table");
        _runner.Tell(OneRule, afterHalt: true);
        await Until(() => _runner.Problem is not null);
        await _runner.HaltAsync();
        _mitigator.Failure = null;
        // Longer than the pause after a first failure.
        await Task.Delay(TimeSpan.FromSeconds(1.5));
        Assert.Empty(_mitigator.Held);
        _runner.Tell(OneRule, afterHalt: true);
        await Until(() => _mitigator.Held.Count == 1);
    }

    public async ValueTask DisposeAsync()
    {
        await _runner.StopAsync(default);
        await _runner.DisposeAsync();
    }

    private static ClearedMitigation[] OneRule =>
        AnyMitigation.Rails(new RailOptions()).TryClear(MitigationSamples.Proposed with { Approvers = ["anna", "ben"] }, new RailContext { Now = MitigationSamples.Now, Mode = MitigationMode.Automatic }, out var cleared, out var refusal)
            ? [cleared] : throw new InvalidOperationException(refusal.ToString());
}
