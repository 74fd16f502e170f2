using System.Buffers;
using Breakwater.Core.Flows;
using Breakwater.Core.Net;
using Breakwater.Protocols.Ipfix;
using FsCheck;
using FsCheck.Fluent;

namespace Breakwater.Tests.Protocols.Ipfix;

/// <summary>Templates over a restart, and the bounds on what exporters may make us remember.</summary>
public class TemplateMemoryTests
{
    private static readonly Field[] Pair = [(8, 4), (12, 4), (1, 4)];

    private static void Record(WireWriter record) => record.Ip("192.0.2.10").Ip("198.51.100.20").U32(1000);

    private static DecoderBench Learned(string protocol)
    {
        var bench = DecoderBench.Of(protocol);
        bench.Decode(MessageBuilder.Of(protocol).Template(256, Pair)
            .OptionsTemplate(300, [(protocol == "ipfix" ? 149 : 1, 4)], [(48, 1), (50, 4)]).Data(300, r => r.U32(7).U8(1).U32(64)));
        return bench;
    }

    private static byte[] Exported(DecoderBench bench)
    {
        var saved = new ArrayBufferWriter<byte>();
        ((ITemplateMemory)bench.Decoder).Export(saved);
        return saved.WrittenSpan.ToArray();
    }

    [Theory, InlineData("netflow9"), InlineData("ipfix")]
    public void Reads_data_at_once_after_a_restart(string protocol)
    {
        var restarted = DecoderBench.Of(protocol);
        Assert.Equal(2, ((ITemplateMemory)restarted.Decoder).Import(Exported(Learned(protocol))));

        var flow = Assert.Single(restarted.FlowsOf(MessageBuilder.Of(protocol, 9).Data(256, Record)));

        Assert.Equal((64_000, FlowFlags.None), (flow.Bytes, flow.Flags));
        Assert.Equal(2, restarted.Exporter.Templates);
    }

    [Theory, InlineData("netflow9"), InlineData("ipfix")]
    public void Saves_again_what_it_has_loaded_and_not_yet_used(string protocol)
    {
        var saved = Exported(Learned(protocol));
        var restarted = DecoderBench.Of(protocol);
        ((ITemplateMemory)restarted.Decoder).Import(saved);

        Assert.Equal(saved, Exported(restarted));
    }

    [Fact]
    public void Leaves_out_what_is_damaged_and_never_throws()
    {
        var saved = Exported(Learned("ipfix"));
        for (var i = 0; i < saved.Length; i++)
        {
            var restarted = DecoderBench.Of("ipfix");
            Assert.True(((ITemplateMemory)restarted.Decoder).Import(saved.AsSpan(0, i)) == 0, $"cut at {i}");
            var damaged = saved.ToArray();
            damaged[i] ^= 0x55;
            Assert.True(((ITemplateMemory)restarted.Decoder).Import(damaged) == 0, $"damaged at {i}");
        }
    }

    [Fact]
    public void Does_not_take_one_protocols_templates_for_the_others() =>
        Assert.Equal(0, ((ITemplateMemory)DecoderBench.Of("ipfix").Decoder).Import(Exported(Learned("netflow9"))));

    [Fact]
    public void Survives_any_bytes_as_saved_state() =>
        Prop.ForAll<byte[]>(bytes => ((ITemplateMemory)DecoderBench.Of("ipfix").Decoder).Import([.. "BWTM"u8, 1, 1, .. bytes]) >= 0).QuickCheckThrowOnFailure();

    [Fact]
    public void Keeps_no_more_templates_of_a_domain_than_its_bound_and_drops_the_least_used()
    {
        var bench = DecoderBench.Of("ipfix", new TemplateOptions { MaxTemplatesPerDomain = 8 });
        bench.Decode(MessageBuilder.Ipfix().Template(256, Pair));
        for (ushort id = 257; id < 400; id++)
        {
            bench.Decode(MessageBuilder.Ipfix().Template(id, Pair));
            bench.Decode(MessageBuilder.Ipfix().Data(256, Record));
        }

        Assert.Equal(8, bench.Exporter.Templates);
        Assert.Equal(143, bench.Batch.Count);
        Assert.True(bench.Exporter.ErrorsOf(DecodeError.TableFull) > 0);
    }

    [Fact]
    public void Lets_an_exporter_with_too_many_domains_push_out_only_its_own()
    {
        var bench = DecoderBench.Of("ipfix", new TemplateOptions { MaxDomains = 100, MaxDomainsPerExporter = 10 });
        var honest = bench.Exporter;
        bench.Decode(MessageBuilder.Ipfix().Template(256, Pair));

        var flood = new Exporter(IpAddr.Parse("203.0.113.66"), 4);
        bench.SpeakAs(flood);
        for (var domain = 0u; domain < 20_000; domain++) bench.Decode(MessageBuilder.Ipfix(domain: domain).Template(256, Pair));
        bench.SpeakAs(honest);

        Assert.Equal(10, flood.Templates);
        Assert.Single(bench.FlowsOf(MessageBuilder.Ipfix().Data(256, Record)));
    }

    [Fact]
    public void Does_not_grow_with_the_number_of_exporters_domains_and_templates()
    {
        var options = new TemplateOptions { MaxDomains = 64, MaxFields = 512, MaxWaitingSets = 32, MaxWaitingBytes = 10_000 };
        var bench = DecoderBench.Of("netflow9", options);
        var exporters = Enumerable.Range(0, 20_000).Select(i => new Exporter(IpAddr.V4(0xC000_0200 + (uint)i), 1)).ToList();
        foreach (var (i, exporter) in exporters.Index())
        {
            bench.SpeakAs(exporter);
            bench.Batch.Clear();
            bench.Decode(MessageBuilder.V9(sourceId: (uint)i).Template((ushort)(256 + i % 1000), Pair).Data(2000, Record));
        }

        // What each exporter shows is what is held of it: nothing is left of all but the last.
        Assert.Equal(64, exporters.Sum(e => e.Templates));
        Assert.InRange(exporters.Sum(e => e.WaitingForTemplate), 1, 32);
        Assert.Equal(20_000, exporters.Sum(e => e.WaitingForTemplate + e.DroppedWithoutTemplate));
        Assert.InRange(Exported(bench).Length, 1, 64 * 100);
    }

    [Fact]
    public void Refuses_a_template_with_too_many_fields()
    {
        var bench = DecoderBench.Of("netflow9", new TemplateOptions { MaxFieldsPerTemplate = 4 });
        var error = bench.Decode(MessageBuilder.V9().Template(256, [.. Pair, (2, 4), (3, 4)]));

        Assert.Equal(DecodeError.TableFull, error);
        Assert.Equal(0, bench.Exporter.Templates);
    }

    [Theory, InlineData(255), InlineData(1)]
    public void Refuses_a_template_with_a_reserved_identifier(ushort id) =>
        Assert.Equal(DecodeError.InvalidTemplate, DecoderBench.Of("ipfix").Decode(MessageBuilder.Ipfix().Template(id, Pair)));

    [Theory, InlineData("netflow9"), InlineData("ipfix")]
    public void Refuses_a_template_whose_records_have_no_length(string protocol) =>
        Assert.Equal(DecodeError.InvalidTemplate, DecoderBench.Of(protocol).Decode(MessageBuilder.Of(protocol).Template(256, (8, 0), (12, 0))));
}
