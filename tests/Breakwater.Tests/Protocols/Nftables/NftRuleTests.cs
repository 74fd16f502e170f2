using System.Text.Json;
using Breakwater.Core.Mitigations;
using Breakwater.Core.Net;
using Breakwater.Protocols.Nftables;
using Breakwater.Tests.Core.Mitigations;
using Breakwater.Tests.Core.Mitigations.Rails;
using FsCheck;
using FsCheck.Fluent;

namespace Breakwater.Tests.Protocols.Nftables;

/// <summary>Mitigations in the words of libnftables-json(5).</summary>
public class NftRuleTests
{
    private static readonly Mitigation Drop = MitigationSamples.Proposed;
    private static readonly TrafficMatch V4 = new() { Destination = Prefix.Parse("192.0.2.7/32") }, V6 = new() { Destination = Prefix.Parse("2001:db8::7/128") };

    [Fact]
    public void Every_component_of_IPv4_has_its_expression() => Assert.Equal(
        """[{"match":{"op":"==","left":{"payload":{"protocol":"ip","field":"saddr"}},"right":{"prefix":{"addr":"198.51.100.0","len":24}}}},"""
        + """{"match":{"op":"==","left":{"meta":{"key":"l4proto"}},"right":{"set":[6]}}},"""
        + """{"match":{"op":"==","left":{"&":[{"payload":{"protocol":"ip","field":"frag-off"}},16383]},"right":0}},"""
        + """{"match":{"op":"==","left":{"payload":{"protocol":"th","field":"sport"}},"right":{"set":[53,{"range":[1024,65535]}]}}},"""
        + """{"match":{"op":"==","left":{"payload":{"protocol":"th","field":"dport"}},"right":{"set":[80]}}},"""
        + """{"match":{"op":"==","left":{"&":[{"payload":{"protocol":"tcp","field":"flags"}},18]},"right":2}},"""
        + """{"match":{"op":"==","left":{"payload":{"protocol":"ip","field":"length"}},"right":{"set":[{"range":[40,60]}]}}},"""
        + """{"match":{"op":"==","left":{"payload":{"protocol":"ip","field":"dscp"}},"right":{"set":[0,46]}}},"""
        + """{"counter":"m1"},{"drop":null}]""",
        Expressions(V4 with
        {
            Source = Prefix.Parse("198.51.100.0/24"),
            Protocols = [6],
            SourcePorts = [new(1024, 65535), 53],
            DestinationPorts = [80],
            TcpFlags = 2,
            TcpFlagsMask = 18,
            PacketLengths = [new(40, 60)],
            Dscp = [0, 46],
            Fragment = false,
        }));

    [Fact]
    public void Every_component_of_IPv6_has_its_expression() => Assert.Equal(
        """[{"match":{"op":"==","left":{"payload":{"protocol":"ip6","field":"saddr"}},"right":{"prefix":{"addr":"2001:db8:1::","len":48}}}},"""
        + """{"match":{"op":"==","left":{"meta":{"key":"l4proto"}},"right":{"set":[58]}}},"""
        + """{"match":{"op":"==","left":{"exthdr":{"name":"frag"}},"right":true}},"""
        + """{"match":{"op":"==","left":{"payload":{"base":"th","offset":0,"len":8}},"right":{"set":[128]}}},"""
        + """{"match":{"op":"==","left":{"payload":{"base":"th","offset":8,"len":8}},"right":{"set":[{"range":[0,3]}]}}},"""
        // Its length field leaves the header of 40 octets out.
        + """{"match":{"op":"==","left":{"payload":{"protocol":"ip6","field":"length"}},"right":{"set":[{"range":[0,20]},{"range":[960,65495]}]}}},"""
        + """{"match":{"op":"==","left":{"payload":{"protocol":"ip6","field":"dscp"}},"right":{"set":[{"range":[8,10]}]}}},"""
        + """{"counter":"m1"},{"drop":null}]""",
        Expressions(V6 with
        {
            Source = Prefix.Parse("2001:db8:1::/48"),
            Protocols = [17, 58],
            IcmpTypes = [128],
            IcmpCodes = [new(0, 3)],
            PacketLengths = [new(20, 60), new(1000, 65535)],
            Dscp = [new(8, 10)],
            Fragment = true,
        }));

    [Fact]
    public void A_rate_limit_lets_its_rate_pass_and_drops_the_rest()
    {
        Assert.Contains("""{"limit":{"rate":125000,"rate_unit":"bytes","per":"second","inv":true}},{"counter":"m1"},{"drop":null}]""",
            Expressions(Drop with { Action = MitigationAction.RateLimit, RateBitsPerSecond = 1_000_000 }), StringComparison.Ordinal);
        Assert.Contains("""{"limit":{"rate":50,"per":"second","inv":true}},""",
            Expressions(Drop with { Action = MitigationAction.RateLimit, RatePacketsPerSecond = 50 }), StringComparison.Ordinal);
    }

    [Fact]
    public void A_blackhole_drops_everything_to_its_destination() =>
        Assert.Equal("""[{"counter":"m1"},{"drop":null}]""", Expressions(Drop with { Action = MitigationAction.Blackhole, Match = V4 }));

    [Fact]
    public void Ports_without_a_protocol_mean_the_protocols_that_have_them() => Assert.Contains(
        """{"match":{"op":"==","left":{"meta":{"key":"l4proto"}},"right":{"set":[6,17,33,132,136]}}}""", Expressions(V4 with { SourcePorts = [53] }), StringComparison.Ordinal);

    [Fact]
    public void Ranges_that_overlap_or_touch_become_one() =>
        Assert.Contains("""{"set":[{"range":[1,30]},50]}""", Expressions(V4 with { Protocols = [17], SourcePorts = [new(20, 30), 50, new(1, 10), new(5, 19), 50] }), StringComparison.Ordinal);

    [Theory]
    [InlineData("divert", "routing, which BGP does")]
    [InlineData("no-destination", "without destination")]
    [InlineData("families", "different address families")]
    [InlineData("short-ipv6", "exclude each other")]
    [InlineData("flags-of-udp", "exclude each other")]
    [InlineData("no-rate", "has one rate")]
    public void Says_why_it_cannot_say_something(string what, string why)
    {
        var mitigation = what switch
        {
            "divert" => Drop with { Action = MitigationAction.Divert, DivertTo = AnyMitigation.Scrubber },
            "no-destination" => Drop with { Match = new TrafficMatch { Protocols = [17] } },
            "families" => Drop with { Match = V4 with { Source = Prefix.Parse("2001:db8::/32") } },
            "short-ipv6" => Drop with { Match = V6 with { PacketLengths = [new(20, 39)] } },
            "flags-of-udp" => Drop with { Match = V4 with { Protocols = [17], TcpFlags = 2, TcpFlagsMask = 2 } },
            _ => Drop with { Action = MitigationAction.RateLimit },
        };
        Assert.Null(NftRule.Of(mitigation, out var problem));
        Assert.Contains(why, problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Whatever_the_mitigation_it_is_one_array_that_ends_in_its_counter_and_a_drop_or_a_reason_why_not() =>
        Prop.ForAll(AnyMitigation.Seeds, seed =>
        {
            var mitigation = new AnyMitigation(seed).Next();
            if (NftRule.Of(mitigation, out var problem) is not { } rule) return problem is not null;
            using var json = JsonDocument.Parse(rule.Expressions);
            var last = json.RootElement[json.RootElement.GetArrayLength() - 1];
            var counter = json.RootElement[json.RootElement.GetArrayLength() - 2];
            return problem is null && last.TryGetProperty("drop", out _) && counter.GetProperty("counter").GetString() == mitigation.Id;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Behind_an_authentication_header_ICMPv6_is_matched_without_its_type()
    {
        var rule = NftRule.Of(Drop with { Match = V6 with { Protocols = [17, 58], IcmpTypes = [128] } }, out _)!;
        Assert.Equal(
            """[{"match":{"op":"==","left":{"payload":{"protocol":"ah","field":"nexthdr"}},"right":{"set":[58]}}},{"counter":"m1"},{"drop":null}]""",
            rule.Behind);
    }

    [Fact]
    public void A_rule_about_anything_else_has_one_expression()
    {
        TrafficMatch[] plain = [V4 with { Protocols = [1] }, V6, V6 with { Protocols = [17], SourcePorts = [53] }, V6 with { TcpFlags = 2, TcpFlagsMask = 2 }, V6 with { Protocols = [58], Fragment = true }];
        Assert.All(plain, match => Assert.Null(NftRule.Of(Drop with { Match = match }, out _)!.Behind));
    }

    private static string Expressions(TrafficMatch match) => Expressions(Drop with { Match = match });

    private static string Expressions(Mitigation mitigation)
    {
        var rule = NftRule.Of(mitigation, out var problem);
        Assert.Null(problem);
        Assert.Equal(mitigation.Id, rule!.MitigationId);
        return rule.Expressions;
    }
}
