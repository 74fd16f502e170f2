using Breakwater.Core.Flows;
using Breakwater.Engine.Net;
using Microsoft.Extensions.Hosting;

namespace Breakwater.Engine.Flows;

/// <summary>Looks every few seconds at what exporters, sockets, capture and queue lost, so that detection can say how far its numbers are right.</summary>
/// <remarks>Shares are of the running minute or of the one before, whichever is worse. Reads counters only; readers get an immutable table.</remarks>
public sealed class TelemetryWatch(IEnumerable<FlowListener> listeners, IEnumerable<PacketCapture> captures, BatchQueue queue, TimeProvider time) : BackgroundService, ITelemetryHealth
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private static readonly TelemetryHealth Sound = new("", 0, 0, TimeSpan.Zero);

    private readonly Dictionary<Exporter, LossMeter> _lost = [];
    private readonly LossMeter _socketDrops = new();
    private readonly LossMeter _captureDrops = new();
    private readonly LossMeter _queueDrops = new();
    private Dictionary<ushort, TelemetryHealth> _health = [];

    public TelemetryHealth Of(ushort exporter) => Volatile.Read(ref _health).GetValueOrDefault(exporter, Sound);

    /// <summary>Reads the counters now.</summary>
    public void Measure()
    {
        var now = time.GetTimestamp();
        var exporters = listeners.SelectMany(l => l.Exporters.Exporters).ToList();
        foreach (var gone in _lost.Keys.Except(exporters).ToList()) _lost.Remove(gone);
        var flows = exporters.Sum(e => Volatile.Read(ref e.Flows));
        var receivers = listeners.SelectMany(l => l.Receivers).ToList();
        var socket = Share(_socketDrops, now, receivers.Sum(r => r.KernelDrops), exporters.Sum(e => Volatile.Read(ref e.Datagrams)));
        var capture = Share(_captureDrops, now, captures.Sum(c => c.KernelDrops), captures.Sum(c => c.Packets));
        var waiting = Share(_queueDrops, now, queue.DroppedFlows, flows + captures.Sum(c => c.Packets));

        var health = new Dictionary<ushort, TelemetryHealth> { [0] = new("this machine's interfaces", 0, Together(capture, waiting), TimeSpan.Zero) };
        foreach (var exporter in exporters)
        {
            if (!_lost.TryGetValue(exporter, out var meter)) _lost[exporter] = meter = new LossMeter();
            // Sequence numbers of NetFlow v9 and sFlow count datagrams, those of v5 and IPFIX records.
            var records = exporter.Protocol is "netflow5" or "ipfix";
            var lost = meter.Take(time.GetElapsedTime(0, now), Volatile.Read(ref exporter.Lost), Volatile.Read(ref exporter.Datagrams), Volatile.Read(ref exporter.Flows), records);
            health[exporter.Number] = new(exporter.Address.ToString(), lost, Together(socket, waiting), exporter.ClockSkew ?? TimeSpan.Zero);
        }
        Volatile.Write(ref _health, health);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false)) Measure();
        }
        catch (OperationCanceledException)
        {
            // Stopping.
        }
    }

    private double Share(LossMeter meter, long now, long lost, long received) => meter.Take(time.GetElapsedTime(0, now), lost, received, 0, countsRecords: false);

    private static double Together(double a, double b) => 1 - (1 - a) * (1 - b);

    /// <summary>Share lost of what came and what did not.</summary>
    private sealed class LossMeter
    {
        private TimeSpan? _since;
        private long _lost, _datagrams, _records;
        private double _before;

        public double Take(TimeSpan now, long lost, long datagrams, long records, bool countsRecords)
        {
            if (_since is not { } since)
            {
                (_since, _lost, _datagrams, _records) = (now, lost, datagrams, records);
                return 0;
            }
            // A datagram that comes late takes a loss back.
            double missing = Math.Max(0, lost - _lost), came = Math.Max(0, countsRecords ? records - _records : datagrams - _datagrams);
            var share = missing > 0 ? missing / (missing + came) : 0;
            var worst = Math.Max(share, _before);
            if (now - since >= Minute) (_since, _lost, _datagrams, _records, _before) = (now, lost, datagrams, records, share);
            return worst;
        }
    }
}
