using Breakwater.Core.Flows;
using Breakwater.Core.Net;
using Breakwater.Engine;
using Breakwater.Engine.Analysis;
using Breakwater.Protocols.Captures;
using Breakwater.Protocols.Ipfix;
using Breakwater.Tests.Protocols.Ipfix;
using Breakwater.Tests.Protocols.Pcap;
using FsCheck;
using FsCheck.Fluent;
using static Breakwater.Tests.Protocols.Net.Packets;

namespace Breakwater.Tests.Protocols.Captures;

public class ExportCaptureReaderTests
{
    private const int Ipv4Type = 0x0800;

    public static TheoryData<string> Protocols => [.. GoldenExports.Protocols];

    [Theory, MemberData(nameof(Protocols))]
    public void Reads_the_flows_that_a_collector_would_have_received(string protocol)
    {
        var expected = new FlowBatch();
        Decoder(protocol).Decode(GoldenExports.Build(protocol), new Exporter(IpAddr.Parse("192.0.2.1"), 1), Timestamp.FromUnixSeconds(1_700_000_000), expected);

        var (flows, reader) = Read(Capture(Export("192.0.2.1", GoldenExports.Build(protocol))));

        Assert.NotEmpty(flows);
        Assert.Equal(expected.Flows.ToArray(), flows);
        Assert.Equal($"pcap of {protocol}", reader.Format);
        Assert.Equal((0L, 0L), (reader.Packets, reader.Skipped));
        Assert.Empty(reader.Problems);
    }

    [Fact]
    public void Exporters_are_told_apart_by_address()
    {
        var v5 = GoldenExports.Build("netflow5");
        var (flows, reader) = Read(Capture(Export("192.0.2.1", v5), Export("192.0.2.2", GoldenExports.Build("ipfix")), Export("192.0.2.1", v5)));
        Assert.Equal([1, 2], flows.Select(f => (int)f.Exporter).Distinct());
        Assert.Equal("pcap of netflow5, ipfix", reader.Format);
    }

    [Fact]
    public void A_capture_in_which_exports_are_only_a_part_is_one_of_packets()
    {
        var export = Export("192.0.2.1", GoldenExports.Build("netflow5"));
        var web = Ethernet(Ipv4Type, Ipv4("192.0.2.1", "198.51.100.7", 6, Tcp(40_000, 443, 16)));
        var (flows, reader) = Read(Capture(export, web, export, export));
        Assert.Equal(("pcap", 4L, 4), (reader.Format, reader.Packets, flows.Count));
        Assert.Equal("pcap of netflow5", Read(Capture([web, .. Enumerable.Repeat(export, 9)])).Reader.Format);
        Assert.Equal("pcap", Read(Capture([web, .. Enumerable.Repeat(export, 8)])).Reader.Format);
    }

    [Theory]
    [InlineData(1, "pcap")]
    [InlineData(2, "pcap")]
    [InlineData(3, "pcap of netflow5")]
    public void On_a_port_of_no_flow_protocol_it_takes_more_than_one_to_be_believed(int datagrams, string format) =>
        Assert.Equal(format, Read(Capture([.. Enumerable.Repeat(Export("192.0.2.1", GoldenExports.Build("netflow5"), port: 9991), datagrams)])).Reader.Format);

    [Fact]
    public void What_only_looks_like_an_export_stays_a_packet()
    {
        var notQuite = GoldenExports.Build("netflow5")[..40];
        Assert.Equal("pcap", Read(Capture([.. Enumerable.Repeat(Export("192.0.2.1", notQuite), 20)])).Reader.Format);
    }

    [Fact]
    public void The_operator_has_the_last_word()
    {
        var export = Export("192.0.2.1", GoldenExports.Build("netflow5"));
        Assert.Equal(("pcap", 3), (Read(Capture(export, export, export), CaptureContent.Packets) is var (asPackets, packets) ? packets.Format : "", asPackets.Count));

        var other = Ethernet(Ipv4Type, Ipv4("192.0.2.1", "198.51.100.7", 17, Udp(1, 2, [1, 2, 3])));
        var (flows, reader) = Read(Capture(other, other, Export("192.0.2.1", GoldenExports.Build("netflow5"), port: 1)), CaptureContent.Flows);
        Assert.NotEmpty(flows);
        Assert.Equal(("pcap of netflow5", 2L), (reader.Format, reader.Skipped));
        Assert.Equal("pcap of flow exports", Read(Capture(other), CaptureContent.Flows).Reader.Format);
    }

    [Fact]
    public void A_datagram_that_was_cut_short_is_told_and_keeps_its_good_records()
    {
        var packet = Export("192.0.2.1", GoldenExports.Build("netflow5"));
        var good = Enumerable.Repeat(packet, 20).ToArray();
        var (flows, reader) = Read(Capture([.. good, packet[..^10]]));
        Assert.Equal(Read(Capture(good)).Flows.Count, flows.Count - (flows.Count % 20));
        Assert.Single(reader.Problems, p => p.StartsWith("netflow5: 1 of 21 datagrams with an error: ", StringComparison.Ordinal));
    }

    [Fact]
    public void Batches_have_the_time_at_which_their_datagrams_came()
    {
        var file = new CaptureFiles().PcapHeader();
        var export = Export("192.0.2.1", GoldenExports.Build("netflow5"));
        foreach (var microsecond in new uint[] { 0, 5_000, 500_000, 900_000 }) file.PcapPacket(1_700_000_000, microsecond, export);
        using var reader = CaptureInput.Read(new MemoryStream(file.ToArray()), "test");
        var batch = new FlowBatch();
        var times = new List<long>();
        while (reader.Read(batch)) times.Add(batch.ReceivedAt.Nanoseconds / Timestamp.NanosecondsPerMillisecond - 1_700_000_000_000);
        Assert.Equal([5, 500, 900], times);
    }

    [Fact]
    public void Exporters_without_number_do_not_grow_memory()
    {
        var file = new CaptureFiles().PcapHeader();
        var export = GoldenExports.Build("netflow5");
        for (var i = 0; i < 6_000; i++) file.PcapPacket(1_700_000_000, (uint)i, Export(IpAddr.V4(0x0A00_0000u + (uint)i).ToString(), export));
        var (flows, reader) = Read(file.ToArray());
        Assert.Equal(4096, flows.Select(f => f.Exporter).Distinct().Count());
        Assert.Contains(reader.Problems, p => p.StartsWith("more than 4096 exporters", StringComparison.Ordinal));
        Assert.Equal(6_000 - 4_096, reader.Skipped);
    }

    [Fact]
    public void Never_throws_wherever_the_file_ends_and_whatever_octet_is_wrong()
    {
        var good = Capture([.. GoldenExports.Protocols.Select(p => Export("192.0.2.1", GoldenExports.Build(p)))]);
        for (var at = 0; at < good.Length; at++)
        {
            if (at >= 24) Read(good[..at]);
            foreach (var content in new[] { CaptureContent.Auto, CaptureContent.Flows })
            {
                // The magic number decides which reader it is: that is tested elsewhere.
                if (at < 4) continue;
                var bad = good.ToArray();
                bad[at] ^= 0xFF;
                Read(bad, content);
            }
        }
        Prop.ForAll<byte[]>(payload => { Read(Capture(Export("192.0.2.1", payload ?? [])), CaptureContent.Flows); }).QuickCheckThrowOnFailure();
    }

    [SharedDataFact("vectors/flow")]
    public void Real_captures_of_exporters_are_recognised()
    {
        foreach (var (file, format) in new[]
        {
            ("akvorado/netflow/data+templates.pcap", "pcap of netflow9"), ("akvorado/netflow/physicalinterfaces.pcap", "pcap of ipfix"),
            ("akvorado/sflow/data-1140.pcap", "pcap of sflow5"), ("pmacct/111-IPFIXv10-NFv9-IPv6-IPv4-mix_sources/traffic-00.pcap", "pcap of netflow9"),
            ("tcpdump/sflow-print-v6.pcap", "pcap of sflow5"), ("akvorado/inner/gre-v4-key.pcap", "pcap"),
        })
        {
            var (flows, reader) = Read(File.ReadAllBytes(SharedData.Path("vectors", "flow", file)));
            Assert.Equal((file, format), (file, reader.Format));
            Assert.NotEmpty(flows);
        }
    }

    [SharedDataFact("captures")]
    public void Captures_of_ordinary_and_attack_packets_stay_packets()
    {
        foreach (var file in Directory.EnumerateFiles(SharedData.Path("captures"), "*.pcap*", SearchOption.AllDirectories))
        {
            using var reader = CaptureInput.Read(File.OpenRead(file), file);
            reader.Read(new FlowBatch());
            Assert.DoesNotContain(" of ", reader.Format, StringComparison.Ordinal);
        }
    }

    private static byte[] Export(string from, byte[] payload, int port = 2055) =>
        Ethernet(Ipv4Type, Ipv4(from, "198.51.100.9", 17, Udp(50_000, port, payload)));

    private static byte[] Capture(params byte[][] packets)
    {
        var file = new CaptureFiles().PcapHeader();
        foreach (var packet in packets) file.PcapPacket(1_700_000_000, 0, packet);
        return file.ToArray();
    }

    private static IFlowDecoder Decoder(string protocol) => Composition.Default.CreateFlowDecoders(new TemplateOptions()).Single(d => d.Name == protocol);

    private static (List<Flow> Flows, ICaptureReader Reader) Read(byte[] file, CaptureContent content = CaptureContent.Auto)
    {
        using var reader = CaptureInput.Read(new MemoryStream(file), "test", content);
        var flows = new List<Flow>();
        var batch = new FlowBatch();
        while (reader.Read(batch)) flows.AddRange(batch.Flows);
        return (flows, reader);
    }
}
