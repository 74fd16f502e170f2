namespace Breakwater.Server.Metrics;

internal enum SeriesKind : byte { Counter, Gauge, Histogram }

/// <summary>One instrument's values, by its labels. Guarded by the collector's lock.</summary>
/// <param name="kind">What Prometheus calls it.</param>
/// <param name="adds">True: measurements are steps. False: each is the value itself.</param>
/// <param name="help">One sentence.</param>
/// <param name="maxSeries">Label sets kept; further ones are ignored.</param>
internal sealed class InstrumentSeries(SeriesKind kind, bool adds, string help, int maxSeries)
{
    /// <summary>Upper bounds of the buckets: 1, 2.5, 5 times powers of ten, wide enough for seconds and for octets.</summary>
    private static readonly double[] Bounds = [.. Enumerable.Range(-4, 10).SelectMany(e => new[] { 1, 2.5, 5 }.Select(m => m * Math.Pow(10, e)))];

    private readonly SortedDictionary<string, Values> _series = new(StringComparer.Ordinal);

    public void Add(KeyValuePair<string, string>[] labels, double value)
    {
        var key = string.Join('\u0001', labels.Select(l => $"{l.Key}\u0002{l.Value}"));
        if (!_series.TryGetValue(key, out var values))
        {
            if (_series.Count >= maxSeries) return;
            _series[key] = values = new Values(labels, kind == SeriesKind.Histogram ? new long[Bounds.Length] : []);
        }
        values.Sum = adds || kind == SeriesKind.Histogram ? values.Sum + value : value;
        values.Count++;
        for (var i = 0; i < values.Buckets.Length; i++)
            if (value <= Bounds[i]) values.Buckets[i]++;
    }

    public void Write(PrometheusText text, string name)
    {
        if (_series.Count == 0) return;
        text.Describe(name, kind switch { SeriesKind.Counter => "counter", SeriesKind.Gauge => "gauge", _ => "histogram" }, help);
        foreach (var values in _series.Values)
        {
            if (kind != SeriesKind.Histogram)
            {
                text.Sample(name, values.Labels, values.Sum);
                continue;
            }
            for (var i = 0; i < Bounds.Length; i++)
                text.Sample(name + "_bucket", [.. values.Labels, KeyValuePair.Create("le", PrometheusText.Number(Math.Round(Bounds[i], 6)))], values.Buckets[i]);
            text.Sample(name + "_bucket", [.. values.Labels, KeyValuePair.Create("le", "+Inf")], values.Count);
            text.Sample(name + "_sum", values.Labels, values.Sum);
            text.Sample(name + "_count", values.Labels, values.Count);
        }
    }

    private sealed class Values(IReadOnlyList<KeyValuePair<string, string>> labels, long[] buckets)
    {
        public IReadOnlyList<KeyValuePair<string, string>> Labels { get; } = labels;
        public long[] Buckets { get; } = buckets;
        public double Sum { get; set; }
        public long Count { get; set; }
    }
}
