using System.Diagnostics.Metrics;
using System.Globalization;

namespace Breakwater.Server.Metrics;

/// <summary>Adds up what every instrument of a meter named <c>breakwater…</c> counts, and shows it with the process's own numbers. Thread-safe.</summary>
internal sealed class MetricsCollector : IDisposable
{
    /// <summary>Series kept per instrument; labels come from closed lists, so more is a mistake of ours that must not grow memory.</summary>
    private const int MaxSeries = 1000;

    private readonly Lock _gate = new();
    private readonly MeterListener _listener = new();
    private readonly SortedDictionary<string, InstrumentSeries> _instruments = new(StringComparer.Ordinal);

    public MetricsCollector()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name.StartsWith("breakwater", StringComparison.OrdinalIgnoreCase)) listener.EnableMeasurementEvents(instrument, SeriesOf(instrument));
        };
        _listener.SetMeasurementEventCallback<byte>((i, value, tags, state) => Add(state, value, tags));
        _listener.SetMeasurementEventCallback<short>((i, value, tags, state) => Add(state, value, tags));
        _listener.SetMeasurementEventCallback<int>((i, value, tags, state) => Add(state, value, tags));
        _listener.SetMeasurementEventCallback<long>((i, value, tags, state) => Add(state, value, tags));
        _listener.SetMeasurementEventCallback<float>((i, value, tags, state) => Add(state, value, tags));
        _listener.SetMeasurementEventCallback<double>((i, value, tags, state) => Add(state, value, tags));
        _listener.SetMeasurementEventCallback<decimal>((i, value, tags, state) => Add(state, (double)value, tags));
        _listener.Start();
    }

    /// <summary>Everything, in Prometheus' text format.</summary>
    public string Collect()
    {
        _listener.RecordObservableInstruments();
        var text = new PrometheusText();
        lock (_gate)
        {
            foreach (var (name, series) in _instruments) series.Write(text, name);
        }
        ProcessMetrics.Write(text);
        return text.ToString();
    }

    public void Dispose() => _listener.Dispose();

    private InstrumentSeries SeriesOf(Instrument instrument)
    {
        var type = instrument.GetType().GetGenericTypeDefinition();
        var kind = type == typeof(Histogram<>) ? SeriesKind.Histogram
            : type == typeof(Counter<>) || type == typeof(ObservableCounter<>) ? SeriesKind.Counter
            : SeriesKind.Gauge;
        // An observable instrument reports totals, and so does a gauge; the others report steps.
        var adds = type == typeof(Counter<>) || type == typeof(UpDownCounter<>);
        var name = PrometheusText.MetricName(instrument.Name, instrument.Unit, kind == SeriesKind.Counter);
        lock (_gate)
        {
            if (_instruments.TryGetValue(name, out var known)) return known;
            return _instruments[name] = new InstrumentSeries(kind, adds, instrument.Description ?? "", MaxSeries);
        }
    }

    private void Add(object? state, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (state is not InstrumentSeries series) return;
        var labels = new KeyValuePair<string, string>[tags.Length];
        for (var i = 0; i < tags.Length; i++)
            labels[i] = KeyValuePair.Create(tags[i].Key, Convert.ToString(tags[i].Value, CultureInfo.InvariantCulture) ?? "");
        lock (_gate) series.Add(labels, value);
    }
}
