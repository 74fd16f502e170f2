using Breakwater.Core.Flows;
using Breakwater.Core.Net;

namespace Breakwater.Core.Mitigations;

/// <summary>Turns rules into proposals: counts exactly what each would stop and chooses the mildest action that serves.</summary>
internal sealed class Proposer(Prefix target, IReadOnlyList<Flow> attack, SparedTraffic ordinary)
{
    /// <summary>Enough for pings and name lookups of one host.</summary>
    private const double MinRate = 64_000;

    private const double UsualRate = 1_000_000;

    /// <summary>Share of the attack that a limit lets through: less than what may slip by, for attacks also shrink.</summary>
    private const double LimitedShare = 0.02;

    /// <summary>Past this much collateral a rule may cost the victim more than it spares the neighbours.</summary>
    private const double LastRungCollateral = 0.1;

    public bool HasAttack { get; } = attack.Any(f => f.Packets > 0);

    /// <param name="rule">The rule.</param>
    /// <param name="broad">True when it would stop much of what hosts commonly receive, whatever was seen here.</param>
    public ProposedMitigation Propose(TrafficMatch rule, bool broad)
    {
        var proposal = Counted(rule, MitigationAction.Drop);
        if (!broad && ordinary.LossBy(rule) <= RuleSynthesizer.AcceptableCollateral && !IsAnyIcmp(rule)) return proposal;
        var usual = Math.Min(UsualRate, LimitedShare * BitsPerSecond(attack, rule));
        return proposal with
        {
            Action = MitigationAction.RateLimit,
            RateBitsPerSecond = Math.Max(MinRate, Math.Max(usual, 2 * BitsPerSecond(ordinary.Flows, rule))),
        };
    }

    /// <summary>Adds the blackhole of a host to rules that stop too little of the attack, or too much besides.</summary>
    public IReadOnlyList<ProposedMitigation> WithLastRung(IReadOnlyList<ProposedMitigation> rules, double attackShare, double collateral)
    {
        if (!target.IsHost || (attackShare >= RuleSynthesizer.WantedShare && collateral <= LastRungCollateral)) return rules;
        return [.. rules, Counted(new TrafficMatch { Destination = target }, MitigationAction.Blackhole)];
    }

    private ProposedMitigation Counted(TrafficMatch rule, MitigationAction action) =>
        new(rule, action, Share(attack, rule) ?? 0, Share(ordinary.Flows, rule));

    /// <summary>ICMP carries what keeps connections alive (path MTU, unreachable): it is slowed down, not cut off, unless its length tells the flood apart.</summary>
    private static bool IsAnyIcmp(TrafficMatch rule) =>
        rule.Protocols.Count > 0 && rule.Protocols.All(p => p is 1 or 58) && rule.PacketLengths.Count == 0 && rule.Fragment != true;

    private static double? Share(IReadOnlyList<Flow> flows, TrafficMatch rule)
    {
        Int128 matched = 0, total = 0;
        foreach (var flow in flows)
        {
            if (flow.Packets <= 0) continue;
            total += flow.Packets;
            if (rule.Matches(flow)) matched += flow.Packets;
        }
        return total == 0 ? null : (double)matched / (double)total;
    }

    /// <summary>Rate over the time that all the flows span, but at least one second: a burst of milliseconds says nothing about a rate.</summary>
    private static double BitsPerSecond(IReadOnlyList<Flow> flows, TrafficMatch rule)
    {
        double bits = 0, first = double.PositiveInfinity, last = double.NegativeInfinity;
        foreach (var flow in flows)
        {
            first = Math.Min(first, flow.Start.Seconds);
            last = Math.Max(last, flow.End.Seconds);
            if (rule.Matches(flow)) bits += 8.0 * Math.Max(0, flow.Bytes);
        }
        return bits / Math.Max(1, last - first);
    }
}
