using System.Text.Json;
using System.Text.RegularExpressions;
using Breakwater.Core.Flows;
using Breakwater.Core.Net;
using Breakwater.Protocols.SFlow;

namespace Breakwater.Tests.Protocols.SFlow;

/// <summary>Datagrams of real agents, against what akvorado's tests, tcpdump and tshark say of them.</summary>
public partial class SFlowVectorTests
{
    private readonly SFlowV5Decoder _decoder = new();
    private readonly Exporter _exporter = new(IpAddr.Parse("192.0.2.99"), 1);
    private readonly FlowBatch _batch = new();

    [SharedDataTheory("vectors/flow")]
    [InlineData("sflow-testdecode-basic.json")]
    [InlineData("sflow-testdecode-local-interface.json")]
    [InlineData("sflow-testdecode-multiple-interfaces.json")]
    [InlineData("sflow-testdecode-flow-sample-with-ipv4-data.json")]
    [InlineData("sflow-testdecode-flow-sample-with-sampled-ethernet.json")]
    [InlineData("sflow-testdecode-flow-sample-with-ipv4-raw-packet.json")]
    [InlineData("sflow-testdecode-flow-sample-with-icmpv4.json")]
    public void Agrees_with_akvorado(string expectation)
    {
        using var expected = JsonDocument.Parse(File.ReadAllText(SharedData.Path("vectors", "flow", "akvorado", "expected", expectation)));
        foreach (var input in expected.RootElement.GetProperty("inputs_in_order").EnumerateArray())
            Assert.All(DecodeCapture("akvorado", "sflow", input.GetString()!), error => Assert.Equal(DecodeError.None, error));

        var flows = expected.RootElement.GetProperty("expected_flows").EnumerateArray().ToArray();
        Assert.Equal(flows.Length, _batch.Count);
        for (var i = 0; i < flows.Length; i++)
        {
            var flow = _batch.Flows[i];
            var columns = flows[i].GetProperty("OtherColumns");
            var rate = Number(flows[i], "SamplingRate");
            Assert.Equal(IpAddr.Parse(flows[i].GetProperty("SrcAddr").GetString()!), flow.Source);
            Assert.Equal(IpAddr.Parse(flows[i].GetProperty("DstAddr").GetString()!), flow.Destination);
            Assert.Equal(IpAddr.Parse(flows[i].GetProperty("ExporterAddress").GetString()!), _exporter.Agent);
            Assert.Equal((Number(flows[i], "InIf"), Number(flows[i], "OutIf")), (flow.InputInterface, flow.OutputInterface));
            Assert.Equal((rate, rate * Number(columns, "Bytes")), (flow.Packets, flow.Bytes));
            Assert.Equal(Number(columns, "Proto"), flow.Protocol);
            Assert.Equal(Number(columns, "TCPFlags"), flow.TcpFlags);
            if (columns.TryGetProperty("IPTTL", out _)) Assert.Equal((Number(columns, "IPTTL"), Number(columns, "IPTos")), (flow.Ttl, flow.Tos));
            Assert.Equal(Number(columns, "SrcPort"), flow.SourcePort);
            Assert.Equal(flow.Protocol == 1 ? Number(columns, "ICMPv4Type") << 8 : Number(columns, "DstPort"), flow.DestinationPort);
        }
    }

    [SharedDataTheory("vectors/flow")]
    [InlineData("sflow-print-v6")]
    [InlineData("sflow_multiple_counter_30_pdus")]
    public void Agrees_with_tcpdump_on_samples_sequence_and_counters(string name)
    {
        var printed = File.ReadAllText(SharedData.Path("vectors", "flow", "tcpdump", name + ".out"));
        var errors = DecodeCapture("tcpdump", name + ".pcap");
        Assert.All(errors, error => Assert.Equal(DecodeError.None, error));
        Assert.Equal(Datagrams().Count(printed), errors.Count);

        // Spanning tree and the like are printed as samples, but are no flows.
        var samples = FlowSamples().Count(printed);
        Assert.True(_batch.Count <= samples, $"{_batch.Count} flows of {samples} samples");

        var newest = Counters().Matches(printed).ToLookup(m => m.Groups["index"].Value, m => m.Groups);
        Assert.Equal(newest.Count, _exporter.Interfaces.All.Count);
        foreach (var counters in newest)
        {
            Assert.True(_exporter.Interfaces.TryFind(uint.Parse(counters.Key), out var ours));
            var last = counters.Last();
            Assert.Equal((last["in"].Value, last["out"].Value, last["speed"].Value), ($"{ours.InOctets}", $"{ours.OutOctets}", $"{ours.SpeedBitsPerSecond}"));
            Assert.Equal((last["inUnicast"].Value, last["outDiscards"].Value), ($"{ours.InUnicast}", $"{ours.OutDiscards}"));
        }
    }

    [SharedDataFact("vectors/flow")]
    public void Decodes_goflow2s_datagram_without_error()
    {
        Assert.Equal(DecodeError.None, Decode(File.ReadAllBytes(SharedData.Path("vectors", "flow", "goflow2", "sflow-testsflowdecode-0.bin"))));
        Assert.Equal(1, _batch.Count);
    }

    [SharedDataTheory("vectors/flow")]
    [InlineData("sflow-testsflowdecodedropegressqueue-0.bin")]
    [InlineData("sflow-testsflowdecodedropextendedacl-0.bin")]
    [InlineData("sflow-testsflowdecodedropextendedfunction-0.bin")]
    public void Refuses_discard_samples_without_a_packet(string file)
    {
        Assert.NotEqual(DecodeError.None, Decode(File.ReadAllBytes(SharedData.Path("vectors", "flow", "goflow2", file))));
        Assert.Equal(0, _batch.Count);
    }

    [SharedDataFact("vectors/flow")]
    public void Survives_every_truncation_and_corruption_of_real_datagrams()
    {
        foreach (var file in Directory.GetFiles(SharedData.Path("vectors", "flow", "akvorado", "sflow"), "*.pcap"))
        {
            foreach (var datagram in UdpPayloads(file))
            {
                for (var i = 0; i < datagram.Length; i++)
                {
                    Decode(datagram[..i]);
                    for (var bit = 1; bit < 256; bit <<= 1)
                    {
                        datagram[i] ^= (byte)bit;
                        Decode(datagram);
                        datagram[i] ^= (byte)bit;
                    }
                    foreach (ref readonly var flow in _batch.Flows) Assert.True(flow.Packets >= 1 && flow.Bytes >= 0);
                    _batch.Clear();
                }
            }
        }
    }

    private List<DecodeError> DecodeCapture(params string[] path) =>
        [.. UdpPayloads(SharedData.Path(["vectors", "flow", .. path])).Where(d => _decoder.Recognises(d)).Select(Decode)];

    private DecodeError Decode(byte[] datagram) => _decoder.Decode(datagram, _exporter, new Timestamp(0), _batch);

    private static long Number(JsonElement element, string name) => element.TryGetProperty(name, out var value) ? value.GetInt64() : 0;

    /// <summary>Payloads of a little-endian pcap file that holds nothing but UDP without fragments, extension headers or IP options.</summary>
    private static IEnumerable<byte[]> UdpPayloads(string file)
    {
        var bytes = File.ReadAllBytes(file);
        for (var at = 24; at < bytes.Length;)
        {
            var captured = BitConverter.ToInt32(bytes, at + 8);
            var packet = bytes.AsSpan(at + 16, captured);
            yield return packet[(packet[12] == 0x86 ? 14 + 40 + 8 : 14 + 20 + 8)..].ToArray();
            at += 16 + captured;
        }
    }

    [GeneratedRegex("sFlowv5,")]
    private static partial Regex Datagrams();

    [GeneratedRegex(@"flow sample \(")]
    private static partial Regex FlowSamples();

    [GeneratedRegex(@"ifindex (?<index>\d+), iftype \d+, ifspeed (?<speed>\d+).*\n.*\n\s*In octets (?<in>\d+), unicast pkts (?<inUnicast>\d+),.*\n.*\n\s*Out octets (?<out>\d+),.*discards (?<outDiscards>\d+)")]
    private static partial Regex Counters();
}
