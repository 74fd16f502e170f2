using Breakwater.Core.Mitigations;

namespace Breakwater.Protocols.Bgp;

/// <summary>Between what a mitigation matches and the flow specifications that say so.</summary>
/// <remarks>RFC 8955 §4.2.2, RFC 8956 §3. A match without prefixes needs a rule of each family; one with many values may need several.</remarks>
public static class FlowSpecMapping
{
    private const byte GreaterOrEqual = FlowSpecTerm.GreaterThan | FlowSpecTerm.EqualTo;
    private const byte LessOrEqual = FlowSpecTerm.LessThan | FlowSpecTerm.EqualTo;

    /// <summary>Bits of the fragment component (RFC 8955 §4.2.2.12).</summary>
    private const byte LaterFragment = 2;
    private const byte FirstFragment = 4;

    /// <summary>The rules that together match what the match does; none when nothing can match it, as between addresses of different families.</summary>
    /// <exception cref="ArgumentException">The match is empty: no component says "everything".</exception>
    public static IReadOnlyList<FlowSpecRule> Rules(TrafficMatch match)
    {
        var families = (match.Destination?.IsV4 ?? match.Source?.IsV4, match.Source?.IsV4 ?? match.Destination?.IsV4) switch
        {
            (null, _) => [BgpFamily.Ipv4FlowSpec, BgpFamily.Ipv6FlowSpec],
            (true, true) => [BgpFamily.Ipv4FlowSpec],
            (false, false) => [BgpFamily.Ipv6FlowSpec],
            _ => Array.Empty<BgpFamily>(),
        };
        var rules = new List<FlowSpecRule>();
        foreach (var family in families) AddFitting(family, Components(match), rules);
        return rules;
    }

    /// <summary>What a rule matches, in our words; false for what they cannot say: offsets, flow labels, "either port", odd combinations of flags.</summary>
    public static bool TryMatch(FlowSpecRule rule, out TrafficMatch match)
    {
        match = new TrafficMatch();
        foreach (var component in rule.Components)
        {
            if (component is FlowSpecPrefix prefix)
            {
                if (prefix.Offset != 0) return false;
                match = prefix.Type == FlowSpecComponentType.DestinationPrefix ? match with { Destination = prefix.Prefix } : match with { Source = prefix.Prefix };
                continue;
            }
            var values = (FlowSpecValues)component;
            switch (values.Type)
            {
                case FlowSpecComponentType.TcpFlags:
                    if (!TryFlags(values, out var flags, out var mask)) return false;
                    match = match with { TcpFlags = flags, TcpFlagsMask = mask };
                    continue;
                case FlowSpecComponentType.Fragment:
                    if (!TryFragment(values, out var fragment)) return false;
                    match = match with { Fragment = fragment };
                    continue;
                case FlowSpecComponentType.Port or FlowSpecComponentType.FlowLabel: return false;
            }
            var ranges = Ranges(values, Largest(values.Type));
            if (ranges.Count == 0) return false;
            match = values.Type switch
            {
                FlowSpecComponentType.Protocol => match with { Protocols = [.. ranges.SelectMany(r => Enumerable.Range(r.From, r.To - r.From + 1)).Select(v => (byte)v)] },
                FlowSpecComponentType.DestinationPort => match with { DestinationPorts = ranges },
                FlowSpecComponentType.SourcePort => match with { SourcePorts = ranges },
                FlowSpecComponentType.IcmpType => match with { IcmpTypes = ranges },
                FlowSpecComponentType.IcmpCode => match with { IcmpCodes = ranges },
                FlowSpecComponentType.PacketLength => match with { PacketLengths = ranges },
                _ => match with { Dscp = ranges },
            };
        }
        return true;
    }

    private static List<FlowSpecComponent> Components(TrafficMatch match)
    {
        var components = new List<FlowSpecComponent>();
        if (match.Destination is { } destination) components.Add(new FlowSpecPrefix(FlowSpecComponentType.DestinationPrefix, destination));
        if (match.Source is { } source) components.Add(new FlowSpecPrefix(FlowSpecComponentType.SourcePrefix, source));

        void Add(FlowSpecComponentType type, IReadOnlyList<ValueRange> ranges)
        {
            if (ranges.Count > 0) components.Add(new FlowSpecValues(type, Terms(ranges, Largest(type))));
        }

        Add(FlowSpecComponentType.Protocol, [.. match.Protocols.Select(p => new ValueRange(p, p))]);
        Add(FlowSpecComponentType.DestinationPort, match.DestinationPorts);
        Add(FlowSpecComponentType.SourcePort, match.SourcePorts);
        Add(FlowSpecComponentType.IcmpType, match.IcmpTypes);
        Add(FlowSpecComponentType.IcmpCode, match.IcmpCodes);
        if (match.TcpFlagsMask != 0) components.Add(new FlowSpecValues(FlowSpecComponentType.TcpFlags, FlagTerms(match.TcpFlags, match.TcpFlagsMask)));
        Add(FlowSpecComponentType.PacketLength, match.PacketLengths);
        Add(FlowSpecComponentType.Dscp, match.Dscp);
        if (match.Fragment is { } fragment) components.Add(new FlowSpecValues(FlowSpecComponentType.Fragment, FragmentTerms(fragment)));
        if (components.Count == 0) throw new ArgumentException("a flow specification needs a component; this match has none", nameof(match));
        return components;
    }

    /// <summary>Adds the rule, or the halves of its longest list where it is too long for one message.</summary>
    private static void AddFitting(BgpFamily family, List<FlowSpecComponent> components, List<FlowSpecRule> into)
    {
        var rule = new FlowSpecRule(family, components);
        if (rule.Length <= FlowSpecRule.MaxLength)
        {
            into.Add(rule);
            return;
        }
        var longest = components.OfType<FlowSpecValues>().MaxBy(v => v.Terms.Count)!;
        var middle = longest.Terms.Count / 2;
        if (longest.Terms[middle].And) middle++;
        foreach (var half in (ReadOnlySpan<IReadOnlyList<FlowSpecTerm>>)[[.. longest.Terms.Take(middle)], [.. longest.Terms.Skip(middle)]])
            AddFitting(family, [.. components.Where(c => c != longest), longest with { Terms = half }], into);
    }

    /// <summary>Ranges in ascending order, those that touch as one; "or" between them.</summary>
    private static List<FlowSpecTerm> Terms(IReadOnlyList<ValueRange> ranges, int largest)
    {
        var joined = new List<ValueRange>();
        foreach (var range in ranges.OrderBy(r => r.From).ThenBy(r => r.To))
        {
            if (joined.Count > 0 && range.From <= joined[^1].To + 1) joined[^1] = joined[^1] with { To = Math.Max(joined[^1].To, range.To) };
            else joined.Add(range);
        }
        var terms = new List<FlowSpecTerm>();
        foreach (var (from, to) in joined)
        {
            if (from == to) terms.Add(FlowSpecTerm.Of(FlowSpecTerm.EqualTo, (ulong)from));
            else if (from == 0) terms.Add(FlowSpecTerm.Of(LessOrEqual, (ulong)to));
            else
            {
                terms.Add(FlowSpecTerm.Of(GreaterOrEqual, (ulong)from));
                if (to < largest) terms.Add(FlowSpecTerm.Of(LessOrEqual, (ulong)to, and: true));
            }
        }
        return terms;
    }

    /// <summary>All of those that must be set, and none of those that must not.</summary>
    private static FlowSpecTerm[] FlagTerms(byte flags, byte mask)
    {
        var set = (byte)(flags & mask);
        var clear = (byte)(mask & ~flags);
        var all = FlowSpecTerm.Of(FlowSpecTerm.Match, set);
        return clear == 0 ? [all]
            : set == 0 ? [FlowSpecTerm.Of(FlowSpecTerm.Not, clear)]
            : [all, FlowSpecTerm.Of(FlowSpecTerm.Not, clear, and: true)];
    }

    /// <summary>One bit per term: routers that know few combinations know these.</summary>
    private static FlowSpecTerm[] FragmentTerms(bool fragment) => fragment
        ? [FlowSpecTerm.Of(0, LaterFragment), FlowSpecTerm.Of(0, FirstFragment)]
        : [FlowSpecTerm.Of(FlowSpecTerm.Not, LaterFragment), FlowSpecTerm.Of(FlowSpecTerm.Not, FirstFragment, and: true)];

    /// <summary>The values that fulfil a list: its truth can only change at a value that it names, and right behind.</summary>
    private static List<ValueRange> Ranges(FlowSpecValues values, int largest)
    {
        var edges = new SortedSet<int> { 0 };
        foreach (var term in values.Terms)
        {
            if (term.Value > (ulong)largest) continue;
            edges.Add((int)term.Value);
            if ((int)term.Value < largest) edges.Add((int)term.Value + 1);
        }
        var starts = edges.ToArray();
        var ranges = new List<ValueRange>();
        for (var i = 0; i < starts.Length; i++)
        {
            if (!values.Matches((ulong)starts[i])) continue;
            var end = i + 1 < starts.Length ? starts[i + 1] - 1 : largest;
            if (ranges.Count > 0 && ranges[^1].To == starts[i] - 1) ranges[^1] = ranges[^1] with { To = end };
            else ranges.Add(new ValueRange(starts[i], end));
        }
        return ranges;
    }

    /// <summary>A list over flags is "these bits, of those looked at" when the matching values are exactly those that agree on some bits.</summary>
    private static bool TryFlags(FlowSpecValues values, out byte flags, out byte mask)
    {
        int all = 0xFF, any = 0, count = 0;
        for (var value = 0; value <= 0xFF; value++)
        {
            if (!values.Matches((ulong)value)) continue;
            all &= value;
            any |= value;
            count++;
        }
        mask = (byte)~(all ^ any);
        flags = (byte)(all & mask);
        // The first octet of the flags (RFC 8955 §4.2.2.9) is not ours to match.
        return mask != 0 && count == 1 << (8 - System.Numerics.BitOperations.PopCount(mask)) && values.Terms.All(t => t.Value <= 0xFF);
    }

    private static bool TryFragment(FlowSpecValues values, out bool fragment)
    {
        // What a packet can be: whole (with and without DF), first, middle, last. DF must not matter.
        ReadOnlySpan<byte> whole = [0, 1], parts = [4, 2, 10];
        fragment = values.Matches(parts[0]);
        foreach (var kind in parts)
            if (values.Matches(kind) != fragment) return false;
        foreach (var kind in whole)
            if (values.Matches(kind) == fragment) return false;
        return true;
    }

    private static int Largest(FlowSpecComponentType type) => type switch
    {
        FlowSpecComponentType.Protocol or FlowSpecComponentType.IcmpType or FlowSpecComponentType.IcmpCode => 0xFF,
        FlowSpecComponentType.Dscp => 0x3F,
        _ => 0xFFFF,
    };
}
