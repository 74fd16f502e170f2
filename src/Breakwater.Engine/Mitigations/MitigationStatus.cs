using Breakwater.Core.Flows;

namespace Breakwater.Engine.Mitigations;

/// <summary>How one mitigation fares at one place.</summary>
/// <param name="MitigationId">Which.</param>
/// <param name="Mitigator">Name of the mitigator.</param>
/// <param name="Place">Where, as a person would say it: "peer 192.0.2.1 AS 64500", "table inet breakwater".</param>
/// <param name="State">How far it has come.</param>
/// <param name="Since">Since when.</param>
public sealed record MitigationStatus(string MitigationId, string Mitigator, string Place, PlacementState State, Timestamp Since)
{
    /// <summary>What the world said, for <see cref="PlacementState.Failed"/> and, where it is known, <see cref="PlacementState.Pending"/>; else null.</summary>
    public string? Problem { get; init; }

    /// <summary>What showed it, for <see cref="PlacementState.Seen"/>, out of a closed list of the mitigator's; null where it is not said.</summary>
    public string? SeenIn { get; init; }

    /// <summary>What a person should know although nothing is wrong here; null for nothing.</summary>
    public string? Note { get; init; }

    /// <summary>Packets and octets stopped there so far; null where the place does not count.</summary>
    public long? DroppedPackets { get; init; }
    public long? DroppedBytes { get; init; }
}

public enum PlacementState : byte
{
    /// <summary>Not there yet: the peer is down, the message waits, or the place shows that it has not taken it.</summary>
    Pending,

    /// <summary>Handed over; the place does not say whether it holds it.</summary>
    Sent,

    /// <summary>The place itself shows that it holds it.</summary>
    Seen,

    /// <summary>The place refused; the next round tries again.</summary>
    Failed,
}
