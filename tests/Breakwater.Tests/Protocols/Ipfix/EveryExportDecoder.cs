using Breakwater.Core.Flows;

namespace Breakwater.Tests.Protocols.Ipfix;

/// <summary>What holds for the decoders of NetFlow and IPFIX alike.</summary>
public class EveryExportDecoder
{
    public static TheoryData<string> Names => new(GoldenExports.Protocols);

    [Theory, MemberData(nameof(Names))]
    public void Reads_the_golden_datagram(string protocol)
    {
        var bench = DecoderBench.Of(protocol);
        var golden = GoldenExports.Load(protocol);
        Assert.Equal(GoldenExports.Build(protocol), golden);

        Assert.Equal(DecodeError.None, bench.Decode(golden));

        var flow = bench.Batch.Flows[0];
        Assert.Equal(("192.0.2.10", "198.51.100.20", 40_000, 443), (flow.Source.ToString(), flow.Destination.ToString(), flow.SourcePort, flow.DestinationPort));
        Assert.Equal((500L, 150_000L, 5u), (flow.Packets, flow.Bytes, flow.SampledPackets));
        Assert.Equal(protocol == "ipfix" ? 3 : protocol == "netflow5" ? 2 : 1, bench.Batch.Count);
    }

    [Theory, MemberData(nameof(Names))]
    public void Survives_every_cut_and_keeps_the_records_before_it(string protocol)
    {
        var golden = GoldenExports.Load(protocol);
        var before = 0;
        for (var length = 0; length < golden.Length; length++)
        {
            var bench = DecoderBench.Of(protocol);
            var error = bench.Decode(golden.AsSpan(0, length));
            // A set is whole or is noticed; version 9 does not tell how many sets there should be.
            if (protocol != "netflow9") Assert.NotEqual(DecodeError.None, error);
            Assert.True(bench.Batch.Count >= before, $"flows were lost by {length} octets");
            Assert.Equal(bench.Batch.Count, bench.Exporter.Flows);
            before = bench.Batch.Count;
        }
    }

    [Theory, MemberData(nameof(Names))]
    public void Survives_every_corruption_of_one_octet(string protocol)
    {
        var golden = GoldenExports.Load(protocol);
        for (var i = 0; i < golden.Length; i++)
            foreach (var value in new byte[] { 0x00, 0x01, 0x7F, 0x80, 0xFF, (byte)(golden[i] ^ 0x10) })
            {
                var bench = DecoderBench.Of(protocol);
                var damaged = golden.ToArray();
                damaged[i] = value;
                bench.Decode(damaged);
                bench.Decode(golden);
                AssertSane(bench.Batch);
            }
    }

    [Theory, MemberData(nameof(Names))]
    public void Survives_any_bytes_after_its_version(string protocol)
    {
        var version = GoldenExports.Load(protocol)[..2];
        var bench = DecoderBench.Of(protocol);
        var random = new Random(7);
        for (var i = 0; i < 20_000; i++)
        {
            var bytes = new byte[random.Next(0, 200)];
            random.NextBytes(bytes);
            bench.Batch.Clear();
            bench.Decode([.. version, .. bytes]);
            AssertSane(bench.Batch);
        }
    }

    [Theory, MemberData(nameof(Names))]
    public void Says_what_it_does_not_speak(string protocol)
    {
        var bench = DecoderBench.Of(protocol);
        var other = new byte[100];
        other[1] = 7;

        Assert.False(bench.Decoder.Recognises(other));
        Assert.Equal(DecodeError.UnsupportedVersion, bench.Decode(other));
        Assert.True(bench.Decoder.Recognises(GoldenExports.Load(protocol)));
    }

    [Theory, MemberData(nameof(Names))]
    public void Says_when_the_batch_is_full_and_keeps_what_fits(string protocol)
    {
        var bench = DecoderBench.Of(protocol);
        var golden = GoldenExports.Load(protocol);
        DecodeError error;
        do error = bench.Decode(golden);
        while (error == DecodeError.None);

        Assert.Equal(DecodeError.TooManyRecords, error);
        Assert.Equal(FlowBatch.Capacity, bench.Batch.Count);
    }

    [Theory, MemberData(nameof(Names))]
    public void Allocates_nothing_once_warm(string protocol)
    {
        var bench = DecoderBench.Of(protocol);
        var golden = GoldenExports.Load(protocol);
        for (var i = 0; i < 100; i++) bench.Decode(golden);

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
        {
            if (bench.Batch.Count > FlowBatch.HandOver) bench.Batch.Clear();
            bench.Decode(golden);
        }
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    private static void AssertSane(FlowBatch batch)
    {
        foreach (ref readonly var flow in batch.Flows)
            Assert.True(flow.Bytes >= 0 && flow.Packets >= 0 && flow.End >= flow.Start, "a flow that cannot be");
    }
}
