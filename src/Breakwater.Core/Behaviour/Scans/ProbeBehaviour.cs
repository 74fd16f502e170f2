using System.Globalization;
using System.Numerics;
using Breakwater.Core.Detection;
using Breakwater.Core.Flows;
using Breakwater.Core.Incidents;
using Breakwater.Core.Net;

namespace Breakwater.Core.Behaviour.Scans;

/// <summary>Finds sweeps by the pings that tools make, also where most hosts answer: without data, and each under another identifier.</summary>
/// <remarks>
/// RFC 792, echo: the identifier tells sessions apart, so ping keeps it; and ping sends data to measure with (56 octets by tradition, 32 by Windows). Nmap sends "minimalist packets
/// containing only a header" ("Nmap Network Scanning", option <c>--data-length</c>), each under an identifier of its own. That needs no failures, of which the walk needs ten.
/// </remarks>
public sealed class ProbeBehaviour(BehaviourOptions options, HomeNetwork home) : IBehaviour, IHear<EchoMessage>
{
    /// <summary>Octets of an echo request without data: RFC 791 §3.1 and RFC 792; RFC 8200 §3 and RFC 4443 §4.1.</summary>
    private const int Bare4 = 28, Bare6 = 48;

    /// <summary>Milliseconds in which they are counted.</summary>
    private const uint Window = 60_000;

    private readonly HostStates<Probes> _hosts = new(options.MaxHosts / 16);
    private readonly List<Sign> _signs = [];

    public string Name => "probe";
    public ContactEvents Wants => ContactEvents.None;

    /// <remarks>A sweep of a /24 is 256 packets.</remarks>
    public int WorksTo => 10;

    public void Heard(in Flow flow, in EchoMessage echo)
    {
        if (echo.IsAnswer || echo.Length != (flow.Source.IsV4 ? Bare4 : Bare6)) return;
        var now = flow.Start.Milliseconds32;
        ref var host = ref _hosts.FindOrAdd(flow.Source, now, out var isNew);
        if (isNew || now - host.Began >= Window) host = new Probes { Began = now, First = flow.Start };
        else if (echo.Identifier == host.Identifier) return;
        host.Identifier = echo.Identifier;
        if (!host.Add(flow.Destination) || !Doubling.IsDue(host.Targets, options.Scan.Targets)) return;
        _signs.Add(SignOf(flow, host));
    }

    public void Tick(Timestamp now, ISignSink signs) => _signs.TellTo(signs);

    private Sign SignOf(in Flow flow, in Probes host)
    {
        var isHome = home.GroupOf(flow.Source) >= 0;
        return new Sign
        {
            Behaviour = Name,
            Name = SignNames.PingSweep,
            Family = SignNames.FamilyOf(SignNames.PingSweep),
            Host = flow.Source,
            Weight = isHome ? SignNames.WeightOf(SignNames.PingSweep) : 0,
            Confidence = 0.9,
            From = host.First,
            To = flow.Start,
            Because = string.Create(CultureInfo.InvariantCulture,
                $"pings without data, each under an identifier of its own, as tools send them and ping does not, to {host.Targets} hosts within {(flow.Start - host.First).TotalSeconds:0.0} s: {host.Targets} >= {options.Scan.Targets}"),
            Counterfactual = $"would not have been said of fewer than {options.Scan.Targets} hosts within a minute, or of pings with data",
            Inputs = [new("targets", host.Targets)],
            WorksTo = WorksTo,
            Direct = new DirectIncident(IncidentKind.Scan, isHome ? Severity.Medium : Severity.Low),
            Packets = host.Targets,
            SampledPackets = host.Targets,
        };
    }

    /// <summary>The probes of one host within a window; targets that share a bit of 128 count once.</summary>
    private struct Probes : IHostState
    {
        public Timestamp First;
        public uint Began;
        public int Targets;
        public ushort Identifier;
        private ulong _low, _high;

        public readonly int Worth => Targets;

        public bool Add(in IpAddr target)
        {
            var hash = target.Hash64() * 0x9E37_79B9_7F4A_7C15;
            ref var word = ref (hash >> 63 == 0 ? ref _low : ref _high);
            var bit = 1UL << (int)(hash >> 57 & 63);
            if ((word & bit) != 0) return false;
            word |= bit;
            Targets = BitOperations.PopCount(_low) + BitOperations.PopCount(_high);
            return true;
        }
    }
}
