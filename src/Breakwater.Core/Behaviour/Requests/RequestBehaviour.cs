using System.Globalization;
using System.Text;
using Breakwater.Core.Behaviour.Payload;
using Breakwater.Core.Detection;
using Breakwater.Core.Flows;
using Breakwater.Core.Net;

namespace Breakwater.Core.Behaviour.Requests;

/// <summary>Finds requests that browsers and updaters do not make: in clear where TLS belongs, by TLS where nobody expects it, to a bare address, for one's own address, or under a name that only malware goes by.</summary>
/// <remarks>The last is proof, and a list that nobody needs to believe: each name has its source. The others are evidence beside other evidence: some apps and devices do the same.</remarks>
public sealed class RequestBehaviour(BehaviourOptions options, HomeNetwork home) : IBehaviour, IHear<RequestObservation>
{
    /// <summary>Requests of a kind that make a sign: one may be a slip of somebody who typed an address.</summary>
    private const int MinRequests = 3;

    private static ReadOnlySpan<byte> Post => "POST"u8;

    private readonly HostStates<RequestCounts> _hosts = new(options.MaxHosts / 16);
    private readonly List<Sign> _signs = [];

    public string Name => "request";
    public ContactEvents Wants => ContactEvents.None;

    /// <remarks>A request is one packet: of many, a few are seen.</remarks>
    public int WorksTo => 10;

    public void Heard(in Flow flow, in RequestObservation observation)
    {
        if (home.GroupOf(flow.Destination) >= 0 || Bogons.IsLocal(flow.Destination)) return;
        if (!home.MayAccuse(flow.Source)) return;
        if (AddressEchoes.IsOne(observation.ServerName)) AskedForOwnAddress(flow, observation);
        if (observation.IsTls)
        {
            if (observation.IsWhole && observation.ServerName.IsEmpty && !TlsPorts.IsOne(flow.DestinationPort)) Nameless(flow);
            return;
        }
        var tool = MalwareAgents.NameOf(observation.Signature);
        var clear = flow.DestinationPort is 443 or 465 or 853 or 993 or 995 or 8443;
        var bare = observation.Protocol.SequenceEqual(Post) && RequestText.IsPublicAddress(observation.ServerName);
        if (tool is null && !clear && !bare) return;

        ref var counts = ref Find(flow);
        if (tool is not null && counts.Tools++ == 0)
            Add(flow, SignNames.MalwareAgent, 0, counts, counts.Tools, 0.99, $"it calls itself \"{Encoding.ASCII.GetString(observation.Signature)}\", which is {tool}", "would not have been said under any other name");
        if (clear && IsTime(++counts.Clear))
            Add(flow, SignNames.ClearOnTlsPort, flow.DestinationPort, counts, counts.Clear, Surety(counts.Clear),
                string.Create(CultureInfo.InvariantCulture, $"{counts.Clear} web requests in clear to port {flow.DestinationPort} of {flow.Destination} >= {MinRequests}, where TLS belongs: what only looks at ports takes them for it"),
                $"would not have been said of fewer than {MinRequests} requests, or of TLS");
        if (bare && IsTime(++counts.Bare))
            Add(flow, SignNames.PostToAddress, 0, counts, counts.Bare, Surety(counts.Bare),
                string.Create(CultureInfo.InvariantCulture, $"{counts.Bare} web requests that bring something to {flow.Destination} >= {MinRequests}, by its address and not by a name"),
                $"would not have been said of fewer than {MinRequests} requests, or if the server had a name");
    }

    private void AskedForOwnAddress(in Flow flow, in RequestObservation observation)
    {
        ref var counts = ref Find(flow);
        if (!Doubling.IsDue(++counts.Echoes, 1)) return;
        Add(flow, SignNames.OwnAddressLookup, 0, counts, counts.Echoes, 0.9, $"it asked {Encoding.ASCII.GetString(observation.ServerName)} for its own public address", "would not have been said of any other service");
    }

    private void Nameless(in Flow flow)
    {
        ref var counts = ref Find(flow);
        if (!IsTime(++counts.Nameless)) return;
        Add(flow, SignNames.NamelessTls, 0, counts, counts.Nameless, Surety(counts.Nameless),
            string.Create(CultureInfo.InvariantCulture, $"{counts.Nameless} connections by TLS that name no server >= {MinRequests}, at ports where TLS is not usual: the newest to port {flow.DestinationPort} of {flow.Destination}"),
            $"would not have been said of fewer than {MinRequests}, of a named server, or at a port of TLS");
    }

    public void Tick(Timestamp now, ISignSink signs) => _signs.TellTo(signs);

    private static bool IsTime(int count) => Doubling.IsDue(count, MinRequests);

    private static double Surety(int count) => Math.Round(Math.Min(0.99, 1 - Math.Exp(-count / (double)MinRequests)), 2);

    private ref RequestCounts Find(in Flow flow)
    {
        ref var counts = ref _hosts.FindOrAdd(flow.Source, flow.Start.Milliseconds32, out var isNew);
        if (isNew) counts.First = flow.Start;
        return ref counts;
    }

    private void Add(in Flow flow, string name, int service, in RequestCounts counts, int count, double confidence, string because, string counterfactual) => _signs.Add(new Sign
    {
        Behaviour = Name,
        Name = name,
        Service = service,
        Family = SignNames.FamilyOf(name),
        Host = flow.Source,
        Weight = SignNames.WeightOf(name),
        Confidence = confidence,
        Confirmed = name == SignNames.MalwareAgent,
        From = counts.First,
        To = flow.Start,
        Because = because,
        Counterfactual = counterfactual,
        Target = new Prefix(flow.Destination, flow.Destination.Bits),
        Inputs = [new("requests", count)],
        WorksTo = WorksTo,
        Packets = count,
        SampledPackets = count,
    });

    private struct RequestCounts : IHostState
    {
        public Timestamp First;
        public int Clear, Bare, Tools, Nameless, Echoes;

        public readonly int Worth => Tools > 0 ? int.MaxValue : Clear + Bare + Nameless + Echoes;
    }
}
