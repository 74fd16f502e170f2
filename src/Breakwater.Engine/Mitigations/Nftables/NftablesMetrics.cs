using System.Diagnostics.Metrics;

namespace Breakwater.Engine.Mitigations.Nftables;

/// <summary>Meters of the firewall.</summary>
internal sealed class NftablesMetrics : IDisposable
{
    private readonly Meter _meter = new("breakwater.nftables");
    private readonly Counter<long> _runs;
    private readonly Counter<long> _repairs;

    public NftablesMetrics(NftablesMitigator mitigator)
    {
        _runs = _meter.CreateCounter<long>("breakwater.nftables.runs", description: "Runs of nft, by how they ended");
        _repairs = _meter.CreateCounter<long>("breakwater.nftables.repairs", description: "Times that somebody else had changed our table, and it was put right");
        _repairs.Add(0);
        _meter.CreateObservableGauge("breakwater.nftables.mitigations", () => mitigator.Status.Count(s => s.State == PlacementState.Seen), description: "Mitigations that the kernel holds");
        _meter.CreateObservableGauge("breakwater.nftables.dropped_packets", () => mitigator.Status.Sum(s => s.DroppedPackets ?? 0), description: "Packets that the mitigations now in force have dropped");
        _meter.CreateObservableGauge("breakwater.nftables.dropped_bytes", () => mitigator.Status.Sum(s => s.DroppedBytes ?? 0), unit: "By", description: "Octets that the mitigations now in force have dropped");
    }

    public void Ran(NftOutcome outcome) => _runs.Add(1, new KeyValuePair<string, object?>("outcome", outcome switch
    {
        NftOutcome.Done => "done",
        NftOutcome.Missing => "missing",
        NftOutcome.Refused => "refused",
        NftOutcome.TimedOut => "timed-out",
        _ => "unreadable",
    }));

    public void Repaired() => _repairs.Add(1);

    public void Dispose() => _meter.Dispose();
}
