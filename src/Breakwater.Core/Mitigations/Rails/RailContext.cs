using Breakwater.Core.Flows;

namespace Breakwater.Core.Mitigations.Rails;

/// <summary>What the rails are told besides the mitigation itself.</summary>
public sealed record RailContext
{
    public required Timestamp Now { get; init; }

    /// <summary>Mode of the mitigation's host group for its action.</summary>
    public MitigationMode Mode { get; init; }

    /// <summary>Mitigations in force now, without the one that is judged.</summary>
    public IReadOnlyList<Mitigation> InForce { get; init; } = [];

    /// <summary>Mitigations of the same incident that have been in force, now or before.</summary>
    public IReadOnlyList<Mitigation> Tried { get; init; } = [];

    /// <summary>Mitigations that went into force within the last minute.</summary>
    public int NewInLastMinute { get; init; }

    /// <summary>Share of the network's usual inbound traffic that goes to the destination and to everything blackholed or diverted already, 0 to 1.</summary>
    public double TrafficShare { get; init; }

    /// <summary>How far the numbers behind the incident can be trusted; null when there are none.</summary>
    public SignalQuality? Quality { get; init; }

    /// <summary>Who withdrew everything; null while mitigations are not paused.</summary>
    public string? PausedBy { get; init; }

    /// <summary>Until when the same match and action is held down; null when it is not.</summary>
    public Timestamp? HeldUntil { get; init; }
}

/// <summary>How far the numbers behind an incident can be trusted.</summary>
/// <param name="SampledPackets">Packets of the attack really seen.</param>
/// <param name="SamplingKnown">False when an exporter announced no rate.</param>
/// <param name="ExporterSilence">Time since the exporter that is silent longest was heard; null for packets seen by ourselves.</param>
/// <param name="ClockSkew">The exporter's clock that is furthest off; null when none tells the time.</param>
/// <param name="Loss">Highest share of records that an exporter lost, 0 to 1.</param>
public sealed record SignalQuality(long SampledPackets, bool SamplingKnown, TimeSpan? ExporterSilence, TimeSpan? ClockSkew, double Loss);
