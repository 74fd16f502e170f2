using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Breakwater.Core.Detection;
using Breakwater.Core.Net;
using Breakwater.Core.Sharing;
using Breakwater.Protocols.Json;

namespace Breakwater.Protocols.DdosDb;

/// <summary>An attack as a fingerprint of the DDoS Clearing House, for DDoS-DB.</summary>
/// <remarks>DDoS Clearing House, "DDoS Fingerprint format" (dissector 3): the fields that come from flow data. Times are UTC.</remarks>
public static class DdosFingerprint
{
    public static JsonObject Of(SharedIncident incident)
    {
        var seconds = Math.Max(1, (incident.LastSeen - incident.Start).TotalSeconds);
        var vectors = incident.Traffic.GroupBy(t => (t.Protocol, Service: ServiceOf(t), Port: PortOf(t))).OrderByDescending(g => g.Sum(t => (double)t.Packets)).ToArray();
        var all = Math.Max(1, incident.Traffic.Sum(t => (double)t.Packets));
        var fingerprint = new JsonObject
        {
            ["attack_vectors"] = new JsonArray([.. vectors.Select(v => (JsonNode)Vector(v.Key.Protocol, v.Key.Service, v.Key.Port, [.. v], all, incident))]),
            ["target"] = incident.Victim is { } victim ? JsonFields.Text(victim) : "Anonymous",
            ["tags"] = Tags(incident, vectors.Length),
            ["time_start"] = Time(incident.Start),
            ["time_end"] = Time(incident.LastSeen),
            ["duration_seconds"] = (long)seconds,
            ["total_flows"] = incident.Traffic.Sum(t => (long)t.Flows),
            ["total_megabytes"] = incident.Bytes / 1_000_000,
            ["total_packets"] = incident.Packets,
            ["total_ips"] = incident.SourceCount,
            ["avg_bps"] = (long)Math.Min(long.MaxValue / 2, incident.Bytes * 8.0 / seconds),
            ["avg_pps"] = (long)(incident.Packets / seconds),
            ["avg_Bpp"] = incident.Bytes / Math.Max(1, incident.Packets),
        };
        // The key is the hash of the fingerprint without it.
        fingerprint["key"] = Convert.ToHexStringLower(MD5.HashData(PlainJson.Write(fingerprint)));
        return fingerprint;
    }

    private static JsonObject Vector(byte protocol, string service, int? port, SharedTraffic[] traffic, double all, SharedIncident incident)
    {
        var packets = traffic.Sum(t => (double)t.Packets);
        // The evidence is a sample: its shares are those of the attack, its counts are not.
        var share = packets / all;
        var first = traffic.Min(t => t.First);
        return new JsonObject
        {
            ["service"] = service,
            ["protocol"] = ProtocolName(protocol),
            ["fraction_of_attack"] = Math.Round(share, 3),
            ["source_port"] = port is { } known ? known : "random",
            ["destination_ports"] = DestinationPorts(traffic, packets),
            ["tcp_flags"] = protocol == 6 ? TcpFlags(traffic, packets) : null,
            ["nr_flows"] = traffic.Sum(t => (long)t.Flows),
            ["nr_packets"] = (long)(incident.Packets * share),
            ["nr_megabytes"] = (long)(incident.Bytes * share / 1e6),
            ["time_start"] = Time(first),
            ["duration_seconds"] = (long)Math.Max(0, (traffic.Max(t => t.Last) - first).TotalSeconds),
            ["source_ips"] = new JsonArray([.. traffic.Select(t => t.Source).OfType<IpAddr>().Distinct().Select(s => (JsonNode)s.ToString())]),
        };
    }

    private static JsonNode DestinationPorts(SharedTraffic[] traffic, double packets)
    {
        var ports = traffic.Where(t => t.DestinationPort is not null).GroupBy(t => t.DestinationPort!.Value).ToArray();
        return ports.Length == 0
            ? "random"
            : new JsonObject(ports.OrderByDescending(p => p.Sum(t => (double)t.Packets)).Take(10).Select(p =>
                KeyValuePair.Create(p.Key.ToString(CultureInfo.InvariantCulture), (JsonNode?)Math.Round(p.Sum(t => (double)t.Packets) / packets, 3))));
    }

    /// <summary>Flags as nfdump writes them: <c>UAPRSF</c> behind CWR and ECE, a dot for each that is not set.</summary>
    private static JsonObject TcpFlags(SharedTraffic[] traffic, double packets) =>
        new(traffic.GroupBy(t => string.Create(8, t.TcpFlags, static (text, flags) =>
        {
            for (var i = 0; i < 8; i++) text[i] = (flags & (0x80 >> i)) != 0 ? "CEUAPRSF"[i] : '.';
        })).Select(g => KeyValuePair.Create(g.Key, (JsonNode?)Math.Round(g.Sum(t => (double)t.Packets) / packets, 3))));

    private static JsonArray Tags(SharedIncident incident, int vectors)
    {
        var tags = new List<string>();
        if (incident.Vectors.Any(v => v.EndsWith("-amplification", StringComparison.Ordinal))) tags.Add("Amplification attack");
        if (incident.Vectors.Contains(Vectors.SynFlood)) tags.Add("TCP SYN flag attack");
        if (incident.Vectors.Contains(Vectors.FragmentFlood)) tags.Add("Fragmentation attack");
        if (vectors > 1) tags.Add("Multi-vector attack");
        return [.. tags.Select(t => (JsonNode)t)];
    }

    private static int? PortOf(SharedTraffic traffic) => traffic is { Protocol: 17, SourcePort: { } port } && Vectors.ReflectionAt((ushort)port) is not null ? port : null;

    private static string ServiceOf(SharedTraffic traffic) =>
        traffic is { Protocol: 17, SourcePort: { } port } && Vectors.ReflectionAt((ushort)port) is { } service ? service.Service.Split(" (")[0] : "Unknown service";

    private static string ProtocolName(byte protocol) => protocol switch { 1 => "ICMP", 6 => "TCP", 17 => "UDP", 47 => "GRE", 50 => "ESP", 58 => "IPv6-ICMP", _ => protocol.ToString(CultureInfo.InvariantCulture) };

    private static string Time(Core.Flows.Timestamp time) => time.ToDateTimeOffset().UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture);
}
