using Breakwater.Core.Incidents;
using Breakwater.Core.Sharing;
using Breakwater.Engine.Detection;
using Breakwater.Engine.Sharing;
using Breakwater.Protocols.Taxii;
using Breakwater.Tests.Core.Incidents;
using Breakwater.Tests.Core.Sharing;
using Breakwater.Tests.Engine.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace Breakwater.Tests.Engine.Sharing;

public sealed class SharingServiceTests : IAsyncLifetime
{
    private readonly TempFolder _folder = new();
    private readonly ManualTime _time = new(IncidentSamples.Noon.ToDateTimeOffset());
    private readonly MemoryStore _store = new();
    private readonly LiveState _live = new();
    private readonly SharingOptions _options = new() { Enabled = true, Organisation = "Example Networks" };
    private readonly SharingDesk _desk;
    private readonly SharingService _service;

    public SharingServiceTests()
    {
        _desk = new SharingDesk(_options, SharedSamples.Home, _folder.Path, _time);
        _service = new SharingService(_desk, _live, _store, new SharingMetrics(), _time, NullLogger<SharingService>.Instance);
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await _service.StopAsync(CancellationToken.None);
        _service.Dispose();
        _desk.Dispose();
        _folder.Dispose();
    }

    private int Versions(string type) => _desk.Objects.Find(new TaxiiQuery { Types = [type], All = true }, 1000, Tlp.Red).Objects.Count;

    [Fact]
    public async Task Tells_of_new_and_ended_incidents_at_once_and_of_what_goes_on_once_a_minute()
    {
        await _service.StartAsync(CancellationToken.None);
        _live.Publish(SharedSamples.Reflection());
        _service.TellWhatWaits(everything: false);
        Assert.Equal(1, Versions("observed-data"));

        _live.Publish(SharedSamples.Reflection() with { Packets = 4_000_000 });
        _service.TellWhatWaits(everything: false);
        Assert.Equal(1, Versions("observed-data"));
        _time.Advance(TimeSpan.FromMinutes(1));
        _service.TellWhatWaits(everything: false);
        Assert.Equal(2, Versions("observed-data"));

        _live.Publish(SharedSamples.Reflection() with { Packets = 5_000_000, State = IncidentState.Ended, End = IncidentSamples.Noon });
        _service.TellWhatWaits(everything: false);
        Assert.Equal(3, Versions("observed-data"));
    }

    [Fact]
    public async Task Begins_and_stops_to_tell_when_the_configuration_says_so()
    {
        Configure(enabled: false);
        _store.Save([SharedSamples.Reflection()]);
        await _service.StartAsync(CancellationToken.None);
        _live.Publish(SharedSamples.Reflection());
        _service.TellWhatWaits(everything: true);
        Assert.Empty(Directory.GetFiles(_folder.Path));

        Configure(enabled: true);
        _service.TellWhatWaits(everything: false);
        Assert.Equal(1, Versions("observed-data"));

        Configure(enabled: false);
        _live.Publish(SharedSamples.Reflection() with { Packets = 4_000_000, State = IncidentState.Ended, End = IncidentSamples.Noon });
        _service.TellWhatWaits(everything: true);
        Assert.Equal(1, Versions("observed-data"));
    }

    [Fact]
    public void A_change_decides_as_a_whole_or_not_yet()
    {
        _options.Victims = Disclosure.Full;
        _options.Tlp = Tlp.Clear;
        Assert.Equal((Tlp.Amber, Disclosure.Hidden), (_desk.Options.Tlp, _desk.Options.Victims));
        Assert.Null(_desk.Decide(SharedSamples.Reflection(), out _)!.Victim);

        _desk.TakeUpOptions();

        Assert.Equal((Tlp.Clear, SharedSamples.Reflection().Target), (_desk.Options.Tlp, _desk.Decide(SharedSamples.Reflection(), out _)!.Victim));
    }

    private void Configure(bool enabled)
    {
        _options.Enabled = enabled;
        _desk.TakeUpOptions();
    }

    [Fact]
    public async Task Goes_on_with_incidents_that_the_last_run_left_open()
    {
        _store.Save([SharedSamples.Reflection()]);

        await _service.StartAsync(CancellationToken.None);
        _service.TellWhatWaits(everything: false);

        Assert.Equal(1, Versions("observed-data"));
    }
}
