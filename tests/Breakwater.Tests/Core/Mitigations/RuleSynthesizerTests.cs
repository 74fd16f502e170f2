using Breakwater.Core.Detection;
using Breakwater.Core.Flows;
using Breakwater.Core.Mitigations;
using Breakwater.Core.Net;
using FsCheck;
using FsCheck.Fluent;

namespace Breakwater.Tests.Core.Mitigations;

public class RuleSynthesizerTests
{
    private static readonly Prefix Victim = Prefix.Parse("192.0.2.7/32");

    public static TheoryData<string, string> EveryVector()
    {
        var data = new TheoryData<string, string>();
        foreach (var target in new[] { "192.0.2.7/32", "2001:db8::7/128", "198.51.100.0/24" })
            foreach (var vector in Vectors.All) data.Add(vector, target);
        return data;
    }

    [Theory, MemberData(nameof(EveryVector))]
    public void The_first_rule_stops_every_vector_and_spares_ordinary_traffic(string vector, string target)
    {
        var world = new SyntheticAttacks(Prefix.Parse(target), seed: 1);
        var first = RuleSynthesizer.Synthesize(Prefix.Parse(target), vector, world.Of(vector), world.Ordinary())[0];

        Assert.True(first.AttackShare >= 0.95 && first.CollateralShare <= 0.02, $"{first.Match.Describe()}: {first.AttackShare:p1} of the attack, {first.CollateralShare:p1} of the rest");
        Assert.NotEqual(MitigationAction.Blackhole, first.Action);
    }

    [Theory, MemberData(nameof(EveryVector))]
    public void The_first_rule_stops_every_vector_when_no_ordinary_traffic_was_seen(string vector, string target)
    {
        var first = RuleSynthesizer.Synthesize(Prefix.Parse(target), vector, new SyntheticAttacks(Prefix.Parse(target), seed: 2).Of(vector), [])[0];

        Assert.True(first.AttackShare >= 0.95, $"{first.Match.Describe()}: {first.AttackShare:p1}");
        Assert.Null(first.CollateralShare);
    }

    [Fact]
    public void Names_the_source_port_of_an_amplifier_and_nothing_more()
    {
        var world = new SyntheticAttacks(Victim, seed: 3);
        Assert.Equal("udp from port 161 to 192.0.2.7", First(world, "snmp-amplification", world.Ordinary()));
    }

    [Theory]
    [InlineData("ntp-amplification", "udp from port 123 to 192.0.2.7, at least 480 octets long")]
    [InlineData("syn-ack-reflection", "tcp SYN+ACK to 192.0.2.7, 44 octets long")]
    public void Names_what_the_vector_is_named_after_and_what_tells_it_from_ordinary_answers(string vector, string rule)
    {
        var world = new SyntheticAttacks(Victim, seed: 3);
        Assert.Equal(rule, First(world, vector, world.Ordinary()));
    }

    [Fact]
    public void Tells_a_flood_of_bare_syns_from_ordinary_ones_by_their_length()
    {
        var world = new SyntheticAttacks(Victim, seed: 4);
        Assert.Contains("tcp SYN without ACK to 192.0.2.7", First(world, Vectors.SynFlood, world.Ordinary()));
        Assert.EndsWith("40 octets long", First(world, Vectors.SynFlood, world.Ordinary()));
    }

    [Fact]
    public void Catches_first_and_later_fragments_of_amplified_answers_in_one_rule()
    {
        var world = new SyntheticAttacks(Victim, seed: 5);
        Assert.Equal("udp fragments to 192.0.2.7", First(world, "dns-amplification", world.Ordinary()));
    }

    [Fact]
    public void Answers_several_vectors_with_rules_that_complement_each_other()
    {
        var world = new SyntheticAttacks(Victim, seed: 6);
        List<Flow> attack = [.. world.Of(Vectors.SynFlood), .. world.Of("ntp-amplification"), .. world.Of(Vectors.IcmpFlood)];
        var ordinary = world.Ordinary();
        var proposals = RuleSynthesizer.Synthesize(Victim, Vectors.SynFlood, attack, ordinary);

        var narrow = proposals.TakeWhile(p => p.CollateralShare <= 0.02).Select(p => p.Match).ToArray();
        Assert.InRange(narrow.Length, 1, 4);
        Assert.InRange(attack.Count(f => narrow.Any(m => m.Matches(f))), 0.95 * attack.Count, attack.Count);
        Assert.InRange(ordinary.Count(f => narrow.Any(m => m.Matches(f))), 0, 0.02 * ordinary.Count);
    }

    [Fact]
    public void Names_the_sources_when_only_they_tell_the_attack_from_the_rest()
    {
        var world = new SyntheticAttacks(Victim, seed: 7);
        var ordinary = world.Ordinary();
        var attackers = Prefix.Parse("203.0.113.0/28");
        var attack = world.Ordinary().Select(f => f with { Source = IpAddr.V4(attackers.Address.V4Bits + f.Source.V4Bits % 16) }).ToList();
        var first = RuleSynthesizer.Synthesize(Victim, Vectors.HighRate, attack, ordinary)[0];

        Assert.Equal(attackers, first.Match.Source);
        Assert.Equal(0, first.CollateralShare);
    }

    [Fact]
    public void Offers_a_blackhole_last_when_nothing_tells_the_attack_from_the_rest()
    {
        var world = new SyntheticAttacks(Victim, seed: 8);
        var proposals = RuleSynthesizer.Synthesize(Victim, Vectors.HighRate, world.Ordinary(), world.Ordinary());

        Assert.Equal(MitigationAction.Blackhole, proposals[^1].Action);
        Assert.All(proposals.SkipLast(1), p => Assert.Equal(MitigationAction.RateLimit, p.Action));
        Assert.True(proposals.Count > 1);
    }

    [Fact]
    public void Never_blackholes_more_than_one_host()
    {
        var target = Prefix.Parse("192.0.2.0/24");
        var world = new SyntheticAttacks(target, seed: 8);
        Assert.DoesNotContain(RuleSynthesizer.Synthesize(target, Vectors.HighRate, world.Ordinary(), world.Ordinary()), p => p.Action == MitigationAction.Blackhole);
    }

    [Fact]
    public void Limits_icmp_to_a_rate_instead_of_cutting_it_off()
    {
        var world = new SyntheticAttacks(Victim, seed: 9);
        var random = new Random(9);
        var attack = Enumerable.Range(0, 1_000).Select(_ => world.Icmp(random.Next(256), random.Next(28, 1500))).ToList();
        var first = RuleSynthesizer.Synthesize(Victim, Vectors.IcmpFlood, attack, [])[0];

        Assert.Equal((MitigationAction.RateLimit, "icmp to 192.0.2.7"), (first.Action, first.Match.Describe()));
        Assert.InRange(first.RateBitsPerSecond!.Value, 1, attack.Sum(f => f.Bytes) * 8 / 10 / 2);
    }

    [Fact]
    public void Proposes_nothing_without_an_attack()
    {
        Assert.Empty(RuleSynthesizer.Synthesize(Victim, Vectors.UdpFlood, [], new SyntheticAttacks(Victim, 1).Ordinary()));
        Assert.Empty(RuleSynthesizer.Synthesize(Victim, Vectors.UdpFlood, [new Flow { Destination = Victim.Address }], []));
    }

    [Fact]
    public void Proposes_the_same_for_the_same_flows()
    {
        var world = new SyntheticAttacks(Victim, seed: 10);
        List<Flow> attack = [.. world.Of(Vectors.SynFlood), .. world.Of(Vectors.UdpFlood)];
        var ordinary = world.Ordinary();
        Assert.Equal(Told(RuleSynthesizer.Synthesize(Victim, Vectors.SynFlood, attack, ordinary)), Told(RuleSynthesizer.Synthesize(Victim, Vectors.SynFlood, attack, ordinary)));
    }

    /// <summary>Flows of any content whatever, most of them to the target: what a decoder may hand on from a broken exporter.</summary>
    [Fact]
    public void Whatever_the_flows_every_rule_has_the_destination_and_true_shares() =>
        Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), seed =>
        {
            var random = new Random(seed);
            var attack = AnyFlows(random);
            var ordinary = AnyFlows(random);
            var proposals = RuleSynthesizer.Synthesize(Victim, Vectors.All[random.Next(Vectors.All.Count)], attack, ordinary);
            return proposals.Count <= RuleSynthesizer.MaxProposals && proposals.All(p =>
                p.Match.Destination == Victim
                && p.AttackShare == Recount(attack, p.Match)
                && p.CollateralShare == Recount(ordinary, p.Match)
                && p.Action == MitigationAction.RateLimit == p.RateBitsPerSecond > 0);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(150));

    private static string First(SyntheticAttacks world, string vector, IReadOnlyList<Flow> ordinary) =>
        RuleSynthesizer.Synthesize(Victim, vector, world.Of(vector), ordinary)[0].Match.Describe();

    private static string Told(IReadOnlyList<ProposedMitigation> proposals) =>
        string.Join('\n', proposals.Select(p => $"{p.Action} {p.Match.Describe()} {p.AttackShare:r} {p.CollateralShare:r} {p.RateBitsPerSecond:r}"));

    private static double? Recount(IEnumerable<Flow> flows, TrafficMatch rule)
    {
        Int128 matched = 0, total = 0;
        foreach (var flow in flows.Where(f => f.Packets > 0))
        {
            total += flow.Packets;
            if (rule.Matches(flow)) matched += flow.Packets;
        }
        return total == 0 ? null : (double)matched / (double)total;
    }

    private static List<Flow> AnyFlows(Random random)
    {
        byte[] protocols = [.. Enumerable.Range(0, random.Next(1, 5)).Select(_ => random.Next(2) == 0 ? (byte)random.Next(256) : (byte)6)];
        return [.. Enumerable.Range(0, random.Next(0, 200)).Select(_ => new Flow
        {
            Source = random.Next(9) == 0 ? new IpAddr((ulong)random.NextInt64(), (ulong)random.NextInt64()) : IpAddr.V4((uint)random.NextInt64(1L << 32)),
            Destination = random.Next(9) == 0 ? default : Victim.Address,
            Protocol = protocols[random.Next(protocols.Length)],
            SourcePort = (ushort)random.Next(random.Next(2) == 0 ? 3 : 65536),
            DestinationPort = (ushort)random.Next(random.Next(2) == 0 ? 3 : 65536),
            TcpFlags = (byte)random.Next(256),
            Packets = random.Next(20) == 0 ? random.NextInt64(long.MinValue, long.MaxValue) : random.Next(5),
            Bytes = random.NextInt64(random.Next(2) == 0 ? 100_000 : long.MaxValue) - 100,
            Start = new Timestamp(random.NextInt64(long.MinValue, long.MaxValue)),
            End = new Timestamp(random.NextInt64(long.MinValue, long.MaxValue)),
            Flags = (FlowFlags)random.Next(8192),
        })];
    }
}
