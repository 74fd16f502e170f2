using System.Text.Json.Nodes;
using Breakwater.Core.Incidents;
using Breakwater.Core.Net;
using Breakwater.Core.Sharing;
using Breakwater.Protocols.Stix;
using Breakwater.Tests.Core.Incidents;
using Breakwater.Tests.Core.Sharing;

namespace Breakwater.Tests.Protocols.Stix;

public class StixReportTests
{
    private static IReadOnlyList<JsonObject> Objects(SharedIncident? shared = null, bool revoked = false, int second = 60) =>
        StixReport.Objects(shared ?? SharedSamples.Shared(), SharedSamples.Stix, IncidentSamples.Noon + TimeSpan.FromSeconds(second), revoked);

    private static IEnumerable<JsonObject> Of(string type, IReadOnlyList<JsonObject> objects) => objects.Where(o => (string?)o["type"] == type);

    [Fact]
    public void Tells_who_tells_what_was_seen_what_to_look_for_and_what_helps()
    {
        var objects = Objects();

        Assert.Equal(
            ["course-of-action", "identity", "indicator", "ipv4-addr", "marking-definition", "network-traffic", "observed-data", "relationship", "sighting"],
            objects.Select(o => (string)o["type"]!).Distinct().Order(StringComparer.Ordinal));
        Assert.Equal(
            ["[ipv4-addr:value = '198.51.100.1']", "[ipv4-addr:value = '203.0.113.9']", "[network-traffic:protocols[*] = 'udp' AND network-traffic:src_port = 53]"],
            Of("indicator", objects).Select(o => (string)o["pattern"]!).Order(StringComparer.Ordinal));
        Assert.All(Of("indicator", objects), o => Assert.Equal("2025-06-22T15:07:10.000Z", (string)o["valid_until"]!));
        Assert.Equal("Drop udp from port 53", (string)Of("course-of-action", objects).Single()["name"]!);
        Assert.Contains(Of("relationship", objects), o => (string)o["relationship_type"]! == "mitigates");
    }

    [Fact]
    public void Every_reference_leads_to_an_object_that_came_before()
    {
        var known = new HashSet<string>();
        foreach (var item in Objects(SharedSamples.Shared(configure: o => o.Victims = Disclosure.Full)))
        {
            foreach (var (name, value) in item)
            {
                if (name == "object_marking_refs" || !name.EndsWith("_ref", StringComparison.Ordinal) && !name.EndsWith("_refs", StringComparison.Ordinal)) continue;
                foreach (var reference in value is JsonArray many ? many.Select(v => (string)v!) : [(string)value!]) Assert.Contains(reference, known);
            }
            Assert.True(known.Add((string)item["id"]!), "an identifier comes twice");
        }
    }

    [Fact]
    public void The_same_incident_is_the_same_objects_in_a_newer_version()
    {
        var before = Objects();
        var after = Objects(second: 120);

        Assert.Equal(before.Select(o => (string)o["id"]!), after.Select(o => (string)o["id"]!));
        Assert.All(Of("indicator", before).Zip(Of("indicator", after)), pair =>
        {
            Assert.Equal((string)pair.First["created"]!, (string)pair.Second["created"]!);
            Assert.True(string.CompareOrdinal((string)pair.First["modified"]!, (string)pair.Second["modified"]!) < 0);
        });
    }

    [Fact]
    public void Two_incidents_share_observables_and_nothing_else_of_their_own()
    {
        var one = Objects(SharedSamples.Shared(SharedSamples.Reflection("a"))).Select(o => (string)o["id"]!).ToHashSet();
        var other = Objects(SharedSamples.Shared(SharedSamples.Reflection("b"))).Select(o => (string)o["id"]!);

        Assert.All(one.Intersect(other), id => Assert.Matches("^(identity|marking-definition|ipv4-addr|network-traffic)--", id));
    }

    [Fact]
    public void A_reversed_finding_is_the_same_objects_revoked()
    {
        var revoked = Objects(revoked: true);

        Assert.Equal(Objects().Select(o => (string)o["id"]!), revoked.Select(o => (string)o["id"]!));
        Assert.All(revoked, o => Assert.Equal(o["created_by_ref"] is not null, (bool?)o["revoked"] ?? false));
    }

    [Theory]
    [InlineData(Tlp.Clear, false, "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487")]
    [InlineData(Tlp.AmberStrict, false, "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003")]
    [InlineData(Tlp.Clear, true, "marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9")]
    [InlineData(Tlp.Red, true, "marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed")]
    public void Everything_of_ours_carries_the_marking(Tlp tlp, bool tlp1, string marking)
    {
        var objects = StixReport.Objects(SharedSamples.Shared(configure: o => o.Tlp = tlp), SharedSamples.Stix with { Tlp1 = tlp1 }, IncidentSamples.Noon);

        Assert.All(objects.Where(o => (string)o["type"]! is not ("identity" or "marking-definition")), o => Assert.Equal(marking, (string)o["object_marking_refs"]![0]!));
        Assert.Equal(marking, (string)Of("marking-definition", objects).Single()["id"]!);
    }

    [Fact]
    public void A_host_of_ours_that_is_infected_is_told_of_when_it_may_be()
    {
        var incident = SharedSamples.Reflection() with { Kind = IncidentKind.InfectedHost, Host = IpAddr.Parse("2001:db8:1::9"), Target = null, Sources = [], Mitigations = [] };

        var objects = Objects(SharedSamples.Shared(incident, o => o.OwnHosts = Disclosure.Network));

        Assert.Equal("[ipv6-addr:value ISSUBSET '2001:db8:1::/48']", (string)Of("indicator", objects).Single()["pattern"]!);
        Assert.Equal("compromised", (string)Of("indicator", objects).Single()["indicator_types"]![0]!);
    }

    [Fact]
    public void A_bundle_holds_all_and_is_named_by_what_it_holds()
    {
        var bundle = StixReport.Bundle(Objects(), SharedSamples.Space);

        Assert.Equal((string)StixReport.Bundle(Objects(), SharedSamples.Space)["id"]!, (string)bundle["id"]!);
        Assert.NotEqual((string)StixReport.Bundle(Objects(second: 90), SharedSamples.Space)["id"]!, (string)bundle["id"]!);
        Assert.Equal(Objects().Count, bundle["objects"]!.AsArray().Count);
    }
}
