using System.Diagnostics.Metrics;
using Breakwater.Protocols.Dots;

namespace Breakwater.Engine.Dots;

/// <summary>Meters of the room.</summary>
internal sealed class DotsMetrics : IDisposable
{
    private readonly Meter _meter = new("breakwater.dots");
    private readonly Counter<long> _inboxFull;

    public DotsMetrics(DotsCounters counters, DotsRoom room)
    {
        _meter.CreateObservableGauge("breakwater.dots.sessions", () => room.Inside, description: "DOTS sessions, handshakes under way included");
        _meter.CreateObservableCounter("breakwater.dots.sessions_refused", () => room.TurnedAway, description: "Peers that found no room for another session");
        _meter.CreateObservableCounter("breakwater.dots.handshakes_failed", () => room.FailedHandshakes, description: "Peers that could not prove who they are, or broke off");
        _meter.CreateObservableCounter("breakwater.dots.sessions_lost", () => counters.SessionsLost, description: "Sessions that ended without a good-bye");
        _meter.CreateObservableCounter("breakwater.dots.requests_granted", () => counters.Granted, description: "Mitigation requests granted");
        _meter.CreateObservableCounter("breakwater.dots.requests_refused", () => Refused(counters), description: "Mitigation requests refused, by reason");
        _meter.CreateObservableCounter("breakwater.dots.malformed", () => counters.MalformedBodies, description: "Requests whose body could not be read");
        _meter.CreateObservableCounter("breakwater.dots.notifications", () => counters.Notifications, description: "Notifications to clients that observe");
        _inboxFull = _meter.CreateCounter<long>("breakwater.dots.queue_drops", description: "Messages dropped because too many waited");
    }

    public void InboxFull() => _inboxFull.Add(1);

    public void Dispose() => _meter.Dispose();

    private static IEnumerable<Measurement<long>> Refused(DotsCounters counters) =>
    [
        new(counters.OutOfScope, new KeyValuePair<string, object?>("reason", "scope")),
        new(counters.RefusedByPolicy, new KeyValuePair<string, object?>("reason", "rail")),
        new(counters.Conflicts, new KeyValuePair<string, object?>("reason", "conflict")),
        new(counters.RateLimited, new KeyValuePair<string, object?>("reason", "rate")),
    ];
}
