using Breakwater.Core.Flows;
using Breakwater.Core.Mitigations;
using Breakwater.Core.Net;

namespace Breakwater.Protocols.Nftables;

/// <summary>What our table should hold: a chain of rules for each target.</summary>
public sealed class NftPlan
{
    /// <summary>What stays after us goes this much after its time: while we live, it is we who end it.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(30);

    private readonly SortedDictionary<NftTarget, NftChain> _targets = [];

    private NftPlan() { }

    public static NftPlan Empty { get; } = new();

    public bool IsEmpty => _targets.Count == 0;

    public IReadOnlyDictionary<NftTarget, NftChain> Targets => _targets;

    /// <summary>Ids of the mitigations in it, which are the names of their counters.</summary>
    public IEnumerable<string> Mitigations => _targets.Values.SelectMany(c => c.Rules).Select(r => r.MitigationId);

    /// <summary>The plan for all of these that nftables can say; the hardest action first, so that what is dropped does not use up a limit.</summary>
    public static NftPlan Of(IEnumerable<Mitigation> mitigations)
    {
        var plan = new NftPlan();
        foreach (var target in mitigations.DistinctBy(m => m.Id).OrderByDescending(m => m.Action).ThenBy(m => m.Id, StringComparer.Ordinal)
            .Select(m => (Mitigation: m, Rule: NftRule.Of(m, out _))).Where(m => m.Rule is not null)
            .GroupBy(m => new NftTarget(m.Mitigation.Match.Destination!.Value, m.Mitigation.OnDeath)))
        {
            plan._targets.Add(target.Key, new NftChain([.. target.Select(m => m.Rule!)], target.Key.IsLeased ? null : target.Max(m => m.Mitigation.Expires) + Grace));
        }
        return plan;
    }

    /// <summary>True when both say the same.</summary>
    public bool Same(NftPlan other) =>
        _targets.Count == other._targets.Count && _targets.All(t => other._targets.TryGetValue(t.Key, out var chain) && chain.SameRules(t.Value) && chain.Until == t.Value.Until);

    /// <summary>The first thing that is not in the table as it should be, in plain words; null when all is.</summary>
    public string? MissingFrom(NftTable table, NftHook hook)
    {
        if (!table.IsOurs) return "the table is gone";
        foreach (var (chain, rules) in Chains(hook))
        {
            if (!table.Chains.TryGetValue(chain, out var found)) return $"chain {chain} is gone";
            if (!found.SequenceEqual(rules.Select(r => r.Comment))) return $"chain {chain} has other rules";
        }
        foreach (var target in _targets.Keys)
            if (table.Elements.GetValueOrDefault((target.Map, target.Prefix.Address)) != target.Chain) return $"{target.Prefix} is gone from map {target.Map}";
        foreach (var mitigation in Mitigations)
            if (!table.Counters.ContainsKey(mitigation)) return $"counter {mitigation} is gone";
        return null;
    }

    /// <summary>Maps that it needs, each once, the longest prefixes first.</summary>
    internal IEnumerable<NftTarget> Maps => _targets.Keys.DistinctBy(t => t.Map).OrderByDescending(t => t.Prefix.Length).ThenBy(t => t.Map, StringComparer.Ordinal);

    /// <summary>All chains but the base chains' heads, with their rules.</summary>
    internal IEnumerable<(string Chain, IReadOnlyList<(string Comment, string Expressions)> Rules)> Chains(NftHook hook)
    {
        foreach (var (chain, _) in hook.BaseChains) yield return (chain, [(NftHook.DispatchChain, $$$"""[{"jump":{"target":"{{{NftHook.DispatchChain}}}"}}]""")]);
        yield return (NftHook.DispatchChain, DispatchRules);
        yield return (NftHook.LeasedChain, LeasedRules);
        foreach (var (target, chain) in _targets) yield return (target.Chain, chain.Lines);
    }

    /// <summary>First what stays after us; then, while we are alive, the rest.</summary>
    internal IReadOnlyList<(string Comment, string Expressions)> DispatchRules =>
    [
        .. Maps.Where(t => !t.IsLeased).Select(Lookup),
        (NftHook.LeasedChain, $$$"""[{"match":{"op":"==","left":{"meta":{"key":"nfproto"}},"right":"@{{{NftHook.AliveSet}}}"}},{"goto":{"target":"{{{NftHook.LeasedChain}}}"}}]"""),
    ];

    internal IReadOnlyList<(string Comment, string Expressions)> LeasedRules => [.. Maps.Where(t => t.IsLeased).Select(Lookup)];

    private static (string, string) Lookup(NftTarget target)
    {
        var address = $$$"""{"payload":{"protocol":"{{{(target.Prefix.IsV4 ? "ip" : "ip6")}}}","field":"daddr"}}""";
        var mask = new Prefix(target.Prefix.IsV4 ? IpAddr.V4(uint.MaxValue) : new IpAddr(ulong.MaxValue, ulong.MaxValue), target.Prefix.Length).Address;
        var key = target.Prefix.IsHost ? address : $$"""{"&":[{{address}},"{{mask}}"]}""";
        return (target.Map, $$$"""[{"vmap":{"key":{{{key}}},"data":"@{{{target.Map}}}"}}]""");
    }
}

/// <summary>The rules of one target.</summary>
/// <param name="Rules">In the order in which packets meet them.</param>
/// <param name="Until">When the kernel lets go of them though we be gone; null for those that go with us.</param>
public sealed record NftChain(IReadOnlyList<NftRule> Rules, Timestamp? Until)
{
    public bool SameRules(NftChain other) => Rules.SequenceEqual(other.Rules);

    internal IReadOnlyList<(string Comment, string Expressions)> Lines =>
        [.. Rules.SelectMany(r => r.Behind is { } behind ? new[] { (r.MitigationId, r.Expressions), (r.MitigationId, behind) } : [(r.MitigationId, r.Expressions)])];
}
