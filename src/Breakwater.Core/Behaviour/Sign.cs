using Breakwater.Core.Flows;
using Breakwater.Core.Incidents;
using Breakwater.Core.Net;

namespace Breakwater.Core.Behaviour;

/// <summary>Kinds of evidence that do not depend on each other; the fusion counts each once.</summary>
public enum SignFamily : byte
{
    Scan,
    BruteForce,
    Beacon,
    Names,
    Spam,
    PeerToPeer,
    Flood,
    Tunnel,
    Intelligence,
    Fingerprint,
    Exposure,
    Repetition,
    Jitter,
    Masquerade,
    Restlessness,
    Disguise,
    Concealment,
    Delivery,
    Namelessness,
    Reconnaissance,
    Failure,
    Control,
}

/// <summary>What a sign is besides evidence: a story of its own, told without waiting for others.</summary>
/// <param name="Kind">What kind.</param>
/// <param name="Severity">How grave by itself.</param>
public sealed record DirectIncident(IncidentKind Kind, Severity Severity);

/// <summary>One behaviour's claim about one host, with everything needed to check it.</summary>
public sealed record Sign
{
    /// <summary>Name of the behaviour in the composition: <c>scan</c>, <c>brute-force</c> …</summary>
    public required string Behaviour { get; init; }

    /// <summary>Name out of <see cref="SignNames"/>: <c>horizontal-scan</c>, <c>ssh-brute-force</c> …</summary>
    public required string Name { get; init; }

    /// <summary>Port or other number that tells two signs of one name apart; 0 where there is one a host.</summary>
    public int Service { get; init; }

    public required SignFamily Family { get; init; }

    /// <summary>The accused; <see cref="IpAddr.None"/> where the claim is about what many do to <see cref="Target"/>.</summary>
    public required IpAddr Host { get; init; }

    /// <summary>What it adds to the log-odds that the host is infected, were it certain and now; 0 where it says nothing of that.</summary>
    public double Weight { get; init; }

    /// <summary>0 to 1.</summary>
    public required double Confidence { get; init; }

    /// <summary>It proves an infection alone: no ordinary software behaves so.</summary>
    public bool Confirmed { get; init; }

    public required Timestamp From { get; init; }
    public required Timestamp To { get; init; }

    /// <summary>The rule that fired, with its numbers.</summary>
    public required string Because { get; init; }

    /// <summary>"would not have been said at …".</summary>
    public required string Counterfactual { get; init; }

    /// <summary>Named numbers that the rule used.</summary>
    public IReadOnlyList<KeyValuePair<string, double>> Inputs { get; init; } = [];

    /// <summary>The coarsest sampling, as N of 1:N, at which the rule still works.</summary>
    public int WorksTo { get; init; } = 1;

    /// <summary>The sampling it was seen at; 1 without.</summary>
    public double SamplingRate { get; init; } = 1;

    public DirectIncident? Direct { get; init; }

    /// <summary>What the host did it to, where that is one host or prefix.</summary>
    public Prefix? Target { get; init; }

    /// <summary>Packets that it rests on, estimated before sampling, and really seen.</summary>
    public long Packets { get; init; }
    public long SampledPackets { get; init; }

    /// <summary>Hosts behind a claim that is about many: heaviest first.</summary>
    public IReadOnlyList<IpAddr> Sources { get; init; } = [];
    public long SourceCount { get; init; }

    /// <summary>Some of what it saw, at most <see cref="MaxFlows"/>.</summary>
    public IReadOnlyList<Flow> Flows { get; init; } = [];

    /// <summary>Flows that one sign brings as evidence at most.</summary>
    public const int MaxFlows = 16;
}
