using Breakwater.Engine.Notification;
using Microsoft.Extensions.Logging.Abstractions;

namespace Breakwater.Tests.Engine.Notification;

public sealed class NotifierRunnerTests : IAsyncLifetime
{
    private readonly CancellationTokenSource _stop = new();
    private readonly NotificationMetrics _metrics = Attacks.Metrics();
    private readonly ScriptedNotifier _notifier = new();
    private readonly NotifierRunner _runner;
    private Task _running = Task.CompletedTask;

    public NotifierRunnerTests()
    {
        var options = new NotificationOptions { GroupWait = TimeSpan.Zero, MaxPerMinute = 6000, Timeout = TimeSpan.FromMilliseconds(200), Attempts = 3 };
        _runner = new NotifierRunner(_notifier, options, TimeSpan.FromMilliseconds(1), _metrics, TimeProvider.System, NullLogger.Instance);
    }

    public Task InitializeAsync()
    {
        _running = _runner.RunAsync(_stop.Token);
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running.WaitAsync(TimeSpan.FromSeconds(20));
        _runner.Dispose();
        _stop.Dispose();
        _metrics.Dispose();
    }

    [Fact]
    public void Tries_again_with_the_same_key_until_it_is_taken()
    {
        _notifier.Answers = [_ => Task.FromException<Delivery>(new IOException("reset")), _ => Task.FromResult(Delivery.Failed("busy")), _ => Task.FromResult(Delivery.Done)];
        _runner.Offer(Attacks.Opened("a"));
        Until(3);
        Assert.Single(_notifier.Keys.Distinct());
        _runner.Offer(Attacks.Opened("b"));
        Until(4);
        Assert.Equal(2, _notifier.Keys.Distinct().Count());
    }

    [Fact]
    public void Does_not_repeat_what_the_receiver_calls_wrong_and_gives_up_what_fails_every_time()
    {
        _notifier.Answers = [_ => Task.FromResult(Delivery.Refused("400")), .. Enumerable.Repeat<Func<CancellationToken, Task<Delivery>>>(_ => Task.FromResult(Delivery.Failed("503")), 3)];
        _runner.Offer(Attacks.Opened("a"));
        Until(1);
        _runner.Offer(Attacks.Opened("b"));
        Until(4);
        _runner.Offer(Attacks.Opened("c"));
        Until(5);
        Assert.Equal([1, 3, 1], _notifier.Keys.CountBy(k => k).Select(c => c.Value));
    }

    [Fact]
    public void A_receiver_that_hangs_is_left_after_the_timeout_and_keeps_nobody_who_offers_waiting()
    {
        _notifier.Answers = [async cancel => { await Task.Delay(Timeout.Infinite, cancel); return Delivery.Done; }];
        for (var i = 0; i < 5000; i++) _runner.Offer(Attacks.Opened($"i{i}"));
        Until(2);
        Assert.Equal(_notifier.Keys[0], _notifier.Keys[1]);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    [InlineData(5, 16)]
    [InlineData(7, 60)]
    [InlineData(1_000_000, 60)]
    public void Pauses_double_up_to_a_minute(int failures, int seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), NotifierRunner.Pause(TimeSpan.FromSeconds(1), failures));

    private void Until(int calls) => Assert.True(SpinWait.SpinUntil(() => _notifier.Keys.Count >= calls, TimeSpan.FromSeconds(20)));

    /// <summary>Answers as told, then takes everything.</summary>
    private sealed class ScriptedNotifier : INotifier
    {
        private readonly List<string> _keys = [];
        private int _next;

        public IReadOnlyList<Func<CancellationToken, Task<Delivery>>> Answers { get; set; } = [];

        public IReadOnlyList<string> Keys { get { lock (_keys) return [.. _keys]; } }

        public string Name => "scripted";

        public Task<Delivery> SendAsync(NoticeGroup group, CancellationToken cancellation)
        {
            lock (_keys) _keys.Add(group.Id);
            return _next < Answers.Count ? Answers[_next++](cancellation) : Task.FromResult(Delivery.Done);
        }

        public void Dispose()
        {
        }
    }
}
