using Breakwater.Core.Flows;
using Breakwater.Core.Mitigations;
using Breakwater.Core.Mitigations.Rails;
using Breakwater.Core.Net;
using Breakwater.Core.Rpki;
using Breakwater.Engine.Mitigations;
using Breakwater.Engine.Mitigations.Bgp;
using Breakwater.Engine.Rpki;
using Breakwater.Protocols.Bgp;
using Breakwater.Protocols.Rtr;
using Breakwater.Tests.Core.Mitigations;
using Microsoft.Extensions.Logging.Abstractions;

namespace Breakwater.Tests.Engine.Mitigations.Bgp;

/// <summary>The speaker against routers on loopback, over real sockets.</summary>
public sealed class BgpMitigatorTests : IAsyncLifetime
{
    private static readonly Mitigation Rule = MitigationSamples.Proposed;
    private static readonly Mitigation Blackhole = Rule with { Id = "b1", Action = MitigationAction.Blackhole, Match = new TrafficMatch { Destination = Prefix.Parse("192.0.2.9/32") } };

    private readonly List<TestRouter> _routers = [];
    private BgpMitigator? _speaker;
    private int _changes;

    [Fact]
    public async Task A_router_holds_what_is_wanted_and_loses_it_when_it_is_not()
    {
        var router = Router(64501);
        await Start();
        await Apply(Rule, Blackhole);
        await Until(() => router.Count == 2);

        var rule = router.Routes.Single(r => r.Key.Family == BgpFamily.Ipv4FlowSpec);
        Assert.Equal("destination 192.0.2.7/32 protocol =17 source-port =53", rule.Key.ToString());
        Assert.Equal(FlowSpecActions.Drop, FlowSpecActions.Of(rule.Value.ExtendedCommunities, []));
        Assert.Equal([64500u], rule.Value.AsPath!.Single().Numbers);
        var hole = router.Routes.Single(r => r.Key.Family == BgpFamily.Ipv4Unicast);
        Assert.Equal("192.0.2.9/32", hole.Key.ToString());
        Assert.Equal([BgpCommunity.Blackhole, BgpCommunity.NoExport], hole.Value.Communities);
        // Without a next hop in the configuration: our own address.
        Assert.Equal(IpAddr.Parse("127.0.0.1"), hole.Value.NextHop);
        Assert.Equal(4, router.TablesEnded.Distinct().Count());

        await Apply(Rule with { Action = MitigationAction.RateLimit, RateBitsPerSecond = 8_000_000 });
        await Until(() => router.Count == 1 && FlowSpecActions.Of(router.Routes.Values.Single().ExtendedCommunities, []).BytesPerSecond == 1_000_000);
        await Apply();
        await Until(() => router.Count == 0);
        Assert.Empty(router.Downs);
    }

    [Fact]
    public async Task Says_how_each_mitigation_fares_at_each_peer()
    {
        var router = Router(64501);
        _routers.Add(new TestRouter(64999, "127.0.0.3"));
        await Start(o => o.Peers["peer1"].As = 64502);
        await Apply(Rule);
        await Until(() => router.Count == 1 && _speaker!.Status.Any(s => s.State == PlacementState.Sent));
        await Until(() => _speaker!.Status.Any(s => s.Problem is not null));

        var status = _speaker!.Status;
        Assert.Equal(2, status.Count);
        Assert.Equal((PlacementState.Sent, "peer peer0, 127.0.0.2 AS 64501"), (status[0].State, status[0].Place));
        Assert.Equal((PlacementState.Pending, "the session is down: it is AS 64999, not AS 64502"), (status[1].State, status[1].Problem));
        Assert.NotEqual(0, _changes);
    }

    [Fact]
    public async Task A_router_that_comes_back_gets_everything_again()
    {
        var router = Router(64501);
        await Start();
        await Apply(Rule, Blackhole);
        await Until(() => router.Count == 2);
        router.CutConnections();
        await Until(() => router.Connections == 2 && router.Count == 2);
    }

    [Fact]
    public async Task A_router_may_ask_for_everything_again()
    {
        var router = Router(64501);
        await Start();
        await Apply(Rule, Blackhole);
        await Until(() => router.Count == 2);
        router.AskAgain(BgpFamily.Ipv4FlowSpec);
        await Until(() => router.Count == 1);
        Assert.Equal(BgpFamily.Ipv4FlowSpec, router.Routes.Keys.Single().Family);
    }

    [Fact]
    public async Task Thousands_of_rules_reach_several_routers_and_leave_again()
    {
        var routers = Enumerable.Range(0, 3).Select(i => Router(64501 + (uint)i, holdTime: 30)).ToArray();
        await Start();
        var rules = Enumerable.Range(0, 3000).Select(i => Rule with { Id = $"m{i}", Match = Rule.Match with { SourcePorts = [i] } }).ToArray();
        await Apply(rules);
        await Until(() => routers.All(r => r.Count == 3000));
        // Packed by equal attributes: some three hundred rules a message.
        Assert.All(routers, r => Assert.InRange(r.Updates, 1, 40));
        await Apply([.. rules.Select(r => r with { Action = MitigationAction.RateLimit, RateBitsPerSecond = 1e6 })]);
        await Until(() => routers.All(r => r.Routes.Values.All(a => FlowSpecActions.Of(a.ExtendedCommunities, []).BytesPerSecond > 0)));
        await _speaker!.WithdrawAllAsync(default);
        await Until(() => routers.All(r => r.Count == 0));
        Assert.All(routers, r => Assert.Empty(r.Downs));
    }

    [Fact]
    public async Task A_deaf_or_mad_peer_costs_only_itself()
    {
        _routers.Add(new TestRouter(64501, "127.0.0.2") { Deaf = true });
        _routers.Add(new TestRouter(64502, "127.0.0.3") { Garbage = [.. Enumerable.Repeat((byte)'x', 5000)] });
        var good = Router(64503);
        await Start();
        for (var round = 0; round < 20; round++)
            await Apply([.. Enumerable.Range(0, 2000).Select(i => Rule with { Id = $"m{i}", Action = MitigationAction.RateLimit, RateBitsPerSecond = 1000 * round + 8, Match = Rule.Match with { SourcePorts = [i] } })]);
        await Until(() => good.Count == 2000 && good.Routes.Values.All(a => FlowSpecActions.Of(a.ExtendedCommunities, []).BytesPerSecond == 2376));
        Assert.Empty(good.Downs);
        await Until(() => _speaker!.Status.Any(s => s.Problem?.Contains("what is no message", StringComparison.Ordinal) == true));
    }

    [Fact]
    public async Task A_peer_may_connect_to_us_and_a_stranger_may_not()
    {
        var port = FreePort();
        await Start(o =>
        {
            o.Listen = [new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, port)];
            o.Peers["router"] = new BgpPeerOptions { Address = IpAddr.Parse("127.0.0.77"), As = 64501, Passive = true };
        });
        using var stranger = new System.Net.Sockets.TcpClient();
        await stranger.ConnectAsync(System.Net.IPAddress.Loopback, port);
        Assert.Equal(0, await stranger.GetStream().ReadAsync(new byte[1]));
        Assert.Equal(1, _speaker!.Strangers);

        using var peer = new System.Net.Sockets.TcpClient(new System.Net.IPEndPoint(System.Net.IPAddress.Parse("127.0.0.77"), 0));
        await peer.ConnectAsync(System.Net.IPAddress.Loopback, port);
        var hello = new byte[BgpFraming.HeaderLength];
        await peer.GetStream().ReadExactlyAsync(hello);
        Assert.Equal((byte)BgpMessageType.Open, hello[18]);
    }

    [Fact]
    public async Task Says_goodbye_when_it_stops()
    {
        var router = Router(64501);
        await Start();
        await Apply(Rule);
        await Until(() => router.Count == 1);
        await _speaker!.StopAsync(default);
        await Until(() => router.Downs.Count > 0);
        Assert.Contains("cease/administrative-shutdown: the service stops", router.Downs[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Knows_what_it_cannot_say()
    {
        Router(64501);
        await Start(o => o.Peers["peer0"].Families = [BgpPeerFamily.Ipv4Flowspec]);
        Assert.Null(_speaker!.WhyNot(Rule));
        Assert.Equal("no peer is configured for ipv4-unicast", _speaker.WhyNot(Blackhole));
        Assert.Equal("no peer is configured for ipv6-flowspec", _speaker.WhyNot(Rule with { Match = new TrafficMatch { Destination = Prefix.Parse("2001:db8::7/128") } }));
        Assert.Equal("it does not say where to divert to", _speaker.WhyNot(Rule with { Action = MitigationAction.Divert }));
    }

    [Fact]
    public async Task Notes_that_no_roa_allows_a_blackhole_and_says_nothing_of_rules()
    {
        Router(64501);
        var origins = new RpkiCache(new RpkiOptions(), [], []);
        origins.Use(s =>
        {
            s.Connected(Timestamp.Min);
            return s.Take([.. RtrEncoder.CacheResponse(1, 5), .. RtrEncoder.Prefix(1, true, new Vrp(Prefix.Parse("192.0.2.0/24"), 24, 64500)), .. RtrEncoder.EndOfData(1, 5, 7, RtrIntervals.Default)], Timestamp.FromUnixSeconds(0));
        });
        await Start(origins: origins);
        await Apply(Rule, Blackhole);
        await Until(() => _speaker!.Status.Count == 2);
        var note = _speaker!.Status.Single(s => s.MitigationId == Blackhole.Id).Note;
        Assert.StartsWith($"RPKI-invalid: 192.0.2.0/24 AS64500 covers {Blackhole.Match.Destination}, but not its length of 32;", note, StringComparison.Ordinal);
        Assert.Null(_speaker.Status.Single(s => s.MitigationId == Rule.Id).Note);
    }

    [Fact]
    public async Task Its_peers_and_its_own_ends_are_not_to_be_touched()
    {
        Router(64501);
        await Start();
        Assert.Equal(["127.0.0.2/32", "127.0.0.1/32"], _speaker!.OwnAddresses.Select(a => a.ToString()));
    }

    [Fact]
    public async Task Of_two_mitigations_for_one_route_the_harder_counts()
    {
        var router = Router(64501);
        await Start();
        await Apply(Rule, Rule with { Id = "m9", Action = MitigationAction.RateLimit, RateBitsPerSecond = 8 });
        await Until(() => router.Count == 1);
        Assert.Equal(FlowSpecActions.Drop, FlowSpecActions.Of(router.Routes.Values.Single().ExtendedCommunities, []));
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        if (_speaker is not null) await _speaker.DisposeAsync();
        foreach (var router in _routers) router.Dispose();
    }

    private TestRouter Router(uint asNumber, ushort holdTime = 90)
    {
        var router = new TestRouter(asNumber, $"127.0.0.{_routers.Count + 2}", holdTime);
        _routers.Add(router);
        return router;
    }

    private async Task Start(Action<BgpOptions>? change = null, RpkiCache? origins = null)
    {
        var options = new BgpOptions { As = 64500, RouterId = IpAddr.Parse("127.0.0.1") };
        for (var i = 0; i < _routers.Count; i++)
            options.Peers[$"peer{i}"] = new BgpPeerOptions { Address = _routers[i].Address, Port = _routers[i].Port, As = 64501 + (uint)i, LocalAddress = IpAddr.Parse("127.0.0.1") };
        change?.Invoke(options);
        Assert.Empty(options.Validate(new System.ComponentModel.DataAnnotations.ValidationContext(options)));
        _speaker = new BgpMitigator(options, TimeProvider.System, NullLogger<BgpMitigator>.Instance, origins);
        _speaker.StatusChanged += () => Interlocked.Increment(ref _changes);
        await _speaker.StartAsync(default);
    }

    private Task Apply(params Mitigation[] mitigations) => _speaker!.ApplyAsync([.. mitigations.Select(m => new ClearedMitigation(m))], default);

    private static int FreePort()
    {
        using var probe = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        probe.Start();
        return ((System.Net.IPEndPoint)probe.LocalEndpoint).Port;
    }

    private static async Task Until(Func<bool> holds)
    {
        for (var i = 0; i < 600 && !holds(); i++) await Task.Delay(50);
        Assert.True(holds());
    }
}
