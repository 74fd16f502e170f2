using System.Text.RegularExpressions;

namespace Breakwater.SystemTests.Support;

/// <summary>nfcapd or sfcapd: a second witness that gets the same datagrams as the service.</summary>
internal sealed partial class Nfcapd : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Command _process;

    /// <param name="sflow">True for sfcapd.</param>
    public Nfcapd(bool sflow)
    {
        Port = FreePort.Udp();
        _process = Command.Start([sflow ? "sfcapd" : "nfcapd", "-b", "127.0.0.1", "-p", $"{Port}", "-w", _folder.Path, "-t", "3600", "-B", "4194304"]);
    }

    /// <summary>What nfdump says of everything received.</summary>
    public readonly record struct Account(long Flows, long Packets, long Bytes);

    public int Port { get; }

    public Task Ready() => Poll.Until("nfcapd listens", async () =>
        (await File.ReadAllTextAsync("/proc/net/udp")).Contains($":{Port:X4} ", StringComparison.Ordinal));

    /// <summary>Ends it, so that it writes its file, and adds the file up.</summary>
    public async Task<Account> Finish()
    {
        await _process.Terminate("INT");
        var said = await Command.Run(["nfdump", "-R", _folder.Path, "-N", "-o", "null"]);
        var summary = Summary().Match(said);
        return summary.Success
            ? new Account(Number(summary, 1), Number(summary, 3), Number(summary, 2))
            : throw new InvalidOperationException("no summary in what nfdump said: " + said + _process.Output);
    }

    public void Dispose()
    {
        _process.Dispose();
        _folder.Dispose();
    }

    private static long Number(Match match, int group) => long.Parse(match.Groups[group].Value);

    [GeneratedRegex(@"total flows: (\d+), total bytes: (\d+), total packets: (\d+)")]
    private static partial Regex Summary();
}
