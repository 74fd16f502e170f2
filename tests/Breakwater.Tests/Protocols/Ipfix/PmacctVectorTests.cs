using System.Text.Json;

namespace Breakwater.Tests.Protocols.Ipfix;

/// <summary>Captures of Cisco and Huawei routers against what pmacct's collector prints of them.</summary>
public class PmacctVectorTests
{
    public static TheoryData<string> Outputs => new(
        "100-IPFIXv10-CISCO", "101-NFv9-CISCO-cust_primitives", "102-NFv9-CISCO-f2rd-pretag-sampling-reload", "103-IPFIXv10-CISCO-pretag-JSON_encoding",
        "110-IPFIXv10-NFv9-multiple-sources", "111-IPFIXv10-NFv9-IPv6-IPv4-mix_sources", "500-IPFIXv10-BGP-CISCO-SRv6",
        "502-IPFIXv10-BGP-IPv6-CISCO-SRv6-lcomms");

    [SharedDataTheory(FlowVectors.Folder), MemberData(nameof(Outputs))]
    public void Sums_to_what_pmacct_prints(string test)
    {
        var replay = new VectorReplay();
        foreach (var capture in Directory.GetFiles(FlowVectors.Path("pmacct/" + test), "traffic-*.pcap").Order()) replay.Feed(capture);

        var expected = new Dictionary<(string, string, int, int), (long Packets, long Bytes)>();
        foreach (var line in File.ReadLines(FlowVectors.Path($"pmacct/{test}/output-flow-00.json")))
        {
            var flow = JsonDocument.Parse(line).RootElement;
            var key = (flow.GetProperty("ip_src").GetString()!, flow.GetProperty("ip_dst").GetString()!,
                flow.GetProperty("port_src").GetInt32(), flow.GetProperty("port_dst").GetInt32());
            var (packets, bytes) = expected.GetValueOrDefault(key);
            expected[key] = (packets + flow.GetProperty("packets").GetInt64(), bytes + flow.GetProperty("bytes").GetInt64());
        }
        var actual = new Dictionary<(string, string, int, int), (long Packets, long Bytes)>();
        foreach (var flow in replay.Batch.Flows)
        {
            var key = (flow.Source.ToString(), flow.Destination.ToString(), (int)flow.SourcePort, (int)flow.DestinationPort);
            var (packets, bytes) = actual.GetValueOrDefault(key);
            actual[key] = (packets + flow.SampledPackets, bytes + (long)(flow.Bytes / flow.SamplingRate));
        }
        foreach (var (key, sum) in expected) Assert.Equal((key, sum), (key, actual.GetValueOrDefault(key)));
    }
}
