using System.Text.RegularExpressions;

namespace Breakwater.SystemTests.Support;

/// <summary>softflowd, a NetFlow v5, v9 and IPFIX exporter that shares no code with us.</summary>
internal static partial class Softflowd
{
    /// <summary>What softflowd says that it exported.</summary>
    /// <param name="Flows">Records; with version 5, which carries no IPv6, fewer than flows seen.</param>
    /// <param name="Packets">IP packets read from the capture, those that sampling skipped left out.</param>
    public readonly record struct Account(long Flows, long Packets);

    /// <summary>Reads a capture and exports all of it at once.</summary>
    /// <param name="capture">A pcap or pcapng file.</param>
    /// <param name="version">5, 9 or 10 (IPFIX).</param>
    /// <param name="sampling">1:N systematic sampling of packets.</param>
    /// <param name="filter">What to read of the capture, in tcpdump's language.</param>
    /// <param name="receivers">Each gets every datagram: "127.0.0.1:2055".</param>
    public static async Task<Account> Export(string capture, int version, int sampling, string filter, params string[] receivers)
    {
        using var folder = new TemporaryFolder();
        string[] command =
        [
            "softflowd", "-d", "-r", capture, "-v", $"{version}", "-s", $"{sampling}", "-m", "1000000",
            "-n", string.Join(',', receivers), "-p", folder.File("pid"), "-c", "none", filter,
        ];
        var said = await Command.Run([.. command.Where(word => word.Length > 0)]);
        var records = long.Parse(RecordsLine().Match(said).Groups[1].Value);
        var packets = long.Parse(PacketsLine().Match(said).Groups[1].Value);
        return new Account(records, packets);
    }

    /// <summary>Watches an interface of a namespace, and exports within about a second of each packet.</summary>
    public static Command Watch(NetworkNamespace network, TemporaryFolder folder, int version, int sampling, string receiver) =>
        Command.Start(network.Wrap(Watching(NetworkNamespace.ReplayOut, folder, version, sampling, receiver)));

    /// <summary>Watches the outer interface of a gateway from the gateway itself, in IPFIX.</summary>
    public static Command Watch(Gateway gateway, TemporaryFolder folder, string receiver) =>
        Command.Start(Gateway.Within(gateway.Name, Watching(Gateway.Outside, folder, 10, 1, receiver)));

    private static string[] Watching(string device, TemporaryFolder folder, int version, int sampling, string receiver) =>
    [
        "softflowd", "-d", "-i", device, "-v", $"{version}", "-s", $"{sampling}", "-m", "200000", "-6",
        "-t", "expint=1", "-t", "maxlife=1", "-n", receiver,
        "-p", folder.File($"softflowd-{version}-{sampling}.pid"), "-c", "none",
    ];

    [GeneratedRegex(@"Flows exported: \d+ \((\d+) records\)")]
    private static partial Regex RecordsLine();

    [GeneratedRegex(@"Packets processed: (\d+)")]
    private static partial Regex PacketsLine();
}
