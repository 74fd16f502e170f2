using System.Text.Json;
using Breakwater.Core.Incidents;
using Breakwater.Core.Net;
using Breakwater.Core.Sharing;
using Breakwater.Protocols.DdosDb;
using Breakwater.Protocols.Stix;
using Breakwater.Protocols.Xarf;
using Breakwater.Tests.Core.Incidents;

namespace Breakwater.Tests.Core.Sharing;

public class SharingPolicyTests
{
    [Fact]
    public void Hides_the_victim_unless_told_otherwise()
    {
        var shared = SharedSamples.Shared();

        Assert.Null(shared.Victim);
        Assert.All(shared.Traffic, t => Assert.Null(t.Destination));
        Assert.All(shared.Mitigations, m => Assert.Null(m.Match.Destination));
        Assert.Equal(Tlp.Amber, shared.Marking);
    }

    [Theory]
    [InlineData(Disclosure.Network, "192.0.2.0/24")]
    [InlineData(Disclosure.Full, "192.0.2.7/32")]
    public void Tells_as_much_of_the_victim_as_configured(Disclosure victims, string told)
    {
        var shared = SharedSamples.Shared(configure: o => o.Victims = victims);

        Assert.Equal(Prefix.Parse(told), shared.Victim);
        Assert.Equal(Prefix.Parse(told), shared.Traffic[0].Destination);
        Assert.Equal(Prefix.Parse(told), shared.Mitigations[0].Match.Destination);
    }

    [Fact]
    public void Nothing_that_is_rendered_holds_a_hidden_victim()
    {
        for (var seed = 0; seed < 300; seed++)
        {
            var incident = IncidentSamples.Arbitrary(seed) with { Kind = IncidentKind.Ddos, Severity = Severity.High, Confidence = 1, Target = Prefix.Parse("192.0.2.77"), Host = IpAddr.Parse("192.0.2.77") };
            incident = incident with
            {
                Explanation = "192.0.2.77 suffers",
                Evidence = new Evidence([.. incident.Evidence.Flows.Select(f => f with { Destination = IpAddr.Parse("192.0.2.77"), Start = IncidentSamples.Noon, End = IncidentSamples.Noon, Packets = Math.Abs(f.Packets % 1000), Bytes = Math.Abs(f.Bytes % 1_000_000) })], [], 1),
                Start = IncidentSamples.Noon,
                LastSeen = IncidentSamples.Noon,
                DetectedAt = IncidentSamples.Noon,
                End = null,
            };
            if (SharedSamples.Policy().Decide(incident, out _) is not { } shared) continue;

            Assert.DoesNotContain("192.0.2.77", JsonSerializer.Serialize(StixReport.Objects(shared, SharedSamples.Stix, IncidentSamples.Noon)), StringComparison.Ordinal);
            Assert.DoesNotContain("192.0.2.77", DdosFingerprint.Of(shared).ToJsonString(), StringComparison.Ordinal);
            foreach (var report in XarfReport.Of(shared, new XarfSender("o", "a@b.example", "b.example", SharedSamples.Space), IncidentSamples.Noon, out _))
                Assert.DoesNotContain("192.0.2.77", report.ToJsonString() + System.Text.Encoding.UTF8.GetString(Convert.FromBase64String((string)report["evidence"]![0]!["payload"]!)), StringComparison.Ordinal);
            Assert.DoesNotContain(incident.Id, JsonSerializer.Serialize(StixReport.Objects(shared, SharedSamples.Stix, IncidentSamples.Noon)), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Names_no_source_of_an_attack_whose_sources_are_forged()
    {
        var shared = SharedSamples.Shared(IncidentSamples.DnsAmplification());

        Assert.True(shared.SourcesForged);
        Assert.Empty(shared.Sources);
        Assert.All(shared.Traffic, t => Assert.Null(t.Source));
    }

    [Fact]
    public void Names_neither_our_own_hosts_nor_addresses_that_cannot_be_real()
    {
        var incident = SharedSamples.Reflection() with { Sources = [.. new[] { "192.0.2.9", "10.0.0.1", "127.0.0.1", "203.0.113.9" }.Select(IpAddr.Parse)] };

        Assert.Equal([IpAddr.Parse("203.0.113.9")], SharedSamples.Shared(incident).Sources);
    }

    [Fact]
    public void Hides_a_host_of_ours_that_attacks_others()
    {
        var incident = SharedSamples.Reflection() with { Kind = IncidentKind.OutboundAttack, Host = IpAddr.Parse("192.0.2.9"), Target = Prefix.Parse("203.0.113.9"), Sources = [IpAddr.Parse("192.0.2.9")] };

        Assert.Null(SharedSamples.Shared(incident).OwnHost);
        Assert.Equal(Prefix.Parse("192.0.2.9"), SharedSamples.Shared(incident, o => o.OwnHosts = Disclosure.Full).OwnHost);
        Assert.Empty(SharedSamples.Shared(incident, o => o.OwnHosts = Disclosure.Full).Sources);
    }

    [Fact]
    public void A_stranger_who_scans_us_is_a_source_and_those_of_ours_that_it_met_are_victims()
    {
        var incident = SharedSamples.Reflection() with { Kind = IncidentKind.Scan, Host = IpAddr.Parse("203.0.113.9"), Target = null, Sources = [], Mitigations = [] };

        Assert.Equal([IpAddr.Parse("203.0.113.9")], SharedSamples.Shared(incident).Sources);
        Assert.Null(SharedSamples.Shared(incident).OwnHost);
        Assert.All(SharedSamples.Shared(incident, o => o.OwnHosts = Disclosure.Full).Traffic, t => Assert.Null(t.Destination));
    }

    [Fact]
    public void Says_why_something_is_not_told()
    {
        Assert.Null(SharedSamples.Policy(o => o.MinSeverity = Severity.Critical).Decide(SharedSamples.Reflection(), out var severity));
        Assert.Contains("sharing.min_severity", severity, StringComparison.Ordinal);
        Assert.Null(SharedSamples.Policy(o => o.MinConfidence = 0.99).Decide(SharedSamples.Reflection(), out var confidence));
        Assert.Contains("sharing.min_confidence", confidence, StringComparison.Ordinal);
        Assert.Null(SharedSamples.Policy(o => o.Kinds = [IncidentKind.Scan]).Decide(SharedSamples.Reflection(), out var kind));
        Assert.Contains("sharing.kinds", kind, StringComparison.Ordinal);
        Assert.Null(SharedSamples.Policy(o => o.Withhold = [Prefix.Parse("192.0.2.0/28")]).Decide(SharedSamples.Reflection(), out var withheld));
        Assert.Contains("sharing.withhold", withheld, StringComparison.Ordinal);
    }

    [Fact]
    public void Lays_alike_flows_of_the_evidence_together()
    {
        var traffic = SharedSamples.Shared().Traffic;

        Assert.Equal(2, traffic.Count);
        Assert.All(traffic, t => Assert.Equal((17, 53, 40000, 1000L), ((int)t.Protocol, t.SourcePort ?? 0, t.DestinationPort ?? 0, t.Packets)));
    }
}
