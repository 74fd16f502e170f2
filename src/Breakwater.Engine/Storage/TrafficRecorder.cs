using System.Threading.Channels;
using Breakwater.Core.Flows;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Breakwater.Engine.Storage;

/// <summary>Stores what may wait: traffic per minute, exporters once a minute; and once an hour lets expire what is too old.</summary>
public sealed class TrafficRecorder(
    IStore store, StorageOptions options, IEnumerable<IExporterSource> exporters, TimeProvider time, ILogger<TrafficRecorder> logger) : BackgroundService
{
    /// <summary>Calls of <see cref="Record"/> that may wait for a failing store: an hour, at one a minute.</summary>
    public const int MaxWaiting = 60;

    private static readonly TimeSpan TurnInterval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ExporterInterval = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan ExpireInterval = TimeSpan.FromHours(1);

    private readonly Channel<IReadOnlyList<TrafficRollup>> _waiting = Channel.CreateBounded<IReadOnlyList<TrafficRollup>>(
        new BoundedChannelOptions(MaxWaiting) { SingleReader = true, FullMode = BoundedChannelFullMode.DropOldest });

    private IReadOnlyList<TrafficRollup>? _next;
    private DateTimeOffset _exportersDue = DateTimeOffset.MinValue;
    private DateTimeOffset _expireDue = DateTimeOffset.MinValue;
    private bool _works = true;

    /// <summary>Takes the traffic of a minute, to be stored within seconds. Returns at once; when the store fails for an hour, the oldest minutes are lost.</summary>
    public void Record(IReadOnlyList<TrafficRollup> rollups)
    {
        if (rollups.Count > 0) _waiting.Writer.TryWrite(rollups);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TurnInterval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false)) Turn();
        }
        catch (OperationCanceledException)
        {
            // Stopping: what still waits is stored below.
        }
        _exportersDue = DateTimeOffset.MinValue;
        Turn();
    }

    internal void Turn()
    {
        try
        {
            while (_next is not null || _waiting.Reader.TryRead(out _next))
            {
                store.Save(_next);
                _next = null;
            }
            var now = time.GetUtcNow();
            SaveExporters(now);
            Expire(now);
        }
        catch (StoreException problem)
        {
            if (_works) logger.TrafficNotStored(problem.Message);
            _works = false;
            return;
        }
        if (!_works) logger.TrafficStoredAgain();
        _works = true;
    }

    private void SaveExporters(DateTimeOffset now)
    {
        if (now < _exportersDue) return;
        foreach (var source in exporters) store.Save(source.Exporters());
        _exportersDue = now + ExporterInterval;
    }

    private void Expire(DateTimeOffset now)
    {
        if (now < _expireDue) return;
        store.Expire(Timestamp.From(now) - options.IncidentRetention, Timestamp.From(now) - options.RollupRetention);
        _expireDue = now + ExpireInterval;
    }
}
