namespace Breakwater.Core.Mitigations;

/// <summary>How often each value of one header field occurs, and the few ranges that hold most of it.</summary>
internal sealed class ValueRanges
{
    private readonly Dictionary<int, double> _weights = [];
    private double _total;

    public void Add(int value, double weight)
    {
        _weights[value] = _weights.GetValueOrDefault(value) + weight;
        _total += weight;
    }

    /// <summary>The weight of values that no range may hold: it counts against the share.</summary>
    public void AddUnmatchable(double weight) => _total += weight;

    /// <summary>Ranges around the commonest values that hold at least <paramref name="share"/> of the weight.</summary>
    /// <param name="share">0 to 1.</param>
    /// <param name="maxRanges">Neighbours closest to each other are joined until there are no more than this.</param>
    /// <param name="maxWidth">Values that all ranges together may hold.</param>
    /// <returns>Ascending; empty when the values are too spread out.</returns>
    public IReadOnlyList<ValueRange> Covering(double share, int maxRanges, int maxWidth)
    {
        var values = new List<int>();
        var held = 0.0;
        foreach (var (value, weight) in _weights.OrderByDescending(w => w.Value).ThenBy(w => w.Key))
        {
            if (held >= share * _total) break;
            if (values.Count == maxWidth) return [];
            held += weight;
            values.Add(value);
        }
        if (values.Count == 0 || held < share * _total) return [];
        values.Sort();

        // The widest gaps stay open, and none between neighbours opens.
        var cuts = Enumerable.Range(1, values.Count - 1)
            .Where(i => values[i] - values[i - 1] > 1)
            .OrderByDescending(i => values[i] - values[i - 1]).ThenBy(i => i)
            .Take(maxRanges - 1).Order().Append(values.Count);
        var ranges = new List<ValueRange>();
        var from = 0;
        foreach (var cut in cuts)
        {
            ranges.Add(new ValueRange(values[from], values[cut - 1]));
            from = cut;
        }
        return ranges.Sum(r => r.To - r.From + 1) <= maxWidth ? ranges : [];
    }

    /// <summary>The largest value that at least <paramref name="share"/> of the weight reaches or exceeds; null when there is none.</summary>
    public int? Quantile(double share)
    {
        var held = 0.0;
        foreach (var (value, weight) in _weights.OrderByDescending(w => w.Key))
        {
            held += weight;
            if (held >= share * _total) return value;
        }
        return null;
    }
}
