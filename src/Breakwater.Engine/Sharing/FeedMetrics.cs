using System.Diagnostics.Metrics;
using Breakwater.Core.Sharing;

namespace Breakwater.Engine.Sharing;

/// <summary>Meters of the feeds. The label is the feed's name in the configuration.</summary>
public sealed class FeedMetrics : IDisposable
{
    private readonly Meter _meter = new("breakwater.feeds");
    private readonly Counter<long> _reads;
    private readonly Counter<long> _failures;

    public FeedMetrics(KnownBadBoard board)
    {
        _reads = _meter.CreateCounter<long>("breakwater.feeds.reads", description: "Feeds read, by feed");
        _failures = _meter.CreateCounter<long>("breakwater.feeds.failures", description: "Attempts to read a feed that failed, by feed");
        _meter.CreateObservableGauge("breakwater.feeds.prefixes", () => board.Current.Prefixes, description: "Foreign addresses and networks that are known to be bad");
        _meter.CreateObservableGauge("breakwater.feeds.names", () => board.Current.Names, description: "Domain names that are known to be bad");
    }

    public void Read(string feed) => _reads.Add(1, new KeyValuePair<string, object?>("feed", feed));

    public void Failed(string feed) => _failures.Add(1, new KeyValuePair<string, object?>("feed", feed));

    public void Dispose() => _meter.Dispose();
}
