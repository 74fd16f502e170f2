namespace Breakwater.Core.Mitigations.Rails;

/// <summary>A blackhole completes the attack for the victim: by itself it comes only after something milder was tried.</summary>
public sealed class BlackholeLastRail(bool first) : IGuardRail
{
    public string Name => "blackhole-last";

    public string? Refuse(Mitigation mitigation, RailContext context)
    {
        if (first || mitigation.Action != MitigationAction.Blackhole || mitigation.Approvers.Count > 0) return null;
        return context.Tried.Any(m => m.Id == mitigation.EscalatedFrom && m.Action < MitigationAction.Blackhole)
            ? null
            : "nothing milder has been tried (mitigation.rails.blackhole_first allows it)";
    }
}
