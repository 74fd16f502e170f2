using System.Net.Sockets;
using System.Security.Authentication;
using Breakwater.Core.Flows;
using Microsoft.Extensions.Logging;

namespace Breakwater.Engine.Notification;

/// <summary>Serves one receiver: what waits for it, when it goes, how often it is tried. A receiver that hangs costs only itself.</summary>
internal sealed class NotifierRunner(INotifier notifier, NotificationOptions options, TimeSpan firstPause, NotificationMetrics metrics, TimeProvider time, ILogger logger) : IDisposable
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly NoticeOutbox _outbox = new(notifier.Name, options.GroupWait, options.MaxPerMinute);
    private readonly SemaphoreSlim _wake = new(0, 1);
    private bool _failing;

    /// <summary>From any thread: only queues.</summary>
    public void Offer(Notice notice)
    {
        lock (_gate)
        {
            if (!_outbox.Offer(notice, Now())) metrics.Dropped(notifier.Name, 1);
            metrics.Waiting(notifier.Name, _outbox.Count);
            if (_wake.CurrentCount == 0) _wake.Release();
        }
    }

    /// <summary>Delivers until cancelled; then it ends without an exception.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        try
        {
            while (true)
            {
                TimeSpan? wait;
                lock (_gate) wait = _outbox.Wait(Now());
                if (wait is null) await _wake.WaitAsync(stopping).ConfigureAwait(false);
                else if (wait > TimeSpan.Zero) await Task.Delay(wait.Value, time, stopping).ConfigureAwait(false);
                else await DeliverAsync(stopping).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The service stops.
        }
    }

    public void Dispose()
    {
        notifier.Dispose();
        _wake.Dispose();
    }

    /// <summary>The pause after the given number of failures: doubling, at most a minute.</summary>
    internal static TimeSpan Pause(TimeSpan first, int failures)
    {
        var pause = first * Math.Pow(2, Math.Min(failures - 1, 30));
        return pause < LongestPause ? pause : LongestPause;
    }

    private async Task DeliverAsync(CancellationToken stopping)
    {
        NoticeGroup group;
        lock (_gate)
        {
            group = _outbox.Take(Now());
            metrics.Waiting(notifier.Name, _outbox.Count);
        }
        for (var attempt = 1; ; attempt++)
        {
            var delivery = await AttemptAsync(group, stopping).ConfigureAwait(false);
            if (delivery.Problem is null)
            {
                metrics.Sent(notifier.Name);
                if (_failing) logger.SenderWorksAgain(notifier.Name);
                _failing = false;
                return;
            }
            if (!_failing) logger.SenderFails(notifier.Name, delivery.Problem);
            _failing = true;
            if (!delivery.Again || attempt >= options.Attempts)
            {
                metrics.Dropped(notifier.Name, group.Notices.Count);
                return;
            }
            await Task.Delay(Pause(firstPause, attempt), time, stopping).ConfigureAwait(false);
        }
    }

    private async Task<Delivery> AttemptAsync(NoticeGroup group, CancellationToken stopping)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        limit.CancelAfter(options.Timeout);
        try
        {
            var delivery = await notifier.SendAsync(group, limit.Token).ConfigureAwait(false);
            if (delivery.Problem is not null) metrics.Failed(notifier.Name);
            return delivery;
        }
        catch (OperationCanceledException) when (!stopping.IsCancellationRequested)
        {
            metrics.TimedOut(notifier.Name);
            return Delivery.Failed($"no answer within {options.Timeout}");
        }
        catch (Exception refused) when (refused is IOException or SocketException or HttpRequestException or AuthenticationException)
        {
            metrics.Failed(notifier.Name);
            return Delivery.Failed(refused.Message);
        }
    }

    private Timestamp Now() => Timestamp.From(time.GetUtcNow());
}
