using Breakwater.Core.Flows;
using Breakwater.Core.Net;

namespace Breakwater.Core.Mitigations;

/// <summary>Tries every combination of conditions and keeps the rule that stops the attack at the least cost.</summary>
/// <remarks>
/// Flows that the same conditions match count as one, so a combination is judged by a few dozen sums however many flows there
/// are, and conditions that lose too much of the attack end their branch.
/// </remarks>
internal sealed class RuleSearch
{
    /// <summary>Packets of the attack that slip through cost less than ordinary packets that are stopped.</summary>
    private const double MissCost = 0.3;

    /// <summary>Added once collateral passes what an operator would accept unasked.</summary>
    private const double RefusalCost = 1;

    private readonly Option[][] _byDimension;
    private readonly Bundle[] _attack;
    private readonly Bundle[] _ordinary, _ordinaryWeighed;
    private readonly Bundle[] _typical, _typicalWeighed;
    private readonly double _typicalWeight;
    private readonly double _minShare;

    private ulong _best;
    private double _bestCost = double.PositiveInfinity;

    private RuleSearch(IReadOnlyList<RuleComponent> components, IReadOnlyList<Flow> attack, SparedTraffic ordinary, SparedTraffic typical, double minShare)
    {
        var options = components.Select((component, i) => new Option(component, 1UL << i));
        _byDimension = [.. Enum.GetValues<RuleDimension>().Select(d => options.Where(o => o.Component.Dimension == d).ToArray())];
        _attack = Bundle.Of(attack, components);
        (_ordinary, _ordinaryWeighed) = (Bundle.Of(ordinary.Flows, components), Bundle.Of(ordinary.Weighed, components));
        (_typical, _typicalWeighed) = (Bundle.Of(typical.Flows, components), Bundle.Of(typical.Weighed, components));
        // What was measured tells more than what is typical, but a few hundred ordinary packets do not show everything.
        _typicalWeight = _ordinary.Length > 0 ? 0.1 : 1;
        _minShare = minShare;
    }

    /// <param name="target">Destination of the rule.</param>
    /// <param name="components">What the rule may be made of; at most 64 are tried.</param>
    /// <param name="attack">What it should stop.</param>
    /// <param name="ordinary">What it should not.</param>
    /// <param name="typical">What it should rather not either.</param>
    /// <param name="minShare">Share of the attack's packets that it must stop, 0 to 1.</param>
    /// <returns>Null when no rule with a condition besides the destination stops that much.</returns>
    public static TrafficMatch? Best(Prefix target, IReadOnlyList<RuleComponent> components, IReadOnlyList<Flow> attack,
        SparedTraffic ordinary, SparedTraffic typical, double minShare)
    {
        var search = new RuleSearch([.. components.Take(64)], attack, ordinary, typical, minShare);
        search.Try(0, 0, 0, null);
        if (search._best == 0) return null;
        var rule = new TrafficMatch { Destination = target };
        foreach (var (component, bit) in search._byDimension.SelectMany(options => options))
            if ((search._best & bit) != 0) rule = component.AddTo(rule);
        return rule;
    }

    private void Try(int dimension, ulong chosen, double cost, TrafficMatch? protocols)
    {
        if (chosen != 0 && Bundle.Share(_attack, chosen) < _minShare) return;
        if (dimension == _byDimension.Length)
        {
            Judge(chosen, cost);
            return;
        }
        // A router looks at ports and flags only where the rule says the protocol: it is always said, if there is one to say.
        if (dimension != (int)RuleDimension.Protocol || _byDimension[dimension].Length == 0) Try(dimension + 1, chosen, cost, protocols);
        if (!Fits((RuleDimension)dimension, protocols)) return;
        foreach (var (component, bit) in _byDimension[dimension])
            Try(dimension + 1, chosen | bit, cost + component.Cost, dimension == (int)RuleDimension.Protocol ? component.Match : protocols);
    }

    private void Judge(ulong chosen, double cost)
    {
        if (chosen == 0) return;
        var loss = Math.Max(Bundle.Share(_ordinary, chosen), Bundle.Share(_ordinaryWeighed, chosen));
        cost += loss + MissCost * (1 - Bundle.Share(_attack, chosen)) + _typicalWeight * Math.Max(Bundle.Share(_typical, chosen), Bundle.Share(_typicalWeighed, chosen));
        if (loss > RuleSynthesizer.AcceptableCollateral) cost += RefusalCost;
        // Costs are sums of the same few numbers in another order: equal ones may differ in the last bits.
        if (cost >= _bestCost - 1e-9) return;
        _bestCost = cost;
        _best = chosen;
    }

    /// <summary>Ports, flags and types mean something only once the protocol is fixed.</summary>
    private static bool Fits(RuleDimension dimension, TrafficMatch? protocols) => dimension switch
    {
        RuleDimension.TcpFlags => protocols is { Protocols: [6] },
        RuleDimension.IcmpType => protocols is not null && protocols.Protocols.All(p => p is 1 or 58),
        RuleDimension.SourcePort or RuleDimension.DestinationPort => protocols is not null && protocols.Protocols.All(FlowWeights.CarriesPorts),
        _ => true,
    };

    /// <param name="Component">One condition.</param>
    /// <param name="Bit">Stands for it in a combination.</param>
    private readonly record struct Option(RuleComponent Component, ulong Bit);

    /// <summary>Flows that exactly the components in <paramref name="Matching"/> match, and their share of the packets.</summary>
    private readonly record struct Bundle(ulong Matching, double PacketShare)
    {
        public static Bundle[] Of(IReadOnlyList<Flow> flows, IReadOnlyList<RuleComponent> components)
        {
            var weights = new Dictionary<ulong, double>();
            var total = 0.0;
            foreach (var flow in flows)
            {
                var matching = 0UL;
                for (var i = 0; i < components.Count; i++)
                    if (components[i].Match.Matches(flow)) matching |= 1UL << i;
                weights[matching] = weights.GetValueOrDefault(matching) + flow.Weight();
                total += flow.Weight();
            }
            return total == 0 ? [] : [.. weights.OrderBy(w => w.Key).Select(w => new Bundle(w.Key, w.Value / total))];
        }

        public static double Share(Bundle[] bundles, ulong chosen)
        {
            var share = 0.0;
            foreach (var bundle in bundles)
                if ((bundle.Matching & chosen) == chosen) share += bundle.PacketShare;
            return share;
        }
    }
}
