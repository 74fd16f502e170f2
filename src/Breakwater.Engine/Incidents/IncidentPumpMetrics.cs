using System.Diagnostics.Metrics;

namespace Breakwater.Engine.Incidents;

/// <summary>Meters of the room.</summary>
public sealed class IncidentPumpMetrics : IDisposable
{
    private readonly Meter _meter = new("breakwater.incidents");
    private readonly Counter<long> _stored;
    private readonly Counter<long> _failures;
    private readonly Counter<long> _givenUp;

    public IncidentPumpMetrics()
    {
        _stored = _meter.CreateCounter<long>("breakwater.incidents.stored", description: "Snapshots of incidents written to the store");
        _failures = _meter.CreateCounter<long>("breakwater.incidents.store_failures", description: "Attempts to write incidents that the store refused");
        _givenUp = _meter.CreateCounter<long>("breakwater.incidents.given_up", description: "Incidents never stored, because the store failed for too long");
        // Shown as 0 from the start: a rate over a counter that appears with its first failure misses that failure.
        _stored.Add(0);
        _failures.Add(0);
        _givenUp.Add(0);
    }

    public void Stored(int count) => _stored.Add(count);

    public void StoreFailed() => _failures.Add(1);

    public void GivenUp() => _givenUp.Add(1);

    public void Dispose() => _meter.Dispose();
}
