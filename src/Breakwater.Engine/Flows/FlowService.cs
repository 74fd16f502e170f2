using Breakwater.Core.Flows;
using Breakwater.Engine.Health;
using Breakwater.Engine.Storage;
using Microsoft.Extensions.Hosting;

namespace Breakwater.Engine.Flows;

/// <summary>Runs the flow sockets inside a host, and tells of the health of their exporters.</summary>
/// <remarks>Opens them last, when all else has started: what comes in meanwhile would be lost while the machine is busy with that.</remarks>
public sealed class FlowService(FlowListener listener, BatchQueue queue, TimeProvider time) : BackgroundService, IHostedLifecycleService, IExporterSource, IReadinessCheck
{
    private static readonly TimeSpan RateInterval = TimeSpan.FromSeconds(5);

    private readonly FlowMetrics _metrics = new(listener, queue);
    private readonly Lock _gate = new();
    private volatile bool _listens;
    private readonly Dictionary<Exporter, (long Flows, double PerSecond)> _rates = [];

    public string Name => "flows";

    public string? WhyNotReady() => _listens ? null : "the flow sockets are not open yet";

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Binds the sockets; an address that cannot be bound stops the start.</summary>
    public Task StartedAsync(CancellationToken cancellationToken)
    {
        listener.Start();
        _listens = true;
        return Task.CompletedTask;
    }

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken).ConfigureAwait(false);
        listener.Dispose();
    }

    public override void Dispose()
    {
        _metrics.Dispose();
        base.Dispose();
    }

    public IReadOnlyList<ExporterRecord> Exporters()
    {
        lock (_gate) return [.. listener.Exporters.Exporters.Select(Record)];
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(RateInterval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false)) Measure();
        }
        catch (OperationCanceledException)
        {
            // Stopping.
        }
    }

    private void Measure()
    {
        lock (_gate)
        {
            var now = listener.Exporters.Exporters;
            foreach (var gone in _rates.Keys.Except(now).ToList()) _rates.Remove(gone);
            foreach (var exporter in now)
            {
                var flows = Volatile.Read(ref exporter.Flows);
                var before = _rates.TryGetValue(exporter, out var last) ? last.Flows : 0;
                _rates[exporter] = (flows, (flows - before) / RateInterval.TotalSeconds);
            }
        }
    }

    private ExporterRecord Record(Exporter exporter) => new(
        exporter.Address.ToString(), exporter.Protocol, exporter.FirstSeen, exporter.LastSeen, exporter.Datagrams, exporter.Flows,
        _rates.GetValueOrDefault(exporter).PerSecond, exporter.Lost, exporter.DroppedWithoutTemplate, exporter.Templates,
        Sampling(exporter.Sampling.State), Rates(exporter.Sampling), exporter.ClockSkew?.TotalSeconds,
        [.. Enum.GetValues<DecodeError>().Where(e => exporter.ErrorsOf(e) > 0).Select(e => KeyValuePair.Create(e.Name(), exporter.ErrorsOf(e)))]);

    private static string Sampling(SamplingState state) => state switch
    {
        SamplingState.Unknown => "unknown",
        SamplingState.Announced => "announced",
        SamplingState.Configured => "configured",
        _ => throw new ArgumentOutOfRangeException(nameof(state)),
    };

    /// <summary>Every rate once, the operator's own first.</summary>
    private static List<uint> Rates(SamplingTable table)
    {
        IEnumerable<uint> rates = table.Rates.Select(r => r.Rate);
        if (table.Override != 0) rates = rates.Prepend(table.Override);
        return [.. rates.Concat(table.InterfaceOverrides.Values).Distinct().Take(16)];
    }
}
