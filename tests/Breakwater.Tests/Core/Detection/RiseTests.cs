using Breakwater.Core.Detection;
using Breakwater.Core.Flows;
using Breakwater.Core.Mitigations;

namespace Breakwater.Tests.Core.Detection;

/// <summary>An attack of a kind that the target also has ordinary traffic of: time and looks tell the two apart.</summary>
public class RiseTests
{
    [Theory]
    [InlineData(800)]
    [InlineData(1_000)]
    [InlineData(20_000)]
    public void A_flood_of_SYNs_over_a_web_server_is_stopped_without_its_connections(int floodPerSecond)
    {
        using var net = new TestNetwork();
        // A hundred connections a second.
        net.Send(1_000, 6, Packets.Web());
        net.SendTogether(3, (1_000, Packets.Web()), (floodPerSecond, Packets.Syn()));

        var proposed = net.History.Where(h => h.Incident.Vectors.Contains(Vectors.SynFlood) && h.Incident.SampledPackets >= 200).Select(h => Ladder.First(h.Incident.Mitigations)).ToArray();
        Assert.NotEmpty(proposed);
        Assert.All(proposed, rules =>
        {
            Assert.True(rules.Sum(r => r.AttackShare) >= 0.95, Told(rules));
            Assert.DoesNotContain(rules, r => r.Match.Matches(Made(Packets.Web())));
            Assert.Contains(rules, r => r.Match.Matches(Made(Packets.Syn())));
        });
    }

    [Fact]
    public void What_was_there_before_the_attack_counts_as_collateral()
    {
        using var net = new TestNetwork();
        net.Send(1_000, 6, Packets.Web());
        // Nothing tells these SYNs from ordinary ones.
        net.SendTogether(3, (1_000, Packets.Web()), (5_000, Packets.Syn(length: 52)));

        var rule = net.Single().Mitigations[0];
        Assert.True(rule.Match.Matches(Made(Packets.Web())));
        Assert.Equal(MitigationAction.RateLimit, rule.Action);
        Assert.InRange(rule.CollateralShare!.Value, 0.02, 1);
    }

    [Fact]
    public void An_attack_that_goes_up_and_down_is_all_attack()
    {
        using var net = new TestNetwork();
        foreach (var rate in new[] { 3_000, 5_000, 4_000, 8_000, 6_000 }) net.Send(rate, 1, Packets.Answers(123, 468));
        var rule = Assert.Single(net.Single().Mitigations);
        Assert.Equal((MitigationAction.Drop, 1.0), (rule.Action, rule.AttackShare));
        Assert.Null(rule.CollateralShare);
    }

    [Fact]
    public void A_length_in_a_rule_is_one_that_packets_have_however_the_sample_is_weighed()
    {
        using var net = new TestNetwork();
        net.Send(20_000, 3, Packets.Syn());
        Assert.All(net.History, h => Assert.All(h.Incident.Mitigations, m => Assert.True(m.Match.Matches(Made(Packets.Syn())), m.Match.Describe())));
    }

    private static Flow Made(Action<Random, long, FlowBuilder> packet)
    {
        var made = new FlowBuilder(default);
        packet(new Random(1), 0, made);
        return made.Build();
    }

    private static string Told(IEnumerable<ProposedMitigation> rules) => string.Join("; ", rules.Select(r => $"{r.Action} {r.Match.Describe()}: {r.AttackShare:p1}"));
}
