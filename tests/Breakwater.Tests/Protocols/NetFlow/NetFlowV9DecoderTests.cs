using Breakwater.Core.Flows;
using Breakwater.Core.Net;
using Breakwater.Tests.Protocols.Ipfix;

namespace Breakwater.Tests.Protocols.NetFlow;

public class NetFlowV9DecoderTests
{
    private static readonly Field[] Basic =
        [(8, 4), (12, 4), (10, 4), (14, 4), (2, 4), (1, 4), (22, 4), (21, 4), (7, 2), (11, 2), (6, 1), (4, 1), (5, 1), (61, 1)];

    private readonly DecoderBench _bench = DecoderBench.Of("netflow9");

    private static void Record(WireWriter record) => record
        .Ip("192.0.2.10").Ip("198.51.100.20").U32(11).U32(12).U32(5).U32(1500).U32(90_000).U32(99_000)
        .U16(40_000).U16(443).U8(0x12).U8(6).U8(0xB8).U8(1);

    [Fact]
    public void Reads_every_property_of_a_flow()
    {
        var flow = Assert.Single(_bench.FlowsOf(MessageBuilder.V9(uptime: 100_000, seconds: 1_700_000_000).Template(256, Basic).Data(256, Record)));

        Assert.Equal(IpAddr.Parse("192.0.2.10"), flow.Source);
        Assert.Equal(IpAddr.Parse("198.51.100.20"), flow.Destination);
        Assert.Equal((11u, 12u), (flow.InputInterface, flow.OutputInterface));
        Assert.Equal((5, 1500, 5u), (flow.Packets, flow.Bytes, flow.SampledPackets));
        Assert.Equal((40_000, 443), (flow.SourcePort, flow.DestinationPort));
        Assert.Equal((0x12, 6, 0xB8), (flow.TcpFlags, flow.Protocol, flow.Tos));
        Assert.Equal(Timestamp.FromUnixMilliseconds(1_699_999_990_000), flow.Start);
        Assert.Equal(Timestamp.FromUnixMilliseconds(1_699_999_999_000), flow.End);
        Assert.Equal(FlowFlags.Egress | FlowFlags.SamplingUnknown, flow.Flags);
        Assert.Equal(3, flow.Exporter);
        Assert.Equal(0, _bench.Exporter.Errors);
    }

    [Fact]
    public void Survives_a_wrap_of_the_uptime_counter()
    {
        // Booted 2^32 ms + 5 s ago: the flow began 10 s before the export, before the wrap.
        var flow = Assert.Single(_bench.FlowsOf(MessageBuilder.V9(uptime: 5_000).Template(256, (8, 4), (12, 4), (1, 4), (22, 4), (21, 4))
            .Data(256, r => r.Ip("192.0.2.1").Ip("192.0.2.2").U32(1).U32(uint.MaxValue - 4_999).U32(4_000))));

        Assert.Equal(TimeSpan.FromSeconds(9), flow.Duration);
        Assert.Equal(Timestamp.FromUnixSeconds(1_700_000_000 - 10), flow.Start);
    }

    [Fact]
    public void Takes_a_line_card_whose_clock_runs_ahead_at_its_word()
    {
        var flow = Assert.Single(_bench.FlowsOf(MessageBuilder.V9(uptime: 5_000).Template(256, (8, 4), (12, 4), (1, 4), (22, 4), (21, 4))
            .Data(256, r => r.Ip("192.0.2.1").Ip("192.0.2.2").U32(1).U32(5_010).U32(5_020))));

        Assert.Equal(Timestamp.FromUnixMilliseconds(1_700_000_000_020), flow.End);
    }
}
