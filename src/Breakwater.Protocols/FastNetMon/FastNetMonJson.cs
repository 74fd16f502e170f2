using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Breakwater.Core.Flows;

namespace Breakwater.Protocols.FastNetMon;

/// <summary>The JSON document that FastNetMon Advanced gives scripts and web callbacks. Traffic is in octets per second.</summary>
/// <remarks>fastnetmon.com, "FastNetMon JSON formats". A prefix is told as a host group, which is what it has for more than one host.</remarks>
public static class FastNetMonJson
{
    public static void Write(Utf8JsonWriter json, FastNetMonAttack attack, bool begins)
    {
        var incident = attack.Incident;
        json.WriteStartObject();
        if (attack.Subject.IsHost)
        {
            json.WriteString("ip", attack.Address);
        }
        else
        {
            json.WriteString("hostgroup_name", incident.HostGroup.Length > 0 ? incident.HostGroup : "global");
            json.WriteStartArray("hostgroup_networks");
            json.WriteStringValue(attack.Address);
            json.WriteEndArray();
        }
        json.WriteString("action", begins ? "ban" : "unban");
        json.WriteString("alert_scope", attack.Subject.IsHost ? "host" : "hostgroup");
        WriteDetails(json, attack);
        if (begins)
        {
            json.WriteStartArray("packet_dump");
            foreach (var flow in incident.Evidence.Flows.Take(FastNetMonAttack.MaxFlows)) json.WriteStringValue(FastNetMonText.Flow(flow));
            json.WriteEndArray();
            json.WriteStartArray("packet_dump_detailed");
            foreach (var flow in incident.Evidence.Flows.Take(FastNetMonAttack.MaxFlows)) WriteFlow(json, flow);
            json.WriteEndArray();
        }
        json.WriteEndObject();
    }

    private static void WriteDetails(Utf8JsonWriter json, FastNetMonAttack attack)
    {
        var incident = attack.Incident;
        json.WriteStartObject("attack_details");
        json.WriteString("attack_uuid", Uuid(incident.Id));
        json.WriteString("attack_severity", attack.Severity);
        json.WriteString("attack_type", attack.Type);
        json.WriteString("host_group", incident.HostGroup.Length > 0 ? incident.HostGroup : "global");
        json.WriteString("host_network", attack.Subject.ToString());
        json.WriteString("protocol_version", attack.Subject.IsV4 ? "IPv4" : "IPv6");
        json.WriteNumber("initial_attack_power", attack.PacketsPerSecond);
        json.WriteNumber("peak_attack_power", attack.PacketsPerSecond);
        json.WriteString("attack_direction", attack.Direction);
        json.WriteString("attack_detection_threshold", "unknown");
        json.WriteString("attack_detection_threshold_direction", attack.Direction);
        json.WriteString("attack_protocol", attack.Protocol);
        json.WriteString("attack_detection_source", "automatic");
        foreach (var kind in new[] { "total", "average" })
        {
            Both(json, attack, kind + "_{0}_traffic", attack.BytesPerSecond);
            Both(json, attack, kind + "_{0}_pps", attack.PacketsPerSecond);
            Both(json, attack, kind + "_{0}_flows", 0);
        }
        foreach (var (name, packets, bytes) in attack.Classes)
        {
            var key = "{0}_" + name.Replace(' ', '_');
            Both(json, attack, key + "_traffic", bytes);
            Both(json, attack, key + "_pps", packets);
        }
        json.WriteEndObject();
    }

    private static void WriteFlow(Utf8JsonWriter json, in Flow flow)
    {
        json.WriteStartObject();
        json.WriteString("ip_version", flow.Destination.IsV4 ? "ipv4" : "ipv6");
        json.WriteString("source_ip", flow.Source.ToString());
        json.WriteString("destination_ip", flow.Destination.ToString());
        json.WriteNumber("source_port", flow.SourcePort);
        json.WriteNumber("destination_port", flow.DestinationPort);
        json.WriteString("tcp_flags", FastNetMonText.Flags(flow.TcpFlags));
        json.WriteBoolean("fragmentation", (flow.Flags & FlowFlags.Fragment) != 0);
        json.WriteNumber("packets", flow.Packets);
        json.WriteNumber("length", flow.Bytes);
        json.WriteNumber("ip_length", flow.Bytes);
        json.WriteNumber("ttl", flow.Ttl);
        json.WriteNumber("sample_ratio", FastNetMonText.SampleRatio(flow));
        json.WriteString("protocol", FastNetMonAttack.ProtocolName(flow.Protocol));
        json.WriteEndObject();
    }

    private static void Both(Utf8JsonWriter json, FastNetMonAttack attack, string name, long value)
    {
        json.WriteNumber(name.Replace("{0}", "incoming", StringComparison.Ordinal), attack.Incoming ? value : 0);
        json.WriteNumber(name.Replace("{0}", "outgoing", StringComparison.Ordinal), attack.Incoming ? 0 : value);
    }

    /// <summary>The same incident is the same attack: a version 8 UUID (RFC 9562 §5.8) made of its identifier.</summary>
    private static string Uuid(string id)
    {
        Span<byte> hash = SHA256.HashData(Encoding.UTF8.GetBytes(id));
        hash[6] = (byte)((hash[6] & 0x0F) | 0x80);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new Guid(hash[..16], bigEndian: true).ToString();
    }
}
