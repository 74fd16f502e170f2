using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Breakwater.SystemTests.Support;
using Xunit.Abstractions;

namespace Breakwater.SystemTests.Mitigations;

/// <summary>The whole loop on a Linux gateway: it sees an attack on its own interface, and stops it in its own kernel, by itself.</summary>
public sealed partial class GatewayTests(ITestOutputHelper output)
{
    private const string Victim = "10.10.10.10";

    /// <summary>Answers to whatever is asked, over UDP and TCP.</summary>
    private const string Server = """
        import socket, threading
        def udp():
            s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(("0.0.0.0", 4433))
            while True:
                d, a = s.recvfrom(2048); s.sendto(d, a)
        def answer(c):
            with c:
                c.settimeout(2)
                try: c.sendall(c.recv(2048) + b"x" * 4000)
                except OSError: pass
        threading.Thread(target=udp, daemon=True).start()
        s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1); s.bind(("0.0.0.0", 443)); s.listen(64)
        print("ready", flush=True)
        while True: threading.Thread(target=answer, args=(s.accept()[0],), daemon=True).start()
        """;

    /// <summary>Asks a hundred times a second over UDP and twenty times over TCP, and counts what stays unanswered.</summary>
    private const string Client = """
        import socket, sys, time
        to, seconds = sys.argv[1], float(sys.argv[2])
        u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); u.settimeout(0.5); u.connect((to, 4433))
        sent = lost = 0; end = time.time() + seconds; n = 0
        def ask(n):
            u.send(b"%d " % n + b"q" * 80)
            while True:
                if u.recv(2048).startswith(b"%d " % n): return
        def fetch():
            with socket.create_connection((to, 443), 0.5) as c:
                c.settimeout(0.5); c.sendall(b"hello"); got = 0
                while True:
                    d = c.recv(65536)
                    if not d: break
                    got += len(d)
                if got != 4005: raise OSError("cut short")
        while time.time() < end:
            n += 1; began = time.time()
            for what in ([lambda: ask(n)] if n % 5 else [lambda: ask(n), fetch]):
                sent += 1
                try: what()
                except OSError: lost += 1
            time.sleep(max(0, 0.01 - (time.time() - began)))
        print(sent, lost)
        """;

    [NeedsTheory(Needs.Root, "ip", "nft", "tcpreplay-edit", "python3", "curl", Needs.Captures)]
    [InlineData("ddos-snmp-reflection.pcapng", 4000)]
    public async Task An_attack_is_stopped_by_itself_and_ordinary_traffic_goes_on(string file, int packetsPerSecond)
    {
        using var gateway = new Gateway(Victim);
        using var folder = new TemporaryFolder();
        using var server = Command.Start(Gateway.Within(gateway.Inside, "python3", folder.Write("server.py", Server)));
        await Poll.Until("the server is ready", () => Task.FromResult(server.Output.Contains("ready", StringComparison.Ordinal)), describe: () => server.Output);
        await Count(gateway.Name, Gateway.Outside, folder);
        await Count(gateway.Inside, "eth0", folder);
        var settings = new ServiceSettings
        {
            Folder = folder,
            Yaml = $$"""
                home: [10.10.10.0/24]
                flows: { listen: [] }
                capture: { interfaces: [{{Gateway.Outside}}] }
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

        // Ordinary traffic alone: nothing is lost, and nothing is done about it.
        var (sent, lost) = await Ask(gateway, folder, 5);
        Assert.True(sent > 300 && lost == 0, $"{lost} of {sent} lost in peace");
        Assert.Empty(await InForce(gateway));

        var ordinary = Ask(gateway, folder, 12);
        using var attack = Command.Start(Gateway.Within(gateway.Internet, "tcpreplay-edit", "-q", "-i", "eth0", "--loop=0", $"--pps={packetsPerSecond}", $"--enet-dmac={gateway.HardwareAddress}", "--mtu-trunc", SharedData.Path("captures", file)));
        await Poll.Until("a rule is in the kernel", async () => (await InForce(gateway)).Any(m => m.GetProperty("state").GetString() == "active"), TimeSpan.FromSeconds(30), () => breakwater.Output + attack.Output);
        // What follows is measured with the rules in force, and long enough for them to be judged.
        var (came, through) = (await Counted(gateway.Name), await Counted(gateway.Inside));
        var (sentUnder, lostUnder) = await Ask(gateway, folder, 10);
        var (cameAfter, throughAfter) = (await Counted(gateway.Name), await Counted(gateway.Inside));
        var (sentInAll, lostInAll) = await ordinary;

        var stopped = 1 - (throughAfter - through) / (double)(cameAfter - came);
        var collateral = lostUnder / (double)sentUnder;
        var rules = await InForce(gateway);
        output.WriteLine($"{file}: {cameAfter - came} attack packets came, {throughAfter - through} got through: stopped {stopped:P2}; ordinary {sentUnder} asked, {lostUnder} unanswered: collateral {collateral:P2}; from the first packet on {lostInAll} of {sentInAll}");
        foreach (var rule in rules) output.WriteLine(rule.GetProperty("rule").GetString());
        Assert.False(attack.HasExited, attack.Output);
        Assert.True(cameAfter - came > 5_000, $"only {cameAfter - came} attack packets came: {attack.Output}");
        Assert.True(stopped >= 0.95, $"{stopped:P2} stopped\n{breakwater.Output}");
        Assert.True(collateral <= 0.01, $"{lostUnder} of {sentUnder} lost\n{breakwater.Output}");

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

    /// <summary>Counts UDP that is not the client's, before anybody drops it: the capture also holds ICMP errors, which are no part of the flood. Others' table, on the gateway.</summary>
    private static async Task Count(string name, string device, TemporaryFolder folder) =>
        await Command.Run(Gateway.Within(name, "nft", "-f", folder.Write($"{name}.nft", $$"""
            table inet count {
                chain arrivals {
                    type filter hook prerouting priority -500; policy accept;
                    iifname "{{device}}" ip daddr {{Victim}} ip saddr != {{Gateway.Client}} meta l4proto udp counter
                }
            }
            """)));

    private static async Task<long> Counted(string name) =>
        long.Parse(Packets().Match(await Command.Run(Gateway.Within(name, "nft", "list", "table", "inet", "count"))).Groups[1].Value, CultureInfo.InvariantCulture);

    private static async Task<(int Sent, int Lost)> Ask(Gateway gateway, TemporaryFolder folder, int seconds)
    {
        var said = (await Command.Run(Gateway.Within(gateway.Internet, "python3", folder.Write($"client-{seconds}.py", Client), Victim, $"{seconds}"))).Split(' ');
        return (int.Parse(said[0], CultureInfo.InvariantCulture), int.Parse(said[1], CultureInfo.InvariantCulture));
    }

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
