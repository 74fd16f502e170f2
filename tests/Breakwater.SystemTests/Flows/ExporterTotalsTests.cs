using Breakwater.SystemTests.Support;

namespace Breakwater.SystemTests.Flows;

/// <summary>Real exporters send; what arrives is what they sent, to the packet, and a second collector says the same.</summary>
public class ExporterTotalsTests
{
    /// <summary>About a thousand flows and four thousand packets: few enough datagrams for the witness's small receive buffer.</summary>
    private static readonly string Capture = AttackCapture.Named("ddos-dns-rrsig-reflection-mixed.pcap").Path;

    /// <summary>Version 5 carries no IPv6, and softflowd's account of packets counts what it read.</summary>
    private const string Filter = "ip";

    [NeedsTheory("softflowd", "nfcapd", "nfdump", Needs.Captures)]
    [InlineData(5)]
    [InlineData(9)]
    [InlineData(10)]
    public async Task Softflowd_totals_agree_to_the_packet(int version)
    {
        using var service = await Collector.Start();
        using var witness = new Nfcapd(sflow: false);
        await witness.Ready();
        using var tee = new DatagramTee(service.Receiver, $"127.0.0.1:{witness.Port}");
        var sent = await Softflowd.Export(Capture, version, sampling: 1, Filter, tee.Receiver);

        await tee.Drained();
        await service.Receives(sent.Flows);
        var second = await witness.Finish();
        Assert.Equal(sent.Flows, second.Flows);
        Assert.Equal(sent.Packets, second.Packets);
        Assert.Equal((sent.Flows, sent.Packets, second.Bytes), await service.Totals());
    }

    [NeedsTheory("softflowd", "nfcapd", "nfdump", Needs.Captures)]
    [InlineData(5)]
    [InlineData(9)]
    [InlineData(10)]
    public async Task Sampled_packets_are_multiplied_by_the_rate_that_softflowd_announces(int version)
    {
        const int Rate = 100;
        using var service = await Collector.Start();
        using var witness = new Nfcapd(sflow: false);
        await witness.Ready();
        using var tee = new DatagramTee(service.Receiver, $"127.0.0.1:{witness.Port}");
        var sent = await Softflowd.Export(Capture, version, Rate, Filter, tee.Receiver);

        await tee.Drained();
        await service.Receives(sent.Flows);
        var (flows, packets, _) = await service.Totals();
        Assert.Equal(sent.Flows, flows);
        Assert.Equal(sent.Packets * Rate, packets);
        Assert.Equal(sent.Flows, (await witness.Finish()).Flows);
    }

    [NeedsTheory("pmacctd", "nfcapd", "nfdump", Needs.Captures)]
    [InlineData(5)]
    [InlineData(9)]
    [InlineData(10)]
    public async Task Pmacct_flow_totals_agree_to_the_packet(int version)
    {
        using var service = await Collector.Start();
        using var witness = new Nfcapd(sflow: false);
        await witness.Ready();
        using var tee = new DatagramTee(service.Receiver, $"127.0.0.1:{witness.Port}");
        await Pmacctd.Export(Capture, version, tee.Receiver);

        await tee.Drained();
        var second = await witness.Finish();
        await service.Receives(second.Flows);
        Assert.Equal((second.Flows, second.Packets, second.Bytes), await service.Totals());
        // pmacctd leaves out fragments that it cannot assign; most of the 4,412 packets it counts.
        Assert.InRange(second.Packets, 4_000, 4_412);
    }

    [NeedsFact("pmacctd", "sfcapd", "nfdump", Needs.Captures)]
    public async Task Pmacct_sflow_totals_agree_to_the_packet()
    {
        using var service = await Collector.Start();
        using var witness = new Nfcapd(sflow: true);
        await witness.Ready();
        using var tee = new DatagramTee(service.Receiver, $"127.0.0.1:{witness.Port}");
        await Pmacctd.Export(Capture, version: 0, tee.Receiver);

        // sfcapd counts octets of frames, we those of IP: only flows and packets can agree.
        var second = await witness.Finish();
        await service.Receives(second.Flows);
        var (flows, packets, _) = await service.Totals();
        Assert.Equal((second.Flows, second.Packets), (flows, packets));
        Assert.InRange(packets, 4_000, 4_412);
    }
}
