using Breakwater.Core.Flows;
using Breakwater.Core.Net;

namespace Breakwater.Core.Mitigations;

/// <summary>Finds the smallest set of rules that covers an attack at the least collateral.</summary>
/// <remarks>
/// One rule that stops nearly everything is proposed alone. Where ordinary traffic would suffer from it, the attack is split by
/// protocol, service and source, and a set of complementary rules takes its place. A blackhole, which completes the attack for
/// the victim, is the last rung of the ladder and only ever of one host.
/// </remarks>
public static class RuleSynthesizer
{
    /// <summary>Share of the attack's packets that a proposal aims to stop.</summary>
    public const double WantedShare = 0.95;

    /// <summary>Loss of ordinary traffic that a rule may cause without being called costly, by packets and by connections.</summary>
    public const double AcceptableCollateral = 0.02;

    public const int MaxProposals = 8;

    private const int MaxComplementary = 6;

    /// <summary>Above this loss of typical traffic a rule is too broad to drop everything unseen.</summary>
    private const double BroadTypicalLoss = 0.1;

    /// <summary>A set of rules must spare this much more than a single one to be worth its length.</summary>
    private const double MuchLess = 0.8;

    /// <summary>Flows of either sort that rules are searched over; the shares are counted over all.</summary>
    private const int MaxSearched = 20_000;

    /// <summary>Rules for one attack, best first; none when no rule can be given.</summary>
    /// <param name="target">Victim host or prefix: the destination of every rule.</param>
    /// <param name="vector">Heaviest vector's name, a hint for ties only.</param>
    /// <param name="attack">Sample of the flows judged to be attack, weighted by their packets.</param>
    /// <param name="ordinary">Sample of the target's other flows, before and during the attack; may be empty.</param>
    /// <returns>
    /// At most <see cref="MaxProposals"/>. When one rule stops <see cref="WantedShare"/> at no more than <see cref="AcceptableCollateral"/>
    /// it is the first; otherwise the first ones complement each other and what follows are harder alternatives to all of them.
    /// </returns>
    public static IReadOnlyList<ProposedMitigation> Synthesize(Prefix target, string vector, IReadOnlyList<Flow> attack, IReadOnlyList<Flow> ordinary)
    {
        var spared = new SparedTraffic(ordinary);
        var proposer = new Proposer(target, attack, spared);
        if (!proposer.HasAttack) return [];
        var searched = attack.Where(f => f.Weight() > 0 && target.Contains(f.Destination)).ToArray().Thinned(MaxSearched);
        if (searched.Count == 0) return [];
        var ordinarySearched = spared.Thinned(MaxSearched);
        var typical = new SparedTraffic(TypicalTraffic.To(target, ServicePort(searched)));

        bool Broad(TrafficMatch rule) => typical.LossBy(rule) > BroadTypicalLoss;

        var best = RuleSearch.Best(target, RuleComponents.Of(searched, vector), searched, ordinarySearched, typical, WantedShare);
        var single = best is null ? null : proposer.Propose(best, Broad(best));
        var cost = best is null ? 0 : spared.LossBy(best);
        var costly = cost > AcceptableCollateral;
        if (single is not null && !costly && !Broad(single.Match)) return [single];

        var cover = new RuleCover(target, vector, searched, ordinarySearched, typical).Choose(MaxComplementary, WantedShare);
        var complementary = cover.Rules.Select(r => proposer.Propose(r, Broad(r))).OrderByDescending(p => p.AttackShare).ToArray();
        if (single is null) return proposer.WithLastRung(complementary, cover.AttackShare, cover.Loss);
        if (costly && cover.AttackShare >= WantedShare && cover.Loss < MuchLess * cost)
            return proposer.WithLastRung([.. complementary, single], cover.AttackShare, cover.Loss);

        // In front of an operator who sees the first rule alone, the one that stops it all comes first, however broad.
        var narrower = complementary.Where(c => c.CollateralShare < single.CollateralShare || (Broad(single.Match) && !Broad(c.Match)));
        return proposer.WithLastRung([single, .. narrower], single.AttackShare, cost);
    }

    /// <summary>The port that most of the attack goes to, which the target is then assumed to serve; 443 when there is none.</summary>
    private static ushort ServicePort(IReadOnlyList<Flow> attack)
    {
        var counts = new ValueRanges();
        foreach (var flow in attack)
        {
            if (flow.HasPorts()) counts.Add(flow.DestinationPort, flow.Weight());
            else counts.AddUnmatchable(flow.Weight());
        }
        return counts.Covering(0.5, 1, 1) is [var port] ? (ushort)port.From : (ushort)443;
    }
}
