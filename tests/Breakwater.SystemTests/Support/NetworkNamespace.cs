using System.Diagnostics;

namespace Breakwater.SystemTests.Support;

/// <summary>
/// A little network of its own, joined to ours by one cable (198.18.N.1 here, 198.18.N.2 there; RFC 2544's benchmarking range),
/// with a second cable inside on which captures are replayed. Needs root. Gone, with everything in it, when disposed.
/// </summary>
internal sealed class NetworkNamespace : IDisposable
{
    /// <summary>Replayed packets go in here …</summary>
    public const string ReplayIn = "replay0";

    /// <summary>… and exporters see them arrive here.</summary>
    public const string ReplayOut = "replay1";

    private static int _next;
    private readonly string _cable;

    public NetworkNamespace()
    {
        // Process number and counter: several test runs may share a machine. Interface names have 15 characters at most.
        var number = Interlocked.Increment(ref _next);
        Name = $"bwtest-{Environment.ProcessId}-{number}";
        _cable = $"bw{Environment.ProcessId % 1_000_000}h{number}";
        var subnet = $"198.18.{Environment.ProcessId * 7 % 64 * 4 + number % 4}";
        (Here, There) = ($"{subnet}.1", $"{subnet}.2");

        Ip("netns", "add", Name);
        try
        {
            Inside("link", "set", "lo", "up");
            Ip("link", "add", _cable, "type", "veth", "peer", "name", "cable", "netns", Name);
            Ip("addr", "add", Here + "/24", "dev", _cable);
            Ip("link", "set", _cable, "up");
            Inside("addr", "add", There + "/24", "dev", "cable");
            Inside("link", "set", "cable", "up");
            Inside("link", "add", ReplayIn, "type", "veth", "peer", "name", ReplayOut);
            // Nothing but the replayed packets may be on this cable: no neighbour discovery, no answers.
            foreach (var end in new[] { ReplayIn, ReplayOut })
            {
                Run("ip", ["netns", "exec", Name, "sysctl", "-qw", $"net.ipv6.conf.{end}.disable_ipv6=1"]);
                Inside("link", "set", end, "arp", "off", "up");
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public string Name { get; }

    /// <summary>Our end of the cable, where the service listens.</summary>
    public string Here { get; }

    /// <summary>The far end, where exporters send from.</summary>
    public string There { get; }

    /// <summary>The same command, run inside.</summary>
    public string[] Wrap(IEnumerable<string> command) => ["ip", "netns", "exec", Name, .. command];

    /// <summary>Adds addresses to the far end, so that one machine can be many exporters.</summary>
    public void AddRange(string prefix)
    {
        // A local route makes every address of the prefix ours without naming each.
        Inside("route", "add", "local", prefix, "dev", "lo");
        Ip("route", "add", prefix, "via", There, "dev", _cable);
    }

    /// <summary>Gives both ends of the cable an IPv6 address as well.</summary>
    /// <returns>Ours and theirs.</returns>
    public (string Here, string There) AddIpv6()
    {
        // 2001:2::/48 is the benchmarking range of IPv6 (RFC 5180); the IPv4 subnet makes it as unique.
        var subnet = $"2001:2:0:{int.Parse(Here.Split('.')[2]):x}";
        Ip("addr", "add", $"{subnet}::1/64", "dev", _cable, "nodad");
        Inside("addr", "add", $"{subnet}::2/64", "dev", "cable", "nodad");
        return ($"{subnet}::1", $"{subnet}::2");
    }

    public void Dispose()
    {
        // Takes both cables with it.
        using var removed = Process.Start("ip", ["netns", "del", Name]);
        removed.WaitForExit();
    }

    private void Inside(params string[] arguments) => Ip(["-n", Name, .. arguments]);

    private static void Ip(params string[] arguments) => Run("ip", arguments);

    private static void Run(string program, string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        var error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0) throw new InvalidOperationException($"{program} {string.Join(' ', arguments)}: {error}");
    }
}
