using System.Net;
using Breakwater.Core.Detection;
using Breakwater.Core.Incidents;
using Breakwater.SystemTests.Support;

namespace Breakwater.SystemTests.Server;

/// <summary>What a newcomer meets in the first minute.</summary>
public class DefaultStartTests
{
    [Fact]
    public async Task Is_ready_serves_its_page_and_stops_when_asked()
    {
        using var folder = new TemporaryFolder();
        using var service = await Service.Start(new ServiceSettings { Folder = folder });

        var page = await service.Http.GetStringAsync("/");

        Assert.Contains("<html", page, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("Breakwater", page, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(HttpStatusCode.OK, (await service.Http.GetAsync("/health/live")).StatusCode);
        Assert.Equal(0, await service.Stop());
    }

    [Fact]
    public async Task The_simulator_shows_incidents_with_known_names_within_a_minute()
    {
        using var folder = new TemporaryFolder();
        using var service = await Service.Start(new ServiceSettings { Folder = folder }, "--simulate");

        var incidents = await Poll.Until("incidents of two vectors", async () =>
        {
            var seen = await service.Incidents();
            return seen.SelectMany(i => i.Vectors).Distinct().Count() >= 2 ? seen : null;
        }, TimeSpan.FromSeconds(60), () => service.Output);

        foreach (var incident in incidents)
        {
            Assert.True(IncidentNames.TryParseKind(incident.Kind, out _), incident.ToString());
            Assert.All(incident.Vectors, v => Assert.Contains(v, Vectors.All));
        }
    }

    [Fact]
    public async Task Top_shows_the_traffic_once()
    {
        using var folder = new TemporaryFolder();
        var settings = new ServiceSettings { Folder = folder };
        using var service = await Service.Start(settings, "--simulate");
        await Poll.Until("traffic flows", async () => await service.Metric("breakwater_detection_flows_total") > 0, describe: () => service.Output);

        var shown = await Poll.Until("top shows traffic", async () =>
        {
            var text = await Command.Run(Service.Breakwater("top", "--once", "--url", $"http://127.0.0.1:{settings.HttpPort}"));
            return text.Contains("bit/s", StringComparison.Ordinal) ? text : null;
        }, TimeSpan.FromSeconds(30));

        Assert.Contains("in", shown, StringComparison.OrdinalIgnoreCase);
    }
}
