using Breakwater.Core.Mitigations;
using Breakwater.Core.Net;
using Breakwater.Protocols.Bgp;
using FsCheck;
using FsCheck.Fluent;

namespace Breakwater.Tests.Protocols.Bgp;

/// <summary>Messages and rules that tests of several parts share, written out and drawn at random.</summary>
internal static class BgpSamples
{
    public static readonly UpdateContext Inside = new(FourOctetAs: true, Internal: true);

    public static BgpOpen Open => new()
    {
        As = 4_200_000_001,
        HoldTime = 90,
        Identifier = 0xC0000201,
        Capabilities =
        [
            new MultiprotocolCapability(BgpFamily.Ipv4Unicast), new MultiprotocolCapability(BgpFamily.Ipv6FlowSpec), new RouteRefreshCapability(),
            new ExtendedMessageCapability(), new RoleCapability(BgpRole.Customer), new GracefulRestartCapability(true, false, 120, [(BgpFamily.Ipv4FlowSpec, true)]),
            new FourOctetAsCapability(4_200_000_001), new EnhancedRouteRefreshCapability(), new OtherCapability(73, new byte[] { 1, 2, 3 }),
        ],
    };

    public static FlowSpecRule Ntp => FlowSpecMapping.Rules(new TrafficMatch
    {
        Destination = Prefix.Parse("192.0.2.7/32"),
        Protocols = [17],
        SourcePorts = [123],
        PacketLengths = [new ValueRange(400, 65535)],
    })[0];

    public static FlowSpecRule SynFlood6 => FlowSpecMapping.Rules(new TrafficMatch
    {
        Destination = Prefix.Parse("2001:db8::7/128"),
        Protocols = [6],
        DestinationPorts = [80, 443],
        TcpFlags = 0x02,
        TcpFlagsMask = 0x12,
        Fragment = false,
    })[0];

    public static BgpUpdate Update => new()
    {
        Withdrawn = [BgpNlri.Of(Prefix.Parse("198.51.100.0/24"))],
        Announced = [BgpNlri.Of(Prefix.Parse("192.0.2.7/32")), BgpNlri.Of(Prefix.Parse("192.0.2.8/31"))],
        Attributes = new PathAttributes
        {
            Origin = BgpOrigin.Igp,
            AsPath = [new AsSegment(AsSegmentKind.Sequence, [64500, 4_200_000_001]), new AsSegment(AsSegmentKind.Set, [64501])],
            NextHop = IpAddr.Parse("203.0.113.1"),
            MultiExitDiscriminator = 7,
            LocalPreference = 200,
            AtomicAggregate = true,
            Aggregator = new BgpAggregator(64500, 0xC0000201),
            Communities = [BgpCommunity.Blackhole, BgpCommunity.NoExport],
            OriginatorId = 1,
            ClusterList = [2, 3],
            ExtendedCommunities = FlowSpecActions.Drop.Communities(64500),
            Ipv6ExtendedCommunities = new FlowSpecActions { RedirectToAddress = IpAddr.Parse("2001:db8::1") }.Ipv6Communities,
            LargeCommunities = [new BgpLargeCommunity(64500, 1, 2)],
            OnlyToCustomer = 64500,
            Others = [new OtherAttribute(0xC0, 128, new byte[] { 9, 9 })],
        },
        Reach = new MpReach(BgpFamily.Ipv6FlowSpec, default, [BgpNlri.Of(SynFlood6)]),
        Unreach = new MpUnreach(BgpFamily.Ipv4FlowSpec, [BgpNlri.Of(Ntp)]),
    };

    /// <summary>One message of each kind.</summary>
    public static IReadOnlyList<byte[]> Messages =>
    [
        Open.Encode(), new UpdateEncoder(Inside).Encode(Update), BgpNotification.Cease(BgpErrorSubcode.AdministrativeShutdown, "maintenance until ten").Encode(),
        BgpFraming.Keepalive.ToArray(), new BgpRouteRefresh(BgpFamily.Ipv4FlowSpec, BgpRefreshKind.Request).Encode(),
    ];

    public static Gen<Prefix> Prefixes(bool six) => six
        ? from high in Gen.Choose(0, int.MaxValue)
          from low in Gen.Choose(0, int.MaxValue)
          from length in Gen.Choose(0, 128)
          select Prefix.Of(new IpAddr(0x2001_0DB8_0000_0000UL | (uint)high, (ulong)low << 20), length)
        : from bits in Gen.Choose(0, int.MaxValue)
          from length in Gen.Choose(0, 32)
          select Prefix.Of(IpAddr.V4((uint)bits * 2), length);

    /// <summary>Any rule at all, lists with every operator and length included.</summary>
    public static Arbitrary<FlowSpecRule> Rules => (
        from six in Gen.Elements(false, true)
        from types in Gen.SubListOf(Enum.GetValues<FlowSpecComponentType>().Where(t => six || t != FlowSpecComponentType.FlowLabel))
        where types.Count > 0
        from components in Gen.CollectToList(types, t => Component(t, six))
        select new FlowSpecRule(six ? BgpFamily.Ipv6FlowSpec : BgpFamily.Ipv4FlowSpec, components)).ToArbitrary();

    /// <summary>Any match with a destination.</summary>
    public static Arbitrary<TrafficMatch> Matches => (
        from six in Gen.Elements(false, true)
        from destination in Prefixes(six)
        from source in Gen.OneOf(Gen.Constant((Prefix?)null), Prefixes(six).Select(p => (Prefix?)p))
        from protocols in Gen.Choose(0, 255).Select(p => (byte)p).ListOf()
        from ports in Ranges(65535)
        from types in Ranges(255)
        from lengths in Ranges(65535)
        from dscp in Ranges(63)
        from flags in Gen.Choose(0, 255)
        from mask in Gen.Choose(0, 255)
        from fragment in Gen.Elements<bool?>(null, true, false)
        select new TrafficMatch
        {
            Destination = destination,
            Source = source,
            Protocols = [.. protocols.Distinct().Order()],
            SourcePorts = ports,
            IcmpTypes = types,
            PacketLengths = lengths,
            Dscp = dscp,
            TcpFlags = (byte)(flags & mask),
            TcpFlagsMask = (byte)mask,
            Fragment = fragment,
        }).ToArbitrary();

    private static Gen<IReadOnlyList<ValueRange>> Ranges(int largest) =>
        from values in Gen.Choose(0, largest).ListOf()
        select Joined(values.Order().Distinct().Chunk(2).Select(c => new ValueRange(c[0], c[^1])));

    private static IReadOnlyList<ValueRange> Joined(IEnumerable<ValueRange> ascending)
    {
        var ranges = new List<ValueRange>();
        foreach (var range in ascending)
        {
            if (ranges.Count > 0 && range.From == ranges[^1].To + 1) ranges[^1] = ranges[^1] with { To = range.To };
            else ranges.Add(range);
        }
        return ranges;
    }

    private static Gen<FlowSpecComponent> Component(FlowSpecComponentType type, bool six)
    {
        if (type <= FlowSpecComponentType.SourcePrefix)
        {
            return from prefix in Prefixes(six)
                   from offset in Gen.Choose(0, Math.Max(0, prefix.Length - 1))
                   let used = six ? offset : 0
                   select (FlowSpecComponent)new FlowSpecPrefix(type, Clear(prefix, used), (byte)used);
        }
        var longest = type switch { FlowSpecComponentType.TcpFlags => 1, FlowSpecComponentType.Dscp or FlowSpecComponentType.Fragment => 0, _ => 3 };
        var comparisons = type is FlowSpecComponentType.TcpFlags or FlowSpecComponentType.Fragment ? 3 : 7;
        var term = from comparison in Gen.Choose(0, comparisons)
                   from code in Gen.Choose(0, longest)
                   from and in Gen.Elements(0, 0x40)
                   from value in Gen.Choose(0, int.MaxValue)
                   select new FlowSpecTerm((byte)(comparison | code << 4 | and), code == 3 ? (ulong)value << 30 : (ulong)value & ((1UL << (8 << code)) - 1));
        return from terms in term.NonEmptyListOf()
               select (FlowSpecComponent)new FlowSpecValues(type, [terms[0] with { Operator = (byte)(terms[0].Operator & 0xBF) }, .. terms.Skip(1)]);
    }

    /// <summary>Without the bits before an offset, as the standard has it.</summary>
    private static Prefix Clear(Prefix prefix, int offset)
    {
        if (offset == 0) return prefix;
        var bits = ((UInt128)prefix.Address.High << 64 | prefix.Address.Low) << offset >> offset;
        return new Prefix(new IpAddr((ulong)(bits >> 64), (ulong)bits), prefix.Length);
    }
}
