using Breakwater.Core.Net;
using Breakwater.Protocols.Bgp;
using Breakwater.Protocols.Bmp;

namespace Breakwater.Tests.Protocols.Bmp;

public class BmpRoutesTests
{
    /// <summary>As GoBGP writes a drop, with no AS in it.</summary>
    private static readonly PathAttributes Drop = new() { ExtendedCommunities = FlowSpecActions.Drop.Communities(0) };

    private readonly BmpRoutes _routes = new();

    [Fact]
    public void The_nearest_table_to_what_the_router_does_counts_for_each_family()
    {
        Assert.False(Holds(BmpSamples.PrePolicyRule));
        Assert.True(Take(BmpSamples.PrePolicyRule));
        Assert.True(Holds(BmpSamples.PrePolicyRule));
        Assert.True(Take(BmpSamples.PostPolicyRule));
        Assert.True(Take(BmpSamples.LocRibRule));
        Assert.Equal(BmpView.LocRib, _routes.ViewOf(BgpFamily.Ipv4FlowSpec));
        Assert.True(Take(BmpSamples.LocRibWithdrawal));
        // Still in what it was sent, but not in what it uses.
        Assert.False(Holds(BmpSamples.PrePolicyRule));
        Assert.Null(_routes.ViewOf(BgpFamily.Ipv6FlowSpec));
        Take(BmpSamples.PrePolicyRule6);
        Assert.Equal(BmpView.AdjRibIn, _routes.ViewOf(BgpFamily.Ipv6FlowSpec));
    }

    [Fact]
    public void Says_only_once_what_is_new()
    {
        Assert.True(Take(BmpSamples.PrePolicyRule));
        Assert.False(Take(BmpSamples.PrePolicyRule));
        Assert.True(Take(BmpSamples.PrePolicyWithdrawalOfRule));
        Assert.False(Take(BmpSamples.PrePolicyWithdrawalOfRule));
    }

    [Fact]
    public void A_rule_with_another_action_is_not_the_one_that_was_announced()
    {
        Take(BmpSamples.PrePolicyRule);
        var route = RouteOf(BmpSamples.PrePolicyRule);
        Assert.True(_routes.Holds(route, Drop));
        Assert.False(_routes.Holds(route, new PathAttributes { ExtendedCommunities = new FlowSpecActions { BytesPerSecond = 1000 }.Communities(0) }));
    }

    [Fact]
    public void Routes_of_others_are_not_kept_but_show_that_the_family_is_told_of()
    {
        _routes.Take(BmpView.LocRib, Decoded(BmpSamples.LocRibRule), _ => false);
        Assert.Equal(0, _routes.Count);
        Assert.Equal(BmpView.LocRib, _routes.ViewOf(BgpFamily.Ipv4FlowSpec));
        Assert.False(Holds(BmpSamples.LocRibRule));
    }

    [Fact]
    public void An_empty_table_is_told_of_by_its_end()
    {
        var end = BmpSamples.Read<BmpRouteMonitoring>(BmpSamples.Routes(new BgpUpdate { Unreach = new MpUnreach(BgpFamily.Ipv6FlowSpec, []) }, flags: 0x40)).Update;
        Assert.True(_routes.Take(BmpView.AdjRibInPostPolicy, end, _ => true));
        Assert.Equal(BmpView.AdjRibInPostPolicy, _routes.ViewOf(BgpFamily.Ipv6FlowSpec));
    }

    [Fact]
    public void What_the_router_sends_to_others_says_nothing()
    {
        Assert.False(_routes.Take(BmpView.AdjRibOut, Decoded(BmpSamples.PrePolicyRule), _ => true));
        Assert.Equal(0, _routes.Count);
    }

    [Fact]
    public void A_session_that_ends_takes_along_what_it_brought_and_the_routers_own_table_stays()
    {
        Take(BmpSamples.PrePolicyRule);
        Take(BmpSamples.LocRibRule);
        _routes.EndSession();
        Assert.Equal((1, (BmpView?)BmpView.LocRib), (_routes.Count, _routes.ViewOf(BgpFamily.Ipv4FlowSpec)));
        _routes.EndLocRib();
        Assert.Null(_routes.ViewOf(BgpFamily.Ipv4FlowSpec));
    }

    [Fact]
    public void A_malformed_announcement_counts_as_gone()
    {
        var route = BgpNlri.Of(Prefix.Parse("192.0.2.7/32"));
        var good = new BgpUpdate { Announced = [route], Attributes = new PathAttributes { Origin = BgpOrigin.Igp, AsPath = [], NextHop = IpAddr.Parse("203.0.113.1") } };
        _routes.Take(BmpView.AdjRibIn, BmpSamples.Read<BmpRouteMonitoring>(BmpSamples.Routes(good)).Update, _ => true);
        Assert.True(_routes.Holds(route, new PathAttributes()));
        var bad = BmpSamples.Read<BmpRouteMonitoring>(BmpSamples.Routes(good with { Attributes = good.Attributes with { Origin = null } })).Update;
        Assert.Equal(UpdateReaction.TreatAsWithdraw, bad.Reaction);
        Assert.True(_routes.Take(BmpView.AdjRibIn, bad, _ => true));
        Assert.False(_routes.Holds(route, new PathAttributes()));
    }

    [Fact]
    public void What_is_no_longer_announced_can_be_forgotten()
    {
        Take(BmpSamples.PrePolicyRule);
        Take(BmpSamples.PrePolicyRoute);
        _routes.Keep(route => route.Family == BgpFamily.Ipv4Unicast);
        Assert.Equal((1, false), (_routes.Count, Holds(BmpSamples.PrePolicyRule)));
    }

    private bool Take(byte[] message) => _routes.Take(BmpSamples.Read<BmpRouteMonitoring>(message).Peer.View, Decoded(message), _ => true);

    private bool Holds(byte[] message) => _routes.Holds(RouteOf(message), Drop);

    private static DecodedUpdate Decoded(byte[] message) => BmpSamples.Read<BmpRouteMonitoring>(message).Update;

    private static BgpNlri RouteOf(byte[] message) => Decoded(message).Update.Reach!.Routes[0];
}
