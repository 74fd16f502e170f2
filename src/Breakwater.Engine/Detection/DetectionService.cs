using Breakwater.Core.Behaviour;
using Breakwater.Core.Detection;
using Breakwater.Core.Flows;
using Breakwater.Core.Incidents;
using Breakwater.Core.Net;
using Breakwater.Engine.Flows;
using Breakwater.Engine.Health;
using Breakwater.Engine.Incidents;
using Breakwater.Engine.Storage;
using Breakwater.Protocols.Ipfix;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Breakwater.Engine.Detection;

/// <summary>Runs the detection loop inside a host: takes up open incidents at start, judges what is queued before it stops.</summary>
/// <remarks>When detection fails, that is a bug: the service stops loudly instead of showing old numbers.</remarks>
public sealed class DetectionService : IHostedService, IReadinessCheck, IAssetSource, IDisposable
{
    private static readonly TimeSpan DrainTime = TimeSpan.FromSeconds(10);

    private readonly BatchQueue _queue;
    private readonly Composition _composition;
    private readonly DetectionEngine _engine;
    private readonly DetectionLoop _loop;
    private readonly DetectionMetrics _metrics;
    private readonly IStore _store;
    private readonly BehaviourOptions _behaviour;
    private readonly IIncidentSink _incidents;
    private readonly IHostApplicationLifetime _lifetime;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly bool _replay;
    private bool _disposed;

    /// <param name="network">What is home.</param>
    /// <param name="options">Section <c>detection</c>.</param>
    /// <param name="behaviour">Section <c>behaviour</c>.</param>
    /// <param name="composition">Which detectors there are.</param>
    /// <param name="around">What is known beside traffic; null for nothing.</param>
    /// <param name="replay">True: time is that of the traffic; incidents of former runs are left alone.</param>
    public DetectionService(
        HomeNetwork network, DetectionOptions options, BehaviourOptions behaviour, Composition composition, bool replay, BatchQueue queue, IStore store,
        IIncidentSink incidents, TrafficFanOut traffic, ITelemetryHealth health, StorageOptions storage, TimeProvider time, IHostApplicationLifetime lifetime, ILogger<DetectionService> logger, Surroundings? around = null)
    {
        _queue = queue;
        _composition = composition;
        _engine = new DetectionEngine(network, options, composition.CreateDetectors(), incidents, traffic, health, composition.CreateBehaviour(behaviour, network, incidents, around, health));
        _loop = new DetectionLoop(queue, _engine, time, replay, replay ? null : new BaselineFile(Path.Combine(storage.Path, "baselines.bin"), logger));
        _metrics = new DetectionMetrics(_loop, _engine);
        _store = store;
        _behaviour = behaviour;
        _incidents = incidents;
        _lifetime = lifetime;
        _logger = logger;
        _time = time;
        _replay = replay;
    }

    public string Name => "detection";

    public string? WhyNotReady() => _loop.Ended.IsCompleted && !_replay ? "the detection loop has ended" : null;

    public IReadOnlyList<Asset> FindAssets(Prefix? within, IpAddr? after, int limit) => _engine.Behaviour?.Find<AssetFacts>()?.Find(within, after, limit) ?? [];

    /// <summary>Changes options that detection reads, between two batches; counters and incidents stay.</summary>
    /// <param name="change">Sets the options in place; runs on detection's own thread.</param>
    public void Change(Action change) => _loop.Post(engine =>
    {
        var exceptions = _behaviour.Exceptions;
        change();
        engine.TakeUpOptions();
        if (!ReferenceEquals(exceptions, _behaviour.Exceptions) && !_replay) _ = Task.Run(() => WithdrawPast(_behaviour.Exceptions));
    });

    /// <summary>Tells detection which incidents have mitigations in force; takes effect between two batches.</summary>
    public void Mitigate(IReadOnlySet<string> incidents) => _loop.Post(engine => engine.Mitigate(incidents));

    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (!_replay)
        {
            WarmUp.Run(_composition, _behaviour.Enabled);
            WarmUp.Run(_composition.CreateFlowDecoders(new TemplateOptions()), _composition.CreateDetectors(), _time);
            _engine.Resume(_store.OpenIncidents());
        }
        _loop.Start();
        _ = StopWhenFailed();
        return Task.CompletedTask;
    }

    /// <summary>Judges what the receivers, which have stopped already, left in the queue.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        _queue.Complete();
        await Task.WhenAny(_loop.Ended, Task.Delay(DrainTime, cancellationToken)).ConfigureAwait(false);
    }

    /// <summary>A container disposes of it once for each role that it plays in the host.</summary>
    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        _metrics.Dispose();
        _loop.Dispose();
        _engine.Dispose();
    }

    /// <summary>What hosts may do now is taken out of the past as well: read beside detection, told by its thread.</summary>
    private void WithdrawPast(IReadOnlyList<BehaviourException> exceptions)
    {
        try
        {
            var withdrawn = PastIncidents.Withdrawn(_store, exceptions);
            if (withdrawn.Count == 0) return;
            _loop.Post(_ =>
            {
                foreach (var incident in withdrawn) _incidents.Publish(incident);
            });
            _logger.PastWithdrawn(withdrawn.Count);
        }
        catch (StoreException problem)
        {
            _logger.PastNotWithdrawn(problem.Message);
        }
    }

    private async Task StopWhenFailed()
    {
        try
        {
            await _loop.Ended.ConfigureAwait(false);
        }
        catch (Exception failure)
        {
            _logger.DetectionFailed(failure);
            Environment.ExitCode = 1;
            _lifetime.StopApplication();
        }
    }
}
