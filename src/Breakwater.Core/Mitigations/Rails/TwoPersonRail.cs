using System.Globalization;

namespace Breakwater.Core.Mitigations.Rails;

/// <summary>What is wide needs two people: blackholes and diversions of more than one host, and drops that cost much ordinary traffic.</summary>
public sealed class TwoPersonRail(double maxCollateral) : IGuardRail
{
    public string Name => "two-person";

    public string? Refuse(Mitigation mitigation, RailContext context)
    {
        if (mitigation.Approvers.Distinct(StringComparer.Ordinal).Count() >= 2) return null;
        var approved = mitigation.Approvers.Count == 0 ? "nobody has approved it" : $"only {mitigation.Approvers[0]} has approved it";
        if (mitigation.TakesAll() && mitigation.Match.Destination is { IsHost: false } destination)
            return $"a {mitigation.Action.Name()} of all {destination} needs two people, and {approved}";
        return mitigation.Action == MitigationAction.Drop && mitigation.CollateralShare > maxCollateral
            ? string.Create(CultureInfo.InvariantCulture, $"it would drop {100 * mitigation.CollateralShare:0.#} % of the ordinary traffic, which needs two people, and {approved}")
            : null;
    }
}
