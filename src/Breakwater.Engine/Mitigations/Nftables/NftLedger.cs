using Breakwater.Core.Flows;
using Breakwater.Core.Mitigations;
using Breakwater.Protocols.Nftables;

namespace Breakwater.Engine.Mitigations.Nftables;

/// <summary>How each wanted mitigation fares, for those who ask from other threads.</summary>
internal sealed class NftLedger(string place)
{
    private readonly Lock _gate = new();
    private IReadOnlyList<MitigationStatus> _lines = [];

    public IReadOnlyList<MitigationStatus> Lines
    {
        get { lock (_gate) return _lines; }
    }

    /// <summary>Tells it anew.</summary>
    /// <param name="state">State and problem of one mitigation.</param>
    /// <param name="counts">What the kernel has counted; a mitigation without a counter keeps what it had.</param>
    /// <returns>True when more than counters changed.</returns>
    public bool Tell(IReadOnlyList<Mitigation> wanted, Func<Mitigation, (PlacementState State, string? Problem)> state, IReadOnlyDictionary<string, NftCount> counts, Timestamp now)
    {
        lock (_gate)
        {
            var before = _lines.ToDictionary(l => l.MitigationId);
            _lines = [.. wanted.DistinctBy(m => m.Id).Select(mitigation =>
            {
                var old = before.GetValueOrDefault(mitigation.Id);
                var (placed, problem) = state(mitigation);
                var count = counts.TryGetValue(mitigation.Id, out var counted) ? counted : new NftCount(old?.DroppedPackets ?? 0, old?.DroppedBytes ?? 0);
                return new MitigationStatus(mitigation.Id, NftablesMitigator.PartName, place, placed, old?.State == placed ? old.Since : now)
                {
                    Problem = problem,
                    DroppedPackets = count.Packets,
                    DroppedBytes = count.Bytes,
                };
            })];
            return _lines.Count != before.Count || _lines.Any(l => !before.TryGetValue(l.MitigationId, out var old) || old.State != l.State || old.Problem != l.Problem);
        }
    }
}
