using Breakwater.Core.Net;

namespace Breakwater.Core.Mitigations.Rails;

/// <summary>
/// Nothing is announced or matched outside the operator's own prefixes; 0.0.0.0/0 and ::/0 are nobody's. What goes out has its source inside, and is
/// dropped or limited: everything else would be done to its destination.
/// </summary>
public sealed class OwnedPrefixesRail(IReadOnlyList<Prefix> owned) : IGuardRail
{
    private const int Shown = 4;

    private readonly IReadOnlyList<Prefix> _owned = [.. owned.Where(p => p.Length > 0)];

    public string Name => "owned-prefixes";

    public string? Refuse(Mitigation mitigation, RailContext context)
    {
        if (mitigation.OurSide is not { } ours) return $"it has no {(mitigation.IsOutbound ? "source" : "destination")}, so it would concern everybody";
        if (_owned.Count == 0) return "no prefixes are owned: set home, or mitigation.rails.owned";
        if (mitigation.IsOutbound && mitigation.TakesAll()) return $"a {mitigation.Action.Name()} would be of {mitigation.Match.Destination}, which is not ours: what goes out is dropped or limited";
        if (_owned.Any(p => p.Contains(ours))) return null;
        var list = string.Join(", ", _owned.Take(Shown)) + (_owned.Count > Shown ? $" and {_owned.Count - Shown} more" : "");
        return $"{ours} is not inside an owned prefix ({list})";
    }
}
