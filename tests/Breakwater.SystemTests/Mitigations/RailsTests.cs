using Breakwater.Server.Cli;
using Breakwater.SystemTests.Support;

namespace Breakwater.SystemTests.Mitigations;

/// <summary>Rails over a start, a death and an emergency of the program itself. What they refuse while it runs: <see cref="Rails.EveryRailTests"/>.</summary>
public class RailsTests
{
    [Theory]
    [InlineData("owned: [0.0.0.0/0]", "mitigation.rails.owned")]
    [InlineData("owned: [\"::/0\"]", "mitigation.rails.owned")]
    [InlineData("max_ttl: 30d", "mitigation.rails.max_ttl")]
    [InlineData("min_sampled_packets: 5", "mitigation.rails.min_sampled_packets")]
    [InlineData("max_address_share: 2", "mitigation.rails.max_address_share")]
    [InlineData("max_concurrent: 0", "mitigation.rails.max_concurrent")]
    [InlineData("widest_v4: 8", "mitigation.rails.widest_v4")]
    [InlineData("enabled: false", "mitigation.rails.enabled")]
    public async Task The_configuration_can_draw_rails_tighter_and_never_take_them_away(string rails, string path)
    {
        using var folder = new TemporaryFolder();
        var file = folder.Write("breakwater.yaml", $"home: [192.0.2.0/24]\nmitigation: {{rails: {{{rails}}} }}\n");
        var said = new StringWriter();
        Assert.Equal(2, await BreakwaterCommand.RunAsync(["check", file], said, said));
        Assert.Contains(path, said.ToString());
    }

    [Fact]
    public async Task A_changed_configuration_takes_back_what_its_rails_refuse_and_kill_9_loses_nothing_else()
    {
        using var folder = new TemporaryFolder();
        var settings = MitigatingService.Settings(folder);
        using (var service = await Started(settings))
        {
            foreach (var host in new[] { "192.0.2.20", "192.0.2.99" })
                Assert.Equal(201, (await service.Send(HttpMethod.Post, "", $$"""{"match": {"destination": "{{host}}", "protocols": [17], "sourcePorts": [53]}, "action": "drop"}""")).Status);
            service.Kill();
        }
        var tighter = settings with { More = settings.More.Replace("192.0.2.53/32", "192.0.2.16/28, 192.0.2.53/32", StringComparison.Ordinal) };
        using (var service = await Started(tighter))
        {
            var kept = await Poll.Until("the other rule is taken up again", async () => (await service.InForce()).SingleOrDefault());
            Assert.Contains("192.0.2.99", kept["rule"]);
            Assert.Contains("never-touch", (await service.Mitigations()).Single(m => m["state"] == "withdrawn")["outcome"]);
            await service.Stop();
        }
        var verified = await Command.Run(Service.Breakwater("audit", "verify", Path.Combine(folder.File("data"), "audit.log")));
        Assert.Contains("unbroken", verified);
    }

    [Fact]
    public async Task Withdraw_all_works_over_the_control_socket_when_the_API_does_not_answer()
    {
        using var folder = new TemporaryFolder();
        var settings = MitigatingService.Settings(folder);
        using var service = await Started(settings);
        await service.Send(HttpMethod.Post, "", """{"match": {"destination": "192.0.2.7", "protocols": [17], "sourcePorts": [53]}, "action": "drop"}""");
        var nowhere = $"http://127.0.0.1:{FreePort.Tcp()}";
        var said = await Command.Run(Service.Breakwater("mitigations", "withdraw-all", "--why", "drill", "--url", nowhere, "--config", folder.File("breakwater.yaml")));
        Assert.Contains("control socket: 1", said);
        Assert.Empty(await service.InForce());
        var (status, answer) = await service.Send(HttpMethod.Post, "", """{"match": {"destination": "192.0.2.8", "protocols": [17], "sourcePorts": [53]}, "action": "drop"}""");
        Assert.True(status == 201, $"a person may still act: {answer}");
    }

    private static Task<Service> Started(ServiceSettings settings) => Service.Start(settings with { Yaml = MitigatingService.WithTokens(settings) });
}
