using Breakwater.Core.Flows;

namespace Breakwater.Protocols.Nftables;

/// <summary>Changes of our table as input of <c>nft -j -f -</c>, each of which the kernel does whole or not at all.</summary>
/// <remarks>libnftables-json(5). No object is addressed by a handle, so that nothing depends on what others did meanwhile.</remarks>
public static class NftTransaction
{
    /// <summary>Takes the table away, with everything in it.</summary>
    public static byte[] Remove(NftHook hook)
    {
        using var commands = new NftCommands(hook.Table);
        // One that is not there cannot be deleted; one that is there is not changed by adding it.
        commands.Table("add");
        commands.Table("delete");
        return commands.End();
    }

    /// <summary>Says that we are alive for that long from now.</summary>
    public static byte[] Renew(NftHook hook, TimeSpan lease)
    {
        using var commands = new NftCommands(hook.Table);
        commands.Flush("set", NftHook.AliveSet);
        commands.Alive(lease);
        return commands.End();
    }

    /// <summary>The table anew, whatever was in it.</summary>
    /// <param name="counts">Where counters go on from.</param>
    public static byte[] Whole(NftHook hook, NftPlan plan, IReadOnlyDictionary<string, NftCount> counts, TimeSpan lease, Timestamp now)
    {
        using var commands = new NftCommands(hook.Table);
        commands.Table("add");
        commands.Table("delete");
        commands.Table("add");
        commands.AliveSet();
        commands.Alive(lease);
        foreach (var map in plan.Maps) commands.Map(map);
        foreach (var mitigation in plan.Mitigations) commands.Counter(mitigation, counts.GetValueOrDefault(mitigation));
        // Jumps need their targets: all chains, then all rules.
        foreach (var (chain, device) in hook.BaseChains) commands.BaseChain(chain, hook, device);
        var based = hook.BaseChains.Select(c => c.Chain).ToHashSet();
        foreach (var (chain, _) in plan.Chains(hook))
            if (!based.Contains(chain)) commands.Object("add", "chain", chain);
        foreach (var (chain, rules) in plan.Chains(hook)) commands.Rules(chain, rules);
        foreach (var (target, chain) in plan.Targets) commands.Element(target, chain, now);
        return commands.End();
    }

    /// <summary>What differs. Counters of what stays go on.</summary>
    public static byte[] Change(NftHook hook, NftPlan from, NftPlan to, IReadOnlyDictionary<string, NftCount> counts, Timestamp now)
    {
        using var commands = new NftCommands(hook.Table);
        var (mapsBefore, mapsAfter) = (from.Maps.Select(m => m.Map).ToHashSet(), to.Maps.Select(m => m.Map).ToHashSet());
        var (before, after) = (from.Mitigations.ToHashSet(), to.Mitigations.ToHashSet());

        foreach (var mitigation in to.Mitigations.Where(m => !before.Contains(m))) commands.Counter(mitigation, counts.GetValueOrDefault(mitigation));
        foreach (var map in to.Maps.Where(m => !mapsBefore.Contains(m.Map))) commands.Map(map);
        foreach (var (target, chain) in to.Targets)
        {
            var old = from.Targets.GetValueOrDefault(target);
            if (old is null) commands.Object("add", "chain", target.Chain);
            else if (!old.SameRules(chain)) commands.Flush("chain", target.Chain);
            if (old is null || !old.SameRules(chain)) commands.Rules(target.Chain, chain.Lines);
            // The time of an element that is there can only be changed by another element in its place.
            if (old is not null && old.Until != chain.Until) commands.DeleteElement(target);
            if (old is null || old.Until != chain.Until) commands.Element(target, chain, now);
        }
        foreach (var target in from.Targets.Keys.Where(t => !to.Targets.ContainsKey(t)))
        {
            commands.DeleteElement(target);
            commands.Flush("chain", target.Chain);
            commands.Object("delete", "chain", target.Chain);
        }
        if (!mapsBefore.SetEquals(mapsAfter))
        {
            commands.Flush("chain", NftHook.DispatchChain);
            commands.Rules(NftHook.DispatchChain, to.DispatchRules);
            commands.Flush("chain", NftHook.LeasedChain);
            commands.Rules(NftHook.LeasedChain, to.LeasedRules);
            foreach (var map in mapsBefore.Except(mapsAfter)) commands.Object("delete", "map", map);
        }
        foreach (var mitigation in from.Mitigations.Where(m => !after.Contains(m))) commands.Object("delete", "counter", mitigation);
        return commands.End();
    }
}
