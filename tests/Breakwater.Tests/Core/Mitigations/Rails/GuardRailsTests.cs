using Breakwater.Core.Flows;
using Breakwater.Core.Mitigations;
using Breakwater.Core.Mitigations.Rails;
using Breakwater.Core.Net;
using FsCheck;
using FsCheck.Fluent;
using static Breakwater.Tests.Core.Mitigations.MitigationSamples;

namespace Breakwater.Tests.Core.Mitigations.Rails;

/// <summary>What no input gets past: one property a rail, over whatever the rails let through.</summary>
public class GuardRailsTests
{
    private static readonly RailOptions Options = new() { NeverTouch = AnyMitigation.NeverTouch, ControlPorts = [22], SourceBlackholes = true };

    [Fact]
    public void Enough_get_past_for_the_properties_to_mean_something()
    {
        var cleared = Enumerable.Range(0, 2_000).SelectMany(Cleared).ToArray();
        Assert.True(cleared.Length > 300, $"only {cleared.Length}");
        foreach (var action in Enum.GetValues<MitigationAction>()) Assert.Contains(cleared, c => c.Mitigation.Action == action);
        Assert.Contains(cleared, c => c.Mitigation.IsOutbound);
    }

    [Fact]
    public void No_input_makes_an_announcement_outside_owned_prefixes() =>
        Holds((m, _) => m.Origin == MitigationOrigin.CallHome || m.Match.Destination is { } d && AnyMitigation.Owned.Any(o => o.Contains(d)));

    [Fact]
    public void No_input_stops_what_others_send_to_others_nor_does_more_than_drop_or_limit_what_ours_send() => Holds((m, _) =>
        m.Origin != MitigationOrigin.CallHome || m.Match.Source is { } s && AnyMitigation.Owned.Any(o => o.Contains(s)) && s.Length >= (s.IsV4 ? 24 : 48) && !m.TakesAll());

    [Fact]
    public void No_input_makes_a_rule_wider_than_24_or_48_bits() =>
        Holds((m, _) => m.Match.Destination!.Value.Length >= (m.Match.Destination.Value.IsV4 ? 24 : 48));

    [Fact]
    public void No_input_blackholes_more_than_a_host_unless_a_person_typed_it() =>
        Holds((m, _) => m.Action != MitigationAction.Blackhole || m.Match.Destination!.Value.IsHost || m.Origin == MitigationOrigin.Operator);

    [Fact]
    public void No_input_touches_what_is_never_touched() =>
        Holds((m, _) => AnyMitigation.NeverTouch.Append(Prefix.Parse("127.0.0.0/8")).Append(Prefix.Parse("::1/128"))
            .All(p => !Overlap(p, m.Match.Destination) && !Overlap(p, m.Match.Source)));

    [Fact]
    public void No_input_drops_or_limits_sessions_of_bgp_or_management() => Holds((m, _) =>
        m.TakesAll() || new ushort[] { 22, 179 }.All(port =>
            !Matches(m.Match, 33_000, port, 0x02) && !Matches(m.Match, 33_000, port, 0x10) && !Matches(m.Match, port, 33_000, 0x12) && !Matches(m.Match, port, 33_000, 0x18)));

    [Fact]
    public void No_input_makes_a_field_that_no_header_can_hold() => Holds((m, _) =>
        Within(m.Match.SourcePorts, 65_535) && Within(m.Match.DestinationPorts, 65_535) && Within(m.Match.PacketLengths, 65_535)
        && Within(m.Match.IcmpTypes, 255) && Within(m.Match.IcmpCodes, 255) && Within(m.Match.Dscp, 63) && (m.Match.TcpFlags & ~m.Match.TcpFlagsMask) == 0);

    [Fact]
    public void No_input_drops_or_limits_everything_to_its_destination() => Holds((m, _) =>
        m.TakesAll() || m.Match with { Destination = null } != new TrafficMatch());

    [Fact]
    public void No_input_gives_a_rate_that_is_none() => Holds((m, _) =>
        m.Action != MitigationAction.RateLimit ? m.RateBitsPerSecond is null && m.RatePacketsPerSecond is null
            : (m.RateBitsPerSecond ?? m.RatePacketsPerSecond) is > 0 and <= 1e13 && m.RateBitsPerSecond is null != m.RatePacketsPerSecond is null);

    [Fact]
    public void No_input_diverts_to_a_place_that_is_not_configured() =>
        Holds((m, _) => m.Action == MitigationAction.Divert ? m.DivertTo == AnyMitigation.Scrubber : m.DivertTo is null);

    [Fact]
    public void No_input_runs_without_end() => Holds((m, c) => m.Expires > c.Now && m.Expires <= c.Now + Options.MaxTtl);

    [Fact]
    public void No_input_acts_where_nothing_is_switched_on() => Holds((m, c) => c.Mode switch
    {
        MitigationMode.Observe => false,
        MitigationMode.Suggest => m.Origin == MitigationOrigin.Operator,
        MitigationMode.Approve => m.Origin == MitigationOrigin.Operator || m.Approvers.Count > 0,
        _ => true,
    });

    [Fact]
    public void Nobody_from_outside_gets_what_is_not_theirs() => Holds((m, _) =>
        m.RequesterPrefixes is { } own ? own.Any(p => p.Contains((m.Origin == MitigationOrigin.CallHome ? m.Match.Source : m.Match.Destination)!.Value))
            : m.Origin is not (MitigationOrigin.DotsClient or MitigationOrigin.CallHome));

    [Fact]
    public void No_list_blocks_alone() => Holds((m, c) =>
        m.Origin != MitigationOrigin.Feed || m.Approvers.Count > 0 || (m.IncidentId is not null && c.Quality is not null));

    [Fact]
    public void Neither_incident_nor_list_acts_by_itself_on_numbers_that_cannot_be_trusted() => Holds((m, c) =>
        m.Origin is MitigationOrigin.Operator or MitigationOrigin.DotsClient or MitigationOrigin.CallHome || m.Approvers.Count > 0
        || c.Quality is { SampledPackets: >= 100, SamplingKnown: true, Loss: <= 0.1 } quality
            && !(quality.ExporterSilence > Options.ExporterTimeout) && !(quality.ClockSkew?.Duration() > Options.MaxClockSkew));

    [Fact]
    public void No_blackhole_comes_first_by_itself() => Holds((m, c) =>
        m.Action != MitigationAction.Blackhole || m.Approvers.Count > 0 || c.Tried.Any(t => t.Id == m.EscalatedFrom && t.Action < MitigationAction.Blackhole));

    [Fact]
    public void No_rule_comes_back_by_itself_while_it_is_held_down() =>
        Holds((m, c) => m.Approvers.Count > 0 || c.HeldUntil is null || c.HeldUntil <= c.Now);

    [Fact]
    public void Nothing_wide_is_done_by_fewer_than_two_people() => Holds((m, _) =>
        m.Approvers.Distinct().Count() >= 2
        || !((m.TakesAll() && !m.Match.Destination!.Value.IsHost) || (m.Action == MitigationAction.Drop && m.CollateralShare > Options.TwoPersonCollateral)));

    [Fact]
    public void No_input_passes_a_cap()
    {
        var options = new RailOptions { MaxConcurrent = 3, MaxNewPerMinute = 50, MaxPerHostGroup = 2, MaxTrafficShare = 0.1, MaxAddressShare = 0.01 };
        Holds((m, c) => c.InForce.Count < 3 && c.NewInLastMinute < 50 && c.InForce.Count(o => o.HostGroup == m.HostGroup) < 2
            && (!m.TakesAll() || c.TrafficShare <= 0.1), options);
    }

    [Fact]
    public void No_input_takes_more_than_a_share_of_the_address_space()
    {
        // 256 and 1024 addresses are owned, and 2²⁰ networks of 64 bits.
        var options = new RailOptions { MaxAddressShare = 0.1 };
        Holds((m, c) =>
        {
            var all = c.InForce.Append(m).Where(o => o.TakesAll() && o.Match.Destination is not null).Select(o => o.Match.Destination!.Value).Distinct().ToArray();
            return !m.TakesAll() || (m.Match.Destination!.Value.IsV4
                ? all.Where(p => p.IsV4).Sum(p => Math.Pow(2, 32 - p.Length)) <= 128
                : all.Where(p => !p.IsV4).Sum(p => Math.Pow(2, Math.Max(0, 64 - p.Length))) <= 104_858);
        }, options);
    }

    [Fact]
    public void No_source_is_blackholed_unless_that_is_switched_on_and_then_only_a_host()
    {
        Holds((m, _) => m.Action != MitigationAction.Blackhole || m.Match.Source is null or { IsHost: true });
        Holds((m, _) => m.Action != MitigationAction.Blackhole || m.Match.Source is null, new RailOptions());
    }

    [Fact]
    public void Every_refusal_says_which_rail_and_why() => Prop.ForAll(AnyMitigation.Seeds, seed =>
    {
        var any = new AnyMitigation(seed);
        var (mitigation, context) = (any.Next(), any.Context());
        var rails = AnyMitigation.Rails(Options);
        var all = rails.Refusals(mitigation, context);
        var clear = rails.TryClear(mitigation, context, out var cleared, out var refusal);
        return clear ? all.Count == 0 && ReferenceEquals(cleared!.Mitigation, mitigation)
            : refusal == all[0] && rails.Names.Contains(refusal.Rail) && refusal.Reason.Length > 10;
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void What_is_narrowed_passes_the_control_plane_rail_and_matches_nothing_more() => Prop.ForAll(AnyMitigation.Seeds, seed =>
    {
        var rail = new ControlPlaneRail([22]);
        var match = new AnyMitigation(seed).Match() with { Destination = Prefix.Parse("192.0.2.7/32"), Protocols = [6], IcmpTypes = [], Fragment = null };
        var narrowed = rail.Narrowed(match);
        return rail.Refuse(Proposed with { Match = narrowed }, new RailContext { Now = Now }) is null
            && new ushort[] { 0, 21, 22, 23, 80, 178, 179, 180, 65_535 }.All(p => !Matches(narrowed, 33_000, p, 2) || Matches(match, 33_000, p, 2));
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_rule_for_control_ports_alone_is_refused_as_it_is()
    {
        var rail = new ControlPlaneRail([22]);
        var shell = new TrafficMatch { Destination = Prefix.Parse("192.0.2.7/32"), Protocols = [6] };
        foreach (var match in new[] { shell with { DestinationPorts = [22] }, shell with { DestinationPorts = [179] }, shell with { SourcePorts = [22, 179] } })
        {
            Assert.Same(match, rail.Narrowed(match));
            Assert.NotNull(rail.Refuse(Proposed with { Match = match }, new RailContext { Now = Now }));
        }
    }

    [Fact]
    public void A_rule_that_spares_bgp_already_stays_as_it_is()
    {
        var web = new TrafficMatch { Destination = Prefix.Parse("192.0.2.7/32"), Protocols = [6], DestinationPorts = [80], TcpFlags = 2, TcpFlagsMask = 18 };
        Assert.Same(web, Assert.Single(AnyMitigation.Rails().Narrowed(web)));
        var anyPort = Assert.Single(AnyMitigation.Rails().Narrowed(web with { DestinationPorts = [] }));
        Assert.Equal([new(0, 178), new(180, 65_535)], anyPort.DestinationPorts);
        Assert.Empty(anyPort.SourcePorts);
    }

    [Fact]
    public void A_rule_for_a_prefix_goes_around_what_is_never_touched_in_it()
    {
        var dns = Proposed.Match with { Destination = Prefix.Parse("192.0.2.0/24") };
        var pieces = AnyMitigation.Rails().Narrowed(dns);
        Assert.Equal(8, pieces.Count);
        for (var host = 0; host < 256; host++)
            Assert.Equal(host == 53 ? 0 : 1, pieces.Count(p => p.Destination!.Value.Contains(IpAddr.V4(0xC0000200u + (uint)host))));
        Assert.All(pieces, p => Assert.True(AnyMitigation.Rails().TryClear(Proposed with { Match = p }, Good, out _, out _)));
        Assert.Equal(16, AnyMitigation.Rails().Narrowed(dns with { Destination = Prefix.Parse("2001:db8::/48") }).Count);
        var inside = dns with { Destination = Prefix.Parse("192.0.2.53/32") };
        Assert.Same(inside, Assert.Single(AnyMitigation.Rails().Narrowed(inside)));
    }

    private static RailContext Good { get; } = new() { Now = Now, Mode = MitigationMode.Automatic, Quality = new SignalQuality(1_000, true, null, null, 0) };

    [Fact]
    public void Where_nothing_is_owned_nothing_is_done()
    {
        var rails = new GuardRails(new RailOptions(), [Prefix.Parse("0.0.0.0/0")], [], []);
        Assert.False(rails.TryClear(Proposed, new RailContext { Now = Now, Mode = MitigationMode.Automatic }, out _, out var refusal));
        Assert.Equal(("owned-prefixes", "no prefixes are owned: set home, or mitigation.rails.owned"), (refusal.Rail, refusal.Reason));
    }

    private static void Holds(Func<Mitigation, RailContext, bool> property, RailOptions? options = null) => Prop.ForAll(AnyMitigation.Seeds, seed =>
    {
        for (var i = 0; i < 20; i++)
        {
            var any = new AnyMitigation(seed + i);
            var (mitigation, context) = (any.Next(), any.Context());
            if (AnyMitigation.Rails(options ?? Options).TryClear(mitigation, context, out var cleared, out _) && !property(cleared.Mitigation, context)) return false;
        }
        return true;
    }).QuickCheckThrowOnFailure();

    private static IEnumerable<ClearedMitigation> Cleared(int seed)
    {
        var any = new AnyMitigation(seed);
        if (AnyMitigation.Rails(Options).TryClear(any.Next(), any.Context(), out var cleared, out _)) yield return cleared;
    }

    private static bool Overlap(Prefix kept, Prefix? other) => other is { } prefix && (kept.Contains(prefix) || prefix.Contains(kept));

    private static bool Within(IReadOnlyList<ValueRange> ranges, int highest) => ranges.All(r => r.From >= 0 && r.From <= r.To && r.To <= highest);

    /// <summary>Whether some packet of the session between the two ports would be matched, of whatever source, length and mark.</summary>
    private static bool Matches(TrafficMatch match, ushort from, ushort to, byte flags) =>
        (match with { Source = null, PacketLengths = [], Dscp = [] }).Matches(
            new Flow { Destination = match.Destination!.Value.Address, Protocol = 6, SourcePort = from, DestinationPort = to, TcpFlags = flags });
}
