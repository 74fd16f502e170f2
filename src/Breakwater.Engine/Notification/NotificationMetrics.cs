using System.Diagnostics.Metrics;

namespace Breakwater.Engine.Notification;

/// <summary>Meters of the room: read off the notifier's own counters.</summary>
public sealed class NotificationMetrics : IDisposable
{
    private readonly Meter _meter = new("breakwater.notification");

    public NotificationMetrics(ScriptNotifier script)
    {
        _meter.CreateObservableCounter("breakwater.notification.sent", () => Of(script.Runs), description: "Notifications begun, by channel");
        _meter.CreateObservableCounter("breakwater.notification.failures", () => Of(script.Failures), description: "Notifications that failed, by channel: not started, ended with an error, or took too long");
        _meter.CreateObservableCounter("breakwater.notification.timeouts", () => Of(script.Timeouts), description: "Notifications given up for taking too long, by channel");
        _meter.CreateObservableCounter("breakwater.notification.dropped", () => Of(script.Dropped), description: "Attacks not told of because too many notifications waited, by channel");
        _meter.CreateObservableGauge("breakwater.notification.waiting", () => Of(script.Waiting), description: "Notifications that wait for their turn, by channel");
    }

    public void Dispose() => _meter.Dispose();

    private static Measurement<long> Of(long count) => new(count, new KeyValuePair<string, object?>("channel", "script"));
}
