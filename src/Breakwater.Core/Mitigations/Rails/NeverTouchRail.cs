using Breakwater.Core.Net;

namespace Breakwater.Core.Mitigations.Rails;

/// <summary>What must stay reachable: loopback, the peers of our sessions, this machine, and what the operator lists. Compared by overlap, for a wider rule hits it too.</summary>
public sealed class NeverTouchRail : IGuardRail
{
    private static readonly Prefix[] Loopback = [Prefix.Parse("127.0.0.0/8"), Prefix.Parse("::1/128")];

    private readonly Prefix[] _protected;

    public NeverTouchRail(IEnumerable<Prefix> prefixes) => _protected = [.. Loopback, .. prefixes];

    public string Name => "never-touch";

    /// <summary>What is left of a prefix around what is never touched, as few prefixes as possible; the prefix itself where it overlaps nothing.</summary>
    /// <returns>Empty when nothing is left, or when it would take more than <paramref name="most"/> prefixes.</returns>
    public IReadOnlyList<Prefix> Around(Prefix prefix, int most)
    {
        var left = new List<Prefix>();
        Split(prefix, left, most);
        return left.Count <= most ? left : [];
    }

    public string? Refuse(Mitigation mitigation, RailContext context)
    {
        foreach (var side in (ReadOnlySpan<Prefix?>)[mitigation.Match.Destination, mitigation.Match.Source])
        {
            if (side is not { } prefix) continue;
            foreach (var kept in _protected)
                if (kept.Contains(prefix) || prefix.Contains(kept)) return $"{prefix} overlaps {kept}, which is never touched";
        }
        return null;
    }

    private void Split(Prefix prefix, List<Prefix> left, int most)
    {
        if (left.Count > most || _protected.Any(kept => kept.Contains(prefix))) return;
        if (!_protected.Any(prefix.Contains))
        {
            left.Add(prefix);
            return;
        }
        var length = prefix.Length + 1;
        var bit = prefix.Address.Bits - length;
        var upper = bit >= 64 ? prefix.Address with { High = prefix.Address.High | 1UL << (bit - 64) } : prefix.Address with { Low = prefix.Address.Low | 1UL << bit };
        Split(new Prefix(prefix.Address, length), left, most);
        Split(new Prefix(upper, length), left, most);
    }
}
