using Breakwater.SystemTests.Support;

namespace Breakwater.SystemTests.Mitigations;

/// <summary>Every guard rail, tried from every side: configuration, API and command line. Each refuses by its name, and nothing gets through.</summary>
public class RailsTests
{
    /// <summary>Rail, request to the API, and the same as arguments of the command line.</summary>
    public static TheoryData<string, string, string> Refused => new()
    {
        { "owned-prefixes", """{"match": {"destination": "203.0.113.7", "protocols": [17]}, "action": "drop"}""", "--to 203.0.113.7 --protocol udp" },
        { "owned-prefixes", """{"match": {"destination": "0.0.0.0/0", "protocols": [17]}, "action": "drop"}""", "--to 0.0.0.0/0 --protocol udp" },
        { "owned-prefixes", """{"match": {"destination": "::/0"}, "action": "blackhole"}""", "--to ::/0 --action blackhole" },
        { "max-width", """{"match": {"destination": "2001:db8::/47", "protocols": [17]}, "action": "drop"}""", "--to 2001:db8::/47 --protocol udp" },
        { "never-touch", """{"match": {"destination": "192.0.2.53"}, "action": "blackhole"}""", "--to 192.0.2.53 --action blackhole" },
        { "never-touch", """{"match": {"destination": "192.0.2.0/26", "protocols": [17]}, "action": "drop"}""", "--to 192.0.2.0/26 --protocol udp" },
        { "never-touch", """{"match": {"destination": "192.0.2.7", "source": "127.0.0.9", "protocols": [17]}, "action": "drop"}""", "--to 192.0.2.7 --from 127.0.0.9 --protocol udp" },
        { "rule-sanity", """{"match": {"protocols": [17]}, "action": "drop"}""", "--protocol udp" },
        { "rule-sanity", """{"match": {"destination": "192.0.2.7"}, "action": "drop"}""", "--to 192.0.2.7" },
        { "rule-sanity", """{"match": {"destination": "192.0.2.7", "protocols": [17], "packetLengths": [{"from": 99971, "to": 99985}]}, "action": "drop"}""", "--to 192.0.2.7 --protocol udp --length 99971-99985" },
        { "rule-sanity", """{"match": {"destination": "192.0.2.7", "protocols": [17], "sourcePorts": [{"from": 9, "to": 5}]}, "action": "drop"}""", "--to 192.0.2.7 --protocol udp --from-port 9-5" },
        { "control-plane", """{"match": {"destination": "192.0.2.7", "protocols": [6], "destinationPorts": [179]}, "action": "drop"}""", "--to 192.0.2.7 --protocol tcp --to-port 179" },
        { "control-plane", """{"match": {"destination": "192.0.2.7", "protocols": [6], "sourcePorts": [179]}, "action": "rate-limit", "rateBitsPerSecond": 1000000}""", "--to 192.0.2.7 --protocol tcp --from-port 179 --action rate-limit --rate 1M" },
        { "source-blackhole", """{"match": {"destination": "192.0.2.7", "source": "203.0.113.7"}, "action": "blackhole"}""", "--to 192.0.2.7 --from 203.0.113.7 --action blackhole" },
        { "divert-target", """{"match": {"destination": "192.0.2.7"}, "action": "divert", "divertTo": "elsewhere"}""", "--to 192.0.2.7 --action divert --divert-to elsewhere" },
        { "ttl", """{"match": {"destination": "192.0.2.7", "protocols": [17]}, "action": "drop", "lifetimeSeconds": 86400}""", "--to 192.0.2.7 --protocol udp --for 1d" },
        { "mode", """{"match": {"destination": "198.51.100.200", "protocols": [17]}, "action": "drop"}""", "--to 198.51.100.200 --protocol udp" },
        { "two-person", """{"match": {"destination": "192.0.2.128/27"}, "action": "blackhole"}""", "--to 192.0.2.128/27 --action blackhole" },
    };

    [Fact]
    public async Task Every_rail_refuses_what_is_asked_over_the_API_and_the_command_line()
    {
        using var folder = new TemporaryFolder();
        var settings = MitigatingService.Settings(folder, "max_address_share: 1");
        using var service = await Started(settings);
        foreach (var (rail, request, arguments) in Refused.Select(r => ((string)r[0], (string)r[1], (string)r[2])))
        {
            var (_, answer) = await service.Send(HttpMethod.Post, "", request);
            Assert.True(rail == answer.GetProperty("refusedBy").GetString(), $"{request} gave {answer}");
            Assert.Contains(answer.GetProperty("state").GetString(), new[] { "refused", "proposed" });
            Assert.NotEqual("", answer.GetProperty("outcome").GetString());

            var expected = answer.GetProperty("state").GetString() == "refused" ? 6 : 0;
            var said = await Command.Run(MitigatingService.Cli(settings, ["add", .. arguments.Split(' ')]), expectedExit: expected);
            Assert.Contains($" by {rail}: ", said);
        }
        Assert.Empty(await service.InForce());
    }

    [Theory]
    [InlineData("cap-concurrent", "max_concurrent: 2")]
    [InlineData("cap-new-per-minute", "max_new_per_minute: 2")]
    [InlineData("cap-host-group", "max_per_host_group: 2")]
    [InlineData("cap-address-share", "max_address_share: 0.004")]
    public async Task Every_cap_holds_back_what_is_too_much(string rail, string limit)
    {
        using var folder = new TemporaryFolder();
        var settings = MitigatingService.Settings(folder, limit);
        using var service = await Started(settings);
        for (var host = 1; host <= 2; host++) Assert.Equal("approved", (await Blackhole(host)).GetProperty("state").GetString());
        Assert.Equal(("proposed", rail), ((await Blackhole(3)).GetProperty("state").GetString(), (await Blackhole(4)).GetProperty("refusedBy").GetString()));
        var said = await Command.Run(MitigatingService.Cli(settings, "add", "--to", "192.0.2.5", "--action", "blackhole"));
        Assert.Contains($"held back by {rail}: ", said);
        Assert.Equal(2, (await service.InForce()).Count);

        async Task<System.Text.Json.JsonElement> Blackhole(int host) =>
            (await service.Send(HttpMethod.Post, "", $$"""{"match": {"destination": "192.0.2.{{host}}"}, "action": "blackhole"}""")).Answer;
    }

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
        var said = await Command.Run(["sh", "-c", string.Join(' ', Service.Breakwater("check", file)) + " 2>&1"], expectedExit: 2);
        Assert.Contains(path, said);
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
