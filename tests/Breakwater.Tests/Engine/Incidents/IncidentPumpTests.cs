using Breakwater.Core.Incidents;
using Breakwater.Engine.Detection;
using Breakwater.Engine.Incidents;
using Breakwater.Tests.Core.Incidents;
using Breakwater.Tests.Engine.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace Breakwater.Tests.Engine.Incidents;

public sealed class IncidentPumpTests : IDisposable
{
    private readonly MemoryStore _store = new();
    private readonly LiveState _live = new();
    private readonly ManualTime _time = new(DateTimeOffset.UnixEpoch.AddYears(55));
    private readonly IncidentPumpMetrics _metrics = new();
    private readonly List<(Incident Incident, bool Stored)> _shown = [];
    private readonly IncidentPump _pump;

    public IncidentPumpTests()
    {
        _pump = new IncidentPump(_store, _live, _time, _metrics, NullLogger<IncidentPump>.Instance);
        _live.IncidentChanged += i => _shown.Add((i, _store.Saves.Any(s => s.Contains(i))));
    }

    public void Dispose()
    {
        _pump.Dispose();
        _metrics.Dispose();
    }

    [Fact]
    public void An_incident_is_stored_before_it_is_shown()
    {
        _pump.Publish(IncidentSamples.DnsAmplification());
        Assert.Empty(_shown);

        _pump.Turn();

        Assert.True(Assert.Single(_shown).Stored);
        Assert.Single(_live.OpenIncidents);
    }

    [Fact]
    public void Of_many_snapshots_the_newest_is_stored_once()
    {
        for (var i = 1; i <= 50; i++) _pump.Publish(IncidentSamples.DnsAmplification() with { Packets = i });

        _pump.Turn();

        Assert.Equal(50, Assert.Single(Assert.Single(_store.Saves)).Packets);
        Assert.Equal(50, Assert.Single(_shown).Incident.Packets);
    }

    [Fact]
    public void Updates_wait_for_their_second_and_a_change_of_state_does_not()
    {
        var incident = IncidentSamples.DnsAmplification();
        _pump.Publish(incident);
        _pump.Turn();

        _pump.Publish(incident with { Packets = 7 });
        _pump.Turn();
        Assert.Single(_store.Saves);

        _pump.Publish(IncidentSamples.DnsAmplification(state: IncidentState.Ended));
        _pump.Turn();
        Assert.Equal(IncidentState.Ended, Assert.Single(_store.Saves.Last()).State);
        Assert.Empty(_live.OpenIncidents);

        _time.Advance(TimeSpan.FromSeconds(1));
        _pump.Turn();
        Assert.Equal(2, _store.Saves.Count);
    }

    [Fact]
    public void An_update_is_stored_after_a_second()
    {
        _pump.Publish(IncidentSamples.DnsAmplification());
        _pump.Turn();
        _pump.Publish(IncidentSamples.DnsAmplification() with { Packets = 7 });

        _time.Advance(TimeSpan.FromSeconds(1));
        _pump.Turn();

        Assert.Equal(7, _store.FindIncident("ddos-1")!.Packets);
    }

    [Fact]
    public void An_older_snapshot_never_overtakes_the_newest()
    {
        var incident = IncidentSamples.DnsAmplification();
        _pump.Publish(incident);
        _pump.Turn();
        _pump.Publish(incident with { Packets = 7 });
        _pump.Publish(IncidentSamples.DnsAmplification(state: IncidentState.Ended));

        _pump.Turn();
        _time.Advance(TimeSpan.FromMinutes(1));
        _pump.Turn();

        Assert.Equal(IncidentState.Ended, _store.FindIncident("ddos-1")!.State);
        Assert.Equal(IncidentState.Ended, _shown[^1].Incident.State);
    }

    [Fact]
    public void When_the_store_fails_incidents_are_shown_all_the_same_and_stored_later()
    {
        _store.Broken = "the disk is full";
        _pump.Publish(IncidentSamples.DnsAmplification());
        _pump.Turn();

        Assert.Single(_shown);
        Assert.False(_pump.StoreWorks);

        _store.Broken = null;
        _time.Advance(TimeSpan.FromSeconds(1));
        _pump.Turn();

        Assert.True(_pump.StoreWorks);
        Assert.NotNull(_store.FindIncident("ddos-1"));
    }

    [Fact]
    public void A_failing_store_is_asked_ever_less_often()
    {
        _store.Broken = "the disk is full";
        _pump.Publish(IncidentSamples.DnsAmplification());
        for (var second = 0; second < 600; second++)
        {
            _pump.Turn();
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.InRange(_store.Attempts, 10, 30);
    }

    [Fact]
    public void What_waits_for_a_failing_store_is_bounded_and_the_mildest_goes_first()
    {
        _store.Broken = "the disk is full";
        for (var i = 0; i < IncidentPump.MaxUnsaved + 10; i++)
            _pump.Publish(IncidentSamples.DnsAmplification($"i{i}") with { Severity = i < 10 ? Severity.Low : Severity.High });
        _pump.Turn();
        _store.Broken = null;
        _time.Advance(TimeSpan.FromMinutes(1));
        _pump.Turn();

        Assert.Equal(IncidentPump.MaxUnsaved, _store.Saves.Single().Count);
        Assert.DoesNotContain(_store.Saves.Single(), i => i.Severity == Severity.Low);
    }

    [Fact]
    public async Task Incidents_left_open_by_the_last_run_are_shown_at_start_and_the_rest_is_stored_at_the_end()
    {
        _store.Save([IncidentSamples.DnsAmplification("left-open")]);

        await _pump.StartAsync(CancellationToken.None);
        Assert.Equal("left-open", Assert.Single(_live.OpenIncidents).Id);
        _pump.Publish(IncidentSamples.DnsAmplification("last"));
        await _pump.StopAsync(CancellationToken.None);

        Assert.NotNull(_store.FindIncident("last"));
    }
}
