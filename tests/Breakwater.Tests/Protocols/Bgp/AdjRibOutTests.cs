using Breakwater.Core.Net;
using Breakwater.Protocols.Bgp;
using FsCheck;
using FsCheck.Fluent;

namespace Breakwater.Tests.Protocols.Bgp;

public class AdjRibOutTests
{
    private static readonly UpdateEncoder Encoder = new(BgpSamples.Inside);
    private static readonly RouteAttributes Drop = With(0);
    private readonly AdjRibOut _rib = new();
    private readonly Dictionary<BgpNlri, uint> _peer = [];
    private readonly List<string> _heard = [];

    [Fact]
    public void A_peer_that_comes_up_gets_everything_and_the_end_of_each_table()
    {
        _rib.Want(Routes(1, 2));
        Assert.Equal(0, Flush());
        _rib.Begin(new HashSet<BgpFamily> { BgpFamily.Ipv4Unicast, BgpFamily.Ipv4FlowSpec });
        Assert.Equal(3, Flush());
        Assert.Equal(2, _peer.Count);
        Assert.Equal(["ipv4-flowspec ends", "ipv4-unicast ends"], _heard.Order());
        Assert.True(_rib.Holds(Route(1)) && !_rib.Holds(Route(3)));
    }

    [Fact]
    public void The_same_wish_again_sends_nothing()
    {
        Up();
        _rib.Want(Routes(1, 2, 3));
        Flush();
        _rib.Want(Routes(1, 2, 3));
        Assert.Equal(0, Flush());
        Assert.True(_rib.IsSettled);
    }

    [Fact]
    public void A_changed_action_is_announced_without_being_withdrawn()
    {
        Up();
        _rib.Want(Routes(1, 2));
        Flush();
        _rib.Want(new Dictionary<BgpNlri, RouteAttributes> { [Route(1)] = Drop, [Route(2)] = With(7) });
        Assert.Equal(1, Flush());
        Assert.Equal((0u, 7u), (_peer[Route(1)], _peer[Route(2)]));
    }

    [Fact]
    public void A_refresh_sends_the_family_again_between_its_marks()
    {
        Up();
        _rib.Want(Routes(1, 2));
        Flush();
        _heard.Clear();
        _peer.Clear();
        _rib.SendAgain(BgpFamily.Ipv4Unicast, marked: true);
        Assert.Equal(3, Flush());
        Assert.Equal(["refresh Begin", "refresh End"], _heard);
        Assert.Equal(2, _peer.Count);
    }

    [Fact]
    public void Routes_of_a_family_that_the_peer_does_not_take_are_not_sent()
    {
        _rib.Begin(new HashSet<BgpFamily> { BgpFamily.Ipv4FlowSpec });
        _rib.Want(Routes(1));
        Flush();
        Assert.Empty(_peer);
        Assert.False(_rib.Holds(Route(1)));
    }

    [Fact]
    public void A_rule_that_fits_no_message_does_not_hold_up_the_others()
    {
        var long4095 = new FlowSpecRule(BgpFamily.Ipv4FlowSpec, [new FlowSpecValues(FlowSpecComponentType.Protocol, [.. Enumerable.Range(0, 2047).Select(i => new FlowSpecTerm(1, (ulong)i & 0xFF))])]);
        _rib.Begin(new HashSet<BgpFamily> { BgpFamily.Ipv4FlowSpec });
        Flush();
        _rib.Want(new Dictionary<BgpNlri, RouteAttributes> { [BgpNlri.Of(long4095)] = Drop, [BgpNlri.Of(BgpSamples.Ntp)] = Drop });
        Flush();
        Assert.Equal(BgpSamples.Ntp, Assert.Single(_peer).Key.Rule);
        Assert.True(_rib.IsSettled);
        Assert.False(_rib.Holds(BgpNlri.Of(long4095)));
    }

    /// <summary>Whatever is wanted after whatever, however much of it went out in between: in the end the peer holds the last wish.</summary>
    [Fact]
    public void In_the_end_the_peer_holds_what_was_wanted_last() => Prop.ForAll<(byte Route, byte Action)[][], byte>((wishes, seed) =>
    {
        var rib = new AdjRibOut();
        var peer = new Dictionary<BgpNlri, uint>();
        var random = new Random(seed);
        rib.Begin(new HashSet<BgpFamily> { BgpFamily.Ipv4Unicast, BgpFamily.Ipv6Unicast });
        Dictionary<BgpNlri, RouteAttributes> last = [];
        foreach (var wish in wishes)
        {
            last = [];
            foreach (var (route, action) in wish) last[Route(route)] = With(action % 3u);
            rib.Want(last);
            if (random.Next(4) == 0) rib.SendAgain(BgpFamily.Ipv4Unicast, random.Next(2) == 0);
            for (var i = random.Next(4); i > 0; i--) Step(rib, peer, []);
        }
        while (Step(rib, peer, [])) { }
        Assert.Equal(last.Count, peer.Count);
        Assert.All(last, l => Assert.Equal(l.Value.Path.LocalPreference, peer[l.Key]));
        Assert.True(rib.IsSettled && rib.Sent == peer.Count && last.Keys.All(rib.Holds));
    }).QuickCheckThrowOnFailure();

    private void Up()
    {
        _rib.Begin(new HashSet<BgpFamily> { BgpFamily.Ipv4Unicast });
        Flush();
        _heard.Clear();
    }

    private int Flush()
    {
        var messages = 0;
        while (Step(_rib, _peer, _heard)) messages++;
        return messages;
    }

    private static bool Step(AdjRibOut rib, Dictionary<BgpNlri, uint> peer, List<string> heard)
    {
        var message = new byte[Encoder.MaxLength];
        var length = rib.Write(Encoder, message);
        if (length == 0) return false;
        var body = message.AsSpan(BgpFraming.HeaderLength, length - BgpFraming.HeaderLength);
        if (message[18] == (byte)BgpMessageType.RouteRefresh)
        {
            BgpRouteRefresh.Decode(body, out var mark);
            heard.Add($"refresh {mark!.Kind}");
            return true;
        }
        var decoded = UpdateDecoder.Decode(body, BgpSamples.Inside);
        Assert.Equal(UpdateReaction.None, decoded.Reaction);
        var update = decoded.Update;
        if (update.EndOfRib is { } family) heard.Add($"{family} ends");
        foreach (var route in update.Withdrawn.Concat(update.Unreach?.Routes ?? [])) Assert.True(peer.Remove(route));
        foreach (var route in update.Announced.Concat(update.Reach?.Routes ?? [])) peer[route] = update.Attributes.LocalPreference ?? 0;
        return true;
    }

    private static BgpNlri Route(int number) => number % 2 == 0 || number < 4
        ? BgpNlri.Of(new Prefix(IpAddr.V4(0xC0000200 + (uint)number), 32))
        : BgpNlri.Of(new Prefix(new IpAddr(0x2001_0DB8_0000_0000, (ulong)number), 128));

    private static Dictionary<BgpNlri, RouteAttributes> Routes(params int[] numbers) => numbers.ToDictionary(Route, _ => Drop);

    private static RouteAttributes With(uint preference) => new(
        new PathAttributes { Origin = BgpOrigin.Igp, AsPath = [], NextHop = IpAddr.Parse("192.0.2.1"), LocalPreference = preference }, new byte[16]);
}
