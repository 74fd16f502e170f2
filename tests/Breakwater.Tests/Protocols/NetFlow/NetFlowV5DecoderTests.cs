using Breakwater.Core.Flows;
using Breakwater.Tests.Protocols.Ipfix;

namespace Breakwater.Tests.Protocols.NetFlow;

public class NetFlowV5DecoderTests
{
    private readonly DecoderBench _bench = DecoderBench.Of("netflow5");

    private static byte[] Datagram(uint sequence, int records = 1, int sampling = 0, uint uptime = 10_000, uint first = 1_000, uint last = 9_000)
    {
        var wire = new WireWriter().U16(5).U16(records).U32(uptime).U32(1_700_000_000).U32(0).U32(sequence).U16(0x0102).U16(sampling);
        for (var i = 0; i < records; i++)
        {
            wire.Ip("192.0.2.10").Ip("198.51.100.20").U32(0).U16(11).U16(12).U32(5).U32(1500).U32(first).U32(last)
                .U16(1025).U16(443).U8(0).U8(0x12).U8(6).U8(0).U16(0).U16(0).U8(24).U8(24).U16(0);
        }
        return wire.ToArray();
    }

    [Fact]
    public void Scales_by_the_interval_of_the_header_and_not_by_its_mode()
    {
        _bench.Decode(Datagram(0, sampling: 0x8000 | 1000));

        Assert.Equal((5_000L, 1_500_000L, 5u), (_bench.Batch.Flows[0].Packets, _bench.Batch.Flows[0].Bytes, _bench.Batch.Flows[0].SampledPackets));
    }

    [Fact]
    public void Takes_an_interval_of_0_for_announced_as_unsampled()
    {
        _bench.Decode(Datagram(0));

        Assert.Equal((5L, FlowFlags.None), (_bench.Batch.Flows[0].Packets, _bench.Batch.Flows[0].Flags));
        Assert.Equal(SamplingState.Announced, _bench.Exporter.Sampling.State);
    }

    [Fact]
    public void Prefers_the_operators_rate_per_interface()
    {
        _bench.Exporter.Sampling.InterfaceOverrides[11] = 7;
        _bench.Decode(Datagram(0, sampling: 1000));

        Assert.Equal(35, _bench.Batch.Flows[0].Packets);
    }

    [Fact]
    public void Counts_flows_that_went_missing()
    {
        _bench.Decode(Datagram(uint.MaxValue - 1, records: 2));
        _bench.Decode(Datagram(0, records: 3));
        _bench.Decode(Datagram(33, records: 30));

        Assert.Equal(30, _bench.Exporter.Lost);
    }

    [Fact]
    public void Survives_a_wrap_of_the_uptime_counter()
    {
        _bench.Decode(Datagram(0, uptime: 2_000, first: uint.MaxValue - 7_999, last: 1_000));

        Assert.Equal(Timestamp.FromUnixSeconds(1_700_000_000 - 10), _bench.Batch.Flows[0].Start);
        Assert.Equal(TimeSpan.FromSeconds(9), _bench.Batch.Flows[0].Duration);
    }

    [Theory, InlineData(0), InlineData(31), InlineData(55_582)]
    public void Refuses_a_count_that_the_format_does_not_allow(int count)
    {
        var datagram = Datagram(0, records: 2);
        datagram[2] = (byte)(count >> 8);
        datagram[3] = (byte)count;

        Assert.Equal(DecodeError.InvalidLength, _bench.Decode(datagram));
        Assert.Equal(0, _bench.Batch.Count);
    }

    [Fact]
    public void Keeps_the_records_before_a_cut()
    {
        Assert.Equal(DecodeError.Truncated, _bench.Decode(Datagram(0, records: 3).AsSpan(0, 24 + 48 + 47)));
        Assert.Equal(1, _bench.Batch.Count);
    }
}
