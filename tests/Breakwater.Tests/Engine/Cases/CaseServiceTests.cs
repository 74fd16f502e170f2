using Breakwater.Core.Cases;
using Breakwater.Engine.Cases;
using Breakwater.Engine.Detection;
using Breakwater.Tests.Core.Cases;
using Breakwater.Tests.Core.Incidents;
using Breakwater.Tests.Core.Sharing;
using Breakwater.Tests.Engine.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace Breakwater.Tests.Engine.Cases;

public sealed class CaseServiceTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly ManualTime _time = new(IncidentSamples.Noon.ToDateTimeOffset());

    public void Dispose() => _folder.Dispose();

    private readonly CaseOptions _options = new();

    private (CaseService Service, CaseStore Store, LiveState Live) Start()
    {
        var store = new CaseStore(_folder.File("sharing.db"));
        var live = new LiveState();
        var service = new CaseService(_options, SharedSamples.Home, store, live, _time, NullLogger<CaseService>.Instance);
        service.StartAsync(CancellationToken.None);
        return (service, store, live);
    }

    [Fact]
    public async Task Cases_and_what_people_did_about_them_survive_a_restart()
    {
        var (service, store, live) = Start();
        live.Publish(CaseBookTests.Bot(0));
        service.TakeWhatWaits();
        var opened = Assert.Single(service.All());
        service.Take(opened.Id, CaseStep.Wall, "anna", "three notices");
        await service.StopAsync(CancellationToken.None);
        store.Dispose();

        (service, store, _) = Start();

        var again = Assert.Single(service.All());
        Assert.Equal((opened.Id, CaseState.Walled, "anna"), (again.Id, again.State, again.History[^1].Who));
        Assert.Equal(opened.Traffic, again.Traffic);
        await service.StopAsync(CancellationToken.None);
        store.Dispose();
    }

    [Fact]
    public async Task Options_take_effect_while_it_runs()
    {
        var (service, store, live) = Start();
        _options.Enabled = false;
        live.Publish(CaseBookTests.Bot(0));
        service.TakeWhatWaits();
        Assert.Empty(service.All());

        _options.Enabled = true;
        _options.MinConfidence = 1;
        live.Publish(CaseBookTests.Bot(0));
        service.TakeWhatWaits();
        Assert.Empty(service.All());

        _options.MinConfidence = 0;
        live.Publish(CaseBookTests.Bot(0));
        service.TakeWhatWaits();
        var opened = Assert.Single(service.All());

        // While nobody looks, nobody can say that the host has been quiet.
        service.Take(opened.Id, CaseStep.Claim, "anna", "");
        _options.Enabled = false;
        _time.Advance(TimeSpan.FromDays(2));
        service.TakeWhatWaits();
        Assert.Equal(CaseState.Recheck, Assert.Single(service.All()).State);
        await service.StopAsync(CancellationToken.None);
        store.Dispose();
    }

    [Fact]
    public async Task No_file_is_made_before_there_is_a_case()
    {
        var (service, store, live) = Start();
        live.Publish(IncidentSamples.DnsAmplification());
        service.TakeWhatWaits();
        await service.StopAsync(CancellationToken.None);
        store.Dispose();

        Assert.Empty(Directory.GetFiles(_folder.Path));
    }
}
