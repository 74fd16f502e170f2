using Breakwater.Core.Flows;
using Breakwater.Core.Mitigations;
using Breakwater.Core.Net;

namespace Breakwater.Core.Incidents;

/// <summary>Rules for what was hit: the whole target; or, where a few parts of it were hit, each of them, so that the rest is left alone.</summary>
internal static class AttackRules
{
    /// <summary>Parts of a target that get rules of their own.</summary>
    private const int MaxParts = 4;

    /// <param name="parts">Networks of the target that were hit; none for all of it.</param>
    /// <param name="vector">The heaviest.</param>
    public static IReadOnlyList<ProposedMitigation> Of(IReadOnlyList<Prefix> parts, Prefix target, string vector, List<Flow> attack, List<Flow> ordinary)
    {
        if (parts.Count is < 2 or > MaxParts) return RuleSynthesizer.Synthesize(target, vector, attack, ordinary);
        double all = attack.Sum(f => (double)f.Packets), usual = ordinary.Sum(f => (double)f.Packets);
        var rules = new List<ProposedMitigation>();
        foreach (var part in parts)
        {
            var hit = attack.Where(f => part.Contains(f.Destination)).ToArray();
            var spared = ordinary.Where(f => part.Contains(f.Destination)).ToArray();
            var attackPart = hit.Sum(f => (double)f.Packets) / Math.Max(1, all);
            var ordinaryPart = spared.Sum(f => (double)f.Packets) / Math.Max(1, usual);
            rules.AddRange(RuleSynthesizer.Synthesize(part, vector, hit, spared).Take(RuleSynthesizer.MaxProposals / parts.Count).Select(r => r with
            {
                AttackShare = Math.Round(r.AttackShare * attackPart, 4),
                CollateralShare = r.CollateralShare is { } collateral ? Math.Round(collateral * ordinaryPart, 4) : null,
            }));
        }
        return [.. rules.OrderByDescending(r => r.AttackShare)];
    }
}
