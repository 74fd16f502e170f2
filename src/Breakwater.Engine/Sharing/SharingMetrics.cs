using System.Diagnostics.Metrics;

namespace Breakwater.Engine.Sharing;

/// <summary>Meters of what is told to others.</summary>
public sealed class SharingMetrics : IDisposable
{
    private readonly Meter _meter = new("breakwater.sharing");
    private readonly Counter<long> _told;
    private readonly Counter<long> _failures;
    private readonly Counter<long> _dropped;

    public SharingMetrics()
    {
        _told = _meter.CreateCounter<long>("breakwater.sharing.objects", description: "Versions of STIX objects made ready for others");
        _failures = _meter.CreateCounter<long>("breakwater.sharing.failures", description: "Incidents that could not be made ready for others, each attempt counts");
        _dropped = _meter.CreateCounter<long>("breakwater.sharing.dropped", description: "Incidents not told of because too many waited");
        // Shown as 0 from the start: a rate over a counter that appears with its first failure misses that failure.
        _told.Add(0);
        _failures.Add(0);
        _dropped.Add(0);
    }

    public void Told(int objects) => _told.Add(objects);

    public void Failed() => _failures.Add(1);

    public void Dropped() => _dropped.Add(1);

    public void Dispose() => _meter.Dispose();
}
