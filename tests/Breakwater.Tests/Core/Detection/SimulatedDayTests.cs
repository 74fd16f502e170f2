using Breakwater.Core.Detection;
using Breakwater.Core.Flows;
using Breakwater.Core.Incidents;
using Breakwater.Core.Simulation;

namespace Breakwater.Tests.Core.Detection;

/// <summary>The simulator knows what it did; the engine has to find exactly that.</summary>
public class SimulatedDayTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    public void Every_simulated_attack_is_found_and_named_and_nothing_else_is(int seed)
    {
        var start = Timestamp.FromUnixSeconds(1_700_000_000);
        var end = start + TimeSpan.FromMinutes(9);
        var simulator = new TrafficSimulator(seed, start);
        var log = new Log();
        using var engine = new DetectionEngine(new HomeNetwork(SimulatedNetwork.Home, []), new DetectionOptions(), TestNetwork.Detectors(), log, log);
        var batch = new FlowBatch();
        for (var now = start; now < end; now += TimeSpan.FromMilliseconds(50))
        {
            while (!simulator.Fill(batch, now)) Hand(batch, engine);
            Hand(batch, engine);
        }
        engine.Finish();

        var said = log.Incidents.Values.Where(i => i.Severity >= Severity.Medium && i.State == IncidentState.Ended).ToList();
        foreach (var attack in simulator.AttacksBefore(end))
        {
            var incident = said.Where(i => i.Target == attack.Target).ToArray();
            Assert.True(incident.Length == 1, $"{attack.Vectors[0]} on {attack.Target}: {incident.Length} incidents");
            foreach (var vector in attack.Vectors) Assert.Contains(vector, incident[0].Vectors);
            // The same attack on the same target soon after its end reopens its incident, which began with the first.
            var first = simulator.AttacksBefore(end).First(a => a.Target == attack.Target);
            Assert.InRange(Math.Abs((incident[0].Start - first.Start).TotalSeconds), 0, 3);
        }
        var targets = simulator.AttacksBefore(end).Select(a => a.Target).ToHashSet();
        Assert.All(said, i => Assert.True(targets.Contains(i.Target!.Value), $"nobody attacked {i.Target}: {i.Explanation}"));
    }

    private static void Hand(FlowBatch batch, DetectionEngine engine)
    {
        if (batch.Count > 0) engine.Observe(batch);
        batch.Clear();
    }

    private sealed class Log : IIncidentSink, ITrafficSink
    {
        public Dictionary<string, Incident> Incidents { get; } = [];
        public void Publish(Incident incident) => Incidents[incident.Id] = incident;
        public void Publish(TrafficSnapshot snapshot) { }
        public void Publish(IReadOnlyList<TrafficRollup> rollups) { }
    }
}
