namespace Breakwater.Core.Mitigations.Rails;

/// <summary>After withdraw-all nothing is done by itself until a person says so: what was taken back in need does not come back a second later.</summary>
public sealed class PausedRail : IGuardRail
{
    public string Name => "paused";

    public string? Refuse(Mitigation mitigation, RailContext context) =>
        context.PausedBy is { } who && mitigation.Activated is null && mitigation.Origin != MitigationOrigin.Operator && mitigation.Approvers.Count == 0
            ? $"everything was withdrawn by {who}, and nothing is done by itself until mitigations are resumed"
            : null;
}
