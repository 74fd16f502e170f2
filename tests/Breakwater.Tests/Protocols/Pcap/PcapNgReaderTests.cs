using Breakwater.Core.Flows;
using Breakwater.Protocols.Net;
using Breakwater.Protocols.Pcap;
using FsCheck;
using FsCheck.Fluent;
using static Breakwater.Tests.Protocols.Net.Packets;

namespace Breakwater.Tests.Protocols.Pcap;

public class PcapNgReaderTests
{
    private static readonly byte[] _ip = Ipv4("192.0.2.1", "198.51.100.7", 6, Tcp(40000, 443, flags: 2));
    private static readonly byte[] _packet = Ethernet(0x0800, _ip);
    private static readonly byte[] _other = Ethernet(0x86DD, Ipv6("2001:db8::1", "2001:db8::2", 17, Udp(5353, 53, [1])));

    private static (List<(Flow Flow, byte[] Packet, int LinkType)> Flows, PcapNgReader Reader) Read(CaptureFiles file) => Read(file.ToArray());

    private static (List<(Flow Flow, byte[] Packet, int LinkType)> Flows, PcapNgReader Reader) Read(byte[] file)
    {
        var reader = new PcapNgReader(new MemoryStream(file));
        return (CaptureFiles.ReadAll(reader), reader);
    }

    private static Timestamp TimeOfOnly(CaptureFiles file) => Assert.Single(Read(file).Flows).Flow.Start;

    [Theory]
    [InlineData(false), InlineData(true)]
    public void Reads_packets_of_every_kind_in_both_byte_orders(bool bigEndian)
    {
        var (flows, reader) = Read(new CaptureFiles(bigEndian).Section().Interface()
            .Enhanced(0, 7_000_000, _packet, options: [0, 0, 0, 0]).Obsolete(0, 8_000_000, _other).Simple(_packet));
        Assert.Equal([_packet, _other, _packet], flows.Select(f => f.Packet));
        Assert.Equal([7.0, 8.0, 8.0], flows.Select(f => f.Flow.Start.Seconds));
        Assert.Empty(reader.Problems);
        Assert.Equal(("pcapng", 3, 0), (reader.Format, reader.Packets, reader.Skipped));
    }

    [Theory]
    [InlineData(null, 5_000_001, 5_000_001_000)]
    [InlineData((byte)0, 5, 5_000_000_000)]
    [InlineData((byte)3, 5_001, 5_001_000_000)]
    [InlineData((byte)9, 5_000_000_001, 5_000_000_001)]
    [InlineData((byte)12, 5_000_000_001_999, 5_000_000_001)]
    [InlineData((byte)0x7F, 5_000_000_001_999, 0)]
    [InlineData((byte)(0x80 | 10), 1024 + 512, 1_500_000_000)]
    [InlineData((byte)(0x80 | 32), (1L << 32) + (1L << 31), 1_500_000_000)]
    public void Honours_the_resolution_of_each_interface(byte? resolution, long ticks, long nanoseconds) =>
        Assert.Equal(new Timestamp(nanoseconds), TimeOfOnly(new CaptureFiles().Section().Interface(resolution: resolution).Enhanced(0, (ulong)ticks, _packet)));

    [Theory]
    [InlineData(100, 105), InlineData(-3, 2)]
    public void Adds_the_offset_of_each_interface(long offset, double seconds) =>
        Assert.Equal(seconds, TimeOfOnly(new CaptureFiles().Section().Interface(offsetSeconds: offset).Enhanced(0, 5_000_000, _packet)).Seconds);

    [Theory]
    [InlineData((byte)0, long.MaxValue, long.MaxValue), InlineData((byte)9, long.MinValue, long.MinValue)]
    public void Clamps_times_beyond_what_can_be_told(byte resolution, long offset, long nanoseconds) =>
        Assert.Equal(new Timestamp(nanoseconds), TimeOfOnly(new CaptureFiles().Section().Interface(resolution: resolution, offsetSeconds: offset)
            .Enhanced(0, offset > 0 ? ulong.MaxValue : 0, _packet)));

    [Fact]
    public void Ends_a_batch_where_the_link_type_changes()
    {
        var reader = new PcapNgReader(new MemoryStream(new CaptureFiles().Section().Interface().Interface(linkType: LinkTypes.Raw)
            .Enhanced(0, 1, _packet).Enhanced(0, 2, _packet).Enhanced(1, 3, _ip).Enhanced(0, 4, _packet).ToArray()));
        var batch = new FlowBatch();
        var seen = new List<(int, int)>();
        while (reader.Read(batch))
        {
            seen.Add((batch.LinkType, batch.Count));
            Assert.Equal(batch.LinkType == LinkTypes.Raw ? _ip : _packet, batch.PacketOf(0, out _).ToArray());
            Assert.Equal(443, batch.Flows[0].DestinationPort);
        }
        Assert.Equal([(LinkTypes.Ethernet, 2), (LinkTypes.Raw, 1), (LinkTypes.Ethernet, 1)], seen);
    }

    [Fact]
    public void A_new_section_forgets_interfaces_and_may_change_the_byte_order()
    {
        var (flows, reader) = Read([
            .. new CaptureFiles().Section().Interface(resolution: 9).Enhanced(0, 1_000_000_000, _packet).ToArray(),
            .. new CaptureFiles(bigEndian: true).Section().Interface(resolution: 3).Enhanced(0, 2_000, _other).Enhanced(1, 0, _packet).ToArray(),
        ]);
        Assert.Equal([1.0, 2.0], flows.Select(f => f.Flow.Start.Seconds));
        Assert.Equal((3, 1), (reader.Packets, reader.Skipped));
        Assert.Contains("is of interface 1, which the section does not describe", Assert.Single(reader.Problems));
    }

    [Fact]
    public void Passes_over_blocks_it_has_no_use_for_small_and_huge()
    {
        var (flows, reader) = Read(new CaptureFiles().Section().Block(4, b => b.Bytes(new byte[40])).Interface()
            .Enhanced(0, 1, _packet).Block(0xBAD, b => b.Bytes(new byte[3_000_000])).Enhanced(0, 2, _other));
        Assert.Equal([_packet, _other], flows.Select(f => f.Packet));
        Assert.Empty(reader.Problems);
    }

    [Fact]
    public void A_simple_packet_ends_at_its_original_or_snap_length_not_at_its_padding()
    {
        var (flows, _) = Read(new CaptureFiles().Section().Interface(snapLength: 40).Simple(_packet));
        Assert.Equal(_packet[..40], Assert.Single(flows).Packet);
        (flows, _) = Read(new CaptureFiles().Section().Interface().Simple(_packet, original: 9000));
        Assert.Equal(56, Assert.Single(flows).Packet.Length);
    }

    [Fact]
    public void Ignores_options_that_run_over_their_block()
    {
        var file = new CaptureFiles().Section().Block(1, b => b.U16(1).U16(0).U32(0).U16(9).U16(60_000).U32(3)).Enhanced(0, 5_000_000, _packet);
        Assert.Equal(5, TimeOfOnly(file).Seconds);
    }

    [Fact]
    public void Skips_a_packet_that_claims_more_than_its_block()
    {
        var (flows, reader) = Read(new CaptureFiles().Section().Interface().Enhanced(0, 1, _packet, captured: 5000).Enhanced(0, 2, _packet));
        Assert.Equal(2, Assert.Single(flows).Flow.Start.Nanoseconds / 1000);
        Assert.Equal(["packet of 5000 captured octets at octet 48 does not fit its block of 76 octets"], reader.Problems);
    }

    [Fact]
    public void Stops_where_lengths_make_no_sense()
    {
        string Problem(CaptureFiles file) => Assert.Single(Read(file).Reader.Problems);
        Assert.Contains("claims a length of 8", Problem(new CaptureFiles().Section().Block(9, _ => { }, length: 8)));
        Assert.Contains("claims a length of 13", Problem(new CaptureFiles().Section().Block(9, b => b.Bytes([0]), length: 13)));
        Assert.Contains("has length 16 before and 20 after", Problem(new CaptureFiles().Section().Block(9, b => b.U32(0), trailing: 20)));
        Assert.Contains("byte-order magic", Problem(new CaptureFiles().Block(0x0A0D0D0A, b => b.U32(7).U64(0).U64(0))));
        Assert.Contains("a block lacks its last", Problem(new CaptureFiles().Section().Block(9, b => b.U32(0), length: 0xFFFFFFFC)));
    }

    [Fact]
    public void Says_where_a_file_was_cut_and_keeps_what_came_before()
    {
        var whole = new CaptureFiles().Section().Interface().Enhanced(0, 1, _packet).Enhanced(0, 2, _packet).ToArray();
        var (flows, reader) = Read(whole[..^30]);
        Assert.Single(flows);
        Assert.Equal([$"truncated at octet {whole.Length - 30}: block of 88 octets has 58"], reader.Problems);
    }

    [Fact]
    public void Keeps_a_bounded_number_of_interfaces()
    {
        var file = new CaptureFiles().Section();
        for (var i = 0; i < 65_600; i++) file.Interface();
        var (flows, reader) = Read(file.Enhanced(65_535, 1, _packet).Enhanced(65_536, 2, _packet));
        Assert.Single(flows);
        Assert.Equal(1, reader.Skipped);
    }

    [Fact]
    public void Survives_every_truncation()
    {
        var golden = Golden();
        for (var length = 0; length < golden.Length; length++)
        {
            var (flows, reader) = Read(golden[..length]);
            Assert.Equal(reader.Packets - reader.Skipped, flows.Count);
        }
    }

    [Fact]
    public void Survives_every_single_byte_corruption()
    {
        var golden = Golden();
        for (var at = 0; at < golden.Length; at++)
            foreach (var value in new byte[] { 0, 1, 0x7F, 0x80, 0xFF, (byte)(golden[at] ^ 1), (byte)(golden[at] + 4) })
            {
                var bytes = (byte[])golden.Clone();
                bytes[at] = value;
                var (flows, reader) = Read(bytes);
                Assert.Equal(reader.Packets - reader.Skipped, flows.Count);
            }
    }

    [Fact]
    public void Survives_any_bytes_behind_a_good_section_and_interface()
    {
        var start = new CaptureFiles().Section().Interface().ToArray();
        Prop.ForAll<byte[], byte>((bytes, type) =>
        {
            var block = new CaptureFiles().Block((uint)type % 12, b => b.Padded(bytes)).ToArray();
            var (flows, reader) = Read([.. start, .. block, .. bytes]);
            Assert.Equal(reader.Packets - reader.Skipped, flows.Count);
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Allocates_nothing_once_warm()
    {
        var file = new CaptureFiles().Section().Interface();
        for (var i = 0; i < 30_000; i++) file.Enhanced(0, 1, _packet);
        var bytes = file.ToArray();
        var batch = new FlowBatch();
        Assert.Equal(0, Allocations.Least(() =>
        {
            var reader = new PcapNgReader(new MemoryStream(bytes));
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

    private static byte[] Golden() => new CaptureFiles().Section().Interface(resolution: 9, offsetSeconds: 1).Interface(linkType: 101)
        .Enhanced(0, 1, _packet).Simple(_packet).Obsolete(1, 2, _ip).Block(5, b => b.U32(1)).ToArray();
}
