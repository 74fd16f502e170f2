using System.Globalization;

namespace Breakwater.SystemTests.Support;

/// <summary>A BGP daemon in a network of its own, with a session to us over IPv4 and one over IPv6. It waits for us to connect.</summary>
/// <remarks>Daemons are told of neighbours that speak IPv4 and IPv6 unicast and flow specifications in either session.</remarks>
internal abstract class BgpRouter(uint asNumber) : IDisposable
{
    /// <summary>Our AS in every configuration.</summary>
    public const uint OurAs = 64500;

    private Command? _process;

    protected TemporaryFolder Folder { get; } = new();

    public NetworkNamespace Network { get; } = new();
    public uint As => asNumber;
    public abstract string Name { get; }

    /// <summary>Addresses of ours and of the daemon, IPv6.</summary>
    public string Here6 { get; private set; } = "";
    public string There6 { get; private set; } = "";

    /// <summary>Secret of TCP-MD5 on both sessions; empty for none.</summary>
    public string Secret { get; init; } = "";

    /// <summary>Take nothing from neighbours further than one hop away.</summary>
    public bool TtlSecurity { get; init; }

    /// <summary>Port on our end of the cable to which it tells over BMP what it holds; 0 for none.</summary>
    public int MonitorPort { get; init; }

    public string Output => _process?.Output ?? "";

    public async Task Start()
    {
        (Here6, There6) = Network.AddIpv6();
        _process = Command.Start(Network.Wrap(Prepare()), Folder.Path, Environment);
        await Poll.Until($"{Name} answers", IsReady, TimeSpan.FromSeconds(30), () => Output);
    }

    /// <summary>What it knows of our rules, in its own words.</summary>
    public abstract Task<string> Rules();

    /// <summary>What it knows of our blackholes, in its own words.</summary>
    public abstract Task<string> Blackholes();

    /// <summary>What <see cref="Rules"/> must say of each rule of the test, by the test's name for it.</summary>
    public abstract IReadOnlyDictionary<string, string[]> Words { get; }

    /// <summary>Waits until it says all the words of the rules held, and no longer names those that are gone.</summary>
    /// <param name="describe">What else to say when it does not come to that.</param>
    public async Task Until(IEnumerable<string> held, IEnumerable<string> gone, Func<string>? describe = null)
    {
        var said = "";
        await Poll.Until($"{Name} holds {string.Join(", ", held)} and not {string.Join(", ", gone)}", async () =>
        {
            said = await Rules() + await Blackholes();
            return held.All(h => Words[h].All(w => said.Contains(w, StringComparison.OrdinalIgnoreCase)))
                && gone.All(g => !said.Contains(Words[g][0], StringComparison.OrdinalIgnoreCase));
        }, TimeSpan.FromSeconds(30), () => $"{said}\n{describe?.Invoke()}\n{Output}");
    }

    protected virtual IReadOnlyDictionary<string, string> Environment { get; } = new Dictionary<string, string>();

    /// <summary>Writes the configuration.</summary>
    /// <returns>The command that runs the daemon in the foreground.</returns>
    protected abstract string[] Prepare();

    protected abstract Task<bool> IsReady();

    protected async Task<string> Ask(params string[] command)
    {
        try
        {
            return await Command.Run(Network.Wrap(command), TimeSpan.FromSeconds(30));
        }
        catch (InvalidOperationException problem)
        {
            return problem.Message;
        }
    }

    public virtual void Dispose()
    {
        _process?.Dispose();
        Network.Dispose();
        Folder.Dispose();
    }

    protected static string Lines(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

/// <summary>GoBGP 3.</summary>
internal sealed class GoBgp() : BgpRouter(64501)
{
    public override string Name => "GoBGP";

    public override IReadOnlyDictionary<string, string[]> Words { get; } = new Dictionary<string, string[]>
    {
        ["ntp"] = ["[destination: 198.51.100.7/32][protocol: ==udp][source-port: ==123][packet-length: >=400]", "discard"],
        ["syn"] = ["[destination: 198.51.100.8/32][protocol: ==tcp][destination-port: ==80 ==443][tcp-flags: =S&!A]", "rate: 1250000.000000"],
        ["fragments"] = ["[destination: 2001:db8:5::7/128/0][protocol: ==udp][fragment: is-fragment first-fragment]", "discard"],
        ["hole4"] = ["198.51.100.9/32", "blackhole", "no-export"],
        ["hole6"] = ["2001:db8:5::9/128", "blackhole", "no-export"],
    };

    public override async Task<string> Rules() => await Rib("ipv4-flowspec") + await Rib("ipv6-flowspec");

    public override async Task<string> Blackholes() => await Rib("ipv4") + await Rib("ipv6");

    protected override string[] Prepare()
    {
        var neighbours = string.Concat(new[] { Network.Here, Here6 }.Select(address => $"""

            [[neighbors]]
              [neighbors.config]
                neighbor-address = "{address}"
                peer-as = {OurAs}
                auth-password = "{Secret}"
              [neighbors.transport.config]
                passive-mode = true
            {string.Concat(new[] { "ipv4-unicast", "ipv6-unicast", "ipv4-flowspec", "ipv6-flowspec" }.Select(family => $"""
              [[neighbors.afi-safis]]
                [neighbors.afi-safis.config]
                  afi-safi-name = "{family}"

            """))}
            """));
        var file = Folder.Write("gobgpd.toml", $"""
            [global.config]
              as = {As}
              router-id = "{Network.There}"
            {neighbours}{(MonitorPort == 0 ? "" : $"""
            [[bmp-servers]]
              [bmp-servers.config]
                address = "{Network.Here}"
                port = {MonitorPort}
                route-monitoring-policy = "all"
            """)}
            """);
        return ["gobgpd", "-f", file, "--log-plain"];
    }

    protected override async Task<bool> IsReady() => (await Ask("gobgp", "neighbor")).Contains(Here6, StringComparison.Ordinal);

    private Task<string> Rib(string family) => Ask("gobgp", "global", "rib", "-a", family);
}

/// <summary>BIRD 2.</summary>
internal sealed class Bird() : BgpRouter(64502)
{
    public override string Name => "BIRD";

    public override IReadOnlyDictionary<string, string[]> Words { get; } = new Dictionary<string, string[]>
    {
        ["ntp"] = ["flow4 { dst 198.51.100.7/32; proto 17; sport 123; length >= 400; }", "(generic, 0x8006fbf4, 0x0)"],
        ["syn"] = ["flow4 { dst 198.51.100.8/32; proto 6; dport 80,443; tcp flags 0x2/0x2 && 0x0/0x10; }", "(generic, 0x8006fbf4, 0x49989680)"],
        ["fragments"] = ["flow6 { dst 2001:db8:5::7/128; next header 17; fragment !!is_fragment || !!first_fragment; }", "(generic, 0x8006fbf4, 0x0)"],
        ["hole4"] = ["198.51.100.9/32", "(65535,666)", "(65535,65281)"],
        ["hole6"] = ["2001:db8:5::9/128", "(65535,666)", "(65535,65281)"],
    };

    public override async Task<string> Rules() => await Show("fl4") + await Show("fl6");

    public override async Task<string> Blackholes() => await Show("master4") + await Show("master6");

    protected override string[] Prepare()
    {
        var password = Secret.Length > 0 ? $"password \"{Secret}\";" : "";
        var ttl = TtlSecurity ? "ttl security on;" : "";
        var file = Folder.Write("bird.conf", Lines($$"""
            log stderr all;
            router id {{Network.There}};
            flow4 table fl4;
            flow6 table fl6;
            protocol device {}
            template bgp breakwater {
              local as {{As}};
              {{password}}
              {{ttl}}
              passive on;
              ipv4 { import all; export none; };
              ipv6 { import all; export none; };
              flow4 { table fl4; import all; export none; validate off; };
              flow6 { table fl6; import all; export none; validate off; };
            }
            protocol bgp four from breakwater { neighbor {{Network.Here}} as {{OurAs}}; }
            protocol bgp six from breakwater { neighbor {{Here6}} as {{OurAs}}; }

            """));
        return ["bird", "-f", "-c", file, "-s", Path.Combine(Folder.Path, "bird.ctl")];
    }

    protected override async Task<bool> IsReady() => (await Birdc("show", "protocols")).Contains("six", StringComparison.Ordinal);

    private Task<string> Show(string table) => Birdc("show", "route", "table", table, "all");

    private Task<string> Birdc(params string[] words) => Ask(["birdc", "-s", Path.Combine(Folder.Path, "bird.ctl"), .. words]);
}

/// <summary>FRRouting's bgpd, without its other daemons.</summary>
internal sealed class Frr() : BgpRouter(64503)
{
    public override string Name => "FRR";

    public override IReadOnlyDictionary<string, string[]> Words { get; } = new Dictionary<string, string[]>
    {
        ["ntp"] = ["Destination Address 198.51.100.7/32", "IP Protocol = 17", "Source Port = 123", "Packet Length >= 400", "FS:rate 0.000000"],
        ["syn"] = ["Destination Address 198.51.100.8/32", "IP Protocol = 6", "Destination Port = 80 , = 443", "TCP Flags = 2,&∋ ! 16", "FS:rate 1250000.000000"],
        ["fragments"] = ["Destination Address 2001:db8:5::7/128/off 0", "Packet Fragment ∋ 2,|∋ 4", "FS:rate 0.000000"],
        ["hole4"] = ["198.51.100.9/32", "blackhole", "no-export"],
        ["hole6"] = ["2001:db8:5::9/128", "blackhole", "no-export"],
    };

    public override async Task<string> Rules() => await Show("show bgp ipv4 flowspec detail") + await Show("show bgp ipv6 flowspec detail");

    public override async Task<string> Blackholes() => await Show("show bgp ipv4 unicast 198.51.100.9/32") + await Show("show bgp ipv6 unicast 2001:db8:5::9/128");

    protected override string[] Prepare()
    {
        string[] both = [Network.Here, Here6];
        string Each(string line) => string.Concat(both.Select(n => $" neighbor {n} {line}\n"));
        var file = Folder.Write("bgpd.conf", $"""
            log stdout
            router bgp {As}
             bgp router-id {Network.There}
             no bgp ebgp-requires-policy
             no bgp default ipv4-unicast
            {Each($"remote-as {OurAs}")}{Each("passive")}{(Secret.Length > 0 ? Each($"password {Secret}") : "")}{(TtlSecurity ? Each("ttl-security hops 1") : "")}
            {string.Concat(new[] { "ipv4 unicast", "ipv6 unicast", "ipv4 flowspec", "ipv6 flowspec" }.Select(family => $" address-family {family}\n{Each("activate")}{Each("route-map NOTHING out")} exit-address-family\n"))}
            {(MonitorPort == 0 ? "" : $"""
             bmp targets breakwater
              bmp monitor ipv4 unicast post-policy
              bmp monitor ipv6 unicast post-policy
              bmp connect {Network.Here} port {MonitorPort} min-retry 200 max-retry 1000
            """)}
            route-map NOTHING deny 10
            """);
        // bgpd changes to its own user, which must be able to write its socket here.
        string[] modules = MonitorPort == 0 ? [] : ["-M", "bmp"];
        return ["/usr/lib/frr/bgpd", .. modules, "-f", file, "-Z", "-S", "-i", Path.Combine(Folder.Path, "bgpd.pid"), "--vty_socket", Folder.Path, "-P", "0", "--log", "stdout"];
    }

    protected override async Task<bool> IsReady() => (await Show("show bgp summary")).Contains(As.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);

    private Task<string> Show(string words) => Ask("vtysh", "--vty_socket", Folder.Path, "-d", "bgpd", "-c", words);
}

/// <summary>ExaBGP 4, which installs nothing either: what it hears, it writes down as JSON.</summary>
internal sealed class ExaBgp() : BgpRouter(64504)
{
    private string Heard => Path.Combine(Folder.Path, "heard.json");

    public override string Name => "ExaBGP";

    public override IReadOnlyDictionary<string, string[]> Words { get; } = new Dictionary<string, string[]>
    {
        ["ntp"] = ["flow destination-ipv4 198.51.100.7/32 protocol =udp source-port =123 packet-length >=400", "rate-limit:0"],
        ["syn"] = ["flow destination-ipv4 198.51.100.8/32 protocol =tcp destination-port [ =80 =443 ] tcp-flags [ =syn&!ack ]", "rate-limit:1250000"],
        ["fragments"] = ["flow destination-ipv6 2001:db8:5::7/128/0 next-header =udp fragment [ is-fragment first-fragment ]", "rate-limit:0"],
        ["hole4"] = ["198.51.100.9/32", "[ 65535, 666 ]", "[ 65535, 65281 ]"],
        ["hole6"] = ["2001:db8:5::9/128", "[ 65535, 666 ]", "[ 65535, 65281 ]"],
    };

    protected override IReadOnlyDictionary<string, string> Environment { get; } = new Dictionary<string, string>
    {
        ["exabgp.daemon.user"] = "root",
        ["exabgp.tcp.bind"] = "0.0.0.0 ::",
        ["exabgp.api.cli"] = "false",
        ["exabgp.log.destination"] = "stderr",
        ["exabgp.api.ack"] = "false",
    };

    public override Task<string> Rules() => Table();

    public override Task<string> Blackholes() => Table();

    protected override string[] Prepare()
    {
        var neighbours = string.Concat(new[] { (Network.Here, Network.There), (Here6, There6) }.Select(n => $$"""

            neighbor {{n.Item1}} {
              router-id {{Network.There}};
              local-address {{n.Item2}};
              local-as {{As}};
              peer-as {{OurAs}};
              passive true;
              family { ipv4 unicast; ipv6 unicast; ipv4 flow; ipv6 flow; }
              api { processes [ log ]; neighbor-changes; receive { parsed; update; } }
            }
            """));
        var writer = Folder.Write("hear.sh", $"#!/bin/sh\necho >> {Heard}\ncat >> {Heard}\n");
        var file = Folder.Write("exabgp.conf", $$"""
            process log {
              run /bin/sh {{writer}};
              encoder json;
            }
            {{neighbours}}
            """);
        return ["exabgp", file];
    }

    protected override Task<bool> IsReady() => Task.FromResult(File.Exists(Heard));

    /// <summary>How often each route that is held was announced since its session came up.</summary>
    public IReadOnlyList<int> Announced() => [.. Read().Values.Select(r => r.Times)];

    private Task<string> Table() => Task.FromResult(string.Join('\n', Read().Values.Select(r => r.Said)));

    /// <summary>The last announcement of each route that was not taken back since, per session.</summary>
    private Dictionary<(string Peer, string Route), (string Said, int Times)> Read()
    {
        var held = new Dictionary<(string, string), (string Said, int Times)>();
        foreach (var line in File.ReadAllLines(Heard))
        {
            if (!line.StartsWith('{')) continue;
            System.Text.Json.JsonElement message;
            try { message = System.Text.Json.JsonDocument.Parse(line).RootElement; }
            catch (System.Text.Json.JsonException) { continue; } // The last line may still be growing.
            if (message.GetProperty("type").GetString() is not "update" and var type)
            {
                if (type == "state" && message.GetProperty("neighbor").GetProperty("state").GetString() == "down")
                    foreach (var key in held.Keys.Where(k => k.Item1 == Peer(message)).ToArray()) held.Remove(key);
                continue;
            }
            if (!message.GetProperty("neighbor").GetProperty("message").TryGetProperty("update", out var update)) continue;
            if (update.TryGetProperty("withdraw", out var gone))
                foreach (var route in gone.EnumerateObject().SelectMany(f => f.Value.EnumerateArray())) held.Remove((Peer(message), Route(route)));
            if (update.TryGetProperty("announce", out var fresh))
                foreach (var route in fresh.EnumerateObject().SelectMany(f => f.Value.EnumerateObject()).SelectMany(n => n.Value.EnumerateArray()))
                    held[(Peer(message), Route(route))] = ($"{Route(route)} {update.GetProperty("attribute")}", held.GetValueOrDefault((Peer(message), Route(route))).Times + 1);
        }
        return held;
    }

    private static string Peer(System.Text.Json.JsonElement message) => message.GetProperty("neighbor").GetProperty("address").GetProperty("peer").GetString()!;

    private static string Route(System.Text.Json.JsonElement route) =>
        route.TryGetProperty("string", out var text) ? text.GetString()! : route.TryGetProperty("nlri", out var nlri) ? nlri.GetString()! : route.ToString();
}
