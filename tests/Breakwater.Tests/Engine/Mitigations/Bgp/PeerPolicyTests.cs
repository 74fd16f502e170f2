using System.ComponentModel.DataAnnotations;
using Breakwater.Core.Mitigations;
using Breakwater.Core.Net;
using Breakwater.Engine.Mitigations.Bgp;
using Breakwater.Protocols.Bgp;
using Breakwater.Tests.Core.Mitigations;

namespace Breakwater.Tests.Engine.Mitigations.Bgp;

public class PeerPolicyTests
{
    private static readonly IpAddr Local = IpAddr.Parse("203.0.113.1");
    private static readonly Mitigation Hole = MitigationSamples.Proposed with { Action = MitigationAction.Blackhole, Match = new TrafficMatch { Destination = Prefix.Parse("192.0.2.9/32") } };
    private static readonly Mitigation Hole6 = Hole with { Match = new TrafficMatch { Destination = Prefix.Parse("2001:db8::9/128") } };

    [Fact]
    public void Towards_another_as_the_path_is_ours_and_there_is_no_local_preference()
    {
        var path = Attributes(new BgpPeerOptions { As = 64501 }, Hole).Path;
        Assert.Equal([64500u], path.AsPath!.Single().Numbers);
        Assert.Null(path.LocalPreference);
    }

    [Fact]
    public void Inside_our_as_the_path_is_empty_and_there_is_a_local_preference()
    {
        var path = Attributes(new BgpPeerOptions { As = 64500, LocalPreference = 250 }, Hole).Path;
        Assert.Empty(path.AsPath!);
        Assert.Equal(250u, path.LocalPreference);
    }

    [Fact]
    public void A_blackhole_carries_the_peers_own_communities_beside_those_of_everything()
    {
        var options = new BgpPeerOptions { As = 64501, Communities = ["64500:1", "64500:2:3"], BlackholeCommunities = ["blackhole", "64501:666"] };
        var path = Attributes(options, Hole).Path;
        Assert.Equal(["64500:1", "64501:666", "65535:666"], path.Communities.Select(c => c.ToString()));
        Assert.Equal("64500:2:3", path.LargeCommunities.Single().ToString());
        Assert.Equal(["64500:1"], Attributes(options, MitigationSamples.Proposed).Path.Communities.Select(c => c.ToString()));
    }

    [Fact]
    public void The_next_hop_is_the_configured_one_or_ours()
    {
        Assert.Equal(Local, Attributes(new BgpPeerOptions { As = 64501 }, Hole).Path.NextHop);
        Assert.Equal("192.0.2.1", Attributes(new BgpPeerOptions { As = 64501, NextHopV4 = IpAddr.Parse("192.0.2.1") }, Hole).Path.NextHop.ToString());
        var six = Attributes(new BgpPeerOptions { As = 64501, NextHopV6 = IpAddr.Parse("100::1") }, Hole6);
        Assert.Null(six.Path.NextHop);
        Assert.Equal(IpAddr.Parse("100::1"), IpAddr.V6(six.NextHop.Span));
    }

    [Fact]
    public void Without_any_next_hop_of_the_family_the_peer_cannot_be_told()
    {
        Assert.Null(Of(new BgpPeerOptions { As = 64501 }, Hole6, out var problem));
        Assert.Contains("next_hop_v6", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void A_source_based_blackhole_announces_the_source_where_the_peer_knows_what_that_means()
    {
        var behalf = Hole with { Match = Hole.Match with { Source = Prefix.Parse("198.51.100.66/32") } };
        Assert.Equal("198.51.100.66/32", Announcement.Of(behalf, out _)!.Routes.Single().ToString());
        Assert.Null(Of(new BgpPeerOptions { As = 64501 }, behalf, out var problem));
        Assert.Contains("source_blackhole_communities", problem, StringComparison.Ordinal);
        Assert.Equal("64501:667", Attributes(new BgpPeerOptions { As = 64501, SourceBlackholeCommunities = ["64501:667"] }, behalf).Path.Communities.Single().ToString());
    }

    [Theory]
    [InlineData(BgpRole.Provider, true)]
    [InlineData(BgpRole.Peer, true)]
    [InlineData(BgpRole.RouteServer, true)]
    [InlineData(BgpRole.Customer, false)]
    [InlineData(BgpRole.RouteServerClient, false)]
    public void What_goes_down_or_across_is_marked_so_that_it_stays_there(BgpRole role, bool marked)
    {
        var options = new BgpPeerOptions { As = 64501, Role = role };
        Assert.Equal(marked ? 64500u : null, Attributes(options, Hole).Path.OnlyToCustomer);
        // RFC 9234 §5: unicast only.
        Assert.Null(Attributes(options, MitigationSamples.Proposed).Path.OnlyToCustomer);
    }

    [Fact]
    public void Redirection_to_an_address_is_written_in_the_peers_form()
    {
        var divert = MitigationSamples.Proposed with { Action = MitigationAction.Divert, DivertTo = new DivertTarget("scrubber", IpAddr.Parse("203.0.113.9"), null) };
        var plain = Attributes(new BgpPeerOptions { As = 64501 }, divert);
        Assert.Equal("0x010ccb0071090000", plain.Path.ExtendedCommunities.Single().ToString());
        Assert.True(plain.NextHop.IsEmpty);
        var old = Attributes(new BgpPeerOptions { As = 64501, RedirectForm = BgpRedirectForm.NextHop }, divert);
        Assert.Equal("0x0800000000000000", old.Path.ExtendedCommunities.Single().ToString());
        Assert.Equal("CB007109", Convert.ToHexString(old.NextHop.Span));
    }

    [Fact]
    public void What_our_own_hosts_send_is_told_to_routers_of_our_as_alone()
    {
        var outbound = MitigationSamples.Proposed with
        {
            Origin = MitigationOrigin.CallHome,
            Match = MitigationSamples.Proposed.Match with { Source = Prefix.Parse("192.0.2.9/32"), Destination = Prefix.Parse("203.0.113.7/32") },
        };
        Assert.NotNull(Of(new BgpPeerOptions { As = 64500 }, outbound, out _));
        Assert.Null(Of(new BgpPeerOptions { As = 64501 }, outbound, out var problem));
        Assert.Equal("its destination is not ours: only routers of our own AS are told", problem);
    }

    [Fact]
    public void Every_mistake_in_the_configuration_has_its_path()
    {
        var options = new BgpOptions
        {
            Peers =
            {
                ["a"] = new BgpPeerOptions { Address = IpAddr.Parse("192.0.2.1"), As = 64501, Passive = true, HoldTime = TimeSpan.FromSeconds(2), NextHopV4 = IpAddr.Parse("100::1") },
                ["b"] = new BgpPeerOptions { Address = IpAddr.Parse("192.0.2.1"), Communities = ["nonsense"], Md5SecretFile = "x", Md5SecretEnv = "y" },
            },
        };
        var paths = options.Validate(new ValidationContext(options)).SelectMany(r => r.MemberNames).Order(StringComparer.Ordinal);
        Assert.Equal(["as", "peers.a.hold_time", "peers.a.next_hop_v4", "peers.a.passive", "peers.b.address", "peers.b.as", "peers.b.communities", "peers.b.md5_secret_env", "router_id"], paths);
    }

    private static RouteAttributes Attributes(BgpPeerOptions options, Mitigation mitigation) =>
        Of(options, mitigation, out var problem) ?? throw new InvalidOperationException(problem);

    private static RouteAttributes? Of(BgpPeerOptions options, Mitigation mitigation, out string? problem)
    {
        var announcement = Announcement.Of(mitigation, out _)!;
        return new PeerPolicy(options, 64500).Of(announcement, announcement.Routes[0], Local, out problem);
    }
}
