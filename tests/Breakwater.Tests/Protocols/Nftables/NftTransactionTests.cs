using Breakwater.Core.Flows;
using Breakwater.Core.Mitigations;
using Breakwater.Core.Net;
using Breakwater.Protocols.Nftables;
using Breakwater.Tests.Core.Mitigations;
using Breakwater.Tests.Core.Mitigations.Rails;
using FsCheck;
using FsCheck.Fluent;

namespace Breakwater.Tests.Protocols.Nftables;

/// <summary>Transactions against a model that refuses what the kernel refuses: references to nothing, deleting what is in use.</summary>
public class NftTransactionTests
{
    private static readonly NftHook Hook = new("breakwater", NftHookPoint.Prerouting, -450, []);
    private static readonly Dictionary<string, NftCount> NoCounts = [];
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(30);
    private static readonly Timestamp Now = MitigationSamples.Now;
    private static readonly Mitigation Rule = MitigationSamples.Proposed;

    private readonly ModelTable _kernel = new();

    [Fact]
    public void The_whole_table_holds_what_the_plan_says()
    {
        var plan = NftPlan.Of([Rule, Rule with { Id = "m2", Match = Rule.Match with { Destination = Prefix.Parse("2001:db8::/48") } }]);
        _kernel.Do(Whole(plan));
        var table = Listed();
        Assert.Null(plan.MissingFrom(table, Hook));
        Assert.Equal("l4-32-c0000207", table.Elements[("l4-32", IpAddr.Parse("192.0.2.7"))]);
        Assert.Equal("l6-48-20010db8000000000000000000000000", table.Elements[("l6-48", IpAddr.Parse("2001:db8::"))]);
        Assert.Equal(["m1"], table.Chains["l4-32-c0000207"]);
        Assert.Equal(["l4-32", "l6-48"], table.Chains["leased"].Order());
    }

    [Fact]
    public void Rules_for_one_host_share_its_chain_the_hardest_first()
    {
        var plan = NftPlan.Of([Rule with { Action = MitigationAction.RateLimit, RateBitsPerSecond = 1e6 }, Rule with { Id = "m2" }]);
        Assert.Equal(["m2", "m1"], plan.Targets.Single().Value.Rules.Select(r => r.MitigationId));
    }

    [Fact]
    public void What_stays_when_we_die_is_in_a_map_that_the_kernel_empties_when_its_time_is_up()
    {
        var plan = NftPlan.Of([Rule with { OnDeath = DeadMan.Keep }]);
        Assert.Equal(Rule.Expires + TimeSpan.FromSeconds(30), plan.Targets.Single().Value.Until);
        var text = System.Text.Encoding.UTF8.GetString(Whole(plan));
        Assert.Contains("""{"elem":{"val":"192.0.2.7","timeout":630}}""", text, StringComparison.Ordinal);
        Assert.Contains("""{"add":{"map":{"family":"inet","table":"breakwater","name":"k4-32","type":"ipv4_addr","map":"verdict","flags":["timeout"]}}}""", text, StringComparison.Ordinal);
        _kernel.Do(Whole(plan));
        // Not behind the sign of life.
        Assert.Equal(["k4-32", "leased"], Listed().Chains["dispatch"]);
        Assert.Empty(Listed().Chains["leased"]);
    }

    [Fact]
    public void Everything_else_acts_only_while_we_say_that_we_are_alive()
    {
        _kernel.Do(Whole(NftPlan.Of([Rule])));
        Assert.Equal(["leased"], Listed().Chains["dispatch"]);
        Assert.Equal(["l4-32"], Listed().Chains["leased"]);
        _kernel.Do(NftTransaction.Renew(Hook, Lease));
        Assert.True(Listed().IsOurs);
    }

    [Fact]
    public void Each_interface_has_a_base_chain_of_its_own_at_ingress()
    {
        var ingress = Hook with { Point = NftHookPoint.Ingress, Devices = ["eth0", "eth1"] };
        var plan = NftPlan.Of([Rule]);
        var whole = NftTransaction.Whole(ingress, plan, NoCounts, Lease, Now);
        Assert.Contains("""{"add":{"chain":{"family":"inet","table":"breakwater","name":"hook1","type":"filter","hook":"ingress","prio":-450,"dev":"eth1","policy":"accept"}}}""", System.Text.Encoding.UTF8.GetString(whole), StringComparison.Ordinal);
        _kernel.Do(whole);
        Assert.Null(plan.MissingFrom(Listed(), ingress));
        Assert.Equal(["dispatch"], Listed().Chains["hook1"]);
    }

    [Fact]
    public void Counters_go_on_from_where_they_were()
    {
        _kernel.Do(NftTransaction.Whole(Hook, NftPlan.Of([Rule]), new Dictionary<string, NftCount> { ["m1"] = new(7, 700) }, Lease, Now));
        Assert.Equal(new NftCount(7, 700), Listed().Counters["m1"]);
    }

    [Fact]
    public void Removing_works_whether_the_table_is_there_or_not()
    {
        _kernel.Do(NftTransaction.Remove(Hook));
        _kernel.Do(Whole(NftPlan.Of([Rule])));
        _kernel.Do(NftTransaction.Remove(Hook));
        Assert.False(_kernel.Exists);
    }

    [Fact]
    public void Says_what_is_missing()
    {
        var plan = NftPlan.Of([Rule]);
        var other = NftPlan.Of([Rule with { Id = "m2" }]);
        _kernel.Do(Whole(other));
        Assert.Equal("chain l4-32-c0000207 has other rules", plan.MissingFrom(Listed(), Hook));
        Assert.Equal("chain leased has other rules", NftPlan.Of([Rule with { Match = Rule.Match with { Destination = Prefix.Parse("192.0.2.0/24") } }]).MissingFrom(Listed(), Hook));
        Assert.Equal("counter m2 is gone", other.MissingFrom(Without("counter"), Hook));
        Assert.Equal("192.0.2.7/32 is gone from map l4-32", other.MissingFrom(Without("elem"), Hook));
        Assert.Equal("the table is gone", other.MissingFrom(Without("breakwater-alive"), Hook));
    }

    [Fact]
    public void Step_by_step_any_plan_becomes_any_other_and_the_kernel_refuses_nothing() =>
        Prop.ForAll(AnyMitigation.Seeds, seed =>
        {
            var any = new AnyMitigation(seed);
            var random = new Random(seed);
            var kernel = new ModelTable();
            var pool = Enumerable.Range(0, 12).Select(i => any.Next() with { Id = $"m{i}", OnDeath = (DeadMan)random.Next(2) }).ToArray();
            var held = NftPlan.Of(pool[..3]);
            kernel.Do(Whole(held));
            for (var step = 0; step < 8; step++)
            {
                var next = NftPlan.Of(pool.Where(_ => random.Next(2) == 0).Select(m => random.Next(4) == 0 ? m with { Expires = m.Expires + TimeSpan.FromMinutes(1) } : m));
                kernel.Do(NftTransaction.Change(Hook, held, next, NoCounts, Now));
                held = next;
                NftTable.Read(kernel.List(), out var changed, out _);
                if (held.MissingFrom(changed, Hook) is not null) return false;
                // Nothing is left over: it looks as if written at once.
                var fresh = new ModelTable();
                fresh.Do(Whole(held));
                NftTable.Read(fresh.List(), out var whole, out _);
                if (whole.Fingerprint != changed.Fingerprint) return false;
            }
            return true;
        }).QuickCheckThrowOnFailure();

    private static byte[] Whole(NftPlan plan) => NftTransaction.Whole(Hook, plan, NoCounts, Lease, Now);

    /// <summary>The listing with a word of it spoilt.</summary>
    private NftTable Without(string word)
    {
        NftTable.Read(System.Text.Encoding.UTF8.GetBytes(System.Text.Encoding.UTF8.GetString(_kernel.List()).Replace($"\"{word}\"", "\"spoilt\"", StringComparison.Ordinal)), out var table, out _);
        return table;
    }

    private NftTable Listed()
    {
        Assert.Equal(DecodeError.None, NftTable.Read(_kernel.List(), out var table, out _));
        return table;
    }
}
