using Breakwater.Core.Detection;
using Breakwater.Core.Flows;
using Breakwater.Core.Mitigations;
using Breakwater.Core.Net;

namespace Breakwater.Tests.Core.Mitigations;

public class RuleRenewalTests
{
    private static readonly Prefix Victim = Prefix.Parse("192.0.2.7/32");
    private static readonly TrafficMatch SynAck = new() { Destination = Victim, Protocols = [6], TcpFlags = 0x12, TcpFlagsMask = 0x12 };

    private readonly SyntheticAttacks _world = new(Victim, seed: 11);

    [Fact]
    public void Rules_that_serve_stay_whatever_comes_to_mind_later()
    {
        var attack = _world.Of(Vectors.SynAckReflection);
        var former = new ProposedMitigation(SynAck with { PacketLengths = [44] }, MitigationAction.Drop, 0.5, 0.5);
        var kept = Assert.Single(RuleRenewal.Choose([former], [Drop(SynAck with { PacketLengths = [new(43, 44)] })], attack, _world.Ordinary()));
        Assert.Equal(former with { AttackShare = 1, CollateralShare = 0 }, kept);
    }

    [Fact]
    public void An_attack_that_has_become_another_gets_other_rules()
    {
        List<Flow> attack = [.. _world.Of(Vectors.SynAckReflection), .. _world.Of(Vectors.RstReflection)];
        var newer = RuleSynthesizer.Synthesize(Victim, Vectors.SynAckReflection, attack, _world.Ordinary());
        Assert.Same(newer, RuleRenewal.Choose([Drop(SynAck)], newer, attack, _world.Ordinary()));
    }

    [Fact]
    public void A_rule_that_turns_out_to_cost_connections_gives_way_to_one_that_does_not()
    {
        var newer = Drop(SynAck with { PacketLengths = [44] });
        Assert.Equal([newer], RuleRenewal.Choose([Drop(SynAck)], [newer], _world.Of(Vectors.SynAckReflection), _world.Ordinary()));
    }

    [Fact]
    public void A_drop_that_turns_out_to_cost_too_much_becomes_a_limit()
    {
        var newer = Drop(SynAck) with { Action = MitigationAction.RateLimit, RateBitsPerSecond = 64_000 };
        Assert.Equal([newer], RuleRenewal.Choose([Drop(SynAck)], [newer], _world.Of(Vectors.SynAckReflection), _world.Ordinary()));
    }

    private static ProposedMitigation Drop(TrafficMatch match) => new(match, MitigationAction.Drop, 1, 0);
}
