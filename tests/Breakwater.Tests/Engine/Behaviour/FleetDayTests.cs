using Breakwater.Core.Behaviour;
using Breakwater.Core.Detection;
using Breakwater.Core.Flows;
using Breakwater.Core.Incidents;
using Breakwater.Core.Net;
using Breakwater.Core.Simulation.Fleet;
using Breakwater.Engine;
using Xunit.Abstractions;

namespace Breakwater.Tests.Engine.Behaviour;

/// <summary>A day of a thousand home hosts, one in a hundred a bot, through everything that serve runs.</summary>
public class FleetDayTests(ITestOutputHelper output)
{
    private static readonly Timestamp Midnight = Timestamp.FromUnixSeconds(1_700_006_400);

    /// <summary>Two days of other dice, so that one bot in twenty may be late and the share means something.</summary>
    [Fact]
    public void Finds_the_bots_within_an_hour_and_accuses_nobody_else()
    {
        var (bots, late) = (0, new List<FleetBot>());
        for (var seed = 1; seed <= 2; seed++)
        {
            var fleet = new SimulatedFleet(seed, Midnight);
            var day = Watch(fleet, TimeSpan.FromHours(24), [new BehaviourException { Host = new Prefix(SimulatedFleet.Scanner, 32) }]);
            foreach (var bot in fleet.Bots)
                output.WriteLine($"{bot.Kind} {bot.Host} {(day.AccusedAt.TryGetValue(bot.Host, out var when) ? $"after {(when - bot.From).TotalMinutes:0} min: {day.Why[bot.Host]}" : "never")}");
            output.WriteLine($"{day.Records} records, {day.Incidents.Values.Count(i => i.Severity < Severity.Medium)} incidents of low severity");
            bots += fleet.Bots.Count;
            late.AddRange(fleet.Bots.Where(b => !day.AccusedAt.TryGetValue(b.Host, out var at) || at < b.From || at - b.From > TimeSpan.FromHours(1)));
            var innocent = day.AccusedAt.Keys.Except(fleet.Bots.Select(b => b.Host)).ToArray();
            Assert.True(innocent.Length == 0, $"{innocent.Length} accused: {string.Join("\n", innocent.Take(5).Select(h => day.Why[h]))}");
            Assert.DoesNotContain(day.Incidents.Values, i => i.Kind == IncidentKind.Ddos && i.Severity >= Severity.Medium);
        }
        Assert.True(bots - late.Count >= 0.95 * bots, $"not within the hour: {string.Join(", ", late)}");
    }

    private static Day Watch(SimulatedFleet fleet, TimeSpan length, IReadOnlyList<BehaviourException> exceptions)
    {
        var home = new HomeNetwork([SimulatedFleet.Home], []);
        var day = new Day();
        using var engine = new DetectionEngine(home, new DetectionOptions(), Composition.Default.CreateDetectors(), day, traffic: null,
            behaviour: Composition.Default.CreateBehaviour(new BehaviourOptions { Exceptions = exceptions }, home, day));
        day.Now = () => engine.Now;
        var batch = new FlowBatch();
        for (var second = 1; second <= length.TotalSeconds; second++)
        {
            for (var more = true; more;)
            {
                more = !fleet.Fill(batch, Midnight + TimeSpan.FromSeconds(second));
                day.Records += batch.Count;
                engine.Observe(batch);
                batch.Clear();
            }
            engine.Advance(Midnight + TimeSpan.FromSeconds(second));
        }
        return day;
    }

    private sealed class Day : IIncidentSink
    {
        public Func<Timestamp> Now = () => Timestamp.Min;
        public Dictionary<IpAddr, Timestamp> AccusedAt { get; } = [];
        public Dictionary<IpAddr, string> Why { get; } = [];
        public Dictionary<string, Incident> Incidents { get; } = [];
        public long Records { get; set; }

        public void Publish(Incident incident)
        {
            Incidents[incident.Id] = incident;
            if (incident.Severity < Severity.Medium || incident.Host is not { } host || !SimulatedFleet.Home.Contains(host)) return;
            if (AccusedAt.TryAdd(host, Now())) Why[host] = $"{incident.Kind} {incident.Explanation}";
        }
    }
}
