using Breakwater.Core.Detection;
using Breakwater.Core.Flows;
using Breakwater.Core.Mitigations;
using Breakwater.Core.Net;

namespace Breakwater.Core.Incidents;

/// <summary>What kind of story an incident tells. Closed list; the names outsiders see are in <see cref="IncidentNames"/>.</summary>
public enum IncidentKind : byte
{
    /// <summary>An attack from outside on a home host or prefix.</summary>
    Ddos,

    /// <summary>A home host takes part in an attack on others.</summary>
    OutboundAttack,
    InfectedHost,
    Scan,
    BruteForce,

    /// <summary>An open amplifier of ours.</summary>
    Reflector,
    Spoofing,
    PolicyViolation,
    UntrustedDevice,

    /// <summary>A service of ours that can be reached from outside and should not.</summary>
    Exposure,
}

/// <summary><c>open ⇄ mitigated → ended</c>; one that is ended is opened again by the same attack within the hold time.</summary>
public enum IncidentState : byte
{
    /// <summary>The attack goes on, or has only just stopped.</summary>
    Open,

    /// <summary>The same, and at least one mitigation of it is in force that nothing measured speaks against.</summary>
    Mitigated,

    /// <summary>Nothing was seen of it for the hold time.</summary>
    Ended,
}

public enum Severity : byte { Info, Low, Medium, High, Critical }

/// <summary>How far the numbers behind a finding can be trusted; the worst of its parts.</summary>
public enum DataQuality : byte
{
    /// <summary>Nothing speaks against the numbers.</summary>
    Good,

    /// <summary>Sampling makes the error bar wider than 20 % (fewer than about 100 sampled packets).</summary>
    Coarse,

    /// <summary>The sampling rate is unknown, records were lost, or the clock is off: true numbers may be higher.</summary>
    Doubtful,
}

/// <summary>Findings folded into one story about one target. Immutable: each change is a new snapshot with the same <see cref="Id"/>.</summary>
public sealed record Incident
{
    /// <summary>Stable, and the same on every replay: derived from kind, target and start.</summary>
    public required string Id { get; init; }

    public required IncidentKind Kind { get; init; }
    public required IncidentState State { get; init; }
    public required Severity Severity { get; init; }

    /// <summary>0 to 1.</summary>
    public required double Confidence { get; init; }

    /// <summary>Victim host or prefix; null where the story has no single one.</summary>
    public Prefix? Target { get; init; }

    /// <summary>The fewest prefixes that hold what of the target was hit, where those are a few; else empty: the target as a whole.</summary>
    public IReadOnlyList<Prefix> TargetPrefixes { get; init; } = [];

    /// <summary>The home host the incident is about, where there is one.</summary>
    public IpAddr? Host { get; init; }

    public string HostGroup { get; init; } = "";

    /// <summary>Heaviest first, at most 100.</summary>
    public IReadOnlyList<IpAddr> Sources { get; init; } = [];

    /// <summary>Distinct sources, estimated.</summary>
    public long SourceCount { get; init; }

    /// <summary>Standard error of <see cref="SourceCount"/> relative to it: 0.02 is 2 %.</summary>
    public double SourceCountError { get; init; }

    /// <summary>Prefixes that hold the most attack sources, heaviest first.</summary>
    public IReadOnlyList<SourcePrefix> SourcePrefixes { get; init; } = [];

    /// <summary>Share of the packets whose source address cannot be real, 0 to 1; 0 where it is too small to prove the sources forged.</summary>
    public double ForgedShare { get; init; }

    /// <summary>"on 192.0.2.7", "by 198.51.100.3", "by 198.51.100.3 on 192.0.2.7", or nothing where the story has no single subject.</summary>
    public string About => (Host, Target) switch
    {
        ({ } host, { } target) when target != new Prefix(host, host.Bits) => $"by {host} on {target.ToShortString()}",
        (_, { } target) => "on " + target.ToShortString(),
        ({ } host, _) => "by " + host,
        _ => "",
    };

    /// <summary>Names out of <see cref="Vectors"/>, heaviest first.</summary>
    public IReadOnlyList<string> Vectors { get; init; } = [];

    public required Timestamp Start { get; init; }

    /// <summary>Time of the last attack traffic so far; the end once <see cref="State"/> is <see cref="IncidentState.Ended"/>.</summary>
    public required Timestamp LastSeen { get; init; }

    public Timestamp? End { get; init; }

    /// <summary>When we first said so.</summary>
    public required Timestamp DetectedAt { get; init; }

    /// <summary>Highest one-second rate of the attack traffic, before sampling (estimated).</summary>
    public double PeakBitsPerSecond { get; init; }
    public double PeakPacketsPerSecond { get; init; }

    /// <summary>Attack packets and octets so far (estimated before sampling), and the packets really seen.</summary>
    public long Packets { get; init; }
    public long Bytes { get; init; }
    public long SampledPackets { get; init; }

    /// <summary>Half-width of the 95 % interval of the packet counts relative to them: 1.96·√(1/sampled packets), 0 without sampling.</summary>
    public double RelativeError { get; init; }

    public DataQuality Quality { get; init; }

    /// <summary>What spoke against the numbers while the attack ran: of each issue and exporter the worst.</summary>
    public IReadOnlyList<QualityNote> QualityNotes { get; init; } = [];

    /// <summary>Pulses counted: 1 for an ordinary attack.</summary>
    public int Pulses { get; init; } = 1;

    /// <summary>How the pulses follow each other; null where there are too few to tell.</summary>
    public PulseRhythm? Rhythm { get; init; }

    /// <summary>Until when the same attack on the same target reopens an ended incident; null while it is open.</summary>
    public Timestamp? ArmedUntil { get; init; }

    /// <summary>Plain words with the numbers.</summary>
    public required string Explanation { get; init; }

    /// <summary>The claims this story is made of, newest state of each detector.</summary>
    public IReadOnlyList<Finding> Findings { get; init; } = [];

    /// <summary>A bounded sample of the flows that made it fire, and their packets where we had them.</summary>
    public Evidence Evidence { get; init; } = Evidence.Empty;

    public IReadOnlyList<ProposedMitigation> Mitigations { get; init; } = [];
}

/// <param name="Prefix">A source prefix.</param>
/// <param name="Share">Its share of the attack's packets, 0 to 1.</param>
public readonly record struct SourcePrefix(Prefix Prefix, double Share);

/// <summary>Flows, and where packets were seen their first bytes, kept with an incident.</summary>
/// <param name="Flows">At most 256.</param>
/// <param name="Packets">At most 64, each at most 256 bytes, all of <paramref name="LinkType"/>.</param>
/// <param name="LinkType">draft-ietf-opsawg-pcaplinktype value of the packets.</param>
public sealed record Evidence(IReadOnlyList<Flow> Flows, IReadOnlyList<EvidencePacket> Packets, int LinkType)
{
    public static Evidence Empty { get; } = new([], [], 1);
}

/// <param name="Time">Capture time.</param>
/// <param name="Bytes">From the link-layer header on, cut to 256 bytes.</param>
/// <param name="OriginalLength">Length on the wire.</param>
public sealed record EvidencePacket(Timestamp Time, byte[] Bytes, int OriginalLength);
