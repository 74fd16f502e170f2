using Breakwater.Core.Mitigations;
using Breakwater.Core.Net;
using Breakwater.Protocols.Bgp;

namespace Breakwater.Fuzz.Corpus;

/// <summary>Good BGP messages and flow specifications.</summary>
internal static class BgpCorpus
{
    public static IReadOnlyList<FlowSpecRule> Rules { get; } =
    [
        .. FlowSpecMapping.Rules(new TrafficMatch { Protocols = [17], SourcePorts = [19, 123, new ValueRange(1024, 65535)], PacketLengths = [new ValueRange(400, 1500)] }),
        .. FlowSpecMapping.Rules(new TrafficMatch { Destination = Prefix.Parse("192.0.2.7/32"), Protocols = [6], TcpFlags = 2, TcpFlagsMask = 0x12, Fragment = false, Dscp = [46] }),
        .. FlowSpecMapping.Rules(new TrafficMatch { Destination = Prefix.Parse("2001:db8::7/128"), Source = Prefix.Parse("2001:db8:1::/48"), Protocols = [58], IcmpTypes = [128], IcmpCodes = [0], Fragment = true }),
        new FlowSpecRule(BgpFamily.Ipv6FlowSpec, [new FlowSpecPrefix(FlowSpecComponentType.SourcePrefix, Prefix.Parse("::1234:5678:9a00:0/104"), 65), new FlowSpecValues(FlowSpecComponentType.FlowLabel, [new FlowSpecTerm(0x21, 2013)])]),
    ];

    public static IEnumerable<byte[]> Messages()
    {
        var encoder = new UpdateEncoder(new UpdateContext(FourOctetAs: true, Internal: true));
        yield return new BgpOpen
        {
            As = 4_200_000_001,
            HoldTime = 90,
            Identifier = 1,
            Capabilities = [new MultiprotocolCapability(BgpFamily.Ipv4FlowSpec), new GracefulRestartCapability(true, true, 120, [(BgpFamily.Ipv4FlowSpec, true)]), new FourOctetAsCapability(4_200_000_001), new RoleCapability(BgpRole.Customer)],
        }.Encode();
        yield return BgpFraming.Keepalive.ToArray();
        yield return BgpNotification.Cease(BgpErrorSubcode.AdministrativeShutdown, "maintenance").Encode();
        yield return new BgpRouteRefresh(BgpFamily.Ipv4FlowSpec, BgpRefreshKind.Request).Encode();
        yield return encoder.Encode(new BgpUpdate { Withdrawn = [BgpNlri.Of(Prefix.Parse("192.0.2.7/32"))] });
        yield return encoder.Encode(new BgpUpdate
        {
            Announced = [BgpNlri.Of(Prefix.Parse("192.0.2.7/32")), BgpNlri.Of(Prefix.Parse("198.51.100.0/24"))],
            Attributes = Attributes with { NextHop = IpAddr.Parse("203.0.113.1"), Communities = [BgpCommunity.Blackhole], LargeCommunities = [new BgpLargeCommunity(1, 2, 3)], Aggregator = new BgpAggregator(64500, 1) },
        });
        yield return encoder.Encode(new BgpUpdate
        {
            Attributes = Attributes with { ExtendedCommunities = FlowSpecActions.Drop.Communities(64500) },
            Reach = new MpReach(BgpFamily.Ipv4FlowSpec, default, [.. Rules.Where(r => r.Family == BgpFamily.Ipv4FlowSpec).Select(BgpNlri.Of)]),
        });
        yield return encoder.Encode(new BgpUpdate
        {
            Attributes = Attributes,
            Reach = new MpReach(BgpFamily.Ipv6Unicast, new byte[16], [BgpNlri.Of(Prefix.Parse("2001:db8::7/128"))]),
            Unreach = new MpUnreach(BgpFamily.Ipv6FlowSpec, [.. Rules.Where(r => r.Family == BgpFamily.Ipv6FlowSpec).Select(BgpNlri.Of)]),
        });
    }

    private static PathAttributes Attributes => new() { Origin = BgpOrigin.Igp, AsPath = [new AsSegment(AsSegmentKind.Sequence, [64500, 4_200_000_001])], LocalPreference = 100 };
}
