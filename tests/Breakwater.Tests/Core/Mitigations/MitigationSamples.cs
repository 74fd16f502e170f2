using Breakwater.Core.Flows;
using Breakwater.Core.Mitigations;
using Breakwater.Core.Net;

namespace Breakwater.Tests.Core.Mitigations;

/// <summary>Mitigations for tests: of a host in 192.0.2.0/24 unless said otherwise.</summary>
internal static class MitigationSamples
{
    public static Timestamp Now { get; } = Timestamp.FromUnixSeconds(1_750_000_000);

    public static Mitigation Proposed { get; } = new()
    {
        Id = "m1",
        Origin = MitigationOrigin.Incident,
        Requester = "breakwater",
        IncidentId = "20250615-150640-00000000",
        HostGroup = "default",
        Match = new TrafficMatch { Destination = Prefix.Parse("192.0.2.7/32"), Protocols = [17], SourcePorts = [53] },
        Action = MitigationAction.Drop,
        Created = Now,
        Expires = Now + TimeSpan.FromMinutes(10),
        Since = Now,
        Reason = "dns-amplification at 1.2 Mpps",
        AttackShare = 0.99,
        CollateralShare = 0.01,
    };

    public static Mitigation Typed { get; } = Proposed with { Id = "m2", Origin = MitigationOrigin.Operator, Requester = "anna", IncidentId = null, Approvers = ["anna"] };
}
