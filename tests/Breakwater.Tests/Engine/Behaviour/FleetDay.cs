using Breakwater.Core.Behaviour;
using Breakwater.Core.Detection;
using Breakwater.Core.Flows;
using Breakwater.Core.Incidents;
using Breakwater.Core.Net;
using Breakwater.Core.Simulation.Fleet;
using Breakwater.Engine;
using Xunit.Abstractions;

namespace Breakwater.Tests.Engine.Behaviour;

/// <summary>A day of a thousand home hosts, one in a hundred a bot, through everything that serve runs, and what was said of them.</summary>
internal sealed class FleetDay : IIncidentSink
{
    private static readonly Timestamp Midnight = Timestamp.FromUnixSeconds(1_700_006_400);

    private readonly SimulatedFleet _fleet;
    private readonly Dictionary<IpAddr, Timestamp> _accusedAt = [];
    private readonly Dictionary<IpAddr, string> _why = [];
    private readonly Dictionary<string, Incident> _incidents = [];
    private Timestamp _now = Midnight;

    private FleetDay(int seed) => _fleet = new SimulatedFleet(seed, Midnight);

    public static FleetDay Watch(int seed, ITestOutputHelper output)
    {
        var day = new FleetDay(seed);
        day.Watch(TimeSpan.FromHours(24), [new BehaviourException { Host = new Prefix(SimulatedFleet.Scanner, 32) }]);
        foreach (var bot in day._fleet.Bots)
            output.WriteLine($"{bot.Kind} {bot.Host} {(day._accusedAt.TryGetValue(bot.Host, out var when) ? $"after {(when - bot.From).TotalMinutes:0} min: {day._why[bot.Host]}" : "never")}");
        return day;
    }

    public void AssertBotsAndNobodyElse()
    {
        var bots = _fleet.Bots.Select(b => b.Host).ToHashSet();
        // 95 % of ten is all of them.
        Assert.DoesNotContain(_fleet.Bots, b => !_accusedAt.TryGetValue(b.Host, out var at) || at < b.From || at - b.From > TimeSpan.FromHours(1));
        Assert.Empty(_accusedAt.Keys.Where(h => !bots.Contains(h)).Select(h => _why[h]));
        Assert.DoesNotContain(_incidents.Values, i => i.Kind == IncidentKind.Ddos && i.Severity >= Severity.Medium);
        // Four hosts in ten have a timer that says the same by day and by night: nothing that anybody wants to hear of.
        Assert.DoesNotContain(_incidents.Values, i => i.Kind == IncidentKind.InfectedHost && !bots.Contains(i.Host!.Value));
    }

    public void Publish(Incident incident)
    {
        _incidents[incident.Id] = incident;
        if (incident.Severity < Severity.Medium || incident.Host is not { } host || !SimulatedFleet.Home.Contains(host)) return;
        if (_accusedAt.TryAdd(host, _now)) _why[host] = $"{incident.Kind} {incident.Explanation}";
    }

    private void Watch(TimeSpan length, IReadOnlyList<BehaviourException> exceptions)
    {
        var home = new HomeNetwork([SimulatedFleet.Home], []);
        using var engine = new DetectionEngine(home, new DetectionOptions(), Composition.Default.CreateDetectors(), this, traffic: null,
            behaviour: Composition.Default.CreateBehaviour(new BehaviourOptions { Exceptions = exceptions }, home, this));
        var batch = new FlowBatch();
        for (var second = 1; second <= length.TotalSeconds; second++)
        {
            _now = Midnight + TimeSpan.FromSeconds(second);
            for (var more = true; more;)
            {
                more = !_fleet.Fill(batch, _now);
                engine.Observe(batch);
                batch.Clear();
            }
            engine.Advance(_now);
        }
    }
}
