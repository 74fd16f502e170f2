using System.Diagnostics;

namespace Breakwater.SystemTests.Support;

/// <summary>Three machines in a row: the Internet, a Linux gateway, and a server behind it, each in a network namespace. Needs root.</summary>
internal sealed class Gateway : IDisposable
{
    /// <summary>The interface of the gateway that the Internet is at.</summary>
    public const string Outside = "out0";

    private static int _next;
    private readonly string _hardwareAddress = "";

    /// <param name="server">Address of the server. It alone is behind the gateway, for the attack may come from its neighbours.</param>
    /// <param name="hardwareAddress">Ethernet address of <see cref="Outside"/>; null for any.</param>
    public Gateway(string server, string? hardwareAddress = null)
    {
        var isV6 = server.Contains(':');
        var (outside, inside, length) = isV6 ? ("2001:db8:ff::", "2001:db8:fe::1", 64) : ("203.0.113.", "198.51.100.1", 24);
        (Server, Client) = (server, outside + "2");
        var number = $"{Environment.ProcessId}-{Interlocked.Increment(ref _next)}";
        (Internet, Name, Inside) = ($"nft-net-{number}", $"nft-gw-{number}", $"nft-srv-{number}");
        try
        {
            foreach (var name in new[] { Internet, Name, Inside })
            {
                Ip("netns", "add", name);
                Ip("-n", name, "link", "set", "lo", "up");
                // Sources of an attack are anybody's.
                foreach (var key in new[] { "net.ipv4.conf.all.rp_filter=0", "net.ipv4.conf.default.rp_filter=0", "net.ipv4.conf.default.log_martians=0", "net.ipv6.conf.default.accept_dad=0" })
                    Ip("netns", "exec", name, "sysctl", "-qw", key);
            }
            Ip("-n", Name, "link", "add", Outside, "type", "veth", "peer", "name", "eth0", "netns", Internet);
            Ip("-n", Name, "link", "add", "in0", "type", "veth", "peer", "name", "eth0", "netns", Inside);
            if (hardwareAddress is not null) Ip("-n", Name, "link", "set", Outside, "address", hardwareAddress);
            Address(Name, Outside, $"{outside}1/{length}");
            Address(Internet, "eth0", $"{Client}/{length}");
            Address(Name, "in0", inside, "peer", server);
            Address(Inside, "eth0", server, "peer", inside);
            Ip("-n", Internet, "route", "add", server, "via", outside + "1");
            Ip("-n", Inside, "route", "add", "default", "via", inside);
            // What the server answers to forged sources goes out again, and nowhere.
            Ip("-n", Name, "route", "add", "default", "via", Client);
            Ip("netns", "exec", Name, "sysctl", "-qw", "net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1");
            _hardwareAddress = Run("ip", ["netns", "exec", Name, "cat", $"/sys/class/net/{Outside}/address"]).Trim();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Name of the gateway's namespace, and of those on either side.</summary>
    public string Name { get; }
    public string Internet { get; }
    public string Inside { get; }

    public string Server { get; }

    /// <summary>The one address of the Internet that sends ordinary traffic.</summary>
    public string Client { get; }

    public static string[] Within(string name, params IEnumerable<string> command) => ["ip", "netns", "exec", name, .. command];

    /// <summary>Replays a capture from the Internet, over and over, until it is killed.</summary>
    public Command Replay(AttackCapture capture, int packetsPerSecond)
    {
        string[] replay = ["-q", "-i", "eth0", "--loop=0", $"--pps={packetsPerSecond}"];
        return Command.Start(Within(Internet, capture.HardwareAddress is null
            ? ["tcpreplay-edit", .. replay, $"--enet-dmac={_hardwareAddress}", "--mtu-trunc", capture.Path]
            : ["tcpreplay", .. replay, capture.Path]));
    }

    public void Dispose()
    {
        foreach (var name in new[] { Internet, Name, Inside })
        {
            using var removed = Process.Start(new ProcessStartInfo("ip", ["netns", "del", name]) { RedirectStandardError = true })!;
            removed.WaitForExit();
        }
    }

    private static void Address(string name, string device, params string[] address)
    {
        Ip("-n", name, "link", "set", device, "up");
        Ip(["-n", name, "addr", "add", .. address, "dev", device]);
    }

    private static void Ip(params string[] arguments) => Run("ip", arguments);

    private static string Run(string program, string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var output = process.StandardOutput.ReadToEnd();
        var error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? output : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)}: {error}");
    }
}
