using System.Diagnostics.Metrics;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Breakwater.Engine.Net;

/// <summary>Runs live capture inside a host. Where it is not permitted, the service does without, and says so once.</summary>
public sealed class PacketCaptureService : IHostedService, IDisposable
{
    private readonly PacketCapture _capture;
    private readonly ILogger _logger;
    private readonly Meter _meter = new("breakwater.capture");

    public PacketCaptureService(PacketCapture capture, ILogger<PacketCaptureService> logger)
    {
        _capture = capture;
        _logger = logger;
        _meter.CreateObservableCounter("breakwater.capture.packets", () => capture.Counters.Select(c => new Measurement<long>(c.Packets, new KeyValuePair<string, object?>("interface", c.Name))), description: "Packets captured, by interface");
        _meter.CreateObservableGauge("breakwater.capture.interfaces", () => Interfaces.Count(), description: "Interfaces that are captured now");
        _meter.CreateObservableCounter("breakwater.capture.skipped", () => capture.Skipped, description: "Packets captured that were neither IP nor ARP, or malformed");
        _meter.CreateObservableCounter("breakwater.capture.kernel_drops", () => capture.KernelDrops, description: "Packets that the kernel dropped because the capture ring was full");
    }

    /// <summary>Why nothing is captured; null when it is.</summary>
    public string? Problem { get; private set; }

    /// <summary>Names of the interfaces that are captured now.</summary>
    public IEnumerable<string> Interfaces => _capture.Interfaces.Where(i => i.State == CaptureInterfaceState.Capturing).Select(i => i.Name);

    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (_capture.TryStart(out var problem)) return Task.CompletedTask;
        Problem = problem;
        _logger.NoCapture(problem);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        _capture.Dispose();
        return Task.CompletedTask;
    }

    public void Dispose() => _meter.Dispose();
}
