using Breakwater.Core.Net;
using Breakwater.Protocols.Bgp;
using FsCheck;
using FsCheck.Fluent;

namespace Breakwater.Tests.Protocols.Bgp;

public class BgpMessageTests
{
    [Fact]
    public void Reads_back_the_open_it_wrote()
    {
        Assert.Null(BgpOpen.Decode(Body(BgpSamples.Open.Encode()), out var again));
        Assert.Equal(BgpSamples.Open.Encode(), again.Encode());
        Assert.Equal((4_200_000_001u, 90, 0xC0000201u), (again.As, again.HoldTime, again.Identifier));
        Assert.Equal(BgpRole.Customer, again.Capability<RoleCapability>()!.Role);
        Assert.Equal(120, again.Capability<GracefulRestartCapability>()!.RestartTime);
        Assert.Equal([BgpFamily.Ipv4Unicast, BgpFamily.Ipv6FlowSpec], again.Families);
    }

    [Fact]
    public void Offers_ipv4_unicast_when_no_family_is_named() =>
        Assert.Equal(BgpFamily.Ipv4Unicast, Assert.Single(new BgpOpen { As = 1, HoldTime = 90, Identifier = 1 }.Families));

    [Theory]
    [InlineData("03FDE800B4C000020100", BgpErrorSubcode.UnsupportedVersion)]
    [InlineData("04000000B4C000020100", BgpErrorSubcode.BadPeerAs)]
    [InlineData("04FDE80001C000020100", BgpErrorSubcode.UnacceptableHoldTime)]
    [InlineData("04FDE800B40000000000", BgpErrorSubcode.BadIdentifier)]
    [InlineData("04FDE800B4C000020102", 0)]
    [InlineData("04FDE800B4C00002010401020000", BgpErrorSubcode.UnsupportedOptionalParameter)]
    [InlineData("04FDE800B4C00002010402020105", 0)]
    public void Refuses_an_open_with_the_subcode_of_the_standard(string body, byte subcode)
    {
        var error = BgpOpen.Decode(Convert.FromHexString(body), out _);
        Assert.Equal((BgpErrorCode.Open, subcode), (error!.Code, error.Subcode));
    }

    [Fact]
    public void Reads_back_the_update_it_wrote()
    {
        var encoder = new UpdateEncoder(BgpSamples.Inside);
        var bytes = encoder.Encode(BgpSamples.Update);
        var decoded = UpdateDecoder.Decode(Body(bytes), BgpSamples.Inside);
        Assert.Equal(UpdateReaction.None, decoded.Reaction);
        Assert.Equal(bytes, encoder.Encode(decoded.Update));
        Assert.Equal(BgpSamples.Update.Attributes.Communities, decoded.Update.Attributes.Communities);
        Assert.Equal(BgpSamples.SynFlood6, Assert.Single(decoded.Update.Reach!.Routes).Rule);
    }

    [Fact]
    public void Long_messages_are_for_a_route_that_needs_one()
    {
        var encoder = new UpdateEncoder(BgpSamples.Inside, BgpFraming.MaxExtendedLength);
        var ports = new FlowSpecRule(BgpFamily.Ipv4FlowSpec, [new FlowSpecValues(FlowSpecComponentType.SourcePort, [.. Enumerable.Range(1000, 1360).Select(p => new FlowSpecTerm(0x11, (ulong)p))])]);
        BgpNlri[] routes = [BgpNlri.Of(ports), .. Enumerable.Range(0, 1000).Select(i => BgpNlri.Of(BgpSamples.Ntp))];
        var attributes = encoder.EncodeAttributes(new PathAttributes { Origin = BgpOrigin.Igp, AsPath = [], ExtendedCommunities = FlowSpecActions.Drop.Communities(64500) });
        var lengths = new List<int>();
        var message = new byte[BgpFraming.MaxExtendedLength];
        for (var from = 0; from < routes.Length;) lengths.Add(encoder.Announce(attributes, BgpFamily.Ipv4FlowSpec, default, routes, ref from, message));
        Assert.InRange(lengths[0], BgpFraming.MaxLength + 1, 4200);
        Assert.All(lengths.Skip(1), l => Assert.InRange(l, 1, BgpFraming.MaxLength));
        lengths.Clear();
        for (var from = 1; from < routes.Length;) lengths.Add(encoder.Withdraw(BgpFamily.Ipv4FlowSpec, routes, ref from, message));
        Assert.All(lengths, l => Assert.InRange(l, 1, BgpFraming.MaxLength));
    }

    [Fact]
    public void Gives_an_old_speaker_a_path_that_it_can_read()
    {
        var old = new UpdateContext(FourOctetAs: false, Internal: true);
        var attributes = new PathAttributes { Origin = BgpOrigin.Igp, AsPath = [new AsSegment(AsSegmentKind.Sequence, [4_200_000_001])] };
        var decoded = UpdateDecoder.Decode(Body(new UpdateEncoder(old).Encode(new BgpUpdate { Attributes = attributes })), old);
        Assert.Equal([BgpOpen.AsTrans], decoded.Update.Attributes.AsPath![0].Numbers);
        Assert.Equal("0201FA56EA01", Convert.ToHexString(Assert.Single(decoded.Update.Attributes.Others, o => o.Type == 17).Value.Span));
    }

    [Fact]
    public void Knows_the_end_of_each_familys_table()
    {
        var encoder = new UpdateEncoder(BgpSamples.Inside);
        foreach (var family in (BgpFamily[])[BgpFamily.Ipv4Unicast, BgpFamily.Ipv6Unicast, BgpFamily.Ipv4FlowSpec, BgpFamily.Ipv6FlowSpec])
        {
            var message = new byte[BgpFraming.MaxLength];
            var from = 0;
            var length = encoder.Withdraw(family, [], ref from, message);
            Assert.Equal(family, UpdateDecoder.Decode(Body(message[..length]), BgpSamples.Inside).Update.EndOfRib);
        }
        Assert.Null(BgpSamples.Update.EndOfRib);
    }

    [Fact]
    public void Packs_routes_into_as_few_updates_as_they_need_and_loses_none() => Prop.ForAll(
        Gen.Choose(1, 3000).ToArbitrary(), Gen.Elements(0, 1, 2).ToArbitrary(), (count, kind) =>
    {
        var routes = Enumerable.Range(0, count).Select(i => kind switch
        {
            0 => BgpNlri.Of(new Prefix(IpAddr.V4(0xC0000000 + (uint)i), 32)),
            1 => BgpNlri.Of(new Prefix(new IpAddr(0x2001_0DB8_0000_0000, (ulong)i), 128)),
            _ => BgpNlri.Of(new FlowSpecRule(BgpFamily.Ipv4FlowSpec, [new FlowSpecPrefix(FlowSpecComponentType.DestinationPrefix, new Prefix(IpAddr.V4(0xC0000000 + (uint)i), 32))])),
        }).ToArray();
        var encoder = new UpdateEncoder(BgpSamples.Inside);
        var attributes = encoder.EncodeAttributes(new PathAttributes { Origin = BgpOrigin.Igp, AsPath = [], NextHop = kind == 0 ? IpAddr.Parse("192.0.2.1") : null });
        byte[] nextHop = kind == 1 ? new byte[16] : [];
        var message = new byte[encoder.MaxLength];
        var (announced, withdrawn) = (new List<BgpNlri>(), new List<BgpNlri>());
        var messages = 0;
        for (var from = 0; from < routes.Length; messages++)
        {
            var length = encoder.Announce(attributes, routes[0].Family, nextHop, routes, ref from, message);
            var decoded = UpdateDecoder.Decode(Body(message[..length]), BgpSamples.Inside);
            Assert.Equal(UpdateReaction.None, decoded.Reaction);
            announced.AddRange(decoded.Update.Announced.Concat(decoded.Update.Reach?.Routes ?? []));
        }
        for (var from = 0; from < routes.Length;)
        {
            var length = encoder.Withdraw(routes[0].Family, routes, ref from, message);
            var update = UpdateDecoder.Decode(Body(message[..length]), BgpSamples.Inside).Update;
            withdrawn.AddRange(update.Withdrawn.Concat(update.Unreach?.Routes ?? []));
        }
        Assert.Equal(routes, announced);
        Assert.Equal(routes, withdrawn);
        var room = encoder.MaxLength - BgpFraming.HeaderLength - 4 - attributes.Length - (kind == 0 ? 0 : 9 + nextHop.Length);
        Assert.Equal((count + room / routes[0].Bytes.Length - 1) / (room / routes[0].Bytes.Length), messages);
    }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData("41010100", UpdateReaction.None)]
    [InlineData("400101034002004003040A000001", UpdateReaction.TreatAsWithdraw)]
    [InlineData("40010100400206020100000000" + "4003040A000001", UpdateReaction.TreatAsWithdraw)]
    [InlineData("40010100400200", UpdateReaction.TreatAsWithdraw)]
    [InlineData("40010100400200" + "4003040A000001" + "C00803000001", UpdateReaction.TreatAsWithdraw)]
    [InlineData("40010100400200" + "4003040A000001" + "C007020001", UpdateReaction.AttributeDiscard)]
    [InlineData("40010100400200" + "4003040A000001" + "800E0100", UpdateReaction.SessionReset)]
    public void Reacts_no_harder_than_the_standard_asks(string attributes, UpdateReaction reaction)
    {
        var bytes = Convert.FromHexString(attributes);
        if (reaction == UpdateReaction.None) bytes = Convert.FromHexString("400101004002004003040A000001");
        byte[] body = [0, 0, 0, (byte)bytes.Length, .. bytes, 24, 192, 0, 2];
        Assert.Equal(reaction, UpdateDecoder.Decode(body, BgpSamples.Inside).Reaction);
    }

    [Fact]
    public void Drops_what_only_means_something_inside_when_it_comes_from_outside()
    {
        var bytes = new UpdateEncoder(BgpSamples.Inside).Encode(BgpSamples.Update);
        var decoded = UpdateDecoder.Decode(Body(bytes), BgpSamples.Inside with { Internal = false });
        Assert.Equal(UpdateReaction.AttributeDiscard, decoded.Reaction);
        Assert.Null(decoded.Update.Attributes.LocalPreference);
        Assert.Null(decoded.Update.Attributes.OriginatorId);
        Assert.Empty(decoded.Update.Attributes.ClusterList);
        Assert.NotEmpty(decoded.Update.Attributes.Communities);
    }

    [Fact]
    public void A_malformed_rule_does_not_cost_its_neighbours()
    {
        var good = BgpSamples.Ntp.Encode();
        byte[] value = [0, 1, 133, 0, 0, .. good, 3, 14, 0x81, 6, .. good];
        byte[] attributes = [0x40, 1, 1, 0, 0x40, 2, 0, 0x80, 14, (byte)value.Length, .. value];
        var decoded = UpdateDecoder.Decode([0, 0, 0, (byte)attributes.Length, .. attributes], BgpSamples.Inside);
        Assert.Equal((UpdateReaction.TreatAsWithdraw, 1, 2), (decoded.Reaction, decoded.Skipped, decoded.Update.Reach!.Routes.Count));
    }

    [Fact]
    public void Carries_words_to_the_peers_operators_and_back()
    {
        var sent = BgpNotification.Cease(BgpErrorSubcode.AdministrativeShutdown, "Wartung bis 22 Uhr – bitte nicht anrufen");
        Assert.Equal("Wartung bis 22 Uhr – bitte nicht anrufen", BgpNotification.Decode(Body(sent.Encode())).Communication);
        var cut = BgpNotification.Cease(BgpErrorSubcode.AdministrativeReset, new string('ü', 200));
        Assert.Equal(new string('ü', 127), cut.Communication);
        Assert.Null(BgpNotification.Cease(BgpErrorSubcode.AdministrativeShutdown, "").Communication);
        Assert.Null(new BgpNotification(BgpErrorCode.Cease, 2, new byte[] { 3, 0xFF, 0xFE, 0xFD }).Communication);
    }

    [Fact]
    public void Never_throws_on_a_message_that_was_cut_or_damaged()
    {
        foreach (var message in BgpSamples.Messages)
        {
            for (var length = 0; length < message.Length; length++)
            {
                var cut = message[..length];
                Assert.NotEqual(BgpFrameStatus.Complete, BgpFraming.Read(cut, false, out _, out _, out _));
                ReadBody(message[18], cut.Length > 19 ? cut[19..] : []);
            }
            for (var at = 0; at < message.Length; at++)
            {
                for (var value = 0; value < 256; value++)
                {
                    var damaged = (byte[])message.Clone();
                    damaged[at] = (byte)value;
                    if (BgpFraming.Read(damaged, false, out var type, out var length, out _) == BgpFrameStatus.Complete) ReadBody((byte)type, damaged[19..length]);
                }
            }
        }
    }

    [Fact]
    public void Never_throws_whatever_the_bytes() => Prop.ForAll<byte[], int>((bytes, type) =>
    {
        ReadBody((byte)(type & 7), bytes);
        FlowSpecRule.TryDecode(BgpFamily.Ipv6FlowSpec, bytes, out _, out _);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Allocates_in_proportion_to_the_message_at_worst()
    {
        // The densest messages: routes of one octet each, and attributes of three.
        byte[] routes = [0, 0, 0, 0, .. new byte[4000]];
        byte[] attributes = [0, 0, 0x0F, 0xA2, .. Enumerable.Range(0, 4002).Select(i => (byte)(i % 3 == 1 ? 40 + i / 3 % 200 : 0))];
        foreach (var body in (byte[][])[routes, attributes])
        {
            var allocated = Allocations.Least(() => () => UpdateDecoder.Decode(body, BgpSamples.Inside));
            Assert.InRange(allocated, 1, 128 * body.Length);
        }
    }

    private static void ReadBody(byte type, byte[] body)
    {
        switch ((BgpMessageType)type)
        {
            case BgpMessageType.Open: BgpOpen.Decode(body, out _); break;
            case BgpMessageType.Update: UpdateDecoder.Decode(body, BgpSamples.Inside); break;
            case BgpMessageType.Notification when body.Length >= 2: _ = BgpNotification.Decode(body).ToString(); break;
            case BgpMessageType.RouteRefresh: BgpRouteRefresh.Decode(body, out _); break;
        }
    }

    private static ReadOnlySpan<byte> Body(byte[] message) => message.AsSpan(BgpFraming.HeaderLength);
}
