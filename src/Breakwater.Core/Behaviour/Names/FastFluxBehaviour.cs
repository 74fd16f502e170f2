using System.Globalization;
using System.Numerics;
using System.Runtime.CompilerServices;
using Breakwater.Core.Behaviour.Payload;
using Breakwater.Core.Detection;
using Breakwater.Core.Flows;
using Breakwater.Core.Net;

namespace Breakwater.Core.Behaviour.Names;

/// <summary>A host asked for a name whose addresses keep changing and lie all over the Internet: bots serve it in turn. Evidence beside other evidence, never an accusation.</summary>
/// <remarks>
/// Holz et al., "Measuring and Detecting Fast-Flux Service Networks" (NDSS 2008) weigh addresses and their networks; clouds have made the weights useless since, so a short life,
/// many networks and growth from answer to answer are all asked for. Networks stand for autonomous systems: /16 of IPv4, /32 of IPv6.
/// </remarks>
public sealed class FastFluxBehaviour(BehaviourOptions options, HomeNetwork home) : IBehaviour, IHear<DnsObservation>
{
    /// <summary>Networks that a name's addresses must lie in.</summary>
    public const int MinNetworks = 10;

    private const int MinAnswers = 3;

    /// <summary>Longest time to live of a name that changes: bots come and go.</summary>
    private const uint MaxTimeToLive = 300;

    private const int BitWords = 4;

    /// <summary>About 100 octets each.</summary>
    private const int MaxNames = 65_536;

    private readonly HostStates<FluxName> _names = new(Math.Min(options.MaxHosts, MaxNames));
    private readonly ServersSeen _servers = new();
    private readonly List<Sign> _signs = [];

    public string Name => "fast-flux";

    public ContactEvents Wants => ContactEvents.None;

    /// <remarks>A few answers of many are enough.</remarks>
    public int WorksTo => 100;

    public void Heard(in Flow flow, in DnsObservation observation)
    {
        if (!observation.IsResponse) return;
        _servers.Add(observation.Server);
        if (!home.MayAccuse(observation.Client)) return;
        if (observation.Addresses.IsEmpty || observation.TimeToLive > MaxTimeToLive) return;
        if (!RegisteredDomain.TryFind(observation.Name, out var domain) || BusyDomains.Contains(domain.Domain)) return;
        var hash = NameText.Hash(observation.Name);
        ref var name = ref _names.FindOrAdd(new IpAddr(hash, hash | 1), flow.Start.Milliseconds32, out _);
        if (name.Answers == 0) name.First = flow.Start;
        var known = name.Networks;
        foreach (ref readonly var address in observation.Addresses) name.Add(address);
        name.Answers++;
        if (name.Networks > known && name.Answers > 1) name.Grew++;
        if (name.IsTold || name.Networks < MinNetworks || name.Answers < MinAnswers || name.Grew < MinAnswers - 1 || _servers.Contains(observation.Client)) return;
        name.IsTold = true;
        _signs.Add(SignOf(flow, observation, name));
    }

    public void Tick(Timestamp now, ISignSink signs) => _signs.TellTo(signs);

    private Sign SignOf(in Flow flow, in DnsObservation observation, in FluxName name) => new()
    {
        Behaviour = Name,
        Name = SignNames.FastFlux,
        Family = SignNames.FamilyOf(SignNames.FastFlux),
        Weight = SignNames.WeightOf(SignNames.FastFlux),
        Confidence = 0.5,
        Host = observation.Client,
        From = name.First,
        To = flow.Start,
        Because = string.Create(CultureInfo.InvariantCulture,
            $"{NameText.Of(observation.Name)} had addresses in about {name.Networks} networks within {name.Answers} answers, each good for at most {MaxTimeToLive} seconds, and new networks in {name.Grew} of them"),
        Counterfactual = string.Create(CultureInfo.InvariantCulture, $"would not have been said of fewer than {MinNetworks} networks, or of fewer than {MinAnswers - 1} answers that brought new ones"),
        Inputs = [new("networks", name.Networks), new("answers", name.Answers), new("answers-with-new-networks", name.Grew)],
        WorksTo = WorksTo,
        Packets = name.Answers,
        SampledPackets = name.Answers,
    };

    [InlineArray(BitWords)]
    private struct NetworkBits
    {
        private ulong _first;
    }

    private struct FluxName : IHostState
    {
        /// <summary>A bit for each network, by hash, of 256.</summary>
        private NetworkBits _networks;

        public Timestamp First;
        public int Answers;
        public int Grew;
        public bool IsTold;

        public readonly int Worth => Networks;

        /// <summary>Networks seen, somewhat too few when there are many.</summary>
        public readonly int Networks
        {
            get
            {
                var bits = 0;
                foreach (var word in _networks) bits += BitOperations.PopCount(word);
                return bits;
            }
        }

        public void Add(in IpAddr address)
        {
            var network = address.IsV4 ? IpAddr.V4(address.V4Bits & 0xFFFF_0000) : new IpAddr(address.High & 0xFFFF_FFFF_0000_0000, 0);
            var hash = network.Hash64();
            _networks[(int)(hash >> 6 & BitWords - 1)] |= 1UL << (int)(hash & 63);
        }
    }
}
