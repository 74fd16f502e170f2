using System.Threading.Channels;
using Breakwater.Core.Flows;
using Breakwater.Core.Incidents;
using Breakwater.Core.Mitigations;
using Breakwater.Engine.Detection;
using Breakwater.Engine.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Breakwater.Engine.Notification;

/// <summary>Tells every receiver of what happens to incidents and mitigations. Detection and mitigation only queue here, and wait for nobody.</summary>
public sealed class NotificationService : IHostedService, IDisposable
{
    /// <summary>Changes that may wait to be looked at; beyond, they are not told of, and counted as dropped by "all".</summary>
    private const int MaxWaiting = 10_000;

    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);

    private readonly LiveState _live;
    private readonly IStore _store;
    private readonly TimeProvider _time;
    private readonly NoticeBook _book;
    private readonly NotifierRunner[] _runners;
    private readonly Channel<object> _changes;
    private readonly CancellationTokenSource _stopping = new();
    private Task _running = Task.CompletedTask;

    public NotificationService(
        IReadOnlyList<INotifier> notifiers, NotificationOptions options, LiveState live, IStore store, NotificationMetrics metrics, TimeProvider time, ILogger<NotificationService> logger)
    {
        _live = live;
        _store = store;
        _time = time;
        _book = new NoticeBook(options);
        _runners = [.. notifiers.Select(n => new NotifierRunner(n, options, FirstPause, metrics, time, logger))];
        _changes = Channel.CreateBounded<object>(
            new BoundedChannelOptions(MaxWaiting) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true }, _ => metrics.Dropped("all", 1));
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (_runners.Length == 0) return Task.CompletedTask;
        _book.Resume(_store.OpenIncidents());
        _live.IncidentChanged += Queue;
        _live.MitigationChanged += Queue;
        _running = Task.WhenAll(_runners.Select(r => Task.Run(() => r.RunAsync(_stopping.Token), CancellationToken.None)).Append(Task.Run(LookAsync, CancellationToken.None)));
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        _live.IncidentChanged -= Queue;
        _live.MitigationChanged -= Queue;
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _running.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    public void Dispose()
    {
        _stopping.Cancel();
        foreach (var runner in _runners) runner.Dispose();
        _stopping.Dispose();
    }

    private void Queue(Incident incident) => _changes.Writer.TryWrite(incident);

    private void Queue(Mitigation mitigation) => _changes.Writer.TryWrite(mitigation);

    private async Task LookAsync()
    {
        try
        {
            await foreach (var change in _changes.Reader.ReadAllAsync(_stopping.Token).ConfigureAwait(false))
            {
                var now = Timestamp.From(_time.GetUtcNow());
                if ((change is Incident incident ? _book.Of(incident, now) : _book.Of((Mitigation)change, now)) is not { } notice) continue;
                foreach (var runner in _runners) runner.Offer(notice);
            }
        }
        catch (OperationCanceledException)
        {
            // The service stops.
        }
    }
}
