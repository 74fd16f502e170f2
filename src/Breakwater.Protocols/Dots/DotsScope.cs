using Breakwater.Core.Mitigations;
using Breakwater.Core.Net;

namespace Breakwater.Protocols.Dots;

/// <summary>One entry of a mitigation scope: what to protect, and in a server's message how that goes.</summary>
/// <remarks>RFC 9132 §4.4.1 and §4.4.2; RFC 9066 §5.3.1 (sources); RFC 9133 §3.2 (filters).</remarks>
public sealed record DotsScope
{
    /// <summary>In messages of a server only; a client says it in the path.</summary>
    public uint? Mid { get; init; }

    public IReadOnlyList<Prefix> TargetPrefixes { get; init; } = [];
    public IReadOnlyList<ValueRange> TargetPorts { get; init; } = [];

    /// <summary>IANA protocol numbers; empty for any.</summary>
    public IReadOnlyList<byte> TargetProtocols { get; init; } = [];
    public IReadOnlyList<string> TargetFqdns { get; init; } = [];
    public IReadOnlyList<string> TargetUris { get; init; } = [];
    public IReadOnlyList<string> Aliases { get; init; } = [];

    /// <summary>Seconds; -1 for no end.</summary>
    public long? Lifetime { get; init; }

    /// <summary>False: mitigate only when the signal channel session is lost.</summary>
    public bool TriggerMitigation { get; init; } = true;

    public DotsAttackStatus? AttackStatus { get; init; }

    /// <summary>Call Home: where the attack comes from.</summary>
    public IReadOnlyList<Prefix> SourcePrefixes { get; init; } = [];
    public IReadOnlyList<ValueRange> SourcePorts { get; init; } = [];
    public IReadOnlyList<ValueRange> SourceIcmpTypes { get; init; } = [];

    /// <summary>Filters of the data channel to switch with the request.</summary>
    public IReadOnlyList<DotsFilterSwitch> Filters { get; init; } = [];

    public DotsStatus? Status { get; init; }

    /// <summary>Seconds since 1970 in UTC; null while nothing is mitigated.</summary>
    public ulong? MitigationStart { get; init; }
    public DotsConflict? Conflict { get; init; }
    public ulong? BytesDropped { get; init; }
    public ulong? BytesPerSecondDropped { get; init; }
    public ulong? PacketsDropped { get; init; }
    public ulong? PacketsPerSecondDropped { get; init; }

    /// <summary>True when both ask for the same: a refresh must repeat everything but the lifetime, an efficacy update adds only the attack's status (RFC 9132 §4.4.1.3, §4.4.3).</summary>
    public bool AsksTheSameAs(DotsScope other) =>
        TriggerMitigation == other.TriggerMitigation
        && Same(TargetPrefixes, other.TargetPrefixes) && Same(TargetPorts, other.TargetPorts) && Same(TargetProtocols, other.TargetProtocols)
        && Same(TargetFqdns, other.TargetFqdns) && Same(TargetUris, other.TargetUris) && Same(Aliases, other.Aliases)
        && Same(SourcePrefixes, other.SourcePrefixes) && Same(SourcePorts, other.SourcePorts) && Same(SourceIcmpTypes, other.SourceIcmpTypes);

    private static bool Same<T>(IReadOnlyList<T> one, IReadOnlyList<T> other) => one.Count == other.Count && !one.Except(other).Any();
}

/// <param name="Name">Name of the filter in the data channel.</param>
public sealed record DotsFilterSwitch(string Name, DotsActivation Activation);

/// <summary>When a filter is in force (RFC 8783 §7.2; codes of RFC 9133 §3.2.1).</summary>
public enum DotsActivation : byte
{
    WhenMitigating = 1,
    Immediate = 2,
    Deactivate = 3,
}
