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
}
