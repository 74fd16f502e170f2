using Breakwater.Core.Mitigations;
using Breakwater.Core.Mitigations.Rails;
using Breakwater.Core.Net;
using Breakwater.Tests.Core.Mitigations.Rails;
using FsCheck;
using FsCheck.Fluent;

namespace Breakwater.Tests.Core.Mitigations;

public class MitigationBookTests
{
    private static readonly TrafficMatch Dns = new() { Destination = Prefix.Parse("192.0.2.9/32"), Protocols = [17], SourcePorts = [53] };

    [Fact]
    public void An_incident_is_mitigated_while_a_rule_of_it_is_held_that_nothing_measured_speaks_against()
    {
        var world = new BookWorld().Seen();
        Assert.Empty(world.Book.MitigatedIncidents());
        world.Pass(1, attackSeen: true);
        Assert.Equal(["i1"], world.Book.MitigatedIncidents());
        world.Book.Placed(new Dictionary<string, Placement>(), world.Now);
        Assert.Empty(world.Book.MitigatedIncidents());
        Assert.False((world.Only with { State = MitigationState.Active, Effect = new MitigationEffect(world.Now, Helped: false, 1, 1, 0, 0, null) }).Protects);
    }

    [Fact]
    public void An_incident_in_automatic_mode_is_mitigated_at_once()
    {
        var world = new BookWorld().Seen();
        var drop = Assert.Single(world.InForce);
        Assert.Equal((MitigationState.Approved, MitigationAction.Drop, "i1"), (drop.State, drop.Action, drop.IncidentId));
        Assert.Equal(world.Now + TimeSpan.FromMinutes(10), drop.Expires);
        world.Pass(1);
        Assert.Equal(MitigationState.Active, world.Only.State);
    }

    [Fact]
    public void Nothing_is_even_proposed_where_only_observing_is_switched_on()
    {
        var world = new BookWorld(MitigationMode.Observe).Seen();
        Assert.Empty(world.Book.All);
        Assert.Equal("mode", world.Type(Dns, MitigationAction.Drop).RefusedBy);
        Assert.Empty(world.InForce);
    }

    [Fact]
    public void Suggestions_are_shown_and_only_what_a_person_types_is_done()
    {
        var world = new BookWorld(MitigationMode.Suggest).Seen();
        Assert.Equal((MitigationState.Proposed, "mode"), (world.Only.State, world.Only.RefusedBy));
        Assert.Equal(MitigationState.Approved, world.Type(Dns, MitigationAction.Drop).State);
        Assert.Single(world.InForce);
    }

    [Fact]
    public void Who_asks_from_outside_gets_a_rule_that_spares_what_no_rule_may_match()
    {
        var world = new BookWorld();
        var asked = new MitigationRequest(MitigationOrigin.DotsClient, "bakery", Dns with { Protocols = [6], SourcePorts = [] }, MitigationAction.Drop, TimeSpan.FromMinutes(5), "")
        {
            RequesterPrefixes = [Prefix.Parse("192.0.2.0/28")],
        };
        Assert.Equal([new(0, 178), new(180, 65_535)], world.Book.Request(asked, world.Now).Match.DestinationPorts);
        Assert.Single(world.InForce);
        // A person's rule is taken as it was typed, and refused.
        Assert.Equal("control-plane", world.Type(Dns with { Protocols = [6], SourcePorts = [] }, MitigationAction.Drop).RefusedBy);
    }

    [Theory, InlineData("bakery", MitigationState.Approved), InlineData("anna", MitigationState.Proposed)]
    public void A_client_that_lets_go_may_ask_again_at_once_and_what_a_person_took_back_is_held_down(string who, MitigationState expected)
    {
        var world = new BookWorld();
        var asked = new MitigationRequest(MitigationOrigin.DotsClient, "bakery", Dns, MitigationAction.Drop, TimeSpan.FromMinutes(5), "") { RequesterPrefixes = [Prefix.Parse("192.0.2.0/28")] };
        world.Book.Withdraw(world.Book.Request(asked with { Key = "1" }, world.Now).Id, who, "over", world.Now);
        Assert.Equal(expected, world.Book.Request(asked with { Key = "2" }, world.Now).State);
    }

    [Fact]
    public void A_source_of_ours_is_stopped_by_the_mode_of_its_own_host_group()
    {
        var modes = new ModeTable(new MitigationModes { Drop = MitigationMode.Automatic }, new Dictionary<string, MitigationModes> { ["cameras"] = new() { Drop = MitigationMode.Approve } });
        var cameras = Prefix.Parse("192.0.2.0/28");
        var book = new MitigationBook(new PolicyOptions(), new RailOptions(), AnyMitigation.Rails(), modes, a => cameras.Contains(new Prefix(a, a.Bits)) ? "cameras" : "default", []);
        MitigationRequest Stop(string source) => new(MitigationOrigin.CallHome, "provider", Dns with { Source = Prefix.Parse(source), Destination = Prefix.Parse("203.0.113.7/32") }, MitigationAction.Drop, TimeSpan.FromMinutes(5), "")
        {
            RequesterPrefixes = AnyMitigation.Owned,
        };
        var camera = book.Request(Stop("192.0.2.9/32"), MitigationSamples.Now);
        Assert.Equal((MitigationState.Proposed, "cameras", "mode"), (camera.State, camera.HostGroup, camera.RefusedBy));
        Assert.Equal(MitigationState.Approved, book.Request(Stop("192.0.2.99/32"), MitigationSamples.Now).State);
        Assert.Equal("owned-prefixes", book.Request(Stop("203.0.113.9/32"), MitigationSamples.Now).RefusedBy);
        Assert.Equal("never-touch", book.Request(Stop("192.0.2.53/32"), MitigationSamples.Now).RefusedBy);
        Assert.Equal(MitigationState.Approved, book.Approve(camera.Id, "anna", MitigationSamples.Now)!.State);
    }

    [Fact]
    public void A_proposal_waits_for_approval_and_begins_with_it()
    {
        var world = new BookWorld(MitigationMode.Approve).Seen().Pass(700, attackSeen: true);
        Assert.Equal(MitigationState.Proposed, world.Only.State);
        Assert.Equal(MitigationState.Approved, world.Book.Approve(world.Only.Id, "anna", world.Now)!.State);
        Assert.Equal(["anna"], Assert.Single(world.InForce).Approvers);
    }

    [Fact]
    public void What_a_person_rejected_is_not_proposed_again_until_the_attack_changes()
    {
        var world = new BookWorld(MitigationMode.Approve).Seen();
        world.Book.Reject(world.Only.Id, "anna", "a customer's test", world.Now);
        world.Pass(30, attackSeen: true);
        Assert.Empty(world.Current);
        world.Attack = world.Attack with { Vectors = ["ntp-amplification", "dns-amplification"], Mitigations = [new(Dns with { SourcePorts = [123] }, MitigationAction.Drop, 1, 0)] };
        Assert.Equal(MitigationState.Proposed, world.Seen().Only.State);
    }

    [Fact]
    public void An_attack_of_which_too_little_was_seen_is_mitigated_once_there_is_more()
    {
        var world = new BookWorld { Quality = new SignalQuality(99, true, null, null, 0) }.Seen();
        Assert.Equal((MitigationState.Proposed, "data-quality"), (world.Only.State, world.Only.RefusedBy));
        Assert.Contains("99", world.Only.Outcome);
        world.Quality = world.Quality with { SampledPackets = 100 };
        Assert.Equal(MitigationState.Approved, world.Seen().Only.State);
    }

    [Fact]
    public void A_milder_rung_goes_by_itself_where_the_wanted_one_needs_approval()
    {
        var world = new BookWorld(modes: new() { RateLimit = MitigationMode.Automatic, Drop = MitigationMode.Approve }).Seen();
        Assert.Equal(MitigationAction.RateLimit, Assert.Single(world.InForce).Action);
        var drop = world.Current.Single(m => m.Action == MitigationAction.Drop);
        world.Book.Approve(drop.Id, "anna", world.Now);
        Assert.Equal(MitigationAction.Drop, Assert.Single(world.InForce).Action);
    }

    [Fact]
    public void Runs_out_when_nothing_fresh_is_seen_and_comes_back_for_twice_as_long()
    {
        var world = new BookWorld().Seen().Pass(601);
        Assert.Empty(world.InForce);
        Assert.Equal(MitigationState.Expired, world.Book.All.Single().State);
        var again = world.Seen().Only;
        Assert.Equal((2, world.Now + TimeSpan.FromMinutes(20)), (again.Recurrence, again.Expires));
    }

    [Fact]
    public void Is_renewed_by_fresh_evidence_only()
    {
        var policy = new PolicyOptions { JudgeAfter = TimeSpan.FromMinutes(9), Escalate = false };
        Assert.Single(new BookWorld(policy: policy).Seen().Pass(530, attackSeen: true).Pass(100).InForce);
        Assert.Empty(new BookWorld(policy: policy).Seen().Pass(630).InForce);
    }

    [Fact]
    public void Is_renewed_while_the_places_that_hold_it_still_drop()
    {
        var world = new BookWorld().Seen();
        for (var second = 1; second < 700; second++)
        {
            world.Pass(1, held: false);
            world.Book.Placed(world.Book.Desired().ToDictionary(c => c.Id, _ => new Placement(true, 100_000L * second)), world.Now);
        }
        var drop = Assert.Single(world.InForce);
        Assert.True(drop.Effect!.Helped);
    }

    [Fact]
    public void Climbs_the_ladder_as_long_as_the_attack_comes_through_and_blackholes_last()
    {
        var world = new BookWorld().Seen().Pass(25, attackSeen: true, toTarget: 100_000);
        Assert.Equal([MitigationAction.Divert], world.InForce.Select(m => m.Action));
        world.Pass(25, attackSeen: true, toTarget: 100_000);
        var last = Assert.Single(world.InForce);
        Assert.Equal((MitigationAction.Blackhole, Prefix.Parse("192.0.2.7/32")), (last.Action, last.Match.Destination));
        Assert.False(world.Book.Find(last.EscalatedFrom!)!.Effect!.Helped);
        world.Pass(25, toTarget: 10);
        Assert.True(Assert.Single(world.InForce).Effect!.Helped);
    }

    [Fact]
    public void Stays_on_the_rung_that_helped()
    {
        var world = new BookWorld().Seen().Pass(2, attackSeen: true, toTarget: 100_000).Pass(60, toTarget: 3_000, fromTarget: 500);
        var drop = Assert.Single(world.InForce);
        Assert.Equal((MitigationAction.Drop, true, 100_000.0, 3_000.0), (drop.Action, drop.Effect!.Helped, drop.Effect.PacketsPerSecondBefore, drop.Effect.PacketsPerSecondAfter));
    }

    [Fact]
    public void Rolls_back_what_costs_the_ordinary_traffic_and_leaves_the_attack()
    {
        var policy = new PolicyOptions { Escalate = false };
        var world = new BookWorld(policy: policy);
        world.Pass(5, toTarget: 100, fromTarget: 1_000);
        world.Seen().Pass(21, attackSeen: true, toTarget: 100_000, fromTarget: 100);
        Assert.Empty(world.Current);
        Assert.Contains("answers of the target fell from 1000 to 100", world.Book.All.Single().Outcome);
    }

    [Fact]
    public void What_a_person_took_back_stays_away_twice_as_long_each_time()
    {
        var holds = new HoldDowns(new RailOptions());
        var rule = MitigationSamples.Proposed;
        foreach (var minutes in new[] { 5, 10, 20, 40 })
        {
            holds.Hold(rule, MitigationSamples.Now);
            Assert.Equal(MitigationSamples.Now + TimeSpan.FromMinutes(minutes), holds.HeldUntil(rule));
        }
        for (var i = 0; i < 40; i++) holds.Hold(rule, MitigationSamples.Now);
        Assert.Equal(MitigationSamples.Now + TimeSpan.FromDays(1), holds.HeldUntil(rule));
        Assert.Null(holds.HeldUntil(rule with { Action = MitigationAction.RateLimit }));
    }

    [Fact]
    public void Withdraw_all_takes_everything_back_and_nothing_returns_by_itself()
    {
        var world = new BookWorld().Seen();
        world.Type(Dns, MitigationAction.Drop);
        Assert.Equal(2, world.Book.WithdrawAll("anna", "something is wrong", world.Now));
        Assert.Empty(world.InForce);
        world.Pass(3_600, attackSeen: true);
        Assert.Empty(world.InForce);
        Assert.Equal("paused", world.Only.RefusedBy);
        world.Book.Resume();
        Assert.Single(world.Seen().InForce);
    }

    [Fact]
    public void A_wide_blackhole_waits_for_a_second_person()
    {
        var world = new BookWorld(rails: new RailOptions { MaxAddressShare = 1 });
        var typed = world.Type(new() { Destination = Prefix.Parse("192.0.2.0/28") }, MitigationAction.Blackhole);
        Assert.Equal((MitigationState.Proposed, "two-person"), (typed.State, typed.RefusedBy));
        Assert.Equal("two-person", world.Book.Approve(typed.Id, "anna", world.Now)!.RefusedBy);
        Assert.Equal(MitigationState.Approved, world.Book.Approve(typed.Id, "ben", world.Now)!.State);
    }

    [Fact]
    public void Carpet_bombing_is_mitigated_around_the_resolver_that_is_never_touched()
    {
        var world = new BookWorld();
        world.Attack = world.Attack with { Target = Prefix.Parse("192.0.2.0/24"), Mitigations = [new(Dns with { Destination = Prefix.Parse("192.0.2.0/24") }, MitigationAction.Drop, 1, 0)] };
        Assert.Equal(8, world.Seen().InForce.Count);
        Assert.DoesNotContain(world.InForce, m => m.Match.Destination!.Value.Contains(IpAddr.Parse("192.0.2.53")));
    }

    [Fact]
    public void Asking_again_under_the_same_key_gives_more_time_and_no_second_rule()
    {
        var world = new BookWorld();
        var first = world.Type(Dns, MitigationAction.Drop, key: "a");
        world.Pass(60);
        var again = world.Type(Dns, MitigationAction.Drop, key: "a");
        Assert.Equal(first.Id, again.Id);
        Assert.Equal(world.Now + TimeSpan.FromMinutes(5), Assert.Single(world.InForce).Expires);
        var longer = world.Type(Dns, MitigationAction.Drop, lifetime: TimeSpan.FromDays(2), key: "a");
        Assert.Equal("ttl", longer.RefusedBy);
        Assert.Equal(again.Expires, Assert.Single(world.InForce).Expires);
    }

    [Fact]
    public void An_edit_must_pass_the_rails_or_changes_nothing()
    {
        var world = new BookWorld();
        var drop = world.Type(Dns, MitigationAction.Drop);
        var (unchanged, refusal) = world.Book.Edit(drop with { Match = Dns with { Destination = Prefix.Parse("203.0.113.1/32") } }, "ben", world.Now);
        Assert.Equal(("owned-prefixes", drop), (refusal!.Value.Rail, unchanged));
        Assert.Equal("192.0.2.9/32", Assert.Single(world.InForce).Match.Destination.ToString());
        var (changed, none) = world.Book.Edit(drop with { Match = Dns with { SourcePorts = [123] } }, "ben", world.Now);
        Assert.Null(none);
        Assert.Equal((new ValueRange(123, 123), "ben"), (Assert.Single(world.InForce).Match.SourcePorts[0], changed!.Approvers[0]));
    }

    [Fact]
    public void Of_rules_with_the_same_match_the_hardest_is_told_to_mitigators()
    {
        var world = new BookWorld();
        var drop = world.Type(Dns, MitigationAction.Drop);
        var limit = world.Book.Request(new MitigationRequest(MitigationOrigin.Operator, "ben", Dns with { }, MitigationAction.RateLimit, TimeSpan.FromMinutes(1), "") { RateBitsPerSecond = 1e6 }, world.Now);
        Assert.Equal(drop.Id, Assert.Single(world.InForce).Id);
        world.Pass(1);
        Assert.Equal(MitigationState.Active, world.Book.Find(limit.Id)!.State);
        world.Book.Withdraw(drop.Id, "anna", "no", world.Now);
        Assert.Equal(limit.Id, Assert.Single(world.InForce).Id);
    }

    [Fact]
    public void Restores_what_was_in_force_and_takes_back_what_the_rails_of_today_refuse()
    {
        var before = new BookWorld();
        var kept = before.Type(Dns, MitigationAction.Drop);
        var touched = before.Type(Dns with { Destination = Prefix.Parse("192.0.2.20/32") }, MitigationAction.Drop);
        var brief = before.Type(Dns with { Destination = Prefix.Parse("192.0.2.21/32") }, MitigationAction.Drop, lifetime: TimeSpan.FromSeconds(5));
        var after = new BookWorld(rails: new RailOptions { NeverTouch = [Prefix.Parse("192.0.2.20/30")] });
        after.Book.Restore(before.Book.All, null, before.Now + TimeSpan.FromSeconds(6));
        Assert.Equal(kept.Id, Assert.Single(after.InForce).Id);
        Assert.Equal(MitigationState.Withdrawn, after.Book.Find(touched.Id)!.State);
        Assert.Contains("never-touch", after.Book.Find(touched.Id)!.Outcome);
        Assert.Equal(MitigationState.Expired, after.Book.Find(brief.Id)!.State);
    }

    [Fact]
    public void Continues_an_incident_after_a_restart_without_a_second_rule()
    {
        var before = new BookWorld().Seen();
        var after = new BookWorld();
        after.Book.Restore(before.Book.All, null, before.Now);
        after.Attack = before.Attack with { Mitigations = [new(Dns with { Destination = before.Attack.Target, PacketLengths = [new(500, 1500)] }, MitigationAction.Drop, 1, 0)] };
        Assert.Equal(before.Only.Id, Assert.Single(after.Seen().InForce).Id);
    }

    [Fact]
    public void Better_rules_take_the_place_of_those_in_force_at_once()
    {
        var world = new BookWorld().Seen();
        var first = world.Only;
        world.Attack = world.Attack with { Mitigations = [new(Dns with { Destination = world.Attack.Target, PacketLengths = [new(500, 1500)] }, MitigationAction.Drop, 1, 0)] };
        var better = Assert.Single(world.Seen().InForce);
        Assert.Equal([new ValueRange(500, 1500)], better.Match.PacketLengths);
        Assert.Equal((MitigationState.Withdrawn, "better rules took its place"), (world.Book.Find(first.Id)!.State, world.Book.Find(first.Id)!.Outcome));
    }

    [Fact]
    public void A_rule_stays_in_force_until_the_better_one_is_approved()
    {
        var world = new BookWorld(modes: new() { RateLimit = MitigationMode.Approve, Drop = MitigationMode.Automatic }).Seen();
        var first = world.Only;
        world.Attack = world.Attack with { Mitigations = [new(Dns with { Destination = world.Attack.Target }, MitigationAction.RateLimit, 1, 0) { RateBitsPerSecond = 64_000 }] };
        Assert.Equal(first.Id, Assert.Single(world.Seen().InForce).Id);
        var better = Assert.Single(world.Current, m => m.State == MitigationState.Proposed);
        world.Book.Approve(better.Id, "anna", world.Now);
        Assert.Equal(better.Id, Assert.Single(world.Seen().InForce).Id);
    }

    [Fact]
    public void Whatever_is_asked_in_whatever_order_only_what_the_rails_allow_is_in_force() => Prop.ForAll(AnyMitigation.Seeds, seed =>
    {
        var random = new Random(seed);
        var any = new AnyMitigation(seed);
        var rails = new RailOptions { NeverTouch = AnyMitigation.NeverTouch, MaxConcurrent = 5 };
        var world = new BookWorld(rails: rails);
        for (var i = 0; i < 60; i++)
        {
            var wish = any.Next();
            var known = world.Book.All.Count > 0 ? world.Book.All[random.Next(world.Book.All.Count)] : wish;
            switch (random.Next(8))
            {
                case 0: world.Attack = world.Attack with { Target = wish.Match.Destination, Vectors = [$"v{random.Next(3)}"], Mitigations = [new(wish.Match, wish.Action, 1, wish.CollateralShare)] }; break;
                case 1: world.Book.Approve(known.Id, random.Next(2) == 0 ? "anna" : "ben", world.Now); break;
                case 2: world.Book.Edit(wish with { Id = known.Id }, "ben", world.Now); break;
                case 3: world.Book.Withdraw(known.Id, "ben", "", world.Now); break;
                case 4: world.Pass(random.Next(40), attackSeen: random.Next(2) == 0 && world.Attack.Target is not null, toTarget: 1e5); break;
                default:
                    world.Book.Request(new MitigationRequest((MitigationOrigin)random.Next(1, 4), "x", wish.Match, wish.Action, wish.Expires - MitigationSamples.Now, "")
                    { RateBitsPerSecond = wish.RateBitsPerSecond, RequesterPrefixes = wish.RequesterPrefixes, DivertTo = wish.DivertTo?.Name }, world.Now); break;
            }
            foreach (var m in world.InForce)
            {
                Assert.Contains(AnyMitigation.Owned, o => o.Contains(m.Match.Destination!.Value));
                Assert.DoesNotContain(AnyMitigation.NeverTouch, p => p.Contains(m.Match.Destination!.Value) || m.Match.Destination.Value.Contains(p));
                Assert.True(m.Expires <= world.Now + rails.MaxTtl);
                Assert.True(m.IsWanted);
            }
            Assert.True(world.Book.All.Count(m => m.IsWanted) <= 5);
        }
    }).QuickCheckThrowOnFailure();
}
