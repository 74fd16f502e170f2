using Breakwater.Core.Mitigations;
using Breakwater.Core.Mitigations.Rails;
using static Breakwater.Tests.Core.Mitigations.MitigationSamples;

namespace Breakwater.Tests.Core.Mitigations;

public class MitigationStepsTests
{
    [Fact]
    public void Goes_from_proposed_over_approved_and_active_to_withdrawn()
    {
        var approved = new ClearedMitigation(Proposed.ApprovedBy("anna")).Approved(Now);
        Assert.Equal(MitigationState.Approved, approved.State);
        Assert.Equal(Now, approved.Activated);
        var active = approved.Active(Now + TimeSpan.FromSeconds(1));
        Assert.True(active.IsWanted);
        var withdrawn = active.Withdrawn(Now + TimeSpan.FromSeconds(9), "anna: false alarm");
        Assert.True(withdrawn.IsOver);
        Assert.Equal((MitigationState.Withdrawn, "anna: false alarm", Now + TimeSpan.FromSeconds(9)), (withdrawn.State, withdrawn.Outcome, withdrawn.Since));
    }

    [Fact]
    public void Counts_a_person_who_approves_twice_once() =>
        Assert.Equal(["anna", "ben"], Proposed.ApprovedBy("anna").ApprovedBy("ben").ApprovedBy("anna").Approvers);

    [Fact]
    public void Names_the_rail_that_refused()
    {
        var refused = Proposed.Refused(Now, new Refusal("owned-prefixes", "192.0.2.7 is not ours"));
        Assert.Equal((MitigationState.Refused, "owned-prefixes", "192.0.2.7 is not ours"), (refused.State, refused.RefusedBy, refused.Outcome));
    }

    [Fact]
    public void Takes_no_step_from_the_end()
    {
        var over = Proposed.Withdrawn(Now, "anna: no");
        Assert.Throws<InvalidOperationException>(() => over.Expired(Now));
        Assert.Throws<InvalidOperationException>(() => over.Renewed(Now));
        Assert.Throws<InvalidOperationException>(() => over.Active(Now));
        Assert.Throws<InvalidOperationException>(() => over.ApprovedBy("anna"));
        Assert.Throws<InvalidOperationException>(() => new ClearedMitigation(over).Approved(Now));
    }

    [Fact]
    public void Nothing_is_active_that_was_not_approved() => Assert.Throws<InvalidOperationException>(() => Proposed.Active(Now));

    [Theory]
    [InlineData("64500:100", 64500u, 100u, false)]
    [InlineData("4200000000:7", 4200000000u, 7u, false)]
    [InlineData("192.0.2.1:65535", 0xC0000201u, 65535u, true)]
    public void Reads_route_targets(string text, uint administrator, uint value, bool isAddress)
    {
        Assert.True(RouteTarget.TryParse(text, out var target));
        Assert.Equal(new RouteTarget(administrator, value, isAddress), target);
        Assert.Equal(text, target.ToString());
    }

    [Theory]
    [InlineData("64500")]
    [InlineData(":1")]
    [InlineData("70000:70000")]
    [InlineData("192.0.2.1:65536")]
    [InlineData("2001:db8::1:5")]
    [InlineData("-1:5")]
    public void Refuses_what_is_no_route_target(string text) => Assert.False(RouteTarget.TryParse(text, out _));
}
