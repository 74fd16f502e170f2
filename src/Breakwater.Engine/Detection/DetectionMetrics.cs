using System.Diagnostics.Metrics;
using Breakwater.Core.Detection;

namespace Breakwater.Engine.Detection;

/// <summary>Meters of the room.</summary>
public sealed class DetectionMetrics : IDisposable
{
    private readonly Meter _meter = new("breakwater.detection");

    public DetectionMetrics(DetectionLoop loop, DetectionEngine engine)
    {
        _meter.CreateObservableCounter("breakwater.detection.flows", () => loop.Flows, description: "Flows judged");
        _meter.CreateObservableGauge("breakwater.detection.hosts", () => engine.Hosts, description: "Home hosts metered");
        _meter.CreateObservableCounter("breakwater.detection.hosts_refused", () => engine.HostsRefused, description: "Flows of home hosts beyond detection.max_hosts");
        _meter.CreateObservableGauge("breakwater.detection.watched", () => engine.WatchedTargets, description: "Targets whose traffic is taken apart now");
        _meter.CreateObservableCounter("breakwater.detection.watches_refused", () => engine.WatchesRefused, description: "Targets not taken apart because detection.max_watched was reached");
    }

    public void Dispose() => _meter.Dispose();
}
