using Breakwater.SystemTests.Support;

namespace Breakwater.SystemTests.Mitigations;

/// <summary>From the first attack record to a rule, without anybody.</summary>
public class AutomaticTests
{
    private const string Victim = "192.0.2.10";

    [Fact]
    public async Task An_attack_seen_in_flow_records_becomes_a_rule_by_itself_and_withdraw_all_keeps_it_away()
    {
        using var folder = new TemporaryFolder();
        var settings = MitigatingService.Settings(folder);
        using var service = await Service.Start(settings with { Yaml = MitigatingService.WithTokens(settings) });
        using var router = new NetFlow5Sender(settings.Listen[0]);
        using var enough = new CancellationTokenSource();
        var attack = router.FloodWithDnsAnswers(Victim, TimeSpan.FromMinutes(2), enough.Token);

        var rule = await Poll.Until("a rule is on its way", async () => (await service.InForce()).FirstOrDefault(), describe: () => service.Output);
        Assert.Equal("incident", rule["origin"]);
        Assert.Contains($"to {Victim}", rule["rule"]);
        Assert.True(rule.Json.GetProperty("attackShare").GetDouble() >= 0.95);

        var (status, _) = await service.Send(HttpMethod.Post, "/withdraw-all?why=drill");
        Assert.Equal(200, status);
        await Task.Delay(TimeSpan.FromSeconds(3));
        Assert.Empty(await service.InForce());
        await enough.CancelAsync();
        await attack;
    }

    [Fact]
    public async Task Nothing_happens_by_itself_as_long_as_nothing_is_switched_on()
    {
        using var folder = new TemporaryFolder();
        var settings = MitigatingService.Settings(folder, modes: "{drop: suggest}");
        using var service = await Service.Start(settings);
        using var router = new NetFlow5Sender(settings.Listen[0]);
        await router.FloodWithDnsAnswers(Victim, TimeSpan.FromSeconds(3));
        var proposed = await Poll.Until("a proposal is shown", async () =>
            (await service.Mitigations()).FirstOrDefault(), describe: () => service.Output);
        Assert.Equal(("proposed", "mode"), (proposed["state"], proposed["refusedBy"]));
    }
}
