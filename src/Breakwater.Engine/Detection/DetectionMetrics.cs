using System.Diagnostics.Metrics;
using Breakwater.Core.Detection;
using Breakwater.Core.Metering;

namespace Breakwater.Engine.Detection;

/// <summary>Meters of the room.</summary>
public sealed class DetectionMetrics : IDisposable
{
    private readonly Meter _meter = new("breakwater.detection");

    public DetectionMetrics(DetectionLoop loop, DetectionEngine engine)
    {
        _meter.CreateObservableCounter("breakwater.detection.flows", () => loop.Flows, description: "Flows judged");
        _meter.CreateObservableCounter("breakwater.detection.packets", () => ByDirection(engine, s => s.Packets), description: "Packets seen, estimated before sampling, by direction");
        _meter.CreateObservableCounter("breakwater.detection.bytes", () => ByDirection(engine, s => s.Bytes), description: "Octets of IP seen, estimated before sampling, by direction");
        _meter.CreateObservableGauge("breakwater.detection.hosts", () => engine.Hosts, description: "Home hosts metered");
        _meter.CreateObservableCounter("breakwater.detection.hosts_refused", () => engine.HostsRefused, description: "Flows of home hosts beyond detection.max_hosts");
        _meter.CreateObservableGauge("breakwater.detection.watched", () => engine.WatchedTargets, description: "Targets whose traffic is taken apart now");
        _meter.CreateObservableCounter("breakwater.detection.watches_refused", () => engine.WatchesRefused, description: "Targets not taken apart because detection.max_watched was reached");
        if (engine.Behaviour is not { } behaviour) return;
        _meter.CreateObservableGauge("breakwater.behaviour.contacts", () => behaviour.Contacts, description: "Conversations followed now");
        _meter.CreateObservableCounter("breakwater.behaviour.contacts_evicted", () => behaviour.ContactsEvicted, description: "Conversations that made room before their end because behaviour.max_contacts was reached");
        _meter.CreateObservableCounter("breakwater.behaviour.flows_missed", () => behaviour.FlowsMissed, description: "Flows that only the volume detectors looked at, because more were waiting than there was time for");
        _meter.CreateObservableGauge("breakwater.behaviour.cases", () => behaviour.Cases, description: "Hosts with something against them");
        _meter.CreateObservableCounter("breakwater.behaviour.signs_refused", () => behaviour.SignsRefused, description: "Signs that found no room because behaviour.max_cases was reached");
    }

    public void Dispose() => _meter.Dispose();

    private static IEnumerable<Measurement<long>> ByDirection(DetectionEngine engine, Func<TrafficSum, long> count) =>
        Enum.GetValues<Direction>().Select(d => new Measurement<long>(count(engine.SumOf(d)), new KeyValuePair<string, object?>("direction", d.ToString().ToLowerInvariant())));
}
