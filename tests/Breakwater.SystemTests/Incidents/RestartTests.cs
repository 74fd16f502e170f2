using Breakwater.SystemTests.Support;

namespace Breakwater.SystemTests.Incidents;

/// <summary>What was shown is not lost, whatever happens to the process.</summary>
public class RestartTests
{
    private const string Victim = "192.0.2.10";

    [Fact]
    public async Task An_incident_survives_kill_9_during_the_attack_continues_and_ends()
    {
        using var folder = new TemporaryFolder();
        var settings = new ServiceSettings
        {
            Folder = folder,
            Home = ["192.0.2.0/24"],
            Listen = [$"127.0.0.1:{FreePort.Udp()}"],
            // Default: two minutes of quiet before an incident has ended.
            More = "detection: { hold: 3s }\n",
        };
        using var router = new NetFlow5Sender(settings.Listen[0]);
        using var enough = new CancellationTokenSource();

        string id;
        using (var service = await Service.Start(settings))
        {
            var attack = router.FloodWithDnsAnswers(Victim, TimeSpan.FromMinutes(2), enough.Token);
            id = (await Attacked(service)).Id;
            service.Kill();
            await enough.CancelAsync();
            await attack;
        }

        using (var service = await Service.Start(settings))
        {
            var before = (await service.Incidents()).Single(i => i.Id == id);
            Assert.Equal("open", before.State);

            await router.FloodWithDnsAnswers(Victim, TimeSpan.FromSeconds(3));

            var after = await Poll.Until("the attack continues under the same identifier", async () =>
                (await service.Incidents()).FirstOrDefault(i => i.Id == id && i.Packets > before.Packets), describe: () => service.Output);
            Assert.Contains("dns-amplification", after.Vectors);

            var ended = await Poll.Until("the incident ends after its hold time", async () =>
                (await service.Incidents()).FirstOrDefault(i => i is { State: "ended" } && i.Id == id), describe: () => service.Output);
            Assert.Equal(after.Id, ended.Id);
            Assert.Single(await service.Incidents(), i => i is { Kind: "ddos", Target: Victim });
        }
    }

    private static Task<IncidentView> Attacked(Service service) =>
        Poll.Until("the attack is shown", async () => (await service.Incidents()).FirstOrDefault(i => i is { Kind: "ddos", Target: Victim }), describe: () => service.Output);
}
