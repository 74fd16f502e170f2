using Breakwater.Core.Net;

namespace Breakwater.Core.Mitigations.Rails;

/// <summary>What must stay reachable: loopback, the peers of our sessions, this machine, and what the operator lists. Compared by overlap, for a wider rule hits it too.</summary>
public sealed class NeverTouchRail : IGuardRail
{
    private static readonly Prefix[] Loopback = [Prefix.Parse("127.0.0.0/8"), Prefix.Parse("::1/128")];

    private readonly Prefix[] _protected;

    public NeverTouchRail(IEnumerable<Prefix> prefixes) => _protected = [.. Loopback, .. prefixes];

    public string Name => "never-touch";

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
}
