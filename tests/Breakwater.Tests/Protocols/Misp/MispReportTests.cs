using System.Text.Json.Nodes;
using Breakwater.Core.Flows;
using Breakwater.Core.Incidents;
using Breakwater.Core.Net;
using Breakwater.Core.Sharing;
using Breakwater.Protocols.Json;
using Breakwater.Protocols.Misp;
using Breakwater.Tests.Core.Sharing;

namespace Breakwater.Tests.Protocols.Misp;

public class MispReportTests
{
    private static JsonNode? Event(Incident? incident = null, Action<SharingOptions>? configure = null) =>
        MispReport.Of(SharedSamples.Shared(incident, configure), "Example Networks", SharedSamples.Space)?["Event"];

    private static string? Of(JsonNode ddos, string relation) => ddos["Attribute"]!.AsArray().Where(a => (string)a!["object_relation"]! == relation).Select(a => (string?)a!["value"]).SingleOrDefault();

    [Fact]
    public void Describes_the_attack_in_the_fields_of_the_ddos_object()
    {
        var told = Event(SharedSamples.Reflection() with { End = SharedSamples.Reflection().LastSeen })!;

        Assert.Equal(("1", "2", "tlp:amber"), ((string)told["distribution"]!, (string)told["analysis"]!, (string)told["Tag"]![0]!["name"]!));
        var ddos = Assert.Single(told["Object"]!.AsArray())!;
        Assert.Equal(("ddos", "network", "e2f124d6-f57c-4f93-99e6-8450545fa05d", "5"), ((string)ddos["name"]!, (string)ddos["meta-category"]!, (string)ddos["template_uuid"]!, (string)ddos["template_version"]!));
        Assert.Equal(("UDP", "53", null), (Of(ddos, "protocol"), Of(ddos, "src-port"), Of(ddos, "ip-dst")));
        Assert.True(long.Parse(Of(ddos, "total-bps")!) > 0);
        Assert.True(Rfc3339.TryParse(Of(ddos, "first-seen"), out _));
        var sources = told["Attribute"]!.AsArray();
        Assert.All(sources, s => Assert.Equal(("ip-src", true), ((string)s!["type"]!, (bool)s["to_ids"]!)));
        Assert.Contains(Of(ddos, "ip-src"), sources.Select(s => (string?)s!["value"]));
    }

    [Fact]
    public void The_same_incident_has_the_same_identifiers_and_no_two_things_share_one()
    {
        static string[] Ids(JsonNode told) => [(string)told["uuid"]!, (string)told["Object"]![0]!["uuid"]!, .. told["Attribute"]!.AsArray().Concat(told["Object"]![0]!["Attribute"]!.AsArray()).Select(a => (string)a!["uuid"]!)];

        Assert.Equal(Ids(Event()!), Ids(Event(SharedSamples.Reflection() with { Packets = 9, PeakBitsPerSecond = 7 })!));
        Assert.Equal(Ids(Event()!).Length, Ids(Event()!).Distinct().Count());
    }

    [Fact]
    public void A_hidden_victim_is_nowhere_and_without_a_source_nothing_is_left_to_tell()
    {
        var forged = SharedSamples.Reflection() with { ForgedShare = 1 };

        Assert.DoesNotContain(SharedSamples.Reflection().Target!.Value.Address.ToString(), Event()!.ToJsonString(), StringComparison.Ordinal);
        Assert.Null(Event(forged));
        Assert.Equal("192.0.2.0/24", Of(Event(forged, o => o.Victims = Disclosure.Network)!["Object"]![0]!, "ip-dst"));
    }

    [Fact]
    public void Of_what_is_no_flood_the_senders_are_told_and_no_ddos_object()
    {
        var scan = SharedSamples.Reflection() with { Kind = IncidentKind.Scan, Host = IpAddr.Parse("203.0.113.9"), Target = null };

        var told = Event(scan)!;

        Assert.Null(told["Object"]);
        Assert.Contains("203.0.113.9", told["Attribute"]!.AsArray().Select(s => (string?)s!["value"]));
    }

    [Fact]
    public void What_we_tell_our_own_feed_reader_understands()
    {
        var sink = new FeedSink(100);

        Assert.Equal(DecodeError.None, MispFeed.ReadEvent(PlainJson.Write(MispReport.Of(SharedSamples.Shared(), "Example Networks", SharedSamples.Space)!), sink));

        Assert.Equal(SharedSamples.Shared().Sources.Order(), sink.Entries.Select(e => e.Prefix!.Value.Address).Distinct().Order());
    }
}
