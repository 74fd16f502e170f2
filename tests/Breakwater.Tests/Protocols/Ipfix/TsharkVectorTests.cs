using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Breakwater.Core.Flows;
using Breakwater.Core.Net;
using Breakwater.Protocols.Ipfix;

namespace Breakwater.Tests.Protocols.Ipfix;

/// <summary>Every NetFlow and IPFIX vector against an independent decode of it.</summary>
public partial class TsharkVectorTests
{
    private static readonly Dictionary<string, string[]> Names = new()
    {
        ["cflow.srcaddr"] = ["sourceIPv4Address"],
        ["cflow.dstaddr"] = ["destinationIPv4Address"],
        ["cflow.srcaddrv6"] = ["sourceIPv6Address"],
        ["cflow.dstaddrv6"] = ["destinationIPv6Address"],
        ["cflow.octets"] = ["octetDeltaCount", "octetTotalCount"],
        ["cflow.packets"] = ["packetDeltaCount", "packetTotalCount"],
        ["cflow.srcport"] = ["sourceTransportPort"],
        ["cflow.dstport"] = ["destinationTransportPort"],
        ["cflow.protocol"] = ["protocolIdentifier"],
        ["cflow.inputint"] = ["ingressInterface"],
        ["cflow.outputint"] = ["egressInterface"],
        ["cflow.srcas"] = ["bgpSourceAsNumber"],
        ["cflow.dstas"] = ["bgpDestinationAsNumber"],
        ["cflow.direction"] = ["flowDirection"],
        ["cflow.sampler_id"] = ["samplerId"],
        ["cflow.sampling_interval"] = ["samplingInterval"],
    };

    /// <summary>Headers that are damaged on purpose: tshark reads on with a count of 55,582 records, we (and logstash) do not.</summary>
    private static readonly string[] DamagedHeaders = ["tshark/netflow5_test_invalid01.dat.json", "tshark/netflow5_test_invalid02.dat.json"];

    /// <summary>tshark stops where the header's count of records does, exporters' counts notwithstanding.</summary>
    private const string WrongCount = "tshark/netflow9_test_invalid01.dat.json";

    public static TheoryData<string> Decodes => FlowVectors.Files("tshark/", ".json", "\"cflow\"");

    [SharedDataTheory(FlowVectors.Folder), MemberData(nameof(Decodes))]
    public void Reads_the_records_that_tshark_reads(string file)
    {
        var frames = FlowVectors.Json(file);
        var replay = new VectorReplay();
        var inputs = InputsOf(file);
        foreach (var input in inputs[..^1]) replay.Feed(input);
        replay.Records.Clear();
        replay.Feed(inputs[^1]);

        var expected = frames.EnumerateArray().SelectMany(DataRecordsOf).ToList();
        if (DamagedHeaders.Contains(file)) Assert.Equal(0, replay.Batch.Count);
        else if (file == WrongCount) Assert.NotEmpty(replay.Records);
        else if (File.ReadAllText(FlowVectors.Path(file)).Contains("cflow.no_template_found", StringComparison.Ordinal))
        {
            // tshark gives up on data before its template in the same datagram; we do not.
            Assert.True(replay.Records.Count >= expected.Count, $"{replay.Records.Count} of {expected.Count}");
        }
        else if (expected.Count == 0) Assert.Empty(replay.Records);
        else if (expected[0].Version == 5) CompareFlows(expected, replay.Batch);
        else CompareRecords(expected, replay.Records);
    }

    private static void CompareFlows(List<(int Version, JsonElement Record)> expected, FlowBatch actual)
    {
        Assert.Equal(expected.Count, actual.Count);
        foreach (var ((_, record), flow) in expected.Zip(actual.Flows.ToArray()))
        {
            Assert.Equal(record.GetProperty("cflow.srcaddr").GetString(), flow.Source.ToString());
            Assert.Equal(record.GetProperty("cflow.dstaddr").GetString(), flow.Destination.ToString());
            Assert.Equal(Number(record, "cflow.octets"), flow.Bytes / (long)flow.SamplingRate);
            Assert.Equal(Number(record, "cflow.packets"), flow.SampledPackets);
            Assert.Equal(Number(record, "cflow.inputint"), flow.InputInterface);
            Assert.Equal(Number(record, "cflow.outputint"), flow.OutputInterface);
            Assert.Equal(Number(record, "cflow.srcport"), flow.SourcePort);
            Assert.Equal(Number(record, "cflow.dstport"), flow.DestinationPort);
            Assert.Equal(Number(record, "cflow.protocol"), flow.Protocol);
            Assert.Equal(Number(record, "cflow.tcpflags"), flow.TcpFlags);
            Assert.Equal(Number(record, "cflow.tos"), flow.Tos);
        }
    }

    private static void CompareRecords(List<(int Version, JsonElement Record)> expected, List<DataRecord> actual)
    {
        Assert.Equal(expected.Count, actual.Count);
        var compared = 0;
        foreach (var ((_, record), fields) in expected.Zip(actual))
            foreach (var property in record.EnumerateObject())
            {
                if (!Names.TryGetValue(property.Name, out var names) || property.Value.ValueKind != JsonValueKind.String) continue;
                // tshark has one name for delta and total, forward and reverse: any of ours will do.
                var values = fields.Fields.Where(f => names.Contains(f.Name) || names.Any(n => f.Name == "reverse" + char.ToUpperInvariant(n[0]) + n[1..]))
                    .Select(f => Convert.ToString(f.Value, CultureInfo.InvariantCulture)).ToList();
                if (values.Count == 0) continue;
                Assert.Contains(Normalised(property.Value.GetString()!), values);
                compared++;
            }
        Assert.True(compared > 0 || expected.All(e => !e.Record.EnumerateObject().Any(p => Names.ContainsKey(p.Name))), "nothing could be compared");
    }

    private static string Normalised(string value) =>
        value.Contains(':') && IpAddr.TryParse(value, out var address) ? address.ToString() : value;

    private static long Number(JsonElement record, string name)
    {
        var text = record.GetProperty(name).GetString()!;
        return text.StartsWith("0x", StringComparison.Ordinal)
            ? long.Parse(text[2..], NumberStyles.HexNumber, CultureInfo.InvariantCulture)
            : long.Parse(text, CultureInfo.InvariantCulture);
    }

    /// <summary>"Flow 3" of a set, "pdu 1/29" of version 5: one object each.</summary>
    private static IEnumerable<(int Version, JsonElement Record)> DataRecordsOf(JsonElement frame)
    {
        if (!frame.TryGetProperty("cflow", out var messages)) yield break;
        foreach (var message in messages.ValueKind == JsonValueKind.Array ? messages.EnumerateArray().ToArray() : [messages])
        {
            if (message.ValueKind != JsonValueKind.Object || !message.TryGetProperty("cflow.version", out var number)) continue;
            var version = int.Parse(number.GetString()!, CultureInfo.InvariantCulture);
            foreach (var set in message.EnumerateObject())
            {
                if (set.Name.StartsWith("pdu ", StringComparison.Ordinal)) yield return (version, set.Value);
                if (set.Value.ValueKind != JsonValueKind.Object) continue;
                foreach (var record in set.Value.EnumerateObject())
                    if (RecordName().IsMatch(record.Name) && record.Value.ValueKind == JsonValueKind.Object) yield return (version, record.Value);
            }
        }
    }

    [GeneratedRegex(@"^(Flow( \d+.*)?|pdu \d+.*)$")]
    private static partial Regex RecordName();

    /// <summary>What to feed: the captures with the templates first, then the one that was decoded.</summary>
    private static List<string> InputsOf(string file)
    {
        var entry = FlowVectors.Json("manifest.json").GetProperty("files").EnumerateArray().First(f => f.GetProperty("file").GetString() == file);
        var source = SourceName().Match(entry.GetProperty("proves").GetString()!).Groups[1].Value;
        var name = source.Split('/')[^1];
        var contexts = Directory.GetFiles(FlowVectors.Path("logstash/expected")).Concat(Directory.GetFiles(FlowVectors.Path("akvorado/expected")));
        foreach (var context in contexts.Order())
        {
            using var json = JsonDocument.Parse(File.ReadAllText(context));
            if (!json.RootElement.TryGetProperty("inputs", out var inputs) && !json.RootElement.TryGetProperty("inputs_in_order", out inputs)) continue;
            var files = inputs.EnumerateArray().Select(i => i.GetString()!).ToList();
            var index = files.IndexOf(name);
            if (index > 0) return [.. files[..index].Select(f => source[..^name.Length] + f), source];
        }
        var template = source.Replace("-data.pcap", "-template.pcap", StringComparison.Ordinal);
        return template != source && File.Exists(FlowVectors.Path(template)) ? [template, source] : [source];
    }

    [GeneratedRegex(@"^independent decode of (\S+)")]
    private static partial Regex SourceName();
}
