using Breakwater.Core.Behaviour;
using Breakwater.Core.Behaviour.Beacons;
using Breakwater.Core.Behaviour.Chat;
using Breakwater.Core.Behaviour.Exposure;
using Breakwater.Core.Behaviour.Guessing;
using Breakwater.Core.Behaviour.Intelligence;
using Breakwater.Core.Behaviour.Mail;
using Breakwater.Core.Behaviour.Names;
using Breakwater.Core.Behaviour.Persistence;
using Breakwater.Core.Behaviour.Requests;
using Breakwater.Core.Behaviour.Scans;
using Breakwater.Core.Behaviour.Spoofing;
using Breakwater.Core.Behaviour.Tunnels;
using Breakwater.Core.Detection;
using Breakwater.Core.Flows;
using Breakwater.Core.Incidents;
using Breakwater.Engine.Dots;
using Breakwater.Engine.Mitigations;
using Breakwater.Engine.Mitigations.Bgp;
using Breakwater.Engine.Mitigations.Nftables;
using Breakwater.Engine.Notification;
using Breakwater.Engine.Sharing;
using Breakwater.Protocols.Dhcp;
using Breakwater.Protocols.Dns;
using Breakwater.Protocols.Feeds;
using Breakwater.Protocols.Fingerprints;
using Breakwater.Protocols.Http;
using Breakwater.Protocols.Ipfix;
using Breakwater.Protocols.Irc;
using Breakwater.Protocols.NetFlow;
using Breakwater.Protocols.SFlow;
using Breakwater.Protocols.Stix;
using Breakwater.Protocols.Tls;
using Microsoft.Extensions.DependencyInjection;

namespace Breakwater.Engine;

/// <summary>The parts that a Breakwater is made of, and the only list of them. Contract tests, metrics and documentation read it.</summary>
public sealed class Composition
{
    private readonly List<KeyValuePair<string, Func<TemplateOptions, IFlowDecoder>>> _flowDecoders = [];
    private readonly List<KeyValuePair<string, Func<IDetector>>> _detectors = [];
    private readonly List<KeyValuePair<string, Func<BehaviourOptions, HomeNetwork, Surroundings, IBehaviour>>> _behaviours = [];
    private readonly List<KeyValuePair<string, Func<IPayloadReader>>> _payloadReaders = [];
    private readonly List<KeyValuePair<string, Func<MitigationOptions, IServiceProvider, IMitigator?>>> _mitigators = [];

    private readonly List<KeyValuePair<string, Func<NotificationOptions, IServiceProvider, INotifier?>>> _notifiers = [];
    private readonly List<KeyValuePair<string, Func<IFeed>>> _feeds = [];

    public static Composition Default { get; } = new Composition()
        .AddFlowDecoder("netflow5", _ => new NetFlowV5Decoder())
        .AddFlowDecoder("netflow9", templates => new NetFlowV9Decoder(templates))
        .AddFlowDecoder("ipfix", templates => new IpfixDecoder(templates))
        .AddFlowDecoder("sflow5", _ => new SFlowV5Decoder())
        .AddDetector<SynFloodDetector>("syn-flood")
        .AddDetector<TcpReflectionDetector>("tcp-reflection")
        .AddDetector<ReflectionDetector>("reflection")
        .AddDetector<UdpFloodDetector>("udp-flood")
        .AddDetector<IcmpFloodDetector>("icmp-flood")
        .AddDetector<FragmentFloodDetector>("fragment-flood")
        .AddDetector<OddTrafficDetector>("odd-traffic")
        .AddDetector<OutboundFloodDetector>("outbound-flood")
        // It says "too much" only of what none of those before it has named.
        .AddDetector<RateDetector>("rate")
        // Last: it says of what the others have named that the sources are impossible.
        .AddDetector<BogonSourceDetector>("bogon-sources")
        .AddPayloadReader<SynFingerprintReader>("syn-fingerprint")
        .AddPayloadReader<BannerReader>("banner")
        .AddPayloadReader<EchoReader>("echo")
        .AddPayloadReader<DnsPayloadReader>("dns")
        .AddPayloadReader<MulticastDnsReader>("mdns")
        .AddPayloadReader<DhcpPayloadReader>("dhcp")
        .AddPayloadReader<TlsPayloadReader>("tls")
        .AddPayloadReader<HttpPayloadReader>("http")
        .AddPayloadReader<HttpLoginReader>("http-login")
        .AddPayloadReader<HttpContentReader>("http-content")
        .AddPayloadReader<IrcReader>("irc")
        .AddPayloadReader<SsdpReader>("ssdp")
        .AddBehaviour("scan", (options, home, _) => new ScanBehaviour(options, home))
        .AddBehaviour("beacon", (options, home, _) => new BeaconBehaviour(options, home))
        .AddBehaviour("persistence", (options, _, _) => new PersistenceBehaviour(options))
        .AddBehaviour("request", (options, home, _) => new RequestBehaviour(options, home))
        .AddBehaviour("disguise", (options, home, _) => new DisguiseBehaviour(options, home))
        .AddBehaviour("chat", (_, home, _) => new ChatBehaviour(home))
        .AddBehaviour("probe", (options, home, _) => new ProbeBehaviour(options, home))
        .AddBehaviour(KnownBadContact.PartName, (options, _, around) => new KnownBadContact(around.KnownBad, options.KnownBad))
        .AddBehaviour(KnownBadNames.PartName, (options, home, around) => new KnownBadNames(around.KnownBad, home, options.KnownBad))
        .AddBehaviour(GuessingBehaviour.PartName, (options, home, _) => new GuessingBehaviour(options, home))
        .AddBehaviour("spam", (options, _, _) => new SpamBehaviour(options))
        .AddBehaviour("icmp-tunnel", (_, home, _) => new EchoBehaviour(home))
        .AddBehaviour("reflector", (options, home, around) => new ReflectorBehaviour(options.Reflector, home, around.Confirmations))
        .AddBehaviour("exposure", (_, home, _) => new ExposureBehaviour(home))
        .AddBehaviour("assets", (options, home, _) => new AssetFacts(home, options))
        .AddBehaviour("dga", (options, home, _) => new DgaBehaviour(options, home))
        .AddBehaviour("dns-tunnel", (options, home, _) => new DnsTunnelBehaviour(options, home))
        .AddBehaviour("fast-flux", (options, home, _) => new FastFluxBehaviour(options, home))
        .AddBehaviour("source-audit", (options, home, around) => new SourceAudit(options.SourceAudit, home, around.Routed))
        .AddMitigator(DotsMitigator.PartName, (_, services) => services.GetService<DotsOptions>() is { Upstreams: { Count: > 0 } upstreams } ? ActivatorUtilities.CreateInstance<DotsMitigator>(services, upstreams) : null)
        .AddMitigator(CallHomeMitigator.PartName, (_, services) => services.GetService<DotsOptions>() is { CallHomeListener: { Listen.Count: > 0 } listener } ? ActivatorUtilities.CreateInstance<CallHomeMitigator>(services, listener) : null)
        .AddMitigator(BgpMitigator.PartName, (options, services) => options.Bgp.Peers.Count == 0 ? null : ActivatorUtilities.CreateInstance<BgpMitigator>(services, options.Bgp))
        .AddMitigator(NftablesMitigator.PartName, (options, services) => options.Nftables.Enabled ? ActivatorUtilities.CreateInstance<NftablesMitigator>(services, options.Nftables) : null)
        .AddNotifier(WebhookNotifier.PartName, (options, services) => options.Webhook.Url.Length == 0 ? null : new WebhookNotifier(options.Webhook, services.GetRequiredService<TimeProvider>()))
        .AddNotifier(SyslogNotifier.PartName, (options, _) => options.Syslog.Server.Length == 0 ? null : new SyslogNotifier(options.Syslog))
        .AddNotifier(EmailNotifier.PartName, (options, services) => options.Email.Server.Length == 0 ? null : new EmailNotifier(options.Email, services.GetRequiredService<TimeProvider>()))
        .AddNotifier(CrowdSecNotifier.PartName, (options, _) => options.Crowdsec.Url.Length == 0 ? null : new CrowdSecNotifier(options.Crowdsec))
        .AddFeed("spamhaus-drop", () => new DocumentFeed((document, _, sink) => SpamhausDrop.Read(document, sink)))
        .AddFeed("abuse-ch", () => new DocumentFeed((document, _, sink) => AbuseCh.Read(document, sink)))
        .AddFeed("plain-list", () => new DocumentFeed((document, _, sink) => PlainList.Read(document, sink)))
        .AddFeed("crowdsec", () => new DocumentFeed(CrowdSecDecisions.Read))
        .AddFeed("shadowserver", () => new DocumentFeed((document, _, sink) => Shadowserver.Read(document, sink)))
        .AddFeed("stix", () => new DocumentFeed((document, _, sink) => StixFeed.Read(document, sink)))
        .AddFeed("taxii", () => new TaxiiFeed())
        .AddFeed("misp", () => new MispEventFeed());

    /// <summary>Names of the flow protocols, in the order in which they are asked whether a datagram is theirs.</summary>
    public IReadOnlyList<string> FlowDecoders => [.. _flowDecoders.Select(p => p.Key)];

    /// <summary>Names of the detectors, in the order of their findings.</summary>
    public IReadOnlyList<string> Detectors => [.. _detectors.Select(p => p.Key)];

    /// <summary>Names of the behaviours of hosts that are watched for.</summary>
    public IReadOnlyList<string> Behaviours => [.. _behaviours.Select(p => p.Key)];

    /// <summary>Names of the readers of what packets hold.</summary>
    public IReadOnlyList<string> PayloadReaders => [.. _payloadReaders.Select(p => p.Key)];

    /// <summary>Names of the ways to mitigate, which are also their sections under <c>mitigation</c>.</summary>
    public IReadOnlyList<string> Mitigators => [.. _mitigators.Select(p => p.Key)];

    /// <summary>Names of the ways to tell people, which are also their sections under <c>notifications</c>.</summary>
    public IReadOnlyList<string> Notifiers => [.. _notifiers.Select(p => p.Key)];

    /// <summary>Formats of feeds, which are the values of <c>format</c> under <c>feeds.sources</c>.</summary>
    public IReadOnlyList<string> Feeds => [.. _feeds.Select(p => p.Key)];

    /// <summary>What reads feeds of a format.</summary>
    public IFeed CreateFeed(string format) => _feeds.First(p => p.Key == format).Value();

    /// <summary>The notifiers that the configuration gives something to do.</summary>
    /// <exception cref="InvalidDataException">A secret is not where the configuration says; the message says where.</exception>
    public IReadOnlyList<INotifier> CreateNotifiers(NotificationOptions options, IServiceProvider services) =>
        [.. _notifiers.Select(p => p.Value(options, services)).OfType<INotifier>()];

    /// <summary>The mitigators that the configuration gives something to do.</summary>
    public IReadOnlyList<IMitigator> CreateMitigators(MitigationOptions options, IServiceProvider services) =>
        [.. _mitigators.Select(p => p.Value(options, services)).OfType<IMitigator>()];

    /// <summary>A set of decoders for one receiver; each receiver owns its own.</summary>
    public IReadOnlyList<IFlowDecoder> CreateFlowDecoders(TemplateOptions templates) => [.. _flowDecoders.Select(p => p.Value(templates))];

    /// <summary>A set of detectors for one detection engine.</summary>
    public IReadOnlyList<IDetector> CreateDetectors() => [.. _detectors.Select(p => p.Value())];

    /// <summary>A set of readers of what packets hold.</summary>
    public IReadOnlyList<IPayloadReader> CreatePayloadReaders() => [.. _payloadReaders.Select(p => p.Value())];

    /// <summary>A set of behaviours for one detection engine.</summary>
    public IReadOnlyList<IBehaviour> CreateBehaviours(BehaviourOptions options, HomeNetwork home, Surroundings? around = null) =>
        [.. _behaviours.Select(p => p.Value(options, home, around ?? new Surroundings()))];

    /// <summary>What watches single hosts, beside one detection engine; null when it is switched off.</summary>
    /// <param name="around">What is known beside traffic; null for nothing.</param>
    /// <param name="exporters">Tells an exporter's address by its number; null where flows come from files.</param>
    public BehaviourEngine? CreateBehaviour(BehaviourOptions options, HomeNetwork home, IIncidentSink incidents, Surroundings? around = null, ITelemetryHealth? exporters = null) =>
        !options.Enabled ? null : new BehaviourEngine(home, options, CreateBehaviours(options, home, around), CreatePayloadReaders(), incidents, exporters);

    private Composition AddFlowDecoder(string name, Func<TemplateOptions, IFlowDecoder> create)
    {
        _flowDecoders.Add(new(name, create));
        return this;
    }

    private Composition AddDetector<TDetector>(string name) where TDetector : IDetector, new()
    {
        _detectors.Add(new(name, static () => new TDetector()));
        return this;
    }

    private Composition AddBehaviour(string name, Func<BehaviourOptions, HomeNetwork, Surroundings, IBehaviour> create)
    {
        _behaviours.Add(new(name, create));
        return this;
    }

    private Composition AddPayloadReader<TReader>(string name) where TReader : IPayloadReader, new()
    {
        _payloadReaders.Add(new(name, static () => new TReader()));
        return this;
    }

    /// <param name="create">Makes it of its section; null when the section gives it nothing to do.</param>
    private Composition AddMitigator(string name, Func<MitigationOptions, IServiceProvider, IMitigator?> create)
    {
        _mitigators.Add(new(name, create));
        return this;
    }

    private Composition AddFeed(string format, Func<IFeed> create)
    {
        _feeds.Add(new(format, create));
        return this;
    }

    /// <param name="create">Makes it of its section; null when the section gives it nothing to do.</param>
    private Composition AddNotifier(string name, Func<NotificationOptions, IServiceProvider, INotifier?> create)
    {
        _notifiers.Add(new(name, create));
        return this;
    }
}
