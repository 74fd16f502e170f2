using Breakwater.Core.Flows;
using Breakwater.Core.Incidents;
using Breakwater.Core.Net;

namespace Breakwater.Core.Detection;

/// <summary>One detector's claim about one target in one window, with everything needed to check it.</summary>
public sealed record Finding
{
    /// <summary>Name of the detector in the composition: <c>syn-flood</c>, <c>reflection</c>, <c>rate</c> …</summary>
    public required string Detector { get; init; }

    public required IncidentKind Kind { get; init; }

    /// <summary>Who suffers: a host (/32, /128) or a prefix.</summary>
    public required Prefix Target { get; init; }

    /// <summary>Name out of <see cref="Vectors"/>.</summary>
    public required string Vector { get; init; }

    public required Timestamp From { get; init; }
    public required Timestamp To { get; init; }

    /// <summary>Measured packets and bits per second of the vector in the window, estimated before sampling.</summary>
    public double PacketsPerSecond { get; init; }
    public double BitsPerSecond { get; init; }

    /// <summary>Share of the target's packets in the window that belong to the vector, 0 to 1.</summary>
    public double Share { get; init; }

    /// <summary>Packets really seen; gives the error bar.</summary>
    public long SampledPackets { get; init; }

    public DataQuality Quality { get; init; }

    /// <summary>What speaks against the numbers; empty where nothing does.</summary>
    public IReadOnlyList<QualityNote> QualityNotes { get; init; } = [];

    /// <summary>0 to 1.</summary>
    public required double Confidence { get; init; }
    public required Severity Severity { get; init; }

    /// <summary>The rule that fired, with its numbers: "SYN without ACK 812/s > 500/s for 3 of 5 s".</summary>
    public required string Because { get; init; }

    /// <summary>"would not have fired at …".</summary>
    public required string Counterfactual { get; init; }

    /// <summary>The kind of traffic that the claim is about; null where it is about all of it.</summary>
    public TrafficKey? Component { get; init; }

    /// <summary>Named numbers that the rule used.</summary>
    public IReadOnlyList<KeyValuePair<string, double>> Inputs { get; init; } = [];
}
