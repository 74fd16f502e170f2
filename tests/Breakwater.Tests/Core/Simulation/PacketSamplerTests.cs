using Breakwater.Core.Flows;
using Breakwater.Core.Net;
using Breakwater.Core.Simulation;

namespace Breakwater.Tests.Core.Simulation;

public class PacketSamplerTests
{
    [Theory]
    [InlineData(10, 1)]
    [InlineData(100, 40)]
    [InlineData(1_000, 5_000)]
    public void Estimates_are_right_in_the_mean_and_what_was_seen_is_one_in_n(int oneIn, uint packetsPerRecord)
    {
        var sampler = new PacketSampler(oneIn, seed: 3);
        var batch = new FlowBatch();
        long packets = 0, estimated = 0, bytes = 0, seen = 0;
        for (var round = 0; round < 200; round++)
        {
            batch.Clear();
            for (var i = 0; i < 1_000; i++) batch.Add(Record(i, packetsPerRecord));
            packets += 1_000L * packetsPerRecord;
            sampler.Sample(batch);
            foreach (ref readonly var flow in batch.Flows)
            {
                estimated += flow.Packets;
                bytes += flow.Bytes;
                seen += flow.SampledPackets;
                Assert.Equal(oneIn, flow.SamplingRate);
                Assert.True(flow.Start <= flow.End);
            }
        }
        Assert.InRange(estimated, 0.95 * packets, 1.05 * packets);
        Assert.InRange(bytes, 0.95 * packets * 100, 1.05 * packets * 100);
        Assert.Equal(estimated, seen * oneIn);
    }

    [Fact]
    public void Packets_and_tunnels_stay_with_their_flows()
    {
        var batch = new FlowBatch();
        for (var i = 0; i < 1_000; i++)
        {
            batch.Add(Record(i, 1));
            batch.KeepPacket([(byte)i, (byte)(i >> 8)], 60);
            if (i % 3 == 0) batch.AttachTunnel(Record(i + 10_000, 1));
        }
        new PacketSampler(4, seed: 1).Sample(batch);

        Assert.InRange(batch.Count, 150, 350);
        Assert.NotEmpty(batch.Tunnels.ToArray());
        for (var i = 0; i < batch.Count; i++) Assert.Equal(batch.Flows[i].SourcePort, BitConverter.ToUInt16(batch.PacketOf(i, out _)));
        foreach (var (index, outer) in batch.Tunnels) Assert.Equal(batch.Flows[index].SourcePort + 10_000, outer.SourcePort);
    }

    [Fact]
    public void Without_sampling_nothing_changes()
    {
        var batch = new FlowBatch();
        batch.Add(Record(1, 7));
        var before = batch.Flows[0];
        new PacketSampler(1, seed: 1).Sample(batch);
        Assert.Equal(before, batch.Flows[0]);
    }

    [Fact]
    public void A_record_keeps_a_flag_as_often_as_the_packet_that_bears_it_is_seen()
    {
        var sampler = new PacketSampler(10, seed: 9);
        var batch = new FlowBatch();
        int with = 0, all = 0;
        for (var i = 0; i < 4_000; i++) batch.Add(Record(i, 5) with { Protocol = 6, TcpFlags = 0x12 });
        sampler.Sample(batch);
        foreach (ref readonly var flow in batch.Flows)
        {
            Assert.Equal(0x10, flow.TcpFlags & 0x10);
            all++;
            with += (flow.TcpFlags & 2) >> 1;
        }
        // One of five packets opens; most of these records have one packet left.
        Assert.InRange((double)with / all, 0.15, 0.35);
    }

    private static Flow Record(int number, uint packets) => new()
    {
        Source = IpAddr.Parse("192.0.2.1"),
        Destination = IpAddr.Parse("203.0.113.1"),
        Protocol = 17,
        SourcePort = (ushort)number,
        DestinationPort = 443,
        Packets = packets,
        SampledPackets = packets,
        Bytes = packets * 100,
        Start = Timestamp.FromUnixSeconds(1_700_000_000),
        End = Timestamp.FromUnixSeconds(1_700_000_010),
    };
}
