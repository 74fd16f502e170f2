using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Breakwater.Engine.Mitigations;

/// <summary>The emergency entrance: a Unix socket in the data folder that takes <c>withdraw-all</c> when API, page or database are down.</summary>
/// <remarks>
/// Open to the user that runs the service only, by the rights of the file. One line in, one line out:
/// <c>withdraw-all WHO: WHY</c> is answered by <c>ok N</c>, anything else by <c>error …</c>.
/// </remarks>
public sealed class ControlSocket(MitigationService mitigations, string folder, ILogger<ControlSocket> logger) : BackgroundService
{
    private const string Command = "withdraw-all";
    private const int MaxLine = 1024;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private Socket? _listener;

    /// <summary>Where the socket of a data folder is.</summary>
    public static string PathIn(string folder) => Path.Combine(Path.GetFullPath(folder), "control.sock");

    /// <summary>Asks a running service, from another process.</summary>
    /// <returns>Its answer: <c>ok N</c>, or <c>error …</c>.</returns>
    /// <exception cref="SocketException">Nobody listens.</exception>
    public static async Task<string> WithdrawAllAsync(string folder, string who, string why, CancellationToken cancellation)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(PathIn(folder)), cancellation).ConfigureAwait(false);
        var line = $"{Command} {who}: {why}".ReplaceLineEndings(" ");
        await socket.SendAsync(Encoding.UTF8.GetBytes((line.Length > MaxLine / 4 ? line[..(MaxLine / 4)] : line) + "\n"), cancellation).ConfigureAwait(false);
        return await ReadLineAsync(socket, cancellation).ConfigureAwait(false);
    }

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            var path = PathIn(folder);
            // A socket that a dead process left; a living one holds the lease, and then this one only watches.
            File.Delete(path);
            _listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            _listener.Bind(new UnixDomainSocketEndPoint(path));
            if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            _listener.Listen(8);
        }
        catch (Exception problem) when (problem is SocketException or IOException or UnauthorizedAccessException or ArgumentOutOfRangeException)
        {
            logger.ControlSocketFailed(PathIn(folder), problem.Message);
            _listener?.Dispose();
            _listener = null;
        }
        return base.StartAsync(cancellationToken);
    }

    public override void Dispose()
    {
        _listener?.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (_listener is not { } listener) return;
        try
        {
            while (true)
            {
                var client = await listener.AcceptAsync(stoppingToken).ConfigureAwait(false);
                // One that says nothing holds nobody up.
                _ = ServeAsync(client, stoppingToken);
            }
        }
        catch (OperationCanceledException)
        {
            // Stopping.
        }
    }

    private async Task ServeAsync(Socket client, CancellationToken stopping)
    {
        using var _ = client;
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        patience.CancelAfter(Patience);
        try
        {
            var line = await ReadLineAsync(client, patience.Token).ConfigureAwait(false);
            var answer = await AnswerAsync(line).WaitAsync(patience.Token).ConfigureAwait(false);
            await client.SendAsync(Encoding.UTF8.GetBytes(answer + "\n"), patience.Token).ConfigureAwait(false);
        }
        catch (Exception problem) when (problem is SocketException or OperationCanceledException)
        {
            // It went away, or took too long: only itself is concerned.
        }
    }

    private async Task<string> AnswerAsync(string line)
    {
        if (!line.StartsWith(Command + " ", StringComparison.Ordinal)) return $"error: only '{Command} WHO: WHY' is understood here";
        var said = line[(Command.Length + 1)..];
        var colon = said.IndexOf(':', StringComparison.Ordinal);
        try
        {
            var count = await mitigations.WithdrawAllAsync(colon > 0 ? said[..colon] : "control socket", colon > 0 ? said[(colon + 1)..].Trim() : said).ConfigureAwait(false);
            return string.Create(CultureInfo.InvariantCulture, $"ok {count}");
        }
        catch (MitigationUnavailableException problem)
        {
            return $"error: {problem.Message}";
        }
    }

    private static async Task<string> ReadLineAsync(Socket socket, CancellationToken cancellation)
    {
        var buffer = new byte[MaxLine];
        var length = 0;
        while (length < buffer.Length)
        {
            var read = await socket.ReceiveAsync(buffer.AsMemory(length), cancellation).ConfigureAwait(false);
            if (read == 0) break;
            length += read;
            if (buffer.AsSpan(0, length).Contains((byte)'\n')) break;
        }
        return Encoding.UTF8.GetString(buffer, 0, length).TrimEnd('\n', '\r');
    }
}
