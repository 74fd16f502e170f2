using Breakwater.Core.Flows;
using Breakwater.Protocols.Net;
using Breakwater.Protocols.Pcap;
using FsCheck;
using FsCheck.Fluent;
using static Breakwater.Tests.Protocols.Net.Packets;

namespace Breakwater.Tests.Protocols.Pcap;

public class PcapReaderTests
{
    private static readonly byte[] _packet = Ethernet(0x0800, Ipv4("192.0.2.1", "198.51.100.7", 6, Tcp(40000, 443, flags: 2)));
    private static readonly byte[] _other = Ethernet(0x86DD, Ipv6("2001:db8::1", "2001:db8::2", 17, Udp(5353, 53, [1])));

    private static (List<(Flow Flow, byte[] Packet, int LinkType)> Flows, PcapReader Reader) Read(byte[] file)
    {
        var reader = new PcapReader(new MemoryStream(file));
        return (CaptureFiles.ReadAll(reader), reader);
    }

    [Theory]
    [InlineData(0xA1B2C3D4, false, 7_000_000_250_000), InlineData(0xA1B2C3D4, true, 7_000_000_250_000)]
    [InlineData(0xA1B23C4D, false, 7_000_000_000_250), InlineData(0xA1B23C4D, true, 7_000_000_000_250)]
    public void Reads_both_byte_orders_and_both_resolutions(uint magic, bool bigEndian, long nanoseconds)
    {
        var (flows, reader) = Read(new CaptureFiles(bigEndian).PcapHeader(magic).PcapPacket(7000, 250, _packet).PcapPacket(7001, 0, _other, original: 1500).ToArray());
        Assert.Equal(2, flows.Count);
        Assert.Equal((new Timestamp(nanoseconds), new Timestamp(nanoseconds)), (flows[0].Flow.Start, flows[0].Flow.End));
        Assert.Equal((6, 443), (flows[0].Flow.Protocol, flows[0].Flow.DestinationPort));
        Assert.Equal(_packet, flows[0].Packet);
        Assert.Equal(_other, flows[1].Packet);
        Assert.Equal(LinkTypes.Ethernet, flows[0].LinkType);
        Assert.Empty(reader.Problems);
        Assert.Equal(("pcap", 2, 0), (reader.Format, reader.Packets, reader.Skipped));
    }

    [Fact]
    public void Reads_the_modified_format_with_its_longer_packet_headers()
    {
        var (flows, reader) = Read(new CaptureFiles().PcapHeader(0xA1B2CD34).ModifiedPcapPacket(7, 5, _packet).ModifiedPcapPacket(8, 5, _other).ToArray());
        Assert.Equal([_packet, _other], flows.Select(f => f.Packet));
        Assert.Empty(reader.Problems);
    }

    [Fact]
    public void Tells_packets_that_hold_no_flow_from_packets_that_do()
    {
        var (flows, reader) = Read(new CaptureFiles().PcapHeader().PcapPacket(1, 0, Ethernet(0x88CC, new byte[50])).PcapPacket(2, 0, _packet).ToArray());
        Assert.Single(flows);
        Assert.Equal((2, 1), (reader.Packets, reader.Skipped));
    }

    [Fact]
    public void Says_where_a_file_was_cut_and_keeps_what_came_before()
    {
        var whole = new CaptureFiles().PcapHeader().PcapPacket(1, 0, _packet).PcapPacket(2, 0, _packet).ToArray();
        var (flows, reader) = Read(whole[..^42]);
        Assert.Single(flows);
        Assert.Equal([$"truncated at octet {whole.Length - 42}: packet of 54 octets has 12"], reader.Problems);
        (flows, reader) = Read(whole[..(24 + 16 + 54 + 9)]);
        Assert.Single(flows);
        Assert.Equal(["truncated at octet 103: packet header of 16 octets has 9"], reader.Problems);
    }

    [Fact]
    public void Stops_at_a_length_no_packet_has()
    {
        var (flows, reader) = Read(new CaptureFiles().PcapHeader().PcapPacket(1, 0, _packet)
            .PcapPacket(2, 0, _packet, captured: 300_000).PcapPacket(3, 0, _packet).ToArray());
        Assert.Single(flows);
        Assert.Equal(["packet at octet 94 claims 300000 captured octets: the rest of the file cannot be read"], reader.Problems);
    }

    [Fact]
    public void Says_once_that_a_link_type_is_not_decoded()
    {
        var (flows, reader) = Read(new CaptureFiles().PcapHeader(linkType: 105).PcapPacket(1, 0, _packet).PcapPacket(1, 0, _packet).ToArray());
        Assert.Empty(flows);
        Assert.Equal(["link type 105 is not decoded: every packet is skipped"], reader.Problems);
        Assert.Equal((2, 2), (reader.Packets, reader.Skipped));
    }

    [Fact]
    public void An_empty_capture_is_no_problem_and_an_empty_file_is_one()
    {
        Assert.Empty(Read(new CaptureFiles().PcapHeader().ToArray()).Reader.Problems);
        Assert.Equal(["truncated at octet 0: the file header has 24 octets"], Read([]).Reader.Problems);
    }

    /// <summary>Longer than the window, through a stream that gives odd amounts.</summary>
    [Fact]
    public void Reads_files_longer_than_its_window()
    {
        const int count = 20_000;
        var file = new CaptureFiles().PcapHeader();
        for (var i = 0; i < count; i++)
            file.PcapPacket((uint)i, 0, Ethernet(0x0800, Ipv4("192.0.2.1", "198.51.100.7", 17, Udp(i, 53, new byte[i % 300]))));
        var (flows, reader) = Read(file.ToArray());
        Assert.Equal(count, flows.Count);
        for (var i = 0; i < count; i++)
            Assert.Equal((i, (ushort)i, 42 + i % 300), (flows[i].Flow.Start.Seconds, flows[i].Flow.SourcePort, flows[i].Packet.Length));
        Assert.Equal(file.ToArray().Length, reader.Position);
    }

    [Fact]
    public void Survives_every_truncation()
    {
        var golden = Golden();
        for (var length = 0; length < golden.Length; length++)
        {
            var (flows, reader) = Read(golden[..length]);
            Assert.Equal(reader.Packets - reader.Skipped, flows.Count);
            Assert.True(reader.Problems.Count == 1 || IsPacketBoundary(length), $"cut to {length}: {string.Join("; ", reader.Problems)}");
        }
    }

    [Fact]
    public void Survives_every_single_byte_corruption()
    {
        var golden = Golden();
        for (var at = 0; at < golden.Length; at++)
            foreach (var value in new byte[] { 0, 1, 0x7F, 0x80, 0xFF, (byte)(golden[at] ^ 1) })
            {
                var bytes = (byte[])golden.Clone();
                bytes[at] = value;
                var (flows, reader) = Read(bytes);
                Assert.Equal(reader.Packets - reader.Skipped, flows.Count);
            }
    }

    [Fact]
    public void Survives_any_bytes_behind_a_good_header()
    {
        Prop.ForAll<byte[]>(bytes =>
        {
            var (flows, reader) = Read([.. new CaptureFiles().PcapHeader().ToArray(), .. bytes]);
            Assert.Equal(reader.Packets - reader.Skipped, flows.Count);
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Allocates_nothing_once_warm()
    {
        var file = new CaptureFiles().PcapHeader();
        for (var i = 0; i < 30_000; i++) file.PcapPacket(1, 0, _packet);
        var bytes = file.ToArray();
        var batch = new FlowBatch();
        Assert.Equal(0, Allocations.Least(() =>
        {
            var reader = new PcapReader(new MemoryStream(bytes));
            // The window takes its full size at the second filling.
            while (reader.Packets < 5_000) Assert.True(reader.Read(batch));
            return () =>
            {
                while (reader.Read(batch))
                {
                }
            };
        }));
    }

    private static byte[] Golden() =>
        new CaptureFiles().PcapHeader().PcapPacket(1, 0, _packet).PcapPacket(2, 0, Ethernet(0x88CC, new byte[20])).PcapPacket(3, 0, _other).ToArray();

    private static bool IsPacketBoundary(int length) => length is 24 or 24 + 70 or 24 + 70 + 50;
}
