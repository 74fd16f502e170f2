namespace Breakwater.Core.Mitigations.Rails;

/// <summary>What did not help, or was taken back, does not come back by itself before its hold-down is over, which doubles each time.</summary>
public sealed class HoldDownRail : IGuardRail
{
    public string Name => "hold-down";

    public string? Refuse(Mitigation mitigation, RailContext context) =>
        mitigation.Activated is null && mitigation.Approvers.Count == 0 && context.HeldUntil > context.Now
            ? $"the same rule was taken back and is held down until {context.HeldUntil}"
            : null;
}
