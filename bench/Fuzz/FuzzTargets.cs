using Breakwater.Core.Behaviour;
using Breakwater.Core.Behaviour.Chat;
using Breakwater.Core.Behaviour.Names;
using Breakwater.Core.Behaviour.Requests;
using Breakwater.Core.Detection;
using Breakwater.Core.Flows;
using Breakwater.Core.Net;
using Breakwater.Fuzz.Corpus;
using Breakwater.Fuzz.Targets;
using Breakwater.Protocols.Dhcp;
using Breakwater.Protocols.Dns;
using Breakwater.Protocols.Feeds;
using Breakwater.Protocols.Http;
using Breakwater.Protocols.Ipfix;
using Breakwater.Protocols.Irc;
using Breakwater.Protocols.Misp;
using Breakwater.Protocols.NetFlow;
using Breakwater.Protocols.SFlow;
using Breakwater.Protocols.Stix;
using Breakwater.Protocols.Taxii;
using Breakwater.Protocols.Tls;

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
        ("dns", "payload", () => new PayloadTarget("dns", new DnsPayloadReader(), 17, 53, PayloadCorpus.Dns(), new DgaBehaviour(new BehaviourOptions(), Everywhere), new DnsTunnelBehaviour(new BehaviourOptions(), Everywhere), new FastFluxBehaviour(new BehaviourOptions(), Everywhere))),
        ("mdns", "payload", () => new PayloadTarget("mdns", new MulticastDnsReader(), 17, 5353, PayloadCorpus.MulticastDns(), Assets())),
        ("dhcp", "payload", () => new PayloadTarget("dhcp", new DhcpPayloadReader(), 17, 67, PayloadCorpus.Dhcp(), Assets())),
        ("tls", "payload", () => new PayloadTarget("tls", new TlsPayloadReader(), 6, 8443, PayloadCorpus.ClientHellos(), Assets())),
        ("http", "payload", () => new PayloadTarget("http", new HttpPayloadReader(), 6, 80, PayloadCorpus.HttpRequests(), Assets(), new DisguiseBehaviour(new BehaviourOptions(), Only("192.0.2.0/24")))),
        ("http-content", "payload", () => new PayloadTarget("http-content", new HttpContentReader(), 6, 40_000, PayloadCorpus.HttpContents(), new DisguiseBehaviour(new BehaviourOptions(), Only("198.51.100.0/24")))),
        ("http-login", "payload", () => new PayloadTarget("http-login", new HttpLoginReader(), 6, 80, PayloadCorpus.HttpLogins())),
        ("irc", "payload", () => new PayloadTarget("irc", new IrcReader(), 6, 6667, PayloadCorpus.Chats(), new ChatBehaviour(Only("192.0.2.0/24")))),
        ("ssdp", "payload", () => new PayloadTarget("ssdp", new SsdpReader(), 17, 1900, PayloadCorpus.Ssdp(), Assets())),
        ("bgp-message", "bgp", () => new BgpMessageTarget()),
        ("flowspec", "bgp", () => new FlowSpecTarget()),
        ("bmp", "bgp", () => new BmpTarget()),
        ("rtr", "bgp", () => new RtrTarget()),
        ("coap", "dots", () => new CoapTarget()),
        ("dots", "dots", () => new DotsTarget()),
        ("spamhaus-drop", "feed", () => new FeedTarget("spamhaus-drop", SpamhausDrop.Read, [FeedCorpus.SpamhausDrop], "\"cidr\":", "\"type\":\"metadata\"")),
        ("abuse-ch-json", "feed", () => new FeedTarget("abuse-ch-json", AbuseCh.Read, [FeedCorpus.FeodoJson], "\"ip_address\":", "\"port\":", "\"status\":")),
        ("abuse-ch-csv", "feed", () => new FeedTarget("abuse-ch-csv", AbuseCh.Read, [FeedCorpus.FeodoCsv, FeedCorpus.UrlhausCsv], "\"\"", ",", "#", "dst_ip", "url_status", "http://")),
        ("plain-list", "feed", () => new FeedTarget("plain-list", PlainList.Read, [FeedCorpus.Plain], "#", ";", "127.0.0.1 ")),
        ("crowdsec", "feed", () => new FeedTarget("crowdsec", (document, sink) => CrowdSecDecisions.Read(document, Timestamp.FromUnixSeconds(1_750_000_000), sink), [FeedCorpus.CrowdSec], "\"new\":", "\"duration\":", "h", "ms", "\"scope\":\"Ip\"")),
        ("shadowserver", "feed", () => new FeedTarget("shadowserver", Shadowserver.Read, [FeedCorpus.Shadowserver], "\"\"", ",", "\"ip\"", "\"timestamp\"")),
        ("stix", "feed", () => new FeedTarget("stix", StixFeed.Read, [FeedCorpus.Stix], "[", "]", "'", " OR ", " AND ", "IN (", "ISSUBSET", "ipv4-addr:value", "\"pattern\":", "\"revoked\":true")),
        ("taxii", "feed", () => new FeedTarget("taxii", (document, sink) => TaxiiEnvelope.Read(document, sink, out _, out _), [FeedCorpus.Envelope], "\"more\":", "\"next\":", "\"objects\":")),
        ("misp-event", "feed", () => new FeedTarget("misp-event", MispFeed.ReadEvent, [FeedCorpus.MispEvent], "\"Attribute\":", "\"Object\":", "\"to_ids\":true", "|")),
        ("misp-manifest", "feed", () => new FeedTarget("misp-manifest", (document, sink) => MispFeed.ReadManifest(document, 10, out var events) is var error && events.Count > 10 ? throw new InvalidOperationException("more events than asked for") : error, [FeedCorpus.MispManifest], "\"timestamp\":")),
        ("reflector-answer", "payload", () => new ReflectorQueryTarget()),
        ("routed-prefixes", "text", () => new RoutedPrefixListTarget()),
        ("nftables-json", "text", () => new NftablesTarget()),
        ("pcap", "file", () => new CaptureTarget("pcap", CaptureCorpus.Pcap())),
        ("pcapng", "file", () => new CaptureTarget("pcapng", CaptureCorpus.PcapNg())),
        ("exports", "file", () => new CaptureTarget("exports", CaptureCorpus.Exports())),
        ("zeek", "text", () => new CaptureTarget("zeek", CaptureCorpus.Zeek(), "\t", "-", "#fields", "#types", "#separator", "(empty)", "id.orig_h", "\\x", "\"", "{", "}", ":", "1e308", "-1", "99999999999999999999", "\\u0000", "\\ud800")),
        ("argus", "text", () => new CaptureTarget("argus", CaptureCorpus.Argus(), ",", "StartTime", "SrcAddr", "0x", "->", "<?>", "::", "-1", "1e308", "99999999999999999999", "\r\n")),
        ("configuration", "text", () => new ConfigurationTarget()),
    ];

    public static IReadOnlyList<string> Names { get; } = [.. Registered.Select(r => r.Name)];

    public static IFuzzTarget Create(string name) => Registered.Single(r => r.Name == name).Create();

    private static HomeNetwork Everywhere => new([Prefix.Parse("0.0.0.0/0")], []);

    private static HomeNetwork Only(string home) => new([Prefix.Parse(home)], []);

    private static AssetFacts Assets() => new(Everywhere, new BehaviourOptions { MaxAssets = 256 });

    /// <summary>Resolves a comma-separated list of target names and group names ("flow", "payload", "file", "text", "all").</summary>
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
