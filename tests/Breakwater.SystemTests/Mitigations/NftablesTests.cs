using System.Text.Json;
using Breakwater.SystemTests.Support;

namespace Breakwater.SystemTests.Mitigations;

/// <summary>The program and the kernel's own nftables, in a network namespace.</summary>
public sealed class NftablesTests
{
    private const string Rule = """{"match": {"destination": "192.0.2.7", "protocols": [17], "sourcePorts": [53, {"from": 100, "to": 200}]}, "action": "drop"}""";
    private const string Limit = """{"match": {"destination": "2001:db8:0:2::/64", "protocols": [58], "icmpTypes": [128]}, "action": "rate-limit", "rateBitsPerSecond": 8000000}""";

    /// <summary>Every component, for both families: the kernel takes them all.</summary>
    private static readonly string[] Everything =
    [
        Rule, Limit,
        """{"match": {"destination": "192.0.2.8", "source": "198.51.100.0/24", "protocols": [6], "destinationPorts": [80, 443], "tcpFlags": {"value": 2, "mask": 18}, "packetLengths": [{"from": 40, "to": 60}], "dscp": [0, {"from": 8, "to": 10}], "fragment": false}, "action": "drop"}""",
        """{"match": {"destination": "192.0.2.8", "protocols": [1], "icmpTypes": [8], "icmpCodes": [0]}, "action": "rate-limit", "ratePacketsPerSecond": 50}""",
        """{"match": {"destination": "192.0.2.8", "protocols": [17], "fragment": true}, "action": "drop"}""",
        """{"match": {"destination": "192.0.2.64/26", "protocols": [47, 50, 51, 52]}, "action": "drop"}""",
        """{"match": {"destination": "192.0.2.9"}, "action": "blackhole"}""",
        """{"match": {"destination": "2001:db8::8", "source": "2001:db8:ffff::/48", "protocols": [6], "sourcePorts": [{"from": 1024, "to": 65535}], "destinationPorts": [80], "tcpFlags": {"value": 16, "mask": 31}, "packetLengths": [{"from": 20, "to": 100}, {"from": 1000, "to": 65535}], "dscp": [46]}, "action": "drop"}""",
        """{"match": {"destination": "2001:db8::8", "protocols": [17], "fragment": true}, "action": "drop"}""",
        """{"match": {"destination": "2001:db8::9"}, "action": "blackhole"}""",
    ];

    [NeedsFact(Needs.Root, "ip", "nft")]
    public async Task Rules_appear_in_a_table_of_our_own_and_go_with_withdraw_all_and_nobody_elses_is_touched()
    {
        using var network = new NetworkNamespace();
        using var folder = new TemporaryFolder();
        await MakeOthers(network);
        var others = await Others(network);
        using var service = await Start(folder, network);
        Assert.DoesNotContain("breakwater", await Nft(network, "list", "tables"), StringComparison.Ordinal);

        foreach (var rule in Everything) await Add(service, rule);
        await AllSeen(service, Everything.Length);
        var table = await Ours(network);
        foreach (var said in new[]
        {
            "udp sport { 53, 100-200 } counter name", "limit rate over 1000000 bytes/second", "limit rate over 50/second", "ip saddr 198.51.100.0/24", "tcp flags syn / syn,ack",
            "ip frag-off & 16383 != 0", "exthdr frag exists", "ip6 length { 0-60, 960-65495 }", "ip daddr & 255.255.255.192 vmap @l4-26",
        })
            Assert.Contains(said, table, StringComparison.Ordinal);

        Assert.Equal(others, await Others(network));
        await service.Send(HttpMethod.Post, "/withdraw-all?why=drill");
        Assert.DoesNotContain("breakwater", await Nft(network, "list", "tables"), StringComparison.Ordinal);
        Assert.Equal(others, await Others(network));
    }

    [NeedsFact(Needs.Root, "ip", "nft")]
    public async Task What_somebody_else_changes_in_our_table_is_put_right()
    {
        using var network = new NetworkNamespace();
        using var folder = new TemporaryFolder();
        using var service = await Start(folder, network);
        await Add(service, Rule);
        await AllSeen(service, 1);
        var good = await Shape(network);

        foreach (var (number, damage) in new[]
        {
            "delete table inet breakwater", "flush table inet breakwater", "flush chain inet breakwater l4-32-c0000207", "delete element inet breakwater l4-32 { 192.0.2.7 }",
            "insert rule inet breakwater dispatch accept", "add chain inet breakwater stranger", "add element inet breakwater l4-32 { 192.0.2.99 : accept }",
        }.Index())
        {
            await Nft(network, damage.Split(' '));
            var now = "";
            await Poll.Until($"the table is as before: {damage}", async () => (now = await Shape(network)) == good, TimeSpan.FromSeconds(20), () => now + "\n" + service.Output);
            await Poll.Until("the repair is counted", async () => await service.Metric("breakwater_nftables_repairs_total") >= number + 1, TimeSpan.FromSeconds(20), () => service.Output);
        }
        await AllSeen(service, 1);
    }

    [NeedsFact(Needs.Root, "ip", "nft")]
    public async Task A_clean_stop_takes_the_table_away_but_for_what_is_to_stay_and_a_crash_leaves_it_to_the_kernel()
    {
        using var network = new NetworkNamespace();
        using var folder = new TemporaryFolder();
        var settings = Settings(folder, network, "policy: {on_death: {blackhole: keep} }");
        using (var service = await Service.Start(settings))
        {
            await Add(service, Rule);
            await Add(service, Everything[6]);
            await AllSeen(service, 2);
            Assert.True(await service.Stop() == 0, service.Output);
        }
        var left = await Ours(network);
        Assert.Contains("192.0.2.9 timeout", left, StringComparison.Ordinal);
        Assert.DoesNotContain("192.0.2.7", left, StringComparison.Ordinal);

        using (var service = await Service.Start(settings))
        {
            await AllSeen(service, 2);
            service.Kill();
        }
        Assert.Contains("192.0.2.7", await Ours(network), StringComparison.Ordinal);
        // The rule is there, and no packet comes to it any more.
        await Poll.Until("the sign of life is gone", async () => !(await Nft(network, "list", "set", "inet", "breakwater", "breakwater-alive")).Contains("ipv4", StringComparison.Ordinal), TimeSpan.FromSeconds(30));

        using (var service = await Service.Start(settings))
        {
            await AllSeen(service, 2);
            await service.Send(HttpMethod.Post, "/withdraw-all?why=drill");
            Assert.DoesNotContain("breakwater", await Nft(network, "list", "tables"), StringComparison.Ordinal);
        }
    }

    [NeedsFact(Needs.Root, "ip", "nft")]
    public async Task At_ingress_packets_are_dropped_before_the_kernel_looks_at_them()
    {
        using var network = new NetworkNamespace();
        using var folder = new TemporaryFolder();
        using var service = await Start(folder, network, "hook: ingress, devices: [cable, replay1],");
        await Add(service, Everything[6]);
        await AllSeen(service, 1);
        var table = await Ours(network);
        Assert.Contains("""type filter hook ingress device "cable" priority -450""", table, StringComparison.Ordinal);
        Assert.Contains("""type filter hook ingress device "replay1" priority -450""", table, StringComparison.Ordinal);
    }

    [NeedsFact(Needs.Root, "ip")]
    public async Task A_missing_nft_costs_only_itself()
    {
        using var network = new NetworkNamespace();
        using var folder = new TemporaryFolder();
        using var service = await Start(folder, network, "command: /nowhere/nft,");
        await Add(service, Rule);
        await Poll.Until("the failure is told", async () => (await Placements(service)) is [var only] && only.GetProperty("state").GetString() == "failed"
            && only.GetProperty("problem").GetString()!.Contains("/nowhere/nft", StringComparison.Ordinal), TimeSpan.FromSeconds(20), () => service.Output);
        Assert.True(await service.Metric("breakwater_nftables_runs_total", "outcome=\"refused\"") + await service.Metric("breakwater_nftables_runs_total", "outcome=\"missing\"") > 0);
    }

    private static ServiceSettings Settings(TemporaryFolder folder, NetworkNamespace network, string more = "", string nftables = "")
    {
        var settings = new ServiceSettings
        {
            Folder = folder,
            Home = ["192.0.2.0/24", "2001:db8::/44"],
            Listen = [$"127.0.0.1:{FreePort.Udp()}"],
            More = $$"""
                mitigation:
                  modes: {rate_limit: suggest, drop: suggest, blackhole: suggest}
                  nftables: {enabled: true, {{nftables}} netns: {{network.Name}}, check_interval: 300ms, lease: 5s}
                  {{more}}

                """,
        };
        return settings with { Yaml = MitigatingService.WithTokens(settings) };
    }

    private static Task<Service> Start(TemporaryFolder folder, NetworkNamespace network, string nftables = "") => Service.Start(Settings(folder, network, "", nftables));

    private static async Task Add(Service service, string request)
    {
        var (status, answer) = await service.Send(HttpMethod.Post, "", request);
        Assert.True(status is 200 or 201 && answer.GetProperty("state").GetString() is "approved" or "active", $"{request}: {status} {answer}");
    }

    private static async Task<JsonElement[]> Placements(Service service)
    {
        var all = new List<JsonElement>();
        foreach (var mitigation in await service.InForce())
            all.AddRange((await service.Get($"/api/v1/mitigations/{mitigation["id"]}")).GetProperty("places").EnumerateArray());
        return [.. all];
    }

    private static async Task AllSeen(Service service, int count)
    {
        JsonElement[] last = [];
        await Poll.Until("the kernel holds them all", async () => (last = await Placements(service)).Length == count && last.All(p => p.GetProperty("state").GetString() == "seen"),
            TimeSpan.FromSeconds(20), () => string.Join('\n', last) + "\n" + service.Output);
    }

    private static async Task MakeOthers(NetworkNamespace network)
    {
        await Nft(network, "add", "table", "inet", "mine");
        await Nft(network, "add", "chain", "inet", "mine", "input", "{ type filter hook input priority 0; }");
        await Nft(network, "add", "rule", "inet", "mine", "input", "tcp", "dport", "22", "accept");
        await Nft(network, "add", "table", "ip", "theirs");
    }

    private static async Task<string> Others(NetworkNamespace network) =>
        await Nft(network, "-a", "list", "table", "inet", "mine") + await Nft(network, "-a", "list", "table", "ip", "theirs");

    private static Task<string> Ours(NetworkNamespace network) => Nft(network, "list", "table", "inet", "breakwater");

    /// <summary>Our table without what changes by itself; "" when there is none.</summary>
    private static async Task<string> Shape(NetworkNamespace network)
    {
        if (!(await Nft(network, "list", "tables")).Contains("inet breakwater", StringComparison.Ordinal)) return "";
        return string.Join('\n', (await Nft(network, "-s", "list", "table", "inet", "breakwater")).Split('\n').Where(line => !line.Contains("expires", StringComparison.Ordinal)));
    }

    private static Task<string> Nft(NetworkNamespace network, params string[] arguments) => Command.Run(network.Wrap(["nft", .. arguments]));
}
