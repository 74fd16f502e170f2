using Breakwater.Core.Incidents;
using Breakwater.Engine.Detection;
using Breakwater.Engine.Incidents;
using Breakwater.Engine.Storage;
using Breakwater.Tests.Core.Incidents;
using Breakwater.Tests.Engine.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Breakwater.Tests.Engine.Incidents;

public sealed class PumpInAHostTests
{
    [Fact]
    public async Task A_host_stores_incidents_and_hands_them_to_its_successor()
    {
        using var folder = new TempFolder();
        using (var host = Build(folder))
        {
            await host.StartAsync();
            host.Services.GetRequiredService<IIncidentSink>().Publish(IncidentSamples.DnsAmplification());
            await host.StopAsync();
        }

        using var successor = Build(folder);
        await successor.StartAsync();

        Assert.Equal("ddos-1", Assert.Single(successor.Services.GetRequiredService<LiveState>().OpenIncidents).Id);
        await successor.StopAsync();
    }

    [Fact]
    public async Task A_host_may_be_disposed_of_without_being_stopped()
    {
        using var folder = new TempFolder();
        var host = Build(folder);
        await host.StartAsync();
        host.Services.GetRequiredService<IncidentPump>().Publish(IncidentSamples.DnsAmplification());

        host.Dispose();

        using var store = new SqliteStore(new StorageOptions { Path = folder.Path });
        store.Open();
        Assert.NotNull(store.FindIncident("ddos-1"));
    }

    private static IHost Build(TempFolder folder)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.ClearProviders();
        builder.Services.AddBreakwaterStorage(new StorageOptions { Path = folder.Path });
        return builder.Build();
    }
}
