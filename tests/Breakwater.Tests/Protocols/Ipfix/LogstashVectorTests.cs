using System.Buffers.Binary;
using System.Globalization;
using System.Text.Json;
using Breakwater.Core.Flows;
using Breakwater.Core.Net;
using Breakwater.Protocols.Ipfix;

namespace Breakwater.Tests.Protocols.Ipfix;

/// <summary>Datagrams of some forty exporters against the golden events of another collector.</summary>
public class LogstashVectorTests
{
    /// <summary>Logstash's names of NetFlow v9 fields, where they are not the registry's.</summary>
    private static readonly Dictionary<string, string> V9Names = new()
    {
        ["application_description"] = "applicationDescription",
        ["application_id"] = "applicationId",
        ["application_name"] = "applicationName",
        ["bgp_ipv4_next_hop"] = "bgpNextHopIPv4Address",
        ["direction"] = "flowDirection",
        ["dst_as"] = "bgpDestinationAsNumber",
        ["dst_mask"] = "destinationIPv4PrefixLength",
        ["dst_vlan"] = "postVlanId",
        ["engine_id"] = "engineId",
        ["event_time_msec"] = "observationTimeMilliseconds",
        ["flow_end_reason"] = "flowEndReason",
        ["flow_sampler_id"] = "samplerId",
        ["flow_start_msec"] = "flowStartMilliseconds",
        ["forwarding_status"] = "forwardingStatus",
        ["fw_event"] = "firewallEvent",
        ["icmp_code"] = "icmpCodeIPv4",
        ["icmp_type"] = "icmpTypeIPv4",
        ["in_bytes"] = "octetDeltaCount",
        ["in_dst_mac"] = "destinationMacAddress",
        ["in_permanent_bytes"] = "octetTotalCount",
        ["in_pkts"] = "packetDeltaCount",
        ["in_src_mac"] = "sourceMacAddress",
        ["input_snmp"] = "ingressInterface",
        ["ip_dscp"] = "ipDiffServCodePoint",
        ["ip_protocol_version"] = "ipVersion",
        ["ipv4_dst_addr"] = "destinationIPv4Address",
        ["ipv4_next_hop"] = "ipNextHopIPv4Address",
        ["ipv4_src_addr"] = "sourceIPv4Address",
        ["ipv4_src_prefix"] = "sourceIPv4Prefix",
        ["l4_dst_port"] = "destinationTransportPort",
        ["l4_src_port"] = "sourceTransportPort",
        ["out_bytes"] = "postOctetDeltaCount",
        ["out_pkts"] = "postPacketDeltaCount",
        ["output_snmp"] = "egressInterface",
        ["protocol"] = "protocolIdentifier",
        ["sampling_algorithm"] = "samplingAlgorithm",
        ["sampling_interval"] = "samplingInterval",
        ["scope_system"] = "scopeSystem",
        ["src_as"] = "bgpSourceAsNumber",
        ["src_mask"] = "sourceIPv4PrefixLength",
        ["src_tos"] = "ipClassOfService",
        ["src_vlan"] = "vlanId",
        ["tcp_flags"] = "tcpControlBits",
        ["tcp_src_port"] = "tcpSourcePort",
        ["total_flows_exp"] = "exportedFlowRecordTotalCount",
        ["total_pkts_exp"] = "exportedMessageTotalCount",
        ["udp_dst_port"] = "udpDestinationPort",
        ["xlate_dst_addr_ipv4"] = "postNATDestinationIPv4Address",
        ["xlate_dst_port"] = "postNAPTDestinationTransportPort",
        ["xlate_src_addr_ipv4"] = "postNATSourceIPv4Address",
        ["xlate_src_port"] = "postNAPTSourceTransportPort",
    };

    public static TheoryData<string> Contexts => FlowVectors.Files("logstash/expected/", ".json");

    [SharedDataTheory(FlowVectors.Folder), MemberData(nameof(Contexts))]
    public void Reads_what_the_golden_events_say(string file)
    {
        var context = FlowVectors.Json(file);
        var replay = new VectorReplay();
        foreach (var input in context.GetProperty("inputs").EnumerateArray()) replay.Feed("logstash/" + input.GetString());

        foreach (var golden in context.GetProperty("full_events").EnumerateArray())
        {
            var fields = golden.GetProperty("event").GetProperty("netflow");
            if (fields.GetProperty("version").GetInt32() == 5) AssertFlow(fields, replay.Batch.Flows[golden.GetProperty("index").GetInt32()]);
            else Assert.True(replay.Records.Any(r => Mismatch(fields, r) is null), Explain(fields, replay.Records));
            AssertTimes(file, fields, replay.Batch);
        }
        foreach (var check in context.GetProperty("checks").EnumerateArray())
        {
            var name = check.GetProperty("field").GetString()!["netflow.".Length..];
            var expected = check.GetProperty("equals");
            if (replay.Records.Count > 0 && IsRegistered(name)) Assert.Contains(replay.Records, r => r[NameOf(name)] is { } value && Matches(expected, value));
        }
    }

    private static string NameOf(string name) => V9Names.GetValueOrDefault(name, name);

    /// <summary>Vendors' elements have no registered name to be found by; logstash's header fields are no fields of a record.</summary>
    private static bool IsRegistered(string name) =>
        InformationElementNames.Contains(NameOf(name)) || NameOf(name).StartsWith("scope", StringComparison.Ordinal);

    private static readonly HashSet<string> InformationElementNames =
        [.. Enumerable.Range(1, 600).Select(i => InformationElement.Of(new FieldSpecifier(0, (ushort)i, 4))?.Name).OfType<string>()];

    /// <summary>The first field that differs, null when all that can be compared agree.</summary>
    private static string? Mismatch(JsonElement expected, DataRecord record)
    {
        var compared = 0;
        foreach (var field in expected.EnumerateObject().Where(f => IsRegistered(f.Name)))
        {
            // Cisco's ASA sends these as field types 40001 to 40005 of its own.
            if ((field.Name.StartsWith("xlate_", StringComparison.Ordinal) || field.Name == "fw_event") && record[NameOf(field.Name)] is null) continue;
            // Logstash splits IE 32 in two.
            if (field.Name.StartsWith("icmp_", StringComparison.Ordinal) && record["icmpTypeCodeIPv4"] is not null) continue;
            var candidates = record.Fields.Where(f => f.Name == NameOf(field.Name)).ToList();
            if (candidates.Count == 0) return $"{field.Name} is missing";
            if (!candidates.Any(c => Matches(field.Value, c))) return $"{field.Name} is {field.Value}, not {candidates[0].Value}";
            compared++;
        }
        return compared > 0 ? null : "nothing to compare";
    }

    private static bool Matches(JsonElement expected, FieldValue actual) => (expected.ValueKind, actual.Value) switch
    {
        (JsonValueKind.Number, ulong number) => expected.GetDouble() == number,
        (JsonValueKind.Number, Timestamp time) => expected.GetInt64() == time.Milliseconds || expected.GetInt64() == time.Milliseconds / 1000,
        (JsonValueKind.Number, double real) => expected.GetDouble() == real,
        (JsonValueKind.String, IpAddr address) => IpAddr.Parse(expected.GetString()!) == address,
        (JsonValueKind.String, Timestamp time) => DateTimeOffset.Parse(expected.GetString()!, CultureInfo.InvariantCulture) == time.ToDateTimeOffset(),
        // An application is a classification engine and a number (RFC 6759 §4): "5..38".
        (JsonValueKind.String, string) when actual.Name == "applicationId" =>
            expected.GetString() == ApplicationOf(actual.Bytes.Span),
        (JsonValueKind.String, string text) => expected.GetString()!.TrimEnd('\0') == text || actual.Name == "applicationName" && text.Contains('\uFFFD'),
        (JsonValueKind.Object, ulong status) when actual.Name == "forwardingStatus" =>
            expected.GetProperty("status").GetUInt64() == status >> 6 && expected.GetProperty("reason").GetUInt64() == (status & 0x3F),
        _ => false,
    };

    private static string ApplicationOf(ReadOnlySpan<byte> id)
    {
        // Engine 20 is a vendor's own: its enterprise number comes first (RFC 6759 §4.1).
        if (id[0] == 20 && id.Length == 9) return $"20..{BinaryPrimitives.ReadUInt32BigEndian(id[1..])}..{BinaryPrimitives.ReadUInt32BigEndian(id[5..])}";
        var number = 0UL;
        foreach (var octet in id[1..]) number = number << 8 | octet;
        return $"{id[0]}..{number}";
    }

    private static void AssertFlow(JsonElement expected, Flow flow)
    {
        Assert.Equal(expected.GetProperty("ipv4_src_addr").GetString(), flow.Source.ToString());
        Assert.Equal(expected.GetProperty("ipv4_dst_addr").GetString(), flow.Destination.ToString());
        Assert.Equal(expected.GetProperty("in_bytes").GetInt64(), flow.Bytes / (long)flow.SamplingRate);
        Assert.Equal(expected.GetProperty("in_pkts").GetInt64(), flow.SampledPackets);
        Assert.Equal(expected.GetProperty("l4_src_port").GetInt32(), flow.SourcePort);
        Assert.Equal(expected.GetProperty("l4_dst_port").GetInt32(), flow.DestinationPort);
        Assert.Equal(expected.GetProperty("protocol").GetInt32(), flow.Protocol);
        Assert.Equal(expected.GetProperty("tcp_flags").GetInt32(), flow.TcpFlags);
    }

    private static void AssertTimes(string file, JsonElement expected, FlowBatch batch)
    {
        if (!expected.TryGetProperty("first_switched", out var first)) return;
        var start = Timestamp.From(DateTimeOffset.Parse(first.GetString()!, CultureInfo.InvariantCulture));
        // The bytes of this one wrap the uptime, and logstash's start is then 2^32 ms late (the manifest says so).
        if (file.Contains("netflow-5-valid-01", StringComparison.Ordinal)) start -= TimeSpan.FromMilliseconds(4_294_967_296);
        var end = Timestamp.From(DateTimeOffset.Parse(expected.GetProperty("last_switched").GetString()!, CultureInfo.InvariantCulture));
        var times = batch.Flows.ToArray().Select(f => (f.Start, f.End)).ToList();
        Assert.True(times.Any(t => IsSame(start, t.Start) && IsSame(end, t.End)), $"({start}, {end}) is not in {string.Join(' ', times.Take(5))}");
    }

    /// <summary>
    /// Logstash forgets to borrow a second where the milliseconds go below zero, which in version 9 is always: its times are
    /// then a second late, in netflow5.dat even after the export time.
    /// </summary>
    private static bool IsSame(Timestamp logstash, Timestamp ours) =>
        (logstash - ours).Duration() < TimeSpan.FromMilliseconds(1)
        || (logstash - ours - TimeSpan.FromSeconds(1)).Duration() < TimeSpan.FromMilliseconds(1);

    private static string Explain(JsonElement expected, List<DataRecord> records) =>
        string.Join('\n', records.Select(r => Mismatch(expected, r)).Distinct().Take(8)) + "\n" + expected;
}
