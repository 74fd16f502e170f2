namespace Breakwater.Core.Mitigations.Rails;

/// <summary>Traffic is diverted to configured places only, and never to an address that is diverted itself.</summary>
public sealed class DivertTargetRail(IReadOnlyList<DivertTarget> targets) : IGuardRail
{
    public string Name => "divert-target";

    public string? Refuse(Mitigation mitigation, RailContext context)
    {
        if (mitigation.Action != MitigationAction.Divert) return mitigation.DivertTo is null ? null : $"a {mitigation.Action.Name()} goes nowhere else";
        if (mitigation.DivertTo is not { } target) return "it does not say where to";
        if (!targets.Contains(target)) return $"'{target.Name}' is not one of mitigation.divert_targets";
        return target.NextHop is { } hop && mitigation.Match.Destination is { } destination && destination.Contains(hop)
            ? $"{hop} lies in {destination}: the traffic would go round in circles"
            : null;
    }
}
