using Breakwater.Core.Flows;
using Breakwater.Core.Net;
using Breakwater.Protocols.Ipfix;

namespace Breakwater.Tests.Protocols.Ipfix;

public class IpfixDecoderTests
{
    private const uint Export = 1_700_000_000;
    private const ulong NtpSeconds = Export + 2_208_988_800UL;

    private readonly DecoderBench _bench = DecoderBench.Of("ipfix");

    private static Action<WireWriter> Pair(Action<WireWriter>? more = null) => record =>
    {
        record.Ip("192.0.2.1").Ip("192.0.2.2").U32(1);
        more?.Invoke(record);
    };

    private Flow FlowWith(Field[] fields, Action<WireWriter> values) =>
        Assert.Single(_bench.FlowsOf(MessageBuilder.Ipfix(Export).Template(256, [(8, 4), (12, 4), (1, 4), .. fields]).Data(256, Pair(values))));

    [Theory]
    [InlineData(150, 151, 4, Export - 9UL, Export - 1UL)]
    [InlineData(152, 153, 8, (Export - 9UL) * 1000, (Export - 1UL) * 1000)]
    [InlineData(154, 155, 8, (NtpSeconds - 9UL) << 32, (NtpSeconds - 1UL) << 32)]
    [InlineData(156, 157, 8, (NtpSeconds - 9UL) << 32, (NtpSeconds - 1UL) << 32)]
    [InlineData(158, 159, 4, 9_000_000UL, 1_000_000UL)]
    public void Reads_every_form_of_time(int start, int end, int length, ulong first, ulong last)
    {
        var flow = FlowWith([(start, length), (end, length)], r =>
        {
            if (length == 4) r.U32((uint)first).U32((uint)last);
            else r.U64(first).U64(last);
        });

        Assert.Equal((Timestamp.FromUnixSeconds(Export - 9), Timestamp.FromUnixSeconds(Export - 1)), (flow.Start, flow.End));
    }

    [Fact]
    public void Keeps_the_fraction_of_a_second_of_an_NTP_timestamp()
    {
        var flow = FlowWith([(156, 8)], r => r.U64(NtpSeconds << 32 | 0x8000_0000));

        Assert.Equal(Export * 1_000_000_000L + 500_000_000, flow.Start.Nanoseconds);
    }

    [Fact]
    public void Reads_uptimes_by_the_boot_time_that_options_told()
    {
        _bench.Decode(MessageBuilder.Ipfix(Export).OptionsTemplate(300, [(149, 4)], [(160, 8)]).Data(300, r => r.U32(7).U64((Export - 100) * 1000UL)));
        var flow = FlowWith([(22, 4), (21, 4)], r => r.U32(90_000).U32(99_000));

        Assert.Equal((Timestamp.FromUnixSeconds(Export - 10), Timestamp.FromUnixSeconds(Export - 1)), (flow.Start, flow.End));
    }

    [Fact]
    public void Knows_at_least_how_long_a_flow_lasted_when_nobody_told_the_boot_time()
    {
        var flow = FlowWith([(22, 4), (21, 4)], r => r.U32(90_000).U32(99_000));

        Assert.Equal((TimeSpan.FromSeconds(9), Timestamp.FromUnixSeconds(Export)), (flow.Duration, flow.End));
    }

    [Fact]
    public void Makes_two_flows_of_a_biflow()
    {
        const uint reverse = FieldSpecifier.ReverseEnterprise;
        Field[] fields = [(8, 4), (12, 4), (7, 2), (11, 2), (10, 4), (14, 4), (1, 4), (2, 4), (6, 1), new(1, 4, reverse), new(2, 4, reverse), new(6, 1, reverse)];
        var flows = _bench.FlowsOf(MessageBuilder.Ipfix().Template(256, fields)
            .Data(256, r => r.Ip("192.0.2.1").Ip("192.0.2.2").U16(1025).U16(80).U32(1).U32(2).U32(500).U32(5).U8(0x1B).U32(9000).U32(8).U8(0x12)));

        Assert.Equal(2, flows.Length);
        var (forward, back) = (flows[0], flows[1]);
        Assert.Equal((forward.Destination, forward.Source), (back.Source, back.Destination));
        Assert.Equal((80, 1025, 2u, 1u), (back.SourcePort, back.DestinationPort, back.InputInterface, back.OutputInterface));
        Assert.Equal((9000L, 8L, 0x12), (back.Bytes, back.Packets, (int)back.TcpFlags));
        Assert.Equal(FlowFlags.Reverse | FlowFlags.Answered | FlowFlags.SamplingUnknown, back.Flags);
        Assert.Equal(FlowFlags.SamplingUnknown, forward.Flags);
    }

    [Fact]
    public void Makes_one_flow_of_a_biflow_that_nobody_answered()
    {
        Field[] fields = [(8, 4), (12, 4), (1, 4), new(1, 4, FieldSpecifier.ReverseEnterprise)];
        Assert.Single(_bench.FlowsOf(MessageBuilder.Ipfix().Template(256, fields).Data(256, Pair(r => r.U32(0)))));
    }

    [Fact]
    public void Reads_fields_behind_those_of_variable_length()
    {
        var longName = new byte[300];
        var flows = _bench.FlowsOf(MessageBuilder.Ipfix().Template(256, (8, 4), (96, 65535), (12, 4), new(5, 65535, 9), (1, 4))
            .Data(256,
                r => r.Ip("192.0.2.1").U8(3).Bytes("abc"u8).Ip("192.0.2.2").U8(0).U32(70),
                r => r.Ip("192.0.2.3").U8(255).U16(300).Bytes(longName).Ip("192.0.2.4").U8(1).U8(9).U32(80)));

        Assert.Equal([("192.0.2.1", "192.0.2.2", 70L), ("192.0.2.3", "192.0.2.4", 80L)],
            flows.Select(f => (f.Source.ToString(), f.Destination.ToString(), f.Bytes)));
    }

    [Fact]
    public void Ignores_a_withdrawal_over_UDP_and_obeys_it_elsewhere()
    {
        var message = MessageBuilder.Ipfix().Template(256, (8, 4), (12, 4), (1, 4)).Withdraw(2, 256).Data(256, Pair());
        Assert.Single(_bench.FlowsOf(message));

        var stream = new DecoderBench(new IpfixDecoder(new TemplateOptions(), honoursWithdrawals: true));
        Assert.Empty(stream.FlowsOf(message));
        Assert.Equal(1, stream.Exporter.WaitingForTemplate);
    }

    [Fact]
    public void Obeys_a_withdrawal_of_all_templates_of_a_kind()
    {
        var stream = new DecoderBench(new IpfixDecoder(new TemplateOptions(), honoursWithdrawals: true));
        stream.Decode(MessageBuilder.Ipfix().Template(256, (8, 4)).Template(257, (8, 4)).OptionsTemplate(300, [(149, 4)], [(34, 4)]));
        Assert.Equal(3, stream.Exporter.Templates);

        stream.Decode(MessageBuilder.Ipfix().Withdraw(2, 2));
        Assert.Equal(1, stream.Exporter.Templates);
        stream.Decode(MessageBuilder.Ipfix().Withdraw(3, 3));
        Assert.Equal(0, stream.Exporter.Templates);
    }

    [Fact]
    public void Reads_the_inner_packet_where_a_router_sends_both_headers_of_a_tunnel()
    {
        var flow = Assert.Single(_bench.FlowsOf(MessageBuilder.Ipfix().Template(256, (27, 16), (28, 16), (4, 1), (7, 2), (1, 4), (8, 4), (12, 4), (4, 1), (7, 2))
            .Data(256, r => r.Ip("2001:db8::1").Ip("2001:db8::2").U8(4).U16(0).U32(100).Ip("192.0.2.1").Ip("192.0.2.2").U8(17).U16(53))));

        Assert.Equal(("192.0.2.1", "192.0.2.2", 17, 53), (flow.Source.ToString(), flow.Destination.ToString(), flow.Protocol, flow.SourcePort));
        Assert.True(flow.Flags.HasFlag(FlowFlags.Tunnelled));
    }

    [Fact]
    public void Reads_the_header_of_a_sampled_packet()
    {
        // IPv4, UDP 53 to 4000, 500 octets on the wire.
        var section = new WireWriter().U8(0x45).U8(0).U16(500).U32(0).U8(64).U8(17).U16(0).Ip("192.0.2.53").Ip("198.51.100.9").U16(53).U16(4000).U16(480).U16(0).ToArray();
        var flow = Assert.Single(_bench.FlowsOf(MessageBuilder.Ipfix().Template(256, (10, 4), (313, 65535)).Data(256, r => r.U32(5).U8(section.Length).Bytes(section))));

        Assert.Equal(("192.0.2.53", "198.51.100.9", 53, 4000), (flow.Source.ToString(), flow.Destination.ToString(), flow.SourcePort, flow.DestinationPort));
        Assert.Equal((1L, 500L, 5u, 64), (flow.Packets, flow.Bytes, flow.InputInterface, (int)flow.Ttl));
        Assert.True(flow.Flags.HasFlag(FlowFlags.SinglePacket));
    }

    [Fact]
    public void Lists_every_field_by_name_and_type()
    {
        var message = MessageBuilder.Ipfix().Template(256, (8, 4), (82, 65535), new(7, 2, 9), (152, 8)).Data(256,
            r => r.Ip("192.0.2.1").U8(3).Bytes("eth"u8).U16(0xBEEF).U64(Export * 1000UL)).Build();
        _bench.Decode(message);

        var record = Assert.Single(((ITemplateMemory)_bench.Decoder).ListRecords(message, _bench.Exporter));

        Assert.Equal(["sourceIPv4Address", "interfaceName", "9.7", "flowStartMilliseconds"], record.Fields.Select(f => f.Name));
        Assert.Equal([IpAddr.Parse("192.0.2.1"), "eth", "beef", Timestamp.FromUnixSeconds(Export)], record.Fields.Select(f => f.Value));
    }
}
