using Breakwater.Core.Net;

namespace Breakwater.Core.Mitigations.Rails;

/// <summary>Nothing is announced or matched outside the operator's own prefixes; 0.0.0.0/0 and ::/0 are nobody's.</summary>
public sealed class OwnedPrefixesRail(IReadOnlyList<Prefix> owned) : IGuardRail
{
    private const int Shown = 4;

    private readonly IReadOnlyList<Prefix> _owned = [.. owned.Where(p => p.Length > 0)];

    public string Name => "owned-prefixes";

    public string? Refuse(Mitigation mitigation, RailContext context)
    {
        if (mitigation.Match.Destination is not { } destination) return "it has no destination, so it would concern everybody";
        if (_owned.Count == 0) return "no prefixes are owned: set home, or mitigation.rails.owned";
        if (_owned.Any(p => p.Contains(destination))) return null;
        var list = string.Join(", ", _owned.Take(Shown)) + (_owned.Count > Shown ? $" and {_owned.Count - Shown} more" : "");
        return $"{destination} is not inside an owned prefix ({list})";
    }
}
