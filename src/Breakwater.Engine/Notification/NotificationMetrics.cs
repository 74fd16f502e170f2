using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Breakwater.Engine.Notification;

/// <summary>Meters of the room. The label is the name of the channel; the script's are read off its own counters.</summary>
public sealed class NotificationMetrics : IDisposable
{
    private readonly Meter _meter = new("breakwater.notification");
    private readonly ConcurrentDictionary<string, Counts> _channels = [];

    public NotificationMetrics(ScriptNotifier script)
    {
        _meter.CreateObservableCounter("breakwater.notification.sent", () => Of(script.Runs, c => c.Sent), description: "Notifications sent, by channel; for the script, programs started");
        _meter.CreateObservableCounter("breakwater.notification.failures", () => Of(script.Failures, c => c.Failures), description: "Notifications that failed, by channel: not started, refused, ended with an error, or took too long; each attempt counts");
        _meter.CreateObservableCounter("breakwater.notification.timeouts", () => Of(script.Timeouts, c => c.Timeouts), description: "Notifications given up for taking too long, by channel");
        _meter.CreateObservableCounter("breakwater.notification.dropped", () => Of(script.Dropped, c => c.Dropped), description: "What nobody was told of because too many notifications waited or every attempt failed, by channel");
        _meter.CreateObservableGauge("breakwater.notification.waiting", () => Of(script.Waiting, c => c.Waiting), description: "Notifications that wait for their turn, by channel");
    }

    public void Sent(string channel) => Interlocked.Increment(ref Channel(channel).Sent);

    public void Failed(string channel) => Interlocked.Increment(ref Channel(channel).Failures);

    public void TimedOut(string channel)
    {
        Interlocked.Increment(ref Channel(channel).Timeouts);
        Failed(channel);
    }

    public void Dropped(string channel, long notices) => Interlocked.Add(ref Channel(channel).Dropped, notices);

    public void Waiting(string channel, int notices) => Volatile.Write(ref Channel(channel).Waiting, notices);

    public void Dispose() => _meter.Dispose();

    private Counts Channel(string name) => _channels.GetOrAdd(name, static _ => new Counts());

    private IEnumerable<Measurement<long>> Of(long script, Func<Counts, long> count) =>
        _channels.Select(c => new Measurement<long>(count(c.Value), Label(c.Key))).Prepend(new(script, Label("script")));

    private static KeyValuePair<string, object?> Label(string channel) => new("channel", channel);

    private sealed class Counts
    {
        public long Sent, Failures, Timeouts, Dropped, Waiting;
    }
}
