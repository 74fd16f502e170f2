using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Breakwater.Tests.Engine.Notification;

/// <summary>A TCP server on loopback that tests write in a few lines: it serves one connection after the other.</summary>
internal sealed class LoopbackServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;

    public LoopbackServer(Func<Stream, CancellationToken, Task> serve)
    {
        _listener.Start();
        _running = Task.Run(async () =>
        {
            try
            {
                while (true)
                {
                    using var client = await _listener.AcceptTcpClientAsync(_stop.Token);
                    await serve(client.GetStream(), _stop.Token);
                }
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or IOException)
            {
                // The test is over.
            }
        });
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _listener.Dispose();
        _stop.Dispose();
    }

    /// <summary>Reads one HTTP request with a Content-Length.</summary>
    public static async Task<(string Head, string Body)> ReadHttpAsync(Stream stream, CancellationToken cancel)
    {
        var octets = new List<byte>();
        var one = new byte[1];
        while (octets.Count < 4 || !octets[^4..].SequenceEqual("\r\n\r\n"u8.ToArray()))
        {
            if (await stream.ReadAsync(one, cancel) == 0) throw new IOException("gone");
            octets.Add(one[0]);
        }
        var head = Encoding.ASCII.GetString([.. octets]);
        var length = head.Split("\r\n").First(l => l.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase));
        var body = new byte[int.Parse(length.Split(':')[1], System.Globalization.CultureInfo.InvariantCulture)];
        await stream.ReadExactlyAsync(body, cancel);
        return (head, Encoding.UTF8.GetString(body));
    }

    public static Task AnswerHttpAsync(Stream stream, int status, string body, CancellationToken cancel) =>
        stream.WriteAsync(Encoding.UTF8.GetBytes($"HTTP/1.1 {status} X\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\nConnection: close\r\n\r\n{body}"), cancel).AsTask();
}
