using System.Text;
using Breakwater.Core.Incidents;
using Breakwater.Core.Sharing;
using Breakwater.Protocols.Xarf;
using Breakwater.Tests.Core.Incidents;
using Breakwater.Tests.Core.Sharing;

namespace Breakwater.Tests.Protocols.Xarf;

public class XarfReportTests
{
    private static readonly XarfSender Sender = new("Example Networks", "soc@example.net", "example.net", SharedSamples.Space);

    [Fact]
    public void Complains_about_each_real_source_by_address_port_and_time()
    {
        var reports = XarfReport.Of(SharedSamples.Shared(), Sender, IncidentSamples.Noon, out var without);

        Assert.Equal(0, without);
        Assert.Equal(["198.51.100.1", "203.0.113.9"], reports.Select(r => (string)r["source_identifier"]!));
        var report = reports[0];
        Assert.Equal(("4.2.0", "connection", "ddos", "udp", 53), ((string)report["xarf_version"]!, (string)report["category"]!, (string)report["type"]!, (string)report["protocol"]!, (int)report["source_port"]!));
        Assert.Equal("dns_amplification", (string)report["attack_vector"]!);
        Assert.Null(report["destination_ip"]);
        var text = Encoding.UTF8.GetString(Convert.FromBase64String((string)report["evidence"]![0]!["payload"]!));
        Assert.Contains("198.51.100.1 port 53 -> (withheld) port 40000  1000 packets", text, StringComparison.Ordinal);
        Assert.DoesNotContain("203.0.113.9", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_scan_from_many_ports_is_reported_with_the_last_of_them()
    {
        var incident = SharedSamples.Reflection();
        var flow = incident.Evidence.Flows[1] with { Protocol = 6, DestinationPort = 23 };
        incident = incident with
        {
            Kind = IncidentKind.Scan,
            Host = flow.Source,
            Target = null,
            Sources = [],
            Mitigations = [],
            Evidence = incident.Evidence with { Flows = [.. Enumerable.Range(0, 20).Select(i => flow with { SourcePort = (ushort)(40_000 + i), End = flow.End + TimeSpan.FromSeconds(i) })] },
        };

        var report = Assert.Single(XarfReport.Of(SharedSamples.Shared(incident), Sender, IncidentSamples.Noon, out _));

        Assert.Equal(("port_scan", 40_019, 23), ((string)report["type"]!, (int)report["source_port"]!, (int)report["destination_port"]!));
    }

    [Fact]
    public void Accuses_nobody_of_an_attack_from_forged_addresses() =>
        Assert.Empty(XarfReport.Of(SharedSamples.Shared(IncidentSamples.DnsAmplification()), Sender, IncidentSamples.Noon, out _));

    [Fact]
    public void Counts_the_sources_that_the_format_has_no_words_for()
    {
        var incident = SharedSamples.Reflection();
        incident = incident with { Evidence = incident.Evidence with { Flows = [.. incident.Evidence.Flows.Select(f => f with { Protocol = 1, SourcePort = 0 })] } };

        Assert.Empty(XarfReport.Of(SharedSamples.Shared(incident), Sender, IncidentSamples.Noon, out var without));
        Assert.Equal(2, without);
    }

    [Fact]
    public void The_same_complaint_has_the_same_identifier()
    {
        var one = XarfReport.Of(SharedSamples.Shared(), Sender, IncidentSamples.Noon, out _);
        var again = XarfReport.Of(SharedSamples.Shared(configure: o => o.Victims = Disclosure.Full), Sender, IncidentSamples.Noon + TimeSpan.FromHours(1), out _);

        Assert.Equal(one.Select(r => (string)r["report_id"]!), again.Select(r => (string)r["report_id"]!));
        Assert.Equal("192.0.2.7", (string)again[0]["destination_ip"]!);
    }
}
