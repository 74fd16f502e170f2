using System.Net;
using System.Net.Http.Headers;
using Breakwater.Server.Api;
using Breakwater.SystemTests.Support;

namespace Breakwater.SystemTests.Server;

/// <summary>SIGHUP: what may change while running does, counters and incidents stay, a bad file changes nothing.</summary>
public class ReloadTests
{
    private const string Victim = "192.0.2.10";
    private const string Quiet = "host_groups: { default: { inbound: { packets_per_second: 10M, udp_packets_per_second: 10M, fragment_packets_per_second: 10M, bits_per_second: 1T } } }\n";

    [Fact]
    public async Task Thresholds_tokens_and_sampling_change_while_counters_and_incidents_stay()
    {
        using var folder = new TemporaryFolder();
        var settings = new ServiceSettings { Folder = folder, Home = ["192.0.2.0/24"], Listen = [$"127.0.0.1:{FreePort.Udp()}"], More = Quiet };
        using var service = await Service.Start(settings);
        using var router = new NetFlow5Sender(settings.Listen[0]);
        await Send(router, seconds: 2);
        await Counted(service, router.Packets);
        Assert.Empty(await service.Incidents());

        var (token, hash) = ApiToken.Generate();
        folder.Write("list", "203.0.113.77\n");
        var yaml = settings.ToYaml().Replace("udp_packets_per_second: 10M", "udp_packets_per_second: 10k", StringComparison.Ordinal)
            .Replace("api: {", $"api: {{ tokens: [{{name: late, sha256: {hash}}}],", StringComparison.Ordinal)
            .Replace("flows: {", "flows: { sampling: [{exporter: 127.0.0.1, rate: 10}],", StringComparison.Ordinal)
            .Replace("storage: {", "storage: { rollup_retention: 5d,", StringComparison.Ordinal)
            + $"sharing: {{ organisation: Example Networks }}\nfeeds: {{ sources: {{ list: {{ format: plain-list, file: {folder.Path}/list }} }} }}\ncases: {{ watch: 5d }}\n";
        folder.Write("breakwater.yaml", yaml);
        await service.Reload();
        await Poll.Until("the change is told", () => Task.FromResult(service.Output.Contains("in force now: ", StringComparison.Ordinal)), describe: () => service.Output);
        Assert.Contains("in force now: host_groups.default.inbound.udp_packets_per_second, flows.sampling, api.tokens, sharing.organisation, feeds.sources, cases.watch", service.Output, StringComparison.Ordinal);
        Assert.Contains("storage.rollup_retention has changed and needs a restart", service.Output, StringComparison.Ordinal);

        await Poll.Until("the new feed is read", async () =>
            (await service.Http.GetStringAsync("/api/v1/feeds/known/203.0.113.77")).Contains("\"feed\":\"list\"", StringComparison.Ordinal), describe: () => service.Output);

        var before = router.Packets;
        await Send(router, seconds: 2);
        // Counters go on from where they were; what came since counts tenfold.
        await Counted(service, before + 10 * (router.Packets - before));
        var incident = await Poll.Until("the same traffic is too much now", async () =>
            (await service.Incidents()).FirstOrDefault(i => i is { Kind: "ddos", Target: Victim }), describe: () => service.Output);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/incidents") { Headers = { Authorization = new AuthenticationHeaderValue("Bearer", token) } };
        using var answer = await service.Http.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);

        folder.Write("breakwater.yaml", yaml.Replace("10k", "20M", StringComparison.Ordinal));
        await service.Reload();
        await Poll.Until("the second change is told", () => Task.FromResult(service.Output.Split("in force now").Length == 3), describe: () => service.Output);
        var still = Assert.Single(await service.Incidents(), i => i is { Kind: "ddos", Target: Victim });
        Assert.Equal((incident.Id, "open"), (still.Id, still.State));
    }

    [Fact]
    public async Task A_file_with_mistakes_changes_nothing_and_each_of_them_is_told()
    {
        using var folder = new TemporaryFolder();
        var settings = new ServiceSettings { Folder = folder, Home = ["192.0.2.0/24"], Listen = [$"127.0.0.1:{FreePort.Udp()}"], More = Quiet };
        using var service = await Service.Start(settings);
        using var router = new NetFlow5Sender(settings.Listen[0]);

        folder.Write("breakwater.yaml", settings.ToYaml().Replace("udp_packets_per_second: 10M", "udp_packets_per_second: 1k", StringComparison.Ordinal)
            + "detection: { hold: 0s }\nfeeds: { sources: { list: { format: none } } }\nstorag: {}\n");
        await service.Reload();
        await Poll.Until("both mistakes are told", () => Task.FromResult(
            service.Output.Contains("detection.hold: 0s is outside 1s to 1d", StringComparison.Ordinal) && service.Output.Contains("storag: no such key; was 'storage' meant?", StringComparison.Ordinal)),
            describe: () => service.Output);
        Assert.DoesNotContain("in force now", service.Output, StringComparison.Ordinal);

        await Send(router, seconds: 2);
        await Counted(service, router.Packets);
        Assert.Empty(await service.Incidents());
    }

    /// <summary>20,000 packets per second of one long-lived conversation: nothing about it but its rate is remarkable.</summary>
    private static async Task Send(NetFlow5Sender router, int seconds)
    {
        for (var tenth = 0; tenth < seconds * 10; tenth++)
        {
            router.Add("203.0.113.9", Victim, protocol: 17, sourcePort: 51_820, destinationPort: 51_820, packets: 2_000, bytes: 2_000 * 900);
            router.Flush();
            await Task.Delay(100);
        }
    }

    private static Task Counted(Service service, long packets) => Poll.Until($"{packets} packets are counted", async () =>
        (long)await service.Metric("breakwater_detection_packets_total", "direction=\"in\"") == packets, describe: () => service.Output);
}
