using Breakwater.Core.Behaviour;
using Breakwater.Core.Flows;
using Breakwater.Core.Incidents;
using Breakwater.Core.Net;
using Breakwater.Engine.Incidents;
using Breakwater.Tests.Engine.Storage;

namespace Breakwater.Tests.Engine.Incidents;

public class PastIncidentsTests
{
    private readonly MemoryStore _store = new();

    [Fact]
    public void Scans_of_a_host_that_may_scan_are_taken_back_and_nothing_else()
    {
        for (var i = 0; i < 450; i++) Keep($"scan-{i}", "192.0.2.7", SignNames.HorizontalScan);
        Keep("other-sign", "192.0.2.7", SignNames.SshBruteForce);
        Keep("both", "192.0.2.7", SignNames.HorizontalScan, SignNames.SshBruteForce);
        Keep("other-host", "192.0.2.8", SignNames.HorizontalScan);
        Keep("volume", "192.0.2.7", "syn-flood");

        var withdrawn = PastIncidents.Withdrawn(_store, [new BehaviourException { Host = Prefix.Parse("192.0.2.7/32"), Signs = [SignNames.HorizontalScan] }]);

        Assert.Equal(450, withdrawn.Count);
        Assert.All(withdrawn, i => Assert.StartsWith("scan-", i.Id, StringComparison.Ordinal));
        Assert.All(withdrawn, i => Assert.Equal((Severity.Info, IncidentState.Ended), (i.Severity, i.State)));
    }

    [Fact]
    public void What_was_taken_back_is_not_taken_back_again()
    {
        Keep("scan", "192.0.2.7", SignNames.HorizontalScan);
        var exceptions = new[] { new BehaviourException { Host = Prefix.Parse("192.0.2.0/24") } };
        _store.Save(PastIncidents.Withdrawn(_store, exceptions));
        Assert.Empty(PastIncidents.Withdrawn(_store, exceptions));
    }

    private void Keep(string id, string host, params string[] signs) => _store.Save([new Incident
    {
        Id = id,
        Kind = signs.Contains("syn-flood") ? IncidentKind.OutboundAttack : IncidentKind.Scan,
        State = IncidentState.Ended,
        Severity = Severity.Medium,
        Confidence = 0.9,
        Host = IpAddr.Parse(host),
        Vectors = signs,
        Start = Timestamp.FromUnixSeconds(1_700_000_000),
        LastSeen = Timestamp.FromUnixSeconds(1_700_000_100),
        DetectedAt = Timestamp.FromUnixSeconds(1_700_000_010),
        Explanation = "192.0.2.7 scans",
    }]);
}
