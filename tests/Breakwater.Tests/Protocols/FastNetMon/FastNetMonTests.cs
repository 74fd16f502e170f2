using System.Buffers;
using System.Text.Json;
using Breakwater.Core.Incidents;
using Breakwater.Core.Net;
using Breakwater.Protocols.FastNetMon;
using Breakwater.Tests.Engine.Notification;

namespace Breakwater.Tests.Protocols.FastNetMon;

public class FastNetMonTests
{
    /// <summary>Every line that scripts for FastNetMon Community look for, in its order.</summary>
    [Fact]
    public void Text_has_the_lines_that_scripts_read()
    {
        var lines = FastNetMonText.Write(Of(Attacks.Incident())).Split('\n');
        Assert.Equal(
            [
                "IP: 192.0.2.7", "Attack type: syn_flood", "Initial attack power: 80000 packets per second", "Peak attack power: 80000 packets per second",
                "Attack direction: incoming", "Attack protocol: tcp", "Total incoming traffic: 38 mbps", "Total outgoing traffic: 0 mbps",
                "Total incoming pps: 80000 packets per second", "Total outgoing pps: 0 packets per second", "Total incoming flows: 0 flows per second",
            ], lines.Take(11));
        Assert.Contains("Incoming ip fragmented pps: 0 packets per second", lines);
        Assert.Contains("Incoming syn tcp pps: 60000 packets per second", lines);
        Assert.Contains("Incoming udp traffic: 9 mbps", lines);
        Assert.Contains("Average packet size for incoming traffic: 60.0 bytes ", lines);
        Assert.Contains("2023-11-14 22:13:20.000000 203.0.113.9:1024 > 192.0.2.7:443 protocol: tcp flags: syn frag: 0  packets: 3 size: 180 bytes ttl: 63 sample ratio: 1", lines);
        Assert.Contains("2023-11-14 22:13:20.000000 203.0.113.10:53 > 192.0.2.7:999 protocol: udp frag: 0  packets: 1 size: 60 bytes ttl: 60 sample ratio: 1", lines);
    }

    [Fact]
    public void Document_has_the_keys_of_the_example_that_was_published()
    {
        using var document = Json(Attacks.Incident(), begins: true);
        var root = document.RootElement;
        Assert.Equal(("192.0.2.7", "ban", "host"), (root.GetProperty("ip").GetString(), root.GetProperty("action").GetString(), root.GetProperty("alert_scope").GetString()));
        var details = root.GetProperty("attack_details");
        Assert.True(Guid.TryParse(details.GetProperty("attack_uuid").GetString(), out _));
        foreach (var (key, value) in new[] { ("attack_severity", "high"), ("attack_type", "syn_flood"), ("attack_direction", "incoming"), ("attack_protocol", "tcp"), ("attack_detection_source", "automatic") })
            Assert.Equal(value, details.GetProperty(key).GetString());
        foreach (var direction in new[] { "incoming", "outgoing" })
        {
            foreach (var unit in new[] { "traffic", "pps", "flows" })
                foreach (var kind in new[] { "total", "average" })
                    Assert.True(details.GetProperty($"{kind}_{direction}_{unit}").TryGetInt64(out _));
            foreach (var unit in new[] { "traffic", "pps" })
                foreach (var kind in new[] { "ip_fragmented", "tcp", "syn_tcp", "udp", "icmp" })
                    Assert.True(details.GetProperty($"{direction}_{kind}_{unit}").TryGetInt64(out _));
        }
        // Octets per second, not bits.
        Assert.Equal((4_800_000, 60_000), (details.GetProperty("total_incoming_traffic").GetInt64(), details.GetProperty("incoming_syn_tcp_pps").GetInt64()));
        Assert.Equal(2, root.GetProperty("packet_dump").GetArrayLength());
        using var end = Json(Attacks.Incident(), begins: false);
        Assert.False(end.RootElement.TryGetProperty("packet_dump", out _));
    }

    [Fact]
    public void A_prefix_is_a_host_group_and_an_outbound_attack_is_its_sender_s()
    {
        using var prefix = Json(Attacks.Incident() with { Target = Prefix.Parse("192.0.2.0/24") }, begins: true);
        Assert.Equal(("hostgroup", "web", "192.0.2.0/24"), (
            prefix.RootElement.GetProperty("alert_scope").GetString(), prefix.RootElement.GetProperty("hostgroup_name").GetString(), prefix.RootElement.GetProperty("hostgroup_networks")[0].GetString()));
        var outbound = Of(Attacks.Incident() with { Kind = IncidentKind.OutboundAttack, Host = IpAddr.Parse("2001:db8::5") });
        Assert.Equal(("2001:db8::5", "outgoing"), (outbound.Address, outbound.Direction));
        Assert.Contains("Total outgoing pps: 80000 packets per second", FastNetMonText.Write(outbound).Split('\n'));
        Assert.Null(FastNetMonAttack.Of(Attacks.Incident() with { Kind = IncidentKind.Scan }));
        Assert.Null(FastNetMonAttack.Of(Attacks.Incident() with { Kind = IncidentKind.OutboundAttack, Host = IpAddr.Parse("2001:db8::5"), PeakPacketsPerSecond = 0 }));
    }

    [Fact]
    public void Numbers_that_are_none_become_zero()
    {
        var attack = Of(Attacks.Incident() with { PeakPacketsPerSecond = double.NaN, PeakBitsPerSecond = double.PositiveInfinity, Evidence = Evidence.Empty });
        Assert.Equal((0, 0, "unknown"), (attack.PacketsPerSecond, attack.BytesPerSecond, attack.Protocol));
    }

    private static FastNetMonAttack Of(Incident incident) => FastNetMonAttack.Of(incident)!;

    private static JsonDocument Json(Incident incident, bool begins)
    {
        var output = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(output)) FastNetMonJson.Write(json, Of(incident), begins);
        return JsonDocument.Parse(output.WrittenMemory);
    }
}
