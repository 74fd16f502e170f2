using System.Text.Json;
using Breakwater.Core.Flows;
using Breakwater.Core.Net;

namespace Breakwater.Tests.Protocols.Ipfix;

/// <summary>Captures of routers against another collector's unit tests: sampling by options, physical interfaces, frame sections.</summary>
public class AkvoradoVectorTests
{
    public static TheoryData<string> Expectations => FlowVectors.Files("akvorado/expected/netflow-", ".json");

    [SharedDataTheory(FlowVectors.Folder), MemberData(nameof(Expectations))]
    public void Decodes_to_the_expected_flows(string file)
    {
        var test = FlowVectors.Json(file);
        var replay = new VectorReplay();
        foreach (var input in test.GetProperty("inputs_in_order").EnumerateArray()) replay.Feed("akvorado/netflow/" + input.GetString());

        var expected = test.GetProperty("expected_flows").EnumerateArray().ToList();
        if (test.GetProperty("compared_first_n_flows_only").ValueKind == JsonValueKind.Null) Assert.Equal(expected.Count, replay.Batch.Count);
        for (var i = 0; i < expected.Count; i++) AssertSame(expected[i], replay.Batch.Flows[i]);
    }

    private static void AssertSame(JsonElement expected, in Flow flow)
    {
        var columns = expected.GetProperty("OtherColumns");
        Assert.Equal(Address(expected, "SrcAddr"), flow.Source);
        Assert.Equal(Address(expected, "DstAddr"), flow.Destination);
        Assert.Equal(Number(expected, "InIf"), flow.InputInterface);
        Assert.Equal(Number(expected, "OutIf"), flow.OutputInterface);
        Assert.Equal(Number(columns, "SrcPort"), flow.SourcePort);
        // NetFlow's place for an ICMP type and code is the destination port.
        Assert.Equal(columns.TryGetProperty("ICMPv4Type", out _) ? Number(columns, "ICMPv4Type") * 256 + Number(columns, "ICMPv4Code") : Number(columns, "DstPort"), flow.DestinationPort);
        Assert.Equal(Number(columns, "Proto"), flow.Protocol);
        Assert.Equal(Number(columns, "TCPFlags"), flow.TcpFlags);
        if (columns.TryGetProperty("IPTTL", out _)) Assert.Equal(Number(columns, "IPTTL"), flow.Ttl);
        if (columns.TryGetProperty("IPTos", out _)) Assert.Equal(Number(columns, "IPTos"), flow.Tos);
        Assert.Equal(columns.TryGetProperty("FlowDirection", out var direction) && direction.GetString() == "DirectionEgress", flow.Flags.HasFlag(FlowFlags.Egress));

        var rate = Number(expected, "SamplingRate");
        Assert.Equal(rate == 0, flow.Flags.HasFlag(FlowFlags.SamplingUnknown));
        Assert.Equal(Number(columns, "Packets"), flow.SampledPackets);
        Assert.Equal(Number(columns, "Packets") * Math.Max(1, rate), flow.Packets);
        Assert.Equal(Number(columns, "Bytes") * Math.Max(1, rate), flow.Bytes);
    }

    private static IpAddr Address(JsonElement flow, string name)
    {
        var text = flow.GetProperty(name).GetString()!;
        return IpAddr.Parse(text.Contains('.') ? text["::ffff:".Length..] : text);
    }

    private static long Number(JsonElement element, string name) => element.TryGetProperty(name, out var value) ? value.GetInt64() : 0;
}
