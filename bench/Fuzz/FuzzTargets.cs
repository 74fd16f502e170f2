using Breakwater.Fuzz.Corpus;
using Breakwater.Fuzz.Targets;
using Breakwater.Protocols.Ipfix;
using Breakwater.Protocols.NetFlow;
using Breakwater.Protocols.SFlow;

namespace Breakwater.Fuzz;

/// <summary>Every parser that reads bytes from outside.</summary>
public static class FuzzTargets
{
    private static readonly (string Name, string Group, Func<IFuzzTarget> Create)[] Registered =
    [
        ("netflow5", "flow", () => new FlowDecoderTarget(new NetFlowV5Decoder(), [NetFlowCorpus.Version5(2), NetFlowCorpus.Version5(30, sampling: 0x4064), .. ExportDatagrams.OfVersion(5)])),
        ("netflow9", "flow", () => new FlowDecoderTarget(new NetFlowV9Decoder(new TemplateOptions()), [.. NetFlowCorpus.Version9(), .. ExportDatagrams.OfVersion(9)])),
        ("ipfix", "flow", () => new FlowDecoderTarget(new IpfixDecoder(new TemplateOptions()), [.. IpfixCorpus.Messages(), .. ExportDatagrams.OfVersion(10)])),
        ("sflow5", "flow", () => new FlowDecoderTarget(new SFlowV5Decoder(), [.. SflowCorpus.Datagrams(), .. ExportDatagrams.OfVersion(0)])),
        ("packet", "packet", () => new PacketTarget()),
        ("bgp-message", "bgp", () => new BgpMessageTarget()),
        ("flowspec", "bgp", () => new FlowSpecTarget()),
        ("bmp", "bgp", () => new BmpTarget()),
        ("coap", "dots", () => new CoapTarget()),
        ("dots", "dots", () => new DotsTarget()),
        ("nftables-json", "text", () => new NftablesTarget()),
        ("pcap", "file", () => new CaptureTarget("pcap", CaptureCorpus.Pcap())),
        ("pcapng", "file", () => new CaptureTarget("pcapng", CaptureCorpus.PcapNg())),
        ("exports", "file", () => new CaptureTarget("exports", CaptureCorpus.Exports())),
        ("zeek", "text", () => new CaptureTarget("zeek", CaptureCorpus.Zeek(), "\t", "-", "#fields", "#types", "#separator", "(empty)", "id.orig_h", "\\x", "\"", "{", "}", ":", "1e308", "-1", "99999999999999999999", "\\u0000")),
        ("argus", "text", () => new CaptureTarget("argus", CaptureCorpus.Argus(), ",", "StartTime", "SrcAddr", "0x", "->", "<?>", "::", "-1", "1e308", "99999999999999999999", "\r\n")),
        ("configuration", "text", () => new ConfigurationTarget()),
    ];

    public static IReadOnlyList<string> Names { get; } = [.. Registered.Select(r => r.Name)];

    public static IFuzzTarget Create(string name) => Registered.Single(r => r.Name == name).Create();

    /// <summary>Resolves a comma-separated list of target names and group names ("flow", "file", "text", "all").</summary>
    /// <returns>The names, each once, in order of registration; empty with <paramref name="unknown"/> set when one is not known.</returns>
    public static IReadOnlyList<string> Resolve(string list, out string? unknown)
    {
        unknown = null;
        var chosen = new HashSet<string>();
        foreach (var word in list.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var matches = Registered.Where(r => word == "all" || r.Name == word || r.Group == word).Select(r => r.Name).ToArray();
            if (matches.Length == 0)
            {
                unknown = word;
                return [];
            }
            chosen.UnionWith(matches);
        }
        return [.. Names.Where(chosen.Contains)];
    }
}
