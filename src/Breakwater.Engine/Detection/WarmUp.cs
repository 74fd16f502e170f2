using Breakwater.Core.Detection;
using Breakwater.Core.Flows;
using Breakwater.Core.Incidents;
using Breakwater.Core.Metering;
using Breakwater.Core.Simulation;

namespace Breakwater.Engine.Detection;

/// <summary>Lets the hot path see an attack before the first real one does: code that has never run is compiled while the flood comes in.</summary>
internal static class WarmUp
{
    /// <summary>The simulator's first attack begins after twelve seconds.</summary>
    private static readonly TimeSpan Length = TimeSpan.FromSeconds(14);

    /// <summary>Plays a few simulated seconds through an engine that is thrown away; takes some tenths of a second.</summary>
    public static void Run(IReadOnlyList<IDetector> detectors)
    {
        var start = Timestamp.FromUnixSeconds(0);
        var simulator = new TrafficSimulator(seed: 1, start);
        var limits = new RateLimits { PacketsPerSecond = 5_000 };
        var home = new HomeNetwork(SimulatedNetwork.Home, [KeyValuePair.Create("default", new HostGroupOptions { Inbound = limits, Outbound = limits })]);
        using var engine = new DetectionEngine(home, new DetectionOptions { MaxHosts = 1_000, MaxWatched = 16 }, detectors, new Nobody(), new Nobody());
        var batch = new FlowBatch();
        for (var now = start; now < start + Length; now += TimeSpan.FromMilliseconds(100))
        {
            while (!simulator.Fill(batch, now)) Hand(engine, batch, now);
            Hand(engine, batch, now);
        }
        engine.Finish();
    }

    private static void Hand(DetectionEngine engine, FlowBatch batch, Timestamp now)
    {
        batch.ReceivedAt = now;
        engine.Observe(batch);
        batch.Clear();
    }

    private sealed class Nobody : IIncidentSink, ITrafficSink
    {
        public void Publish(Incident incident)
        {
        }

        public void Publish(TrafficSnapshot snapshot)
        {
        }

        public void Publish(IReadOnlyList<TrafficRollup> rollups)
        {
        }
    }
}
