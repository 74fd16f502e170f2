using Breakwater.Core.Detection;
using Breakwater.Core.Flows;
using Breakwater.Core.Net;

namespace Breakwater.Core.Mitigations;

/// <summary>Covers an attack that no single rule fits with a few that complement each other: greedy set cover over the best rule of each part.</summary>
internal sealed class RuleCover(Prefix target, string vector, IReadOnlyList<Flow> attack, SparedTraffic ordinary, SparedTraffic typical)
{
    /// <summary>Parts lighter than this share of the attack get no rule of their own.</summary>
    private const double MinPart = 0.02;

    private const int MaxSourcePrefixes = 8;

    /// <summary>A rule more must be worth it: stop a further percent of the attack, and thrice the ordinary packets that it stops.</summary>
    private const double RulePrice = 0.01;
    private const double CollateralPrice = 3;

    /// <param name="maxRules">Rules in the set at most.</param>
    /// <param name="wantedShare">Share of the attack's packets at which to stop adding, 0 to 1.</param>
    public Cover Choose(int maxRules, double wantedShare)
    {
        var pool = Parts().Select(part => RuleSearch.Best(target, RuleComponents.Of(part, vector), part, ordinary, typical, 0.97)).OfType<TrafficMatch>().ToList();
        var chosen = new List<TrafficMatch>();
        var current = new Cover([], 0, 0);
        while (chosen.Count < maxRules && current.AttackShare < wantedShare)
        {
            var best = pool.Select(rule => (Rule: rule, Cover: CoverOf([.. chosen, rule])))
                .Select(c => (c.Rule, c.Cover, Gain: c.Cover.AttackShare - current.AttackShare - CollateralPrice * (c.Cover.Loss - current.Loss)))
                .Where(c => c.Gain > RulePrice)
                .OrderByDescending(c => c.Gain).FirstOrDefault();
            if (best.Rule is null) break;
            chosen.Add(best.Rule);
            current = best.Cover;
        }
        foreach (var rule in chosen.ToArray())
        {
            var without = CoverOf([.. chosen.Where(r => r != rule)]);
            if (without.AttackShare < Math.Min(wantedShare, current.AttackShare)) continue;
            chosen.Remove(rule);
            current = without;
        }
        return current;
    }

    /// <summary>The attack cut by protocol, by what the packets are, by the service that they come from, and by where they come from.</summary>
    private IEnumerable<IReadOnlyList<Flow>> Parts()
    {
        var total = attack.Sum(f => f.Weight());
        var services = attack.Where(f => f.Protocol == 17 && f.HasPorts() && f.SourcePort != 0).GroupBy(f => f.SourcePort)
            .Where(g => g.Sum(f => f.Weight()) >= 0.1 * total || Vectors.ReflectionAt(g.Key) is not null).Select(g => g.Key).ToHashSet();
        var byProtocol = attack.GroupBy(f => (int)f.Protocol).OrderBy(g => g.Key);
        var byKind = attack.GroupBy(f => (f.Protocol, Kind: Kind(f, services))).OrderBy(g => g.Key);
        var bySource = attack.GroupBy(f => Prefix.Of(f.Source, f.Source.IsV4 ? 24 : 48))
            .OrderByDescending(g => g.Sum(f => f.Weight())).ThenBy(g => g.Key).Take(MaxSourcePrefixes);
        return byProtocol.Select(g => g.ToArray()).Concat(byKind.Select(g => g.ToArray())).Concat(bySource.Select(g => g.ToArray()))
            .Where(part => part.Sum(f => f.Weight()) >= MinPart * total);
    }

    private static int Kind(Flow flow, HashSet<ushort> services)
    {
        if ((flow.Flags & FlowFlags.LaterFragment) != 0) return -1;
        return flow.Protocol switch
        {
            6 => flow.TcpFlags & 0x16,
            17 when services.Contains(flow.SourcePort) => flow.SourcePort,
            1 or 58 => flow.DestinationPort >> 8,
            _ => 0,
        };
    }

    private Cover CoverOf(IReadOnlyList<TrafficMatch> rules) => new(rules, attack.ShareOf(rules), ordinary.LossBy(rules));
}

/// <param name="Rules">Rules that complement each other.</param>
/// <param name="AttackShare">Share of the attack's packets that at least one of them matches.</param>
/// <param name="Loss">Loss of ordinary traffic by any of them, 0 to 1.</param>
internal sealed record Cover(IReadOnlyList<TrafficMatch> Rules, double AttackShare, double Loss);
