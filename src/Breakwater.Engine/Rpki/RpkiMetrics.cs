using System.Diagnostics.Metrics;

namespace Breakwater.Engine.Rpki;

/// <summary>Meters of the RPKI client.</summary>
internal sealed class RpkiMetrics : IDisposable
{
    private readonly Meter _meter = new("breakwater.rpki");

    public RpkiMetrics(RpkiCache cache)
    {
        _meter.CreateObservableGauge("breakwater.rpki.data", () => cache.Standing().HasData ? 1 : 0, description: "1 while there is data of the cache that has not expired, else 0");
        _meter.CreateObservableGauge("breakwater.rpki.roas", () => cache.Standing().Roas, description: "Validated ROA payloads held");
        _meter.CreateObservableCounter("breakwater.rpki.updates", () => cache.Standing().Updates, description: "Whole answers of the cache");
        _meter.CreateObservableCounter("breakwater.rpki.resets", () => cache.Standing().Resets, description: "Times that the cache could not say what changed, so that everything was read anew");
        _meter.CreateObservableCounter("breakwater.rpki.errors", () => cache.Standing().Errors, description: "PDUs that could not be taken, and errors that the cache reported");
    }

    public void Dispose() => _meter.Dispose();
}
