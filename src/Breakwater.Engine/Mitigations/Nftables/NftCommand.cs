using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Breakwater.Engine.Mitigations.Nftables;

/// <summary>Runs nft: arguments as a list, never through a shell; what it is to do on standard input; bounded in time and in what it may say.</summary>
internal sealed class NftCommand(NftablesOptions options, NftablesMetrics metrics)
{
    /// <summary>Octets of an answer that are read: ten thousand rules take about twenty million.</summary>
    private const int MaxOutput = 128 << 20;

    private const int MaxError = 4096;

    /// <summary>Daemons often have no sbin on their path, which is where distributions keep nft and ip.</summary>
    private static readonly string[] SystemFolders = ["/usr/local/sbin", "/usr/sbin", "/sbin", "/usr/bin", "/bin"];

    /// <param name="arguments">Those of nft.</param>
    /// <param name="input">Its standard input.</param>
    /// <param name="limit">How long it may take.</param>
    /// <exception cref="OperationCanceledException">Cancelled; the program was killed.</exception>
    public async Task<NftAnswer> RunAsync(IReadOnlyList<string> arguments, ReadOnlyMemory<byte> input, TimeSpan limit, CancellationToken cancellation)
    {
        var answer = await TryRunAsync(arguments, input, limit, cancellation).ConfigureAwait(false);
        metrics.Ran(answer.Outcome);
        return answer;
    }

    private async Task<NftAnswer> TryRunAsync(IReadOnlyList<string> arguments, ReadOnlyMemory<byte> input, TimeSpan limit, CancellationToken cancellation)
    {
        using var process = new Process { StartInfo = Command(arguments) };
        try
        {
            process.Start();
        }
        catch (Win32Exception refused)
        {
            return new NftAnswer(NftOutcome.Missing, default, $"{process.StartInfo.FileName} cannot be run: {refused.Message}");
        }
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(limit);
        try
        {
            var output = ReadAsync(process.StandardOutput.BaseStream, MaxOutput, patience.Token);
            var error = ReadAsync(process.StandardError.BaseStream, MaxError, patience.Token);
            await WriteAsync(process, input, patience.Token).ConfigureAwait(false);
            await Task.WhenAll(output, error).ConfigureAwait(false);
            await process.WaitForExitAsync(patience.Token).ConfigureAwait(false);
            var (said, complained) = (await output.ConfigureAwait(false), await error.ConfigureAwait(false));
            return process.ExitCode != 0 ? new NftAnswer(NftOutcome.Refused, default, OneLine(complained.Content.Span, process.ExitCode))
                : said.IsCut ? new NftAnswer(NftOutcome.Unreadable, default, "nft says more than we read")
                : new NftAnswer(NftOutcome.Done, said.Content, "");
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            cancellation.ThrowIfCancellationRequested();
            return new NftAnswer(NftOutcome.TimedOut, default, string.Create(CultureInfo.InvariantCulture, $"nft did not answer within {limit.TotalSeconds:0.#} s"));
        }
    }

    private ProcessStartInfo Command(IReadOnlyList<string> arguments)
    {
        string[] words = options.Netns is { } name ? [Find("ip"), "netns", "exec", name, Find(options.Command), .. arguments] : [Find(options.Command), .. arguments];
        var start = new ProcessStartInfo(words[0], words[1..])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["LC_ALL"] = "C";
        return start;
    }

    private static string Find(string program) => program.Contains('/') ? program
        : (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries).Concat(SystemFolders)
            .Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists) ?? program;

    private static async Task WriteAsync(Process process, ReadOnlyMemory<byte> input, CancellationToken cancellation)
    {
        try
        {
            await process.StandardInput.BaseStream.WriteAsync(input, cancellation).ConfigureAwait(false);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It ended without reading; its exit code says why.
        }
    }

    /// <summary>Reads to the end, and keeps the beginning: what nobody reads would stop the program.</summary>
    private static async Task<(ReadOnlyMemory<byte> Content, bool IsCut)> ReadAsync(Stream from, int most, CancellationToken cancellation)
    {
        using var kept = new MemoryStream();
        var buffer = new byte[1 << 16];
        var cut = false;
        for (int read; (read = await from.ReadAsync(buffer, cancellation).ConfigureAwait(false)) > 0;)
        {
            var take = (int)Math.Min(read, most - kept.Length);
            kept.Write(buffer, 0, take);
            cut |= take < read;
        }
        return (kept.ToArray(), cut);
    }

    private static string OneLine(ReadOnlySpan<byte> complaint, int exitCode)
    {
        var line = Encoding.UTF8.GetString(complaint).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).FirstOrDefault();
        return line is null ? string.Create(CultureInfo.InvariantCulture, $"nft ended with exit code {exitCode}") : $"nft says: {line}";
    }
}
