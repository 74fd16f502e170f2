using System.Net;
using System.Net.Sockets;
using Breakwater.Core.Flows;
using Breakwater.Core.Mitigations;
using Breakwater.Core.Mitigations.Rails;
using Breakwater.Core.Net;
using Breakwater.Engine.Mitigations;
using Breakwater.Engine.Mitigations.Bgp;
using Breakwater.Protocols.Bgp;
using Breakwater.Protocols.Bmp;
using Breakwater.Tests.Core.Mitigations;
using Breakwater.Tests.Protocols.Bmp;
using Microsoft.Extensions.Logging.Abstractions;

namespace Breakwater.Tests.Engine.Mitigations.Bgp;

/// <summary>The speaker with one peer whose router tells over BMP what it holds, over real sockets.</summary>
public sealed class BmpListenerTests : IAsyncLifetime
{
    private static readonly Mitigation Rule = MitigationSamples.Proposed;
    private static readonly Mitigation Blackhole = Rule with { Id = "b1", Action = MitigationAction.Blackhole, Match = new TrafficMatch { Destination = Prefix.Parse("192.0.2.9/32") } };

    private readonly TestRouter _router = new(64501, "127.0.0.2");
    private readonly IPEndPoint _station = FreePort();
    private readonly List<Socket> _sockets = [];
    private BgpMitigator _speaker = null!;

    [Fact]
    public async Task What_the_router_shows_is_seen_and_what_it_does_not_show_is_only_sent()
    {
        await Until(() => StateOf(Rule) == PlacementState.Sent && StateOf(Blackhole) == PlacementState.Sent);
        var router = Connect("127.0.0.2");
        router.Send(BmpSamples.Initiation);
        router.Send(BmpSamples.Routes(Held()));
        await Until(() => StateOf(Rule) == PlacementState.Seen);
        Assert.Equal("adj-rib-in", StatusOf(Rule).SeenIn);
        // Of its unicast routes it has said nothing.
        Assert.Equal(PlacementState.Sent, StateOf(Blackhole));
        Assert.Equal((true, 1), (_speaker.Peers[0].Standing().IsMonitored, _speaker.Peers[0].Standing().ShownRoutes));

        router.Dispose();
        await Until(() => StateOf(Rule) == PlacementState.Sent);
        Assert.False(_speaker.Peers[0].Standing().IsMonitored);
    }

    [Fact]
    public async Task What_a_router_took_but_does_not_use_counts_as_not_there()
    {
        await Until(() => StateOf(Rule) == PlacementState.Sent);
        var router = Connect("127.0.0.2");
        router.Send(BmpSamples.Routes(Held()));
        await Until(() => StateOf(Rule) == PlacementState.Seen);
        // Its own table has rules of that family, but not ours.
        router.Send(BmpSamples.LocRibRule);
        await Until(() => StateOf(Rule) == PlacementState.Pending);
        Assert.Equal("sent, but its loc-rib does not hold it, as it says over BMP", StatusOf(Rule).Problem);
        router.Send(BmpSamples.Routes(Held(), peerType: 3, asNumber: 64501));
        await Until(() => StateOf(Rule) == PlacementState.Seen);
        Assert.Equal("loc-rib", StatusOf(Rule).SeenIn);
    }

    [Fact]
    public async Task Routes_of_another_session_of_the_router_prove_nothing()
    {
        await Until(() => StateOf(Rule) == PlacementState.Sent);
        var router = Connect("127.0.0.2");
        router.Send(BmpSamples.Routes(Held(), address: "127.0.0.99"));
        router.Send(BmpSamples.Routes(Held(), asNumber: 64999));
        router.Send(BmpSamples.Routes(Held(), flags: 0x10));
        await Until(() => _speaker.Monitors.Messages == 3);
        Assert.Equal(PlacementState.Sent, StateOf(Rule));
    }

    [Fact]
    public async Task A_session_that_the_router_lost_takes_along_what_it_showed()
    {
        await Until(() => StateOf(Rule) == PlacementState.Sent);
        var router = Connect("127.0.0.2");
        router.Send(BmpSamples.Routes(Held()));
        await Until(() => StateOf(Rule) == PlacementState.Seen);
        router.Send(BmpSamples.Message(BmpMessageType.PeerDown, [4]));
        await Until(() => StateOf(Rule) == PlacementState.Sent);
    }

    [Fact]
    public async Task A_stranger_is_sent_away_and_garbage_costs_the_connection_and_nothing_else()
    {
        await Until(() => StateOf(Rule) == PlacementState.Sent);
        Assert.Equal(0, await Connect("127.0.0.77").ReceiveAsync(new byte[1]));
        Assert.Equal(1, _speaker.Monitors.Strangers);

        var garbage = Connect("127.0.0.2");
        garbage.Send("GET / HTTP/1.1\r\n"u8.ToArray());
        Assert.True(await Closed(garbage));
        Assert.Equal(1, _speaker.Monitors.ErrorsOf(DecodeError.UnsupportedVersion));
        Assert.Equal(PlacementState.Sent, StateOf(Rule));

        // A message that cannot be read is passed over.
        var router = Connect("127.0.0.2");
        router.Send(BmpSamples.Message(BmpMessageType.RouteMonitoring, [1, 2, 3]));
        router.Send(BmpSamples.Routes(Held()));
        await Until(() => StateOf(Rule) == PlacementState.Seen);
        Assert.Equal(1, _speaker.Monitors.ErrorsOf(DecodeError.InvalidLength));
    }

    [Fact]
    public async Task A_message_may_come_octet_by_octet_and_a_second_connection_takes_the_place_of_the_first()
    {
        await Until(() => StateOf(Rule) == PlacementState.Sent);
        var first = Connect("127.0.0.2");
        first.Send(BmpSamples.Initiation);
        await Until(() => _speaker.Monitors.Messages == 1);
        var second = Connect("127.0.0.2");
        foreach (var octet in BmpSamples.Routes(Held())) second.Send([octet]);
        await Until(() => StateOf(Rule) == PlacementState.Seen);
        Assert.True(await Closed(first));
        Assert.Equal(PlacementState.Seen, StateOf(Rule));
    }

    public async Task InitializeAsync()
    {
        var options = new BgpOptions { As = 64500, RouterId = IpAddr.Parse("127.0.0.1"), Bmp = new BmpOptions { Listen = [_station] } };
        options.Peers["peer0"] = new BgpPeerOptions { Address = _router.Address, Port = _router.Port, As = 64501, LocalAddress = IpAddr.Parse("127.0.0.1") };
        _speaker = new BgpMitigator(options, TimeProvider.System, NullLogger<BgpMitigator>.Instance);
        await _speaker.StartAsync(default);
        await _speaker.ApplyAsync([new ClearedMitigation(Rule), new ClearedMitigation(Blackhole)], default);
    }

    public async Task DisposeAsync()
    {
        await _speaker.DisposeAsync();
        foreach (var socket in _sockets) socket.Dispose();
        _router.Dispose();
    }

    /// <summary>The rule as a router holds it that was sent it.</summary>
    private static BgpUpdate Held() => new()
    {
        Attributes = new PathAttributes { Origin = BgpOrigin.Igp, AsPath = [new AsSegment(AsSegmentKind.Sequence, [64500])], ExtendedCommunities = FlowSpecActions.Drop.Communities(64500) },
        Reach = new MpReach(BgpFamily.Ipv4FlowSpec, default, [BgpNlri.Of(FlowSpecMapping.Rules(Rule.Match)[0])]),
    };

    private MitigationStatus StatusOf(Mitigation mitigation) => _speaker.Status.Single(s => s.MitigationId == mitigation.Id);

    private PlacementState StateOf(Mitigation mitigation) => StatusOf(mitigation).State;

    private Socket Connect(string from)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        _sockets.Add(socket);
        socket.Bind(new IPEndPoint(IPAddress.Parse(from), 0));
        socket.Connect(_station);
        return socket;
    }

    private static async Task<bool> Closed(Socket socket)
    {
        try
        {
            return await socket.ReceiveAsync(new byte[1]) == 0;
        }
        catch (SocketException)
        {
            return true; // Closed with octets of ours unread.
        }
    }

    private static IPEndPoint FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return new IPEndPoint(IPAddress.Loopback, ((IPEndPoint)probe.LocalEndpoint).Port);
    }

    private static async Task Until(Func<bool> holds)
    {
        for (var i = 0; i < 600 && !holds(); i++) await Task.Delay(50);
        Assert.True(holds());
    }
}
