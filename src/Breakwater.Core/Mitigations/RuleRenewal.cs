using Breakwater.Core.Flows;

namespace Breakwater.Core.Mitigations;

/// <summary>Keeps the rules of an attack as long as they serve: a rule that may be in force is not exchanged for one that does hardly better.</summary>
public static class RuleRenewal
{
    /// <summary>New rules must stop this much more of the attack, where neither stops what is wanted …</summary>
    private const double MuchMore = 0.03;

    /// <summary>… or spare this much more ordinary traffic.</summary>
    private const double MuchLess = 0.01;

    /// <param name="former">Rules proposed so far; may be empty.</param>
    /// <param name="newer">Rules made of what is known now.</param>
    /// <param name="attack">The attack as it is known now, as for <see cref="RuleSynthesizer.Synthesize"/>.</param>
    /// <param name="ordinary">The target's other flows.</param>
    /// <returns>One of the two; the former with shares counted anew.</returns>
    public static IReadOnlyList<ProposedMitigation> Choose(IReadOnlyList<ProposedMitigation> former, IReadOnlyList<ProposedMitigation> newer, IReadOnlyList<Flow> attack, IReadOnlyList<Flow> ordinary)
    {
        if (former.Count == 0 || newer.Count == 0) return newer;
        var spared = new SparedTraffic(ordinary);
        TrafficMatch[] held = Matches(former), offered = Matches(newer);
        var (stopped, more) = (attack.ShareOf(held), attack.ShareOf(offered));
        var (loss, less) = (spared.LossBy(held), spared.LossBy(offered));
        if (stopped < RuleSynthesizer.WantedShare && more >= Math.Min(RuleSynthesizer.WantedShare, stopped + MuchMore)) return newer;
        if (loss > less + MuchLess) return newer;
        // What turned out to cost too much to be dropped is dropped no longer.
        if (loss > RuleSynthesizer.AcceptableCollateral && Ladder.First(former).Any(p => p.Action == MitigationAction.Drop) && Ladder.First(newer).All(p => p.Action == MitigationAction.RateLimit)) return newer;
        return [.. former.Select(p => p with { AttackShare = attack.ShareOf(p.Match), CollateralShare = RuleReplay.ShareOf(ordinary, p.Match) })];
    }

    private static TrafficMatch[] Matches(IReadOnlyList<ProposedMitigation> proposals) => [.. Ladder.First(proposals).Select(p => p.Match)];
}
