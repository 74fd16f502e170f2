using Breakwater.Core.Incidents;
using Breakwater.Engine.Detection;
using Breakwater.Engine.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Breakwater.Engine.Sharing;

/// <summary>Keeps ready for others what may be told of each incident. Detection only queues here.</summary>
/// <remarks>New incidents and ended ones within seconds; what changes while an attack goes on once a minute, for each change is a new version for everybody who follows.</remarks>
public sealed class SharingService(SharingDesk desk, LiveState live, IStore store, SharingMetrics metrics, TimeProvider time, ILogger<SharingService> logger) : BackgroundService
{
    /// <summary>Incidents that may wait; beyond, the mildest is not told of until it changes again.</summary>
    private const int MaxWaiting = 4096;

    private static readonly TimeSpan Turn = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan UpdateInterval = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Incident> _waiting = [];
    private readonly Dictionary<string, (DateTimeOffset At, Severity Severity)> _told = [];
    private bool _works = true;
    private bool _isOn;

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        Switch();
        live.IncidentChanged += Queue;
        return base.StartAsync(cancellationToken);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        live.IncidentChanged -= Queue;
        await base.StopAsync(cancellationToken).ConfigureAwait(false);
        TellWhatWaits(everything: true);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Turn, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false)) TellWhatWaits(everything: false);
        }
        catch (OperationCanceledException)
        {
            // The service stops.
        }
    }

    /// <summary>Tells of what is due.</summary>
    internal void TellWhatWaits(bool everything)
    {
        Switch();
        if (!_isOn) return;
        foreach (var incident in Due(everything))
        {
            try
            {
                metrics.Told(desk.Publish(incident));
                if (!_works) logger.SharingWorksAgain();
                _works = true;
            }
            catch (StoreException problem)
            {
                Fail(problem);
                Queue(incident);
            }
        }
    }

    /// <summary>Follows <c>sharing.enabled</c>, which may change while we run: whoever begins to tell begins with what goes on.</summary>
    private void Switch()
    {
        var wanted = desk.Options.Enabled;
        if (wanted == _isOn) return;
        lock (_gate)
        {
            _waiting.Clear();
            _told.Clear();
        }
        try
        {
            if (wanted) foreach (var incident in store.OpenIncidents()) Queue(incident);
            _isOn = wanted;
        }
        catch (StoreException problem)
        {
            Fail(problem);
        }
    }

    private void Fail(StoreException problem)
    {
        if (_works) logger.SharingFails(problem.Message);
        _works = false;
        metrics.Failed();
    }

    private Incident[] Due(bool everything)
    {
        var now = time.GetUtcNow();
        lock (_gate)
        {
            var due = _waiting.Values.Where(i => everything || i.State == IncidentState.Ended || !_told.TryGetValue(i.Id, out var told) || told.Severity != i.Severity || now - told.At >= UpdateInterval).ToArray();
            foreach (var incident in due)
            {
                _waiting.Remove(incident.Id);
                if (incident.State == IncidentState.Ended) _told.Remove(incident.Id);
                else _told[incident.Id] = (now, incident.Severity);
            }
            return due;
        }
    }

    private void Queue(Incident incident)
    {
        if (!desk.Options.Enabled) return;
        lock (_gate)
        {
            if (_waiting.Count >= MaxWaiting && !_waiting.ContainsKey(incident.Id))
            {
                _waiting.Remove(_waiting.Values.MinBy(i => (i.Severity, i.LastSeen))!.Id);
                metrics.Dropped();
            }
            _waiting[incident.Id] = incident;
        }
    }
}
