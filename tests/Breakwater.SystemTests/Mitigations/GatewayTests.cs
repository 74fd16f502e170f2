using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Breakwater.SystemTests.Support;
using Xunit.Abstractions;

namespace Breakwater.SystemTests.Mitigations;

/// <summary>The whole loop on a Linux gateway: it sees an attack on its own interface, and stops it in its own kernel, by itself.</summary>
public sealed partial class GatewayTests(ITestOutputHelper output)
{
    /// <summary>Where Breakwater receives flow records, in the namespace of the gateway.</summary>
    private const string Collector = "127.0.0.1:2055";

    [NeedsTheory(Needs.Root, "ip", "nft", "tcpreplay-edit", "python3", "curl", Needs.Captures)]
    [InlineData("ddos-dns-rrsig-reflection-mixed.pcap", 1500, "udp sport 53", "ip frag-off & 0x1fff != 0")]
    [InlineData("ddos-ipv6-ah-flood.pcap", 4000, "ip6 nexthdr ah")]
    [InlineData("ddos-snmp-reflection.pcapng", 4000, "udp sport 161")]
    [InlineData("ddos-synflood-dominate.pcapng", 4000, "tcp dport 30120")]
    [InlineData("ddos-synflood-single-source-lab.pcap", 4000, "tcp dport 12345")]
    [InlineData("ddos-tcp-synack-reflection.pcap", 4000, "tcp sport { 80, 443 }")]
    public Task An_attack_is_stopped_by_itself_and_ordinary_traffic_goes_on(string file, int packetsPerSecond, params string[] isAttack) =>
        Stops(file, packetsPerSecond, isAttack, exporter: false);

    [NeedsFact(Needs.Root, "ip", "nft", "tcpreplay-edit", "softflowd", "python3", "curl", Needs.Captures)]
    public Task An_attack_that_softflowd_tells_of_is_stopped_as_well() =>
        Stops("ddos-synflood-dominate.pcapng", 4000, ["tcp dport 30120"], exporter: true);

    /// <param name="file">What is replayed over and over through the gateway, beside ordinary traffic.</param>
    /// <param name="isAttack">What of it is the attack, each in the language of nft; all that any of these matches is counted.</param>
    /// <param name="exporter">True: Breakwater hears of the traffic by flow records. False: it captures.</param>
    private async Task Stops(string file, int packetsPerSecond, string[] isAttack, bool exporter)
    {
        var capture = AttackCapture.Named(file);
        using var gateway = new Gateway(capture.Victim, capture.HardwareAddress);
        using var folder = new TemporaryFolder();
        using var inside = await OrdinaryTraffic.Serve(gateway.Inside, folder);
        using var outside = await OrdinaryTraffic.Serve(gateway.Internet, folder);
        await Count(gateway.Name, Gateway.Outside, gateway, isAttack, folder);
        await Count(gateway.Inside, "eth0", gateway, isAttack, folder);
        var settings = new ServiceSettings
        {
            Folder = folder,
            Yaml = $$"""
                home: ["{{capture.Home}}"]
                flows: { listen: [{{(exporter ? $"\"{Collector}\"" : "")}}] }
                capture: { enabled: {{(exporter ? "false" : "true")}}, interfaces: [{{Gateway.Outside}}] }
                api: { listen: "127.0.0.1:8088" }
                storage: { path: "{{folder.File("data")}}" }
                mitigation:
                  modes: {rate_limit: automatic, drop: automatic}
                  policy: {judge_after: 5s}
                  nftables: {enabled: true, check_interval: 500ms}

                """,
        };
        using var breakwater = Command.Start(Gateway.Within(gateway.Name, Service.Breakwater("serve", "--config", folder.Write("breakwater.yaml", settings.ToYaml()))), folder.Path);
        await Poll.Until("breakwater is ready", async () => breakwater.HasExited ? throw new InvalidOperationException(breakwater.Output) : (await Get(gateway, "/health/ready")).Length > 0, describe: () => breakwater.Output);
        using var softflowd = exporter ? Softflowd.Watch(gateway, folder, Collector) : null;

        // Ordinary traffic alone: nothing is lost, and nothing is done about it.
        var (sent, lost) = await OrdinaryTraffic.Ask(gateway, folder, 3);
        Assert.True(sent > 300 && lost == 0, $"{lost} of {sent} lost in peace");
        Assert.Empty(await InForce(gateway));

        var ordinary = OrdinaryTraffic.Ask(gateway, folder, 8);
        using var attack = gateway.Replay(capture, packetsPerSecond);
        await Poll.Until("a rule is in the kernel", async () => (await InForce(gateway)).Any(m => m.GetProperty("state").GetString() == "active"), TimeSpan.FromSeconds(30), () => breakwater.Output + attack.Output);
        // The first rule is there; a second later those that complement it are. What follows is measured with them in force, and long enough for them to be judged.
        await Task.Delay(TimeSpan.FromSeconds(1));
        var (came, through) = (await Counted(gateway.Name), await Counted(gateway.Inside));
        var (sentUnder, lostUnder) = await OrdinaryTraffic.Ask(gateway, folder, 6);
        var (cameAfter, throughAfter) = (await Counted(gateway.Name), await Counted(gateway.Inside));
        var (sentInAll, lostInAll) = await ordinary;

        var stopped = 1 - (throughAfter - through) / (double)(cameAfter - came);
        var collateral = lostUnder / (double)sentUnder;
        var rules = await InForce(gateway);
        var report = $"""
            {file}: {cameAfter - came} attack packets came, {throughAfter - through} got through: stopped {stopped:P2}; ordinary {sentUnder} asked, {lostUnder} unanswered: collateral {collateral:P2}
            from the first packet on: {cameAfter} came, {throughAfter} got through; {lostInAll} of {sentInAll} unanswered
            {string.Join('\n', rules.Select(r => $"{r.GetProperty("action").GetString()} {r.GetProperty("rule").GetString()}"))}
            """;
        output.WriteLine(report);
        Assert.False(attack.HasExited, attack.Output);
        Assert.True(cameAfter - came > 1_500, $"only {cameAfter - came} attack packets came: {attack.Output}");
        Assert.True(stopped >= 0.95 && collateral <= 0.01, $"{report}\n{breakwater.Output}");

        // The kernel's counters are the effect as measured.
        var dropped = 0L;
        foreach (var rule in rules)
            foreach (var place in JsonDocument.Parse(await Get(gateway, $"/api/v1/mitigations/{rule.GetProperty("id").GetString()}")).RootElement.GetProperty("places").EnumerateArray())
                dropped += place.GetProperty("droppedPackets").GetInt64();
        Assert.True(dropped > 0.9 * (cameAfter - came), $"{dropped} dropped of {cameAfter - came}");

        attack.Kill();
        Assert.True(await breakwater.Terminate() == 0, breakwater.Output);
        Assert.Equal("table inet count", (await Command.Run(Gateway.Within(gateway.Name, "nft", "list", "tables"))).Trim());
    }

    /// <summary>Counts the attack before anybody drops it; the captures also hold what is no part of it. Others' table, on the gateway.</summary>
    private static async Task Count(string name, string device, Gateway gateway, string[] isAttack, TemporaryFolder folder)
    {
        var family = gateway.Server.Contains(':') ? "ip6" : "ip";
        var rules = isAttack.Select(match => $"iifname \"{device}\" {family} daddr {gateway.Server} {family} saddr != {gateway.Client} {match} counter accept");
        await Command.Run(Gateway.Within(name, "nft", "-f", folder.Write($"{name}.nft", $$"""
            table inet count {
                chain arrivals {
                    type filter hook prerouting priority -500; policy accept;
                    {{string.Join('\n', rules)}}
                }
            }
            """)));
    }

    private static async Task<long> Counted(string name) =>
        Packets().Matches(await Command.Run(Gateway.Within(name, "nft", "list", "table", "inet", "count"))).Sum(counter => long.Parse(counter.Groups[1].Value, CultureInfo.InvariantCulture));

    private static async Task<string> Get(Gateway gateway, string path)
    {
        try
        {
            return await Command.Run(Gateway.Within(gateway.Name, "curl", "-sf", $"http://127.0.0.1:8088{path}"), TimeSpan.FromSeconds(10));
        }
        catch (InvalidOperationException)
        {
            return "";
        }
    }

    private static async Task<JsonElement[]> InForce(Gateway gateway)
    {
        var text = await Get(gateway, "/api/v1/mitigations?limit=500");
        return text.Length == 0 ? [] : [.. JsonDocument.Parse(text).RootElement.GetProperty("mitigations").EnumerateArray().Where(m => m.GetProperty("state").GetString() is "approved" or "active")];
    }

    [GeneratedRegex(@"counter packets (\d+)")]
    private static partial Regex Packets();
}
