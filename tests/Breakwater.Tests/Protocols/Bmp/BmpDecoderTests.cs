using Breakwater.Core.Flows;
using Breakwater.Core.Net;
using Breakwater.Protocols.Bgp;
using Breakwater.Protocols.Bmp;
using Breakwater.Tests.Protocols.Bgp;
using FsCheck;
using FsCheck.Fluent;

namespace Breakwater.Tests.Protocols.Bmp;

public class BmpDecoderTests
{
    [Fact]
    public void Reads_who_the_router_is()
    {
        var initiation = BmpSamples.Read<BmpInitiation>(BmpSamples.Initiation);
        Assert.Equal(("GoBGP", "3.10.0"), (initiation.Name, initiation.Description));
    }

    [Fact]
    public void Reads_a_session_that_came_up_with_both_opens()
    {
        var up = BmpSamples.Read<BmpPeerUp>(BmpSamples.PeerUp);
        Assert.Equal((BmpPeerType.Global, BmpView.AdjRibIn, IpAddr.Parse("127.0.9.2"), 64500u, 0xC0000201u), (up.Peer.Type, up.Peer.View, up.Peer.Address, up.Peer.As, up.Peer.Identifier));
        Assert.Equal(IpAddr.Parse("127.0.9.1"), up.Local);
        Assert.Equal((21_790, 60_251), (up.LocalPort, up.RemotePort));
        Assert.Equal((64501u, 64500u), (up.Sent!.As, up.Received!.As));
        Assert.Contains(BgpFamily.Ipv6FlowSpec, up.Received.Families);
    }

    [Fact]
    public void Reads_a_session_that_went_down_and_why()
    {
        var down = BmpSamples.Read<BmpPeerDown>(BmpSamples.PeerDown);
        Assert.Equal((3, BgpErrorCode.Cease, BgpErrorSubcode.PeerDeconfigured), (down.Reason, down.Notification!.Code, down.Notification.Subcode));
    }

    [Fact]
    public void Reads_routes_of_each_table_of_the_router()
    {
        foreach (var (bytes, view) in new[] { (BmpSamples.PrePolicyRule, BmpView.AdjRibIn), (BmpSamples.PostPolicyRule, BmpView.AdjRibInPostPolicy), (BmpSamples.LocRibRule, BmpView.LocRib) })
        {
            var routes = BmpSamples.Read<BmpRouteMonitoring>(bytes);
            Assert.Equal((view, UpdateReaction.None), (routes.Peer.View, routes.Update.Reaction));
            Assert.Equal(BmpSamples.Rule, Assert.Single(routes.Update.Update.Reach!.Routes).ToString());
            Assert.Equal(FlowSpecActions.Drop, FlowSpecActions.Of(routes.Update.Update.Attributes.ExtendedCommunities, []));
        }
        var own = BmpSamples.Read<BmpRouteMonitoring>(BmpSamples.LocRibRule).Peer;
        Assert.Equal((true, 64501u, 0xC00002FEu), (own.Address.IsNone, own.As, own.Identifier));
        Assert.Equal(BmpView.AdjRibOut, BmpSamples.Read<BmpRouteMonitoring>(BmpSamples.Routes(BgpSamples.Update, flags: 0x10)).Peer.View);
    }

    [Fact]
    public void Reads_paths_with_numbers_of_sixteen_bits_where_the_header_says_so()
    {
        var update = new BgpUpdate { Announced = [BgpNlri.Of(Prefix.Parse("192.0.2.7/32"))], Attributes = new PathAttributes { Origin = BgpOrigin.Igp, NextHop = IpAddr.Parse("203.0.113.1"), AsPath = [new AsSegment(AsSegmentKind.Sequence, [64500, 64501])] } };
        var read = BmpSamples.Read<BmpRouteMonitoring>(BmpSamples.Routes(update, flags: 0x20));
        Assert.Equal([64500u, 64501u], Assert.Single(read.Update.Update.Attributes.AsPath!).Numbers);
    }

    [Fact]
    public void Reads_an_ipv6_session_and_when_it_heard()
    {
        var peer = BmpSamples.Read<BmpRouteMonitoring>(BmpSamples.Routes(BgpSamples.Update, flags: 0x80, address: "2001:db8::1")).Peer;
        Assert.Equal((IpAddr.Parse("2001:db8::1"), new Timestamp(1_700_000_000_250_000_000)), (peer.Address, peer.Time));
    }

    [Fact]
    public void Reads_counters_of_all_lengths_and_passes_over_others()
    {
        Assert.Equal([(7, 2ul), (8, 2ul), (11, 1ul), (12, 1ul)], BmpSamples.Read<BmpStatistics>(BmpSamples.Statistics).Counters.Select(c => ((int)c.Type, c.Value)));
        byte[] counters = [0, 0, 0, 9, 0, 9, 0, 11, 0, 1, 133, 0, 0, 0, 0, 0, 0, 0, 5, 0, 99, 0, 1, 7];
        var counter = Assert.Single(BmpSamples.Read<BmpStatistics>(BmpSamples.Message(BmpMessageType.Statistics, counters)).Counters);
        Assert.Equal(new BmpStatistic(9, BgpFamily.Ipv4FlowSpec, 5), counter);
    }

    [Fact]
    public void Reads_why_a_router_ends_and_passes_over_what_it_does_not_know()
    {
        Assert.Equal(DecodeError.None, BmpDecoder.Decode(BmpMessageType.Termination, [0, 1, 0, 2, 0, 3, 0, 0, 0, 2, 0x6F, 0x6B], out var message));
        Assert.Equal(new BmpTermination(3, "ok"), message);
        Assert.Equal(DecodeError.None, BmpDecoder.Decode((BmpMessageType)200, [1, 2, 3], out message));
        Assert.Null(message);
    }

    [Theory]
    [InlineData("", DecodeError.Truncated)]
    [InlineData("0300000006", DecodeError.Truncated)]
    [InlineData("02", DecodeError.UnsupportedVersion)]
    [InlineData("030000000504", DecodeError.InvalidLength)]
    [InlineData("030004000104", DecodeError.InvalidLength)]
    [InlineData("03FFFFFFFF04", DecodeError.InvalidLength)]
    public void Cuts_a_stream_no_further_than_it_makes_sense(string hex, DecodeError error) =>
        Assert.Equal(error, BmpFraming.Read(Convert.FromHexString(hex), out _, out _));

    [Fact]
    public void Waits_for_the_rest_of_every_message_that_is_cut_short()
    {
        foreach (var good in BmpSamples.All)
            for (var length = 0; length < good.Length; length++)
                Assert.Equal(DecodeError.Truncated, BmpFraming.Read(good.AsSpan(0, length), out _, out _));
    }

    [Fact]
    public void Says_what_is_wrong_with_every_body_that_is_cut_short()
    {
        foreach (var good in BmpSamples.All)
        {
            BmpFraming.Read(good, out var type, out _);
            for (var length = 0; length < good.Length - BmpFraming.HeaderLength; length++)
            {
                var error = BmpDecoder.Decode(type, good.AsSpan(BmpFraming.HeaderLength, length), out var message);
                // Without its last texts, counters or notification, a message of these types is whole.
                Assert.True(error != DecodeError.None || type is BmpMessageType.Initiation or BmpMessageType.Statistics or BmpMessageType.PeerDown, $"{type} of {length} octets is {message}");
            }
        }
    }

    [Fact]
    public void Never_throws_whatever_a_single_octet_becomes()
    {
        foreach (var good in BmpSamples.All)
        {
            for (var at = 0; at < good.Length; at++)
            {
                foreach (var flip in (ReadOnlySpan<byte>)[0x01, 0x80, 0xFF])
                {
                    var bad = good.ToArray();
                    bad[at] ^= flip;
                    var error = BmpSamples.Read(bad, out var message);
                    Assert.True(error == DecodeError.None || message is null);
                }
            }
        }
    }

    [Fact]
    public void Never_throws_whatever_the_octets() =>
        Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), ArbMap.Default.ArbFor<byte>(), (octets, type) =>
        {
            BmpDecoder.Decode((BmpMessageType)(type % 8), octets, out var message);
            BmpSamples.Read(BmpSamples.Message((BmpMessageType)(type % 4), octets, peerType: (byte)(type % 5), flags: type), out message);
            BmpSamples.Read([3, 0, 0, 0, (byte)(octets.Length + 6), .. octets], out message);
            return true;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Reads_back_whatever_routes_a_router_may_tell_of() =>
        Prop.ForAll(ArbMap.Default.ArbFor<uint>(), ArbMap.Default.ArbFor<byte>(), ArbMap.Default.ArbFor<ushort>(), (number, flags, port) =>
        {
            var rule = BgpNlri.Of(FlowSpecMappingOf(port));
            var update = new BgpUpdate { Attributes = new PathAttributes { Origin = BgpOrigin.Igp, AsPath = [] }, Reach = new MpReach(BgpFamily.Ipv4FlowSpec, default, [rule]) };
            var address = (flags & 0x80) == 0 ? IpAddr.V4(number | 1).ToString() : "2001:db8::7";
            var read = BmpSamples.Read<BmpRouteMonitoring>(BmpSamples.Routes(update, flags: flags, address: address, asNumber: number));
            return read.Peer.Flags == flags && read.Peer.As == number && read.Peer.Address == IpAddr.Parse(address) && read.Update.Update.Reach!.Routes[0].Equals(rule);
        }).QuickCheckThrowOnFailure();

    private static FlowSpecRule FlowSpecMappingOf(ushort port) =>
        FlowSpecMapping.Rules(new Breakwater.Core.Mitigations.TrafficMatch { Destination = Prefix.Parse("192.0.2.7/32"), Protocols = [17], SourcePorts = [port] })[0];
}
