using Breakwater.Core.Flows;
using Microsoft.Extensions.Logging;

namespace Breakwater.Engine.Flows;

/// <summary>All flow sockets of the service: one <see cref="FlowReceiver"/> for each configured endpoint, and the exporters they share.</summary>
/// <remarks>Inert until <see cref="Start"/>.</remarks>
public sealed class FlowListener : IDisposable
{
    private static readonly TimeSpan ReportInterval = TimeSpan.FromMinutes(1);

    private readonly FlowListenerOptions _options;
    private readonly BatchQueue _queue;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly TemplateCacheFile? _templates;
    private readonly List<FlowReceiver> _receivers = [];
    private readonly Dictionary<FlowReceiver, (long KernelDrops, long Unrecognised)> _reported = [];
    private ITimer? _report;
    private long _reportedRefused;
    private long _reportedQueueDrops;
    private bool _cannotSave;

    /// <param name="options">Where to listen.</param>
    /// <param name="decoders">Makes a fresh set of decoders: each receiver owns its own.</param>
    /// <param name="queue">Where batches come from and go to.</param>
    /// <param name="time">Stamps batches and times reports.</param>
    /// <param name="loggers">For the category <c>Breakwater.Engine.Flows.FlowListener</c>.</param>
    /// <param name="templates">Where templates are kept over a restart: read at the start, written each minute and at the end. Null to forget them.</param>
    public FlowListener(
        FlowListenerOptions options, Func<IEnumerable<IFlowDecoder>> decoders, BatchQueue queue, TimeProvider time, ILoggerFactory loggers,
        TemplateCacheFile? templates = null)
    {
        _templates = templates;
        _options = options;
        _queue = queue;
        _time = time;
        _logger = loggers.CreateLogger<FlowListener>();
        Exporters = new ExporterTable(options.MaxExporters, options.Sampling);
        foreach (var endpoint in options.Listen)
            _receivers.Add(new FlowReceiver(endpoint, options.ReceiveBuffer, decoders(), Exporters, queue, time, _logger));
    }

    public ExporterTable Exporters { get; }

    public IReadOnlyList<FlowReceiver> Receivers => _receivers;

    /// <summary>Binds every socket and starts receiving.</summary>
    /// <exception cref="IOException">An address cannot be bound; the message says which and why. Those already bound are closed.</exception>
    public void Start()
    {
        if (_templates?.Load() is { Count: > 0 } saved) _logger.TemplatesRead(_receivers.Sum(r => r.ImportTemplates(saved)), _templates.Path);
        try
        {
            foreach (var receiver in _receivers) receiver.Start();
        }
        catch
        {
            Dispose();
            throw;
        }
        _report = _time.CreateTimer(_ => EachMinute(), null, ReportInterval, ReportInterval);
    }

    /// <summary>Stops receiving; every flow received so far is in the queue when this returns.</summary>
    public void Dispose()
    {
        var wasReceiving = _report is not null;
        _report?.Dispose();
        _report = null;
        foreach (var receiver in _receivers) receiver.Dispose();
        if (wasReceiving) SaveTemplates();
    }

    private void EachMinute()
    {
        Report();
        SaveTemplates();
    }

    private void SaveTemplates()
    {
        if (_templates is null) return;
        try
        {
            lock (_templates) _templates.Save(_receivers.SelectMany(r => r.ExportTemplates()));
            _cannotSave = false;
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            if (!_cannotSave) _logger.TemplatesNotSaved(_templates.Path, refused.Message);
            _cannotSave = true;
        }
    }

    /// <summary>Says what was lost in the last minute, if anything was.</summary>
    private void Report()
    {
        foreach (var receiver in _receivers)
        {
            var last = _reported.GetValueOrDefault(receiver);
            var (drops, unrecognised) = (receiver.KernelDrops, receiver.Unrecognised + receiver.TooShort);
            if (drops > last.KernelDrops) _logger.KernelDropped(drops - last.KernelDrops, receiver.EndPoint);
            if (unrecognised > last.Unrecognised) _logger.Unrecognised(unrecognised - last.Unrecognised, receiver.EndPoint);
            _reported[receiver] = (drops, unrecognised);
        }
        if (Exporters.RefusedDatagrams is var refused && refused > _reportedRefused)
            _logger.ExportersRefused(refused - _reportedRefused, _options.MaxExporters);
        if (_queue.DroppedFlows is var dropped && dropped > _reportedQueueDrops) _logger.QueueFull(dropped - _reportedQueueDrops);
        (_reportedRefused, _reportedQueueDrops) = (refused, dropped);
    }
}
