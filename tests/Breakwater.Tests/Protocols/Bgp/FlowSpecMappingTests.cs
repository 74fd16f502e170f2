using Breakwater.Core.Mitigations;
using Breakwater.Core.Net;
using Breakwater.Protocols.Bgp;
using FsCheck;
using FsCheck.Fluent;

namespace Breakwater.Tests.Protocols.Bgp;

public class FlowSpecMappingTests
{
    [Fact]
    public void Says_a_reflection_as_routers_print_it() =>
        Assert.Equal("destination 192.0.2.7/32 protocol =17 source-port =123 packet-length >=400", BgpSamples.Ntp.ToString());

    [Fact]
    public void Says_flags_and_fragments_bit_by_bit() =>
        Assert.Equal("destination 2001:db8::7/128 protocol =6 destination-port =80 =443 tcp-flags =0x2&!0x10 fragment !0x2&!0x4", BgpSamples.SynFlood6.ToString());

    [Fact]
    public void Needs_a_rule_of_each_family_where_the_match_names_none()
    {
        var rules = FlowSpecMapping.Rules(new TrafficMatch { Protocols = [17], SourcePorts = [19] });
        Assert.Equal([BgpFamily.Ipv4FlowSpec, BgpFamily.Ipv6FlowSpec], rules.Select(r => r.Family));
    }

    [Fact]
    public void Needs_no_rule_where_nothing_can_match() =>
        Assert.Empty(FlowSpecMapping.Rules(new TrafficMatch { Destination = Prefix.Parse("192.0.2.7/32"), Source = Prefix.Parse("2001:db8::/32") }));

    [Fact]
    public void Has_no_rule_for_everything() => Assert.Throws<ArgumentException>(() => FlowSpecMapping.Rules(new TrafficMatch()));

    [Fact]
    public void Splits_what_is_too_long_for_one_rule()
    {
        ValueRange[] ports = [.. Enumerable.Range(0, 2000).Select(i => (ValueRange)(1000 + 2 * i))];
        var rules = FlowSpecMapping.Rules(new TrafficMatch { Destination = Prefix.Parse("192.0.2.7/32"), DestinationPorts = ports });
        Assert.True(rules.Count > 1);
        Assert.All(rules, r => Assert.InRange(r.Length, 1, FlowSpecRule.MaxLength));
        var again = rules.SelectMany(r =>
        {
            Assert.True(FlowSpecMapping.TryMatch(r, out var match));
            return match.DestinationPorts;
        });
        Assert.Equal(ports, again);
    }

    [Fact]
    public void What_goes_there_comes_back() => Prop.ForAll(BgpSamples.Matches, match =>
    {
        var rule = Assert.Single(FlowSpecMapping.Rules(match));
        Assert.True(FlowSpecMapping.TryMatch(rule, out var again));
        Assert.Equal((match.Destination, match.Source, match.Fragment), (again.Destination, again.Source, again.Fragment));
        Assert.Equal((match.TcpFlags, match.TcpFlagsMask), (again.TcpFlags, again.TcpFlagsMask));
        Assert.Equal(match.Protocols, again.Protocols);
        Assert.Equal(match.SourcePorts, again.SourcePorts);
        Assert.Equal(match.IcmpTypes, again.IcmpTypes);
        Assert.Equal(match.PacketLengths, again.PacketLengths);
        Assert.Equal(match.Dscp, again.Dscp);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_list_is_understood_as_routers_do_it() => Prop.ForAll(BgpSamples.Rules, rule =>
    {
        foreach (var values in rule.Components.OfType<FlowSpecValues>().Where(v => v.Type == FlowSpecComponentType.DestinationPort))
        {
            var alone = new FlowSpecRule(rule.Family, [values]);
            if (!FlowSpecMapping.TryMatch(alone, out var match)) continue;
            foreach (var port in values.Terms.Select(t => (int)Math.Min(t.Value, 65534)).SelectMany(v => new[] { v, v + 1, Math.Max(0, v - 1) }))
                Assert.Equal(values.Matches((ulong)port), match.DestinationPorts.Any(r => port >= r.From && port <= r.To));
        }
    }).QuickCheckThrowOnFailure();
}
