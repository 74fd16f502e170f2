using Breakwater.Core.Flows;
using Breakwater.Core.Net;
using Breakwater.Protocols.SFlow;
using FsCheck;
using FsCheck.Fluent;
using static Breakwater.Tests.Protocols.SFlow.SFlowBytes;

namespace Breakwater.Tests.Protocols.SFlow;

public class SFlowV5DecoderTests
{
    private static readonly Timestamp Now = Timestamp.FromUnixSeconds(1_700_000_000);

    /// <summary>Samples of every kind; all but the second make a flow.</summary>
    private static readonly byte[][] RichSamples =
    [
        FlowSample(100, 3, 4, Opaque(1001, Integers(10, 0, 20, 0)), Header(1, UdpPacket)),
        Counters(3, 1UL << 40, 2UL << 40),
        ExpandedFlowSample(10, (0, 3), (0, 4), Ipv6(1280, 6, "2001:db8::1", "2001:db8::2", 443, 50_000, 0x12, 0), Opaque(1003, Gateway)),
        Discarded(258, Header(1, UdpPacket)),
    ];

    private static readonly byte[] Rich = Datagram(1, RichSamples);

    private readonly SFlowV5Decoder _decoder = new();
    private readonly Exporter _exporter = new(IpAddr.Parse("192.0.2.99"), 7);
    private readonly FlowBatch _batch = new();

    private static byte[] Gateway => [.. Integers(1, 0xC0000201, 64500, 64501, 64502, 1, 2, 2, 64503, 64504, 1, 42, 100)];

    private DecodeError Decode(byte[] datagram) => _decoder.Decode(datagram, _exporter, Now, _batch);

    [Fact]
    public void Makes_of_a_sampled_header_a_flow_of_sampling_rate_packets()
    {
        Assert.Equal(DecodeError.None, Decode(Datagram(1, FlowSample(1000, 3, 4, Header(1, UdpPacket)))));
        var flow = Assert.Single(_batch.Flows.ToArray());
        Assert.Equal((IpAddr.Parse("192.0.2.1"), IpAddr.Parse("198.51.100.7")), (flow.Source, flow.Destination));
        Assert.Equal((17, 53, 40000), (flow.Protocol, flow.SourcePort, flow.DestinationPort));
        Assert.Equal((1000L, 128_000L, 1u), (flow.Packets, flow.Bytes, flow.SampledPackets));
        Assert.Equal((3u, 4u, 7), (flow.InputInterface, flow.OutputInterface, flow.Exporter));
        Assert.Equal((Now, Now, FlowFlags.SinglePacket), (flow.Start, flow.End, flow.Flags));
    }

    [Fact]
    public void Keeps_the_exporters_health()
    {
        Decode(Rich);
        Assert.Equal(("sflow5", 3L, 3L, 0L), (_exporter.Protocol, _exporter.Flows, _exporter.SampledPackets, _exporter.Errors));
        Assert.Equal(IpAddr.Parse("192.0.2.99"), _exporter.Agent);
        Assert.Equal(SamplingState.Announced, _exporter.Sampling.State);
        Assert.Contains((0u, SamplingScope.Interface, 7u, 10u), _exporter.Sampling.Rates);
    }

    [Fact]
    public void Reads_the_summary_of_an_IPv4_packet()
    {
        Assert.Equal(DecodeError.None, Decode(Datagram(1, FlowSample(2, 0, 0, Ipv4(60, 6, "192.0.2.1", "198.51.100.7", 1, 2, 2, 8)))));
        var flow = _batch.Flows[0];
        Assert.Equal((IpAddr.Parse("192.0.2.1"), IpAddr.Parse("198.51.100.7")), (flow.Source, flow.Destination));
        Assert.Equal((120L, 2L, 6, 1, 2, 2, 8), (flow.Bytes, flow.Packets, flow.Protocol, flow.SourcePort, flow.DestinationPort, flow.TcpFlags, flow.Tos));
    }

    [Theory, InlineData(true), InlineData(false)]
    public void Believes_the_packet_before_the_agents_summary_of_it(bool headerFirst)
    {
        var header = Header(1, UdpPacket);
        var summary = Ipv4(1, 6, "203.0.113.1", "203.0.113.2", 1, 2, 3, 4);
        Decode(Datagram(1, headerFirst ? FlowSample(1, 0, 0, header, summary) : FlowSample(1, 0, 0, summary, header)));
        var flow = Assert.Single(_batch.Flows.ToArray());
        Assert.Equal((IpAddr.Parse("192.0.2.1"), 17, 128L, 0), (flow.Source, flow.Protocol, flow.Bytes, flow.TcpFlags));
    }

    /// <summary>header_protocol of sampled_header, with what stands before the IP header.</summary>
    public static TheoryData<uint, byte[]> HeaderProtocols => new()
    {
        { 1, UdpPacket[..14] },
        { 7, [0x00, 0x21] },
        { 10, [] },
        { 11, [] },
        { 13, [0, 1, 0x01, 64] },                                   // RFC 3032 §2.1: label 16, bottom of stack
        { 13, [0x12, 0x34, 0x50, 64, 0, 1, 0x01, 64] },
        { 13, [0, 1, 0x01, 64, 0, 0, 0, 0, .. UdpPacket[..14]] },   // RFC 4448 §4.6: an Ethernet pseudowire with its control word
        { 14, [0xFF, 0x03, 0x00, 0x21] },
        { 14, [0xFF, 0x03, 0x02, 0x81, 0, 1, 0x01, 64] },           // RFC 3032 §4.3: MPLS over PPP
    };

    [Theory, MemberData(nameof(HeaderProtocols))]
    public void Reads_the_IP_packet_behind_every_header_protocol_in_use(uint protocol, byte[] before)
    {
        Assert.Equal(DecodeError.None, Decode(Datagram(1, FlowSample(1, 0, 0, Header(protocol, [.. before, .. UdpPacket[14..]])))));
        Assert.Equal((IpAddr.Parse("192.0.2.1"), 128L, 53), (_batch.Flows[0].Source, _batch.Flows[0].Bytes, _batch.Flows[0].SourcePort));
    }

    [Theory]
    [InlineData(new byte[] { })]
    [InlineData(new byte[] { 0, 1, 0x00, 64 })]
    [InlineData(new byte[] { 0, 1, 0x01 })]
    [InlineData(new byte[] { 0, 1, 0x01, 64 })]
    public void A_label_stack_without_an_end_or_a_packet_is_an_error_and_costs_no_other_sample(byte[] labels)
    {
        Assert.NotEqual(DecodeError.None, Decode(Datagram(1, FlowSample(1, 0, 0, Header(13, labels)), FlowSample(1, 0, 0, Header(1, UdpPacket)))));
        Assert.Equal(1, _batch.Count);
    }

    [Fact]
    public void Keeps_the_samples_beside_one_of_an_unknown_header_protocol()
    {
        var error = Decode(Datagram(1, FlowSample(1, 0, 0, Header(5, UdpPacket)), FlowSample(1, 0, 0, Header(1, UdpPacket))));
        Assert.Equal(DecodeError.UnsupportedEncapsulation, error);
        Assert.Equal(1, _batch.Count);
        Assert.Equal(1, _exporter.ErrorsOf(DecodeError.UnsupportedEncapsulation));
    }

    [Fact]
    public void Passes_over_frames_that_are_not_IP()
    {
        Assert.Equal(DecodeError.None, Decode(Datagram(1, FlowSample(1, 0, 0, Header(1, Net.Packets.Ethernet(0x88CC, new byte[46]))))));
        Assert.Equal(0, _batch.Count);
    }

    [Fact]
    public void Skips_samples_and_records_of_other_enterprises()
    {
        var vendor = Opaque(4413 << 12 | 1, new byte[13]);
        Assert.Equal(DecodeError.None, Decode(Datagram(1, vendor, FlowSample(1, 0, 0, vendor, Header(1, UdpPacket)))));
        Assert.Equal(1, _batch.Count);
    }

    [Theory]
    [InlineData(0x0000_0002u, 2u, false)]
    [InlineData(0x3FFF_FFFFu, 0u, false)]
    [InlineData(0x4000_0102u, 0u, true)]
    [InlineData(0x8000_0007u, 0u, false)]
    public void Tells_interfaces_from_discards_and_several_destinations(uint output, uint expected, bool dropped)
    {
        Decode(Datagram(1, FlowSample(1, 9, output, Header(1, UdpPacket)), ExpandedFlowSample(1, (0, 9), (output >> 30, output & 0x3FFF_FFFF), Header(1, UdpPacket))));
        Assert.Equal(2, _batch.Count);
        foreach (var flow in _batch.Flows)
            Assert.Equal((9u, expected, dropped), (flow.InputInterface, flow.OutputInterface, (flow.Flags & FlowFlags.Dropped) != 0));
    }

    [Fact]
    public void Marks_discarded_packets_as_dropped()
    {
        Assert.Equal(DecodeError.None, Decode(Datagram(1, Discarded(258, Header(1, UdpPacket)))));
        var flow = _batch.Flows[0];
        Assert.Equal((FlowFlags.SinglePacket | FlowFlags.Dropped, 1L, 3u, 4u), (flow.Flags, flow.Packets, flow.InputInterface, flow.OutputInterface));
    }

    [Fact]
    public void Shows_a_sampling_rate_of_zero_as_unknown()
    {
        Decode(Datagram(1, FlowSample(0, 0, 0, Header(1, UdpPacket))));
        Assert.Equal((1L, true), (_batch.Flows[0].Packets, (_batch.Flows[0].Flags & FlowFlags.SamplingUnknown) != 0));
        Assert.Equal(SamplingState.Unknown, _exporter.Sampling.State);
    }

    [Fact]
    public void Lets_the_operators_rates_win_by_interface_then_by_exporter()
    {
        _exporter.Sampling.Override = 50;
        _exporter.Sampling.InterfaceOverrides[3] = 20;
        Decode(Datagram(1, FlowSample(1000, 3, 4, Header(1, UdpPacket)), FlowSample(1000, 5, 4, Header(1, UdpPacket))));
        Assert.Equal([20L, 50L], _batch.Flows.ToArray().Select(f => f.Packets));
    }

    [Fact]
    public void Keeps_interface_counters()
    {
        Decode(Datagram(1, Counters(17, inOctets: 1UL << 40, outOctets: 99)));
        Assert.True(_exporter.Interfaces.TryFind(17, out var counters));
        Assert.Equal((1UL << 40, 99UL, 1_000_000_000UL, true, Now), (counters.InOctets, counters.OutOctets, counters.SpeedBitsPerSecond, counters.IsUp, counters.At));
        Assert.Equal((11u, 14u, 21u, 25u), (counters.InUnicast, counters.InDiscards, counters.OutUnicast, counters.OutErrors));
    }

    [Fact]
    public void Bounds_the_interfaces_it_keeps()
    {
        for (uint i = 1; i <= InterfaceTable.MaxInterfaces; i++) Assert.Equal(DecodeError.None, Decode(Datagram(i, Counters(i, 1, 1))));
        Assert.Equal(DecodeError.TableFull, Decode(Datagram(InterfaceTable.MaxInterfaces + 1, Counters(1_000_000, 1, 1))));
        Assert.Equal(InterfaceTable.MaxInterfaces, _exporter.Interfaces.All.Count);
    }

    [Fact]
    public void Counts_datagrams_that_sequence_numbers_show_to_be_missing()
    {
        foreach (var sequence in new uint[] { 10, 11, 15, 16 }) Decode(Datagram(sequence));
        Assert.Equal(3, _exporter.Lost);
    }

    [Fact]
    public void Takes_back_a_loss_when_the_datagram_was_only_overtaken()
    {
        foreach (var sequence in new uint[] { 10, 12, 11, 13 }) Decode(Datagram(sequence));
        Assert.Equal(0, _exporter.Lost);
    }

    [Fact]
    public void Counts_no_loss_across_a_restart_or_a_wrap_or_between_sub_agents()
    {
        foreach (var sequence in new uint[] { 500_000, 1, 2 }) Decode(Datagram(sequence));
        foreach (var sequence in new uint[] { uint.MaxValue, 0, 1 }) Decode(Datagram(sequence, subAgent: 9, []));
        Assert.Equal(0, _exporter.Lost);
    }

    [Fact]
    public void Stops_when_the_batch_is_full()
    {
        while (_batch.Count < FlowBatch.Capacity - 1) _batch.Next();
        var sample = FlowSample(1, 0, 0, Header(1, UdpPacket));
        Assert.Equal(DecodeError.TooManyRecords, Decode(Datagram(1, sample, sample)));
        Assert.Equal((1L, FlowBatch.Capacity), (_exporter.Flows, _batch.Count));
    }

    [Fact]
    public void Refuses_other_versions_and_unknown_address_types()
    {
        Assert.False(_decoder.Recognises(Integers(4, 1, 0)));
        Assert.Equal(DecodeError.UnsupportedVersion, Decode(Integers(4, 1, 0, 0, 0, 0, 0)));
        Assert.Equal(DecodeError.InvalidValue, Decode(Integers(5, 3, 0, 0, 0, 0, 0)));
    }

    [Fact]
    public void Refuses_a_gateway_record_whose_path_is_neither_set_nor_sequence()
    {
        var gateway = Gateway;
        gateway[27] = 9;
        Assert.Equal(DecodeError.InvalidValue, Decode(Datagram(1, FlowSample(1, 0, 0, Header(1, UdpPacket), Opaque(1003, gateway)))));
        Assert.Equal(1, _batch.Count);
    }

    [Fact]
    public void Reports_every_truncation_and_keeps_the_samples_before_it()
    {
        Assert.Equal(DecodeError.None, Decode(Rich));
        Assert.Equal(3, _batch.Count);
        var header = Rich.Length - RichSamples.Sum(s => s.Length);
        for (var length = 4; length < Rich.Length; length++)
        {
            _batch.Clear();
            Assert.Equal(DecodeError.Truncated, Decode(Rich[..length]));
            var whole = Enumerable.Range(0, RichSamples.Length).Count(i => i != 1 && header + RichSamples.Take(i + 1).Sum(s => s.Length) <= length);
            Assert.Equal(whole, _batch.Count);
        }
    }

    [Fact]
    public void Survives_every_corruption_of_one_byte()
    {
        for (var at = 0; at < Rich.Length; at++)
        {
            for (var value = 0; value < 256; value++)
            {
                _batch.Clear();
                var corrupt = (byte[])Rich.Clone();
                corrupt[at] = (byte)value;
                Decode(corrupt);
                IsSane();
            }
        }
    }

    [Fact]
    public void Survives_whatever_follows_a_good_header() =>
        Prop.ForAll<byte[]>(bytes =>
        {
            _batch.Clear();
            Decode([.. Integers(5, 1, 1, 0, 1, 1, 3), .. bytes]);
            IsSane();
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Allocates_nothing_once_warm()
    {
        for (var i = 0; i < 100; i++) Again();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++) Again();
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());

        void Again()
        {
            _batch.Clear();
            Decode(Rich);
        }
    }

    private void IsSane()
    {
        foreach (ref readonly var flow in _batch.Flows)
        {
            Assert.True(flow.Packets >= 1 && flow.Bytes >= 0 && flow.SampledPackets == 1);
            Assert.Equal(Now, flow.Start);
        }
    }
}
