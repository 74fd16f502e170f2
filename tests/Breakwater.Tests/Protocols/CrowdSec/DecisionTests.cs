using Breakwater.Core.Mitigations;
using Breakwater.Core.Net;
using Breakwater.Protocols.CrowdSec;
using Breakwater.Tests.Engine.Notification;

namespace Breakwater.Tests.Protocols.CrowdSec;

public class DecisionTests
{
    [Fact]
    public void A_source_that_is_dropped_is_a_ban()
    {
        var decision = Decision.Of(Attacks.Mitigation())!;
        Assert.Equal(("Range", "203.0.113.0/24", "breakwater/drop"), (decision.Scope, decision.Value, decision.Scenario));
        var host = Attacks.Mitigation() with { Match = new TrafficMatch { Source = Prefix.Parse("2001:db8::1/128"), Destination = Prefix.Parse("2001:db8:1::/64") } };
        Assert.Equal(("Ip", "2001:db8::1"), (Decision.Of(host)!.Scope, Decision.Of(host)!.Value));
    }

    [Fact]
    public void Nothing_is_banned_that_was_not_cleared_as_wide_as_that()
    {
        var good = Attacks.Mitigation();
        Assert.NotNull(Decision.Of(good));
        foreach (var state in Enum.GetValues<MitigationState>().Except([MitigationState.Approved, MitigationState.Active])) Assert.Null(Decision.Of(good with { State = state }));
        foreach (var action in new[] { MitigationAction.RateLimit, MitigationAction.Divert }) Assert.Null(Decision.Of(good with { Action = action }));
        Assert.Null(Decision.Of(good with { Origin = MitigationOrigin.Feed }));
        Assert.Null(Decision.Of(good with { Origin = MitigationOrigin.CallHome }));
        foreach (var match in new[]
        {
            good.Match with { Source = null }, good.Match with { Protocols = [17] }, good.Match with { SourcePorts = [53] }, good.Match with { DestinationPorts = [80] },
            good.Match with { IcmpTypes = [8] }, good.Match with { IcmpCodes = [0] }, good.Match with { TcpFlagsMask = 2 }, good.Match with { PacketLengths = [60] },
            good.Match with { Dscp = [0] }, good.Match with { Fragment = false },
        }) Assert.Null(Decision.Of(good with { Match = match }));
    }
}
