using Breakwater.Core.Flows;
using Breakwater.Core.Mitigations;
using Breakwater.Core.Mitigations.Rails;
using Breakwater.Core.Net;
using Breakwater.Engine.Dots;
using static Breakwater.Tests.Core.Mitigations.MitigationSamples;

namespace Breakwater.Tests.Engine.Dots;

public class DotsRulesTests
{
    /// <summary>As a client asks that says no more than what is attacked; the empty list is one of its own.</summary>
    private static TrafficMatch Everything(string target) => new() { Destination = Prefix.Parse(target), Protocols = new List<byte>() };

    [Theory]
    [InlineData("192.0.2.7/32", MitigationAction.RateLimit)]
    [InlineData("192.0.2.0/28", MitigationAction.Drop)]
    [InlineData("2001:db8::7/128", MitigationAction.RateLimit)]
    public void A_target_alone_becomes_rules_against_floods_that_the_rails_let_through(string target, MitigationAction action)
    {
        var rules = DotsRules.Of(Everything(target), action);
        Assert.Equal(2, rules.Count);
        var rails = new GuardRails(new RailOptions(), [Prefix.Parse("192.0.2.0/24"), Prefix.Parse("2001:db8::/44")], [], []);
        foreach (var rule in rules)
        {
            var mitigation = Proposed with { Match = Assert.Single(rails.Narrowed(rule)), Action = action, RateBitsPerSecond = action == MitigationAction.RateLimit ? 1e6 : null };
            Assert.True(rails.TryClear(mitigation, new RailContext { Now = Now, Mode = MitigationMode.Automatic, Quality = new SignalQuality(1_000, true, null, null, 0) }, out _, out var refusal), refusal.ToString());
        }
    }

    [Fact]
    public void Connections_that_stand_go_on()
    {
        var rules = DotsRules.Of(Everything("192.0.2.7/32"), MitigationAction.Drop);
        var packet = new Flow { Destination = IpAddr.Parse("192.0.2.7"), Protocol = 6, SourcePort = 33_000, DestinationPort = 443, TcpFlags = 0x10 };
        Assert.DoesNotContain(rules, r => r.Matches(packet));
        Assert.Contains(rules, r => r.Matches(packet with { TcpFlags = 0x02 }));
        Assert.Contains(rules, r => r.Matches(packet with { Protocol = 17 }));
    }

    [Fact]
    public void What_is_named_is_taken_as_it_is_and_a_blackhole_looks_at_the_address_alone()
    {
        var dns = Everything("192.0.2.7/32") with { Protocols = [17], DestinationPorts = [53] };
        Assert.Same(dns, Assert.Single(DotsRules.Of(dns, MitigationAction.RateLimit)));
        var hole = Assert.Single(DotsRules.Of(dns, MitigationAction.Blackhole));
        Assert.Equal((dns.Destination, 0, 0), (hole.Destination, hole.Protocols.Count, hole.DestinationPorts.Count));
    }
}
