using System.Diagnostics.Metrics;
using Breakwater.Core.Flows;
using Breakwater.Protocols.Bgp;

namespace Breakwater.Engine.Mitigations.Bgp;

/// <summary>Meters of the speaker, read off the peers. The label <c>peer</c> is a name from the configuration.</summary>
internal sealed class BgpMetrics : IDisposable
{
    private readonly Meter _meter = new("breakwater.bgp");

    public BgpMetrics(BgpMitigator mitigator)
    {
        _meter.CreateObservableGauge("breakwater.bgp.session_up", () => Each(mitigator, s => s.State == BgpState.Established ? 1 : 0), description: "1 while the session with the peer is up, else 0");
        _meter.CreateObservableGauge("breakwater.bgp.routes_sent", () => Each(mitigator, s => s.SentRoutes), description: "Routes of ours that the peer has been sent and not taken back");
        _meter.CreateObservableGauge("breakwater.bgp.routes_received", () => Each(mitigator, s => s.ReceivedRoutes), description: "Routes that the peer sent; they are counted only");
        _meter.CreateObservableCounter("breakwater.bgp.attributes_discarded", () => Each(mitigator, s => s.AttributesDiscarded), description: "UPDATEs with an attribute that had to be dropped (RFC 7606)");
        _meter.CreateObservableCounter("breakwater.bgp.treated_as_withdrawn", () => Each(mitigator, s => s.TreatedAsWithdrawn), description: "UPDATEs so malformed that their routes count as withdrawn (RFC 7606)");
        _meter.CreateObservableCounter("breakwater.bgp.strangers", () => mitigator.Strangers, description: "Connections from addresses that are no peers, closed at once");
        _meter.CreateObservableGauge("breakwater.bgp.monitored", () => Each(mitigator, s => s.IsMonitored ? 1 : 0), description: "1 while the peer's router tells over BMP what it holds, else 0");
        _meter.CreateObservableGauge("breakwater.bgp.routes_seen", () => Each(mitigator, s => s.ShownRoutes), description: "Routes of ours that the peer's router shows over BMP to hold");
        _meter.CreateObservableCounter("breakwater.bgp.bmp_messages", () => mitigator.Monitors.Messages, description: "BMP messages of routers");
        _meter.CreateObservableCounter("breakwater.bgp.bmp_errors", () => Enum.GetValues<DecodeError>().Where(e => e != DecodeError.None).Select(e =>
            new Measurement<long>(mitigator.Monitors.ErrorsOf(e), new KeyValuePair<string, object?>("error", e.Name()))), description: "BMP messages that could not be read");
        _meter.CreateObservableCounter("breakwater.bgp.bmp_strangers", () => mitigator.Monitors.Strangers, description: "BMP connections from addresses that are no peer's, closed at once");
    }

    public void Dispose() => _meter.Dispose();

    private static IEnumerable<Measurement<long>> Each(BgpMitigator mitigator, Func<PeerStanding, long> value) =>
        mitigator.Peers.Select(p => new Measurement<long>(value(p.Standing()), new KeyValuePair<string, object?>("peer", p.Name)));
}
