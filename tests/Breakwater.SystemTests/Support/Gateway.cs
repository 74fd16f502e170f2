using System.Diagnostics;

namespace Breakwater.SystemTests.Support;

/// <summary>Three machines in a row: the Internet, a Linux gateway, and a server behind it, each in a network namespace. Needs root.</summary>
internal sealed class Gateway : IDisposable
{
    /// <summary>The interface of the gateway that the Internet is at.</summary>
    public const string Outside = "out0";

    /// <summary>The one address of the Internet that sends ordinary traffic.</summary>
    public const string Client = "203.0.113.2";

    private static int _next;

    /// <param name="server">Address of the server, an IPv4 address.</param>
    public Gateway(string server)
    {
        var number = $"{Environment.ProcessId}-{Interlocked.Increment(ref _next)}";
        (Internet, Name, Inside) = ($"nft-net-{number}", $"nft-gw-{number}", $"nft-srv-{number}");
        var subnet = server[..server.LastIndexOf('.')];
        try
        {
            foreach (var name in new[] { Internet, Name, Inside })
            {
                Ip("netns", "add", name);
                Ip("-n", name, "link", "set", "lo", "up");
                // Sources of an attack are anybody's.
                foreach (var key in new[] { "net.ipv4.conf.all.rp_filter=0", "net.ipv4.conf.default.rp_filter=0", "net.ipv4.conf.default.log_martians=0" })
                    Ip("netns", "exec", name, "sysctl", "-qw", key);
            }
            Ip("-n", Name, "link", "add", Outside, "type", "veth", "peer", "name", "eth0", "netns", Internet);
            Ip("-n", Name, "link", "add", "in0", "type", "veth", "peer", "name", "eth0", "netns", Inside);
            Address(Name, Outside, "203.0.113.1/24");
            Address(Internet, "eth0", Client + "/24");
            Address(Name, "in0", $"{subnet}.254/24");
            Address(Inside, "eth0", server + "/24");
            Ip("-n", Internet, "route", "add", $"{subnet}.0/24", "via", "203.0.113.1");
            Ip("-n", Inside, "route", "add", "default", "via", $"{subnet}.254");
            // What the server answers to forged sources goes out again, and nowhere.
            Ip("-n", Name, "route", "add", "default", "via", Client);
            Ip("netns", "exec", Name, "sysctl", "-qw", "net.ipv4.ip_forward=1");
            HardwareAddress = Run("ip", ["netns", "exec", Name, "cat", $"/sys/class/net/{Outside}/address"]).Trim();
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

    /// <summary>Ethernet address of <see cref="Outside"/>.</summary>
    public string HardwareAddress { get; } = "";

    public static string[] Within(string name, params IEnumerable<string> command) => ["ip", "netns", "exec", name, .. command];

    public void Dispose()
    {
        foreach (var name in new[] { Internet, Name, Inside })
        {
            using var removed = Process.Start(new ProcessStartInfo("ip", ["netns", "del", name]) { RedirectStandardError = true })!;
            removed.WaitForExit();
        }
    }

    private static void Address(string name, string device, string address)
    {
        Ip("-n", name, "addr", "add", address, "dev", device);
        Ip("-n", name, "link", "set", device, "up");
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
