using Breakwater.Core.Flows;
using Breakwater.Core.Net;
using Breakwater.Protocols.Ipfix;

namespace Breakwater.Tests.Protocols.Ipfix;

/// <summary>What NetFlow v9 and IPFIX share: templates, options, sampling, data before its template.</summary>
public class TemplatedExportTests
{
    private static readonly Field[] Pair = [(8, 4), (12, 4), (2, 4), (1, 4)];

    private static Action<WireWriter> Record(uint packets = 10, uint bytes = 1000) =>
        record => record.Ip("192.0.2.10").Ip("198.51.100.20").U32(packets).U32(bytes);

    [Theory, InlineData("netflow9"), InlineData("ipfix")]
    public void Keeps_data_that_comes_before_its_template_and_reads_it_then(string protocol)
    {
        var bench = DecoderBench.Of(protocol);

        Assert.Empty(bench.FlowsOf(MessageBuilder.Of(protocol).Data(256, Record())));
        Assert.Equal(1, bench.Exporter.WaitingForTemplate);

        Assert.Equal(1000, Assert.Single(bench.FlowsOf(MessageBuilder.Of(protocol, 1).Template(256, Pair))).Bytes);
        Assert.Equal((0, 0L), (bench.Exporter.WaitingForTemplate, bench.Exporter.DroppedWithoutTemplate));
    }

    [Theory, InlineData("netflow9"), InlineData("ipfix")]
    public void Drops_and_counts_data_whose_template_never_comes(string protocol)
    {
        var bench = DecoderBench.Of(protocol, new TemplateOptions { MaxWaitingSetsPerDomain = 2 });

        for (var i = 0u; i < 5; i++) bench.Decode(MessageBuilder.Of(protocol, i).Data(256, Record()));

        Assert.Equal((2, 3L), (bench.Exporter.WaitingForTemplate, bench.Exporter.DroppedWithoutTemplate));
        Assert.Equal(3, bench.Exporter.ErrorsOf(DecodeError.UnknownTemplate));
    }

    [Fact]
    public void Forgets_waiting_data_that_has_become_old()
    {
        var bench = DecoderBench.Of("ipfix");
        bench.Decode(MessageBuilder.Ipfix().Data(256, Record()));

        bench.Clock += TimeSpan.FromMinutes(3);

        Assert.Empty(bench.FlowsOf(MessageBuilder.Ipfix().Template(256, Pair)));
        Assert.Equal((0, 1L), (bench.Exporter.WaitingForTemplate, bench.Exporter.DroppedWithoutTemplate));
    }

    [Theory, InlineData("netflow9"), InlineData("ipfix")]
    public void Reads_data_by_the_newest_definition_of_its_template(string protocol)
    {
        var bench = DecoderBench.Of(protocol);
        bench.Decode(MessageBuilder.Of(protocol).Template(256, Pair));

        var flow = Assert.Single(bench.FlowsOf(MessageBuilder.Of(protocol, 1).Template(256, (1, 2), (8, 4), (12, 4))
            .Data(256, r => r.U16(77).Ip("192.0.2.1").Ip("192.0.2.2"))));

        Assert.Equal(77, flow.Bytes);
        Assert.Equal(1, bench.Exporter.Templates);
    }

    [Theory, InlineData("netflow9", 1), InlineData("ipfix", 149)]
    public void Scales_by_the_sampler_that_a_record_names(string protocol, int scope)
    {
        var bench = DecoderBench.Of(protocol);
        bench.Decode(MessageBuilder.Of(protocol)
            .OptionsTemplate(300, [(scope, 4)], [(48, 1), (50, 4)])
            .Data(300, r => r.U32(7).U8(1).U32(100), r => r.U32(7).U8(2).U32(2000)));

        var flows = bench.FlowsOf(MessageBuilder.Of(protocol, 3).Template(256, [.. Pair, (48, 1)])
            .Data(256, r => { Record(3, 300)(r); r.U8(1); }, r => { Record(3, 300)(r); r.U8(2); }, r => { Record(3, 300)(r); r.U8(9); }));

        Assert.Equal([(300L, 30_000L, 3u), (6000L, 600_000L, 3u), (3L, 300L, 3u)], flows.Select(f => (f.Packets, f.Bytes, f.SampledPackets)));
        Assert.Equal([false, false, true], flows.Select(f => f.Flags.HasFlag(FlowFlags.SamplingUnknown)));
    }

    [Theory, InlineData("netflow9", 1), InlineData("ipfix", 149)]
    public void Needs_no_sampler_in_the_record_when_the_domain_has_only_one(string protocol, int scope)
    {
        var bench = DecoderBench.Of(protocol);
        bench.Decode(MessageBuilder.Of(protocol).OptionsTemplate(300, [(scope, 4)], [(48, 1), (50, 4)]).Data(300, r => r.U32(7).U8(1).U32(100)));

        Assert.Equal(1000, Assert.Single(bench.FlowsOf(MessageBuilder.Of(protocol, 1).Template(256, Pair).Data(256, Record()))).Packets);
    }

    [Theory, InlineData("netflow9", 2), InlineData("ipfix", 10)]
    public void Scales_by_the_rate_of_the_interface(string protocol, int scope)
    {
        var bench = DecoderBench.Of(protocol);
        bench.Decode(MessageBuilder.Of(protocol).OptionsTemplate(300, [(scope, 4)], [(34, 4), (35, 1)])
            .Data(300, r => r.U32(11).U32(10).U8(1), r => r.U32(12).U32(20).U8(1)));

        var flows = bench.FlowsOf(MessageBuilder.Of(protocol, 2).Template(256, [.. Pair, (10, 4)])
            .Data(256, r => { Record(1, 1)(r); r.U32(11); }, r => { Record(1, 1)(r); r.U32(12); }));

        Assert.Equal([10, 20], flows.Select(f => f.Packets));
    }

    [Theory, InlineData("netflow9", 1), InlineData("ipfix", 149)]
    public void Scales_records_by_a_rate_that_comes_behind_them_in_the_same_datagram(string protocol, int scope)
    {
        var bench = DecoderBench.Of(protocol);
        var flow = Assert.Single(bench.FlowsOf(MessageBuilder.Of(protocol).Template(256, Pair).OptionsTemplate(300, [(scope, 4)], [(34, 4)])
            .Data(256, Record(1, 60)).Data(300, r => r.U32(7).U32(1000))));

        Assert.Equal((1000, 60_000), (flow.Packets, flow.Bytes));
        Assert.Equal(FlowFlags.None, flow.Flags);
        Assert.Equal((1, 1L), (bench.Exporter.Flows, bench.Exporter.SampledPackets));
    }

    [Fact]
    public void Takes_an_announced_interval_of_0_for_no_announcement()
    {
        var bench = DecoderBench.Of("netflow9");
        bench.Decode(MessageBuilder.V9().OptionsTemplate(300, [(1, 4)], [(34, 4)]).Data(300, r => r.U32(0).U32(0)));

        Assert.Equal(FlowFlags.SamplingUnknown, Assert.Single(bench.FlowsOf(MessageBuilder.V9().Template(256, Pair).Data(256, Record()))).Flags);
        Assert.Equal(SamplingState.Unknown, bench.Exporter.Sampling.State);
    }

    [Theory]
    [InlineData(305, 1u, 306, 999u, 1000)]
    [InlineData(305, 10u, 306, 90u, 10)]
    [InlineData(309, 1u, 310, 512u, 512)]
    [InlineData(307, 100u, 308, 900u, 10)]
    public void Understands_every_way_of_telling_a_rate(int first, uint a, int second, uint b, int expected)
    {
        var bench = DecoderBench.Of("ipfix");
        bench.Decode(MessageBuilder.Ipfix().OptionsTemplate(300, [(302, 8)], [(first, 4), (second, 4)]).Data(300, r => r.U64(5).U32(a).U32(b)));

        Assert.Equal(expected, Assert.Single(bench.FlowsOf(MessageBuilder.Ipfix().Template(256, [.. Pair, (302, 1)])
            .Data(256, r => { Record(1, 1)(r); r.U8(5); }))).Packets);
    }

    [Fact]
    public void Understands_a_sampling_probability()
    {
        var bench = DecoderBench.Of("ipfix");
        bench.Decode(MessageBuilder.Ipfix().OptionsTemplate(300, [(302, 4)], [(311, 8)])
            .Data(300, r => r.U32(5).U64(BitConverter.DoubleToUInt64Bits(0.004))));

        Assert.Equal(250, Assert.Single(bench.FlowsOf(MessageBuilder.Ipfix().Template(256, Pair).Data(256, Record(1, 1)))).Packets);
    }

    [Fact]
    public void Prefers_the_operators_rate_to_all_that_is_announced()
    {
        var bench = DecoderBench.Of("netflow9");
        var data = MessageBuilder.V9().Template(256, [.. Pair, (34, 4)]).Data(256, r => { Record(1, 1)(r); r.U32(2048); });
        Assert.Equal(2048, Assert.Single(bench.FlowsOf(data)).Packets);

        bench.Exporter.Sampling.Override = 5;

        Assert.Equal(5, Assert.Single(bench.FlowsOf(data)).Packets);
    }

    [Theory]
    [InlineData(85, 86)]
    [InlineData(23, 24)]
    [InlineData(231, 298)]
    public void Falls_back_to_other_counters_where_there_are_no_deltas(int octets, int packets)
    {
        var bench = DecoderBench.Of("ipfix");
        var flow = Assert.Single(bench.FlowsOf(MessageBuilder.Ipfix().Template(256, (8, 4), (12, 4), (octets, 8), (packets, 8))
            .Data(256, r => r.Ip("192.0.2.1").Ip("192.0.2.2").U64(640).U64(10))));

        Assert.Equal((640, 10), (flow.Bytes, flow.Packets));
    }

    [Theory]
    [InlineData(89, 0x40, FlowFlags.None)]
    [InlineData(89, 0x82, FlowFlags.Dropped)]
    [InlineData(61, 1, FlowFlags.Egress)]
    [InlineData(88, 185, FlowFlags.Fragment | FlowFlags.LaterFragment)]
    [InlineData(197, 0x20, FlowFlags.Fragment)]
    [InlineData(197, 0x40, FlowFlags.None)]
    public void Tells_by_flags_what_else_is_known(int element, int value, FlowFlags expected)
    {
        var bench = DecoderBench.Of("ipfix");
        var flow = Assert.Single(bench.FlowsOf(MessageBuilder.Ipfix().Template(256, [.. Pair, (element, 1)]).Data(256, r => { Record()(r); r.U8(value); })));

        Assert.Equal(expected | FlowFlags.SamplingUnknown, flow.Flags);
    }

    [Fact]
    public void Puts_type_and_code_of_ICMP_into_the_destination_port()
    {
        var bench = DecoderBench.Of("ipfix");
        var flow = Assert.Single(bench.FlowsOf(MessageBuilder.Ipfix().Template(256, [.. Pair, (4, 1), (7, 2), (11, 2), (176, 1), (177, 1)])
            .Data(256, r => { Record()(r); r.U8(1).U16(17549).U16(0).U8(3).U8(4); })));

        Assert.Equal((0, 3 * 256 + 4), (flow.SourcePort, flow.DestinationPort));
    }

    [Theory, InlineData("netflow9"), InlineData("ipfix")]
    public void Ignores_padding_and_reads_what_stands_behind_it(string protocol)
    {
        var bench = DecoderBench.Of(protocol);
        bench.Decode(MessageBuilder.Of(protocol).Template(256, Pair));

        var message = MessageBuilder.Of(protocol, 1).Set(256, set => Record(1, 1)(set), padding: 3).Set(256, set => Record(2, 2)(set), padding: 8);

        Assert.Equal([1L, 2L], bench.FlowsOf(message).Select(f => f.Packets));
        Assert.Equal(0, bench.Exporter.Errors);
    }

    [Theory, InlineData("netflow9"), InlineData("ipfix")]
    public void Reads_both_families_and_any_width_of_a_number(string protocol)
    {
        var bench = DecoderBench.Of(protocol);
        var flow = Assert.Single(bench.FlowsOf(MessageBuilder.Of(protocol).Template(256, (27, 16), (28, 16), (1, 8), (2, 1), (10, 2), (6, 2))
            .Data(256, r => r.Ip("2001:db8::1").Ip("2001:db8::2").U64(123_456).U8(200).U16(700).U16(0x0112))));

        Assert.Equal((IpAddr.Parse("2001:db8::1"), IpAddr.Parse("2001:db8::2")), (flow.Source, flow.Destination));
        Assert.Equal((123_456L, 200L, 700u, 0x12), (flow.Bytes, flow.Packets, flow.InputInterface, (int)flow.TcpFlags));
    }

    [Fact]
    public void Never_lets_a_count_overflow()
    {
        var bench = DecoderBench.Of("ipfix");
        bench.Exporter.Sampling.Override = uint.MaxValue;
        var flow = Assert.Single(bench.FlowsOf(MessageBuilder.Ipfix().Template(256, (8, 4), (12, 4), (1, 8), (2, 8))
            .Data(256, r => r.Ip("192.0.2.1").Ip("192.0.2.2").U64(ulong.MaxValue).U64(ulong.MaxValue))));

        Assert.Equal((1L << 52, 1L << 52, uint.MaxValue), (flow.Bytes, flow.Packets, flow.SampledPackets));
    }

    [Fact]
    public void Counts_datagrams_of_version_9_that_went_missing_and_takes_late_ones_back()
    {
        var bench = DecoderBench.Of("netflow9");
        foreach (var sequence in new uint[] { uint.MaxValue, 0, 1, 5, 3, 6 }) bench.Decode(MessageBuilder.V9(sequence: sequence).Template(256, Pair));

        // 2, 3 and 4 were missing; 3 was only late.
        Assert.Equal(2, bench.Exporter.Lost);
    }

    [Theory, InlineData("netflow9"), InlineData("ipfix")]
    public void Takes_a_restart_of_the_exporter_for_no_loss(string protocol)
    {
        var bench = DecoderBench.Of(protocol);
        MessageBuilder At(uint sequence, uint seconds) =>
            (protocol == "ipfix" ? MessageBuilder.Ipfix(seconds, sequence) : MessageBuilder.V9(seconds: seconds, sequence: sequence)).Template(256, Pair).Data(256, Record());
        foreach (var sequence in new uint[] { 3_000_000_000, 3_000_000_001 }) bench.Decode(At(sequence, 1_700_000_000));
        foreach (var sequence in new uint[] { 0, 1, 2 }) bench.Decode(At(sequence, 1_700_000_060));

        Assert.Equal(0, bench.Exporter.Lost);
    }

    [Fact]
    public void Counts_records_of_IPFIX_that_went_missing()
    {
        var bench = DecoderBench.Of("ipfix");
        bench.Decode(MessageBuilder.Ipfix(sequence: 10).Template(256, Pair).Data(256, Record(), Record()));
        bench.Decode(MessageBuilder.Ipfix(sequence: 19).Data(256, Record()));

        Assert.Equal(7, bench.Exporter.Lost);
    }

    [Fact]
    public void Shows_how_far_the_exporters_clock_is_off()
    {
        var bench = DecoderBench.Of("ipfix");
        bench.Decode(MessageBuilder.Ipfix(seconds: 1_700_000_000 - 90));

        Assert.Equal(TimeSpan.FromSeconds(-90), bench.Exporter.ClockSkew);
    }
}
