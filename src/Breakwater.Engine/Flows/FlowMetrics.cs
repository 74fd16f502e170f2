using System.Diagnostics.Metrics;
using Breakwater.Core.Flows;

namespace Breakwater.Engine.Flows;

/// <summary>Meters of the room: read off the receivers' own counters, so that counting costs the hot path nothing.</summary>
public sealed class FlowMetrics : IDisposable
{
    private readonly Meter _meter = new("breakwater.flows");

    public FlowMetrics(FlowListener listener, BatchQueue queue)
    {
        _meter.CreateObservableCounter("breakwater.flows.datagrams", () => ByProtocol(listener, p => p.Datagrams), description: "Datagrams received, by export protocol");
        _meter.CreateObservableCounter("breakwater.flows.records", () => ByProtocol(listener, p => p.Flows), description: "Flow records decoded, by export protocol");
        _meter.CreateObservableCounter("breakwater.flows.decode_errors", () => Errors(listener), description: "Datagrams with an error, by export protocol and first error");
        _meter.CreateObservableCounter("breakwater.flows.unrecognised", () => listener.Receivers.Sum(r => r.Unrecognised + r.TooShort), description: "Datagrams of no export protocol that is known");
        _meter.CreateObservableCounter("breakwater.flows.kernel_drops", () => listener.Receivers.Sum(r => r.KernelDrops), description: "Datagrams that the kernel dropped because a socket's buffer was full");
        _meter.CreateObservableCounter("breakwater.flows.lost", () => listener.Exporters.Exporters.Sum(e => e.Lost), description: "Datagrams or records that sequence numbers show to be missing");
        _meter.CreateObservableCounter("breakwater.flows.queue_drops", () => queue.DroppedFlows, description: "Flows dropped because the detection queue was full");
        _meter.CreateObservableGauge("breakwater.flows.queue_batches", () => queue.Waiting, description: "Batches that wait for detection");
        _meter.CreateObservableGauge("breakwater.flows.exporters", () => listener.Exporters.Count, description: "Exporters known");
        _meter.CreateObservableCounter("breakwater.flows.exporters_refused", () => listener.Exporters.RefusedDatagrams, description: "Datagrams refused because there was no room for a new exporter");
    }

    public void Dispose() => _meter.Dispose();

    private static IEnumerable<Measurement<long>> ByProtocol(FlowListener listener, Func<ProtocolCounters, long> count) =>
        listener.Receivers.SelectMany(r => r.Protocols).GroupBy(p => p.Protocol)
            .Select(protocol => new Measurement<long>(protocol.Sum(count), new KeyValuePair<string, object?>("protocol", protocol.Key)));

    private static IEnumerable<Measurement<long>> Errors(FlowListener listener) =>
        from protocol in listener.Receivers.SelectMany(r => r.Protocols).GroupBy(p => p.Protocol)
        from error in Enum.GetValues<DecodeError>()
        where error != DecodeError.None
        select new Measurement<long>(protocol.Sum(p => p.Errors(error)), new("protocol", protocol.Key), new("error", error.Name()));
}
