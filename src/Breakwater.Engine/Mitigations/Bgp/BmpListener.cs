using System.Net;
using System.Net.Sockets;
using Breakwater.Core.Flows;
using Breakwater.Core.Net;
using Breakwater.Protocols.Bmp;
using Microsoft.Extensions.Logging;

namespace Breakwater.Engine.Mitigations.Bgp;

/// <summary>Hears what routers hold, over BMP, and tells the peers whose routers they are. Never sends anything.</summary>
/// <remarks>RFC 7854 §3.2: routers connect, the station listens. One connection a router: a new one takes the place of the old.</remarks>
internal sealed class BmpListener(BmpOptions options, IReadOnlyList<BgpPeer> peers, TimeProvider time, ILogger logger) : IDisposable
{
    private const int FirstBuffer = 16 * 1024;

    private static readonly int Errors = (int)Enum.GetValues<DecodeError>().Max() + 1;

    private readonly Lock _lock = new();
    private readonly Dictionary<IpAddr, Socket> _connections = [];
    private readonly List<Socket> _listeners = [];
    private readonly CancellationTokenSource _stopping = new();
    private readonly long[] _errors = new long[Errors];
    private long _messages;
    private long _strangers;

    /// <summary>Messages read, those of types that are passed over included.</summary>
    public long Messages => Interlocked.Read(ref _messages);

    /// <summary>Connections from addresses that are no peer's, closed at once.</summary>
    public long Strangers => Interlocked.Read(ref _strangers);

    /// <summary>Messages that could not be read, by kind of error.</summary>
    public long ErrorsOf(DecodeError error) => Interlocked.Read(ref _errors[(int)error]);

    public void Start()
    {
        foreach (var endPoint in options.Listen)
        {
            try
            {
                var socket = BgpSockets.ForListening(endPoint, []);
                _listeners.Add(socket);
                _ = AcceptAsync(socket);
            }
            catch (SocketException problem)
            {
                logger.BmpCannotListen(endPoint.ToString(), problem.Message);
            }
        }
    }

    public void Dispose()
    {
        if (_stopping.IsCancellationRequested) return;
        _stopping.Cancel();
        foreach (var listener in _listeners) listener.Dispose();
        lock (_lock)
        {
            foreach (var connection in _connections.Values) connection.Dispose();
            _connections.Clear();
        }
        _stopping.Dispose();
    }

    private async Task AcceptAsync(Socket listener)
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                Welcome(await listener.AcceptAsync(_stopping.Token).ConfigureAwait(false));
            }
            catch (Exception problem) when (problem is SocketException or OperationCanceledException or ObjectDisposedException)
            {
                if (problem is SocketException { SocketErrorCode: SocketError.TooManyOpenSockets }) await Task.Delay(TimeSpan.FromSeconds(1), time, CancellationToken.None).ConfigureAwait(false);
            }
        }
    }

    private void Welcome(Socket socket)
    {
        var router = socket.RemoteEndPoint is IPEndPoint remote ? IpAddr.From(remote.Address) : IpAddr.None;
        BgpPeer[] told = [.. peers.Where(p => p.Options.MonitoredFrom == router)];
        if (told.Length == 0)
        {
            Interlocked.Increment(ref _strangers);
            socket.Dispose();
            return;
        }
        // A router that vanished without a word leaves a connection that would look alive for ever.
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        lock (_lock)
        {
            if (_connections.TryGetValue(router, out var older)) older.Dispose();
            _connections[router] = socket;
        }
        _ = ReadAsync(socket, router, told);
    }

    private async Task ReadAsync(Socket socket, IpAddr router, BgpPeer[] told)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        foreach (var peer in told) peer.MonitoringBegins(socket);
        logger.BmpUp(router);
        var why = "the router closed the connection";
        var buffer = new byte[FirstBuffer];
        var filled = 0;
        try
        {
            while (await socket.ReceiveAsync(buffer.AsMemory(filled)).ConfigureAwait(false) is > 0 and var count)
            {
                filled += count;
                var (read, error, needed) = ReadAll(buffer.AsSpan(0, filled), told);
                if (error != DecodeError.None)
                {
                    Interlocked.Increment(ref _errors[(int)error]);
                    why = "it sent what is no BMP message";
                    break;
                }
                buffer.AsSpan(read, filled - read).CopyTo(buffer);
                filled -= read;
                if (needed > buffer.Length) Array.Resize(ref buffer, needed);
            }
        }
        catch (Exception problem) when (problem is SocketException or ObjectDisposedException)
        {
            why = problem.Message;
        }
        socket.Dispose();
        lock (_lock)
        {
            if (_connections.GetValueOrDefault(router) == socket) _connections.Remove(router);
        }
        foreach (var peer in told) peer.MonitoringEnds(socket);
        if (!_stopping.IsCancellationRequested) logger.BmpDown(router, why);
    }

    /// <returns>Octets of whole messages; an error after which nothing can follow; and the octets that the message begun there has.</returns>
    private (int Read, DecodeError Error, int Needed) ReadAll(ReadOnlySpan<byte> bytes, BgpPeer[] told)
    {
        var at = 0;
        while (true)
        {
            var framing = BmpFraming.Read(bytes[at..], out var type, out var length);
            if (framing == DecodeError.Truncated) return (at, DecodeError.None, length);
            if (framing != DecodeError.None) return (at, framing, 0);
            Interlocked.Increment(ref _messages);
            var error = BmpDecoder.Decode(type, bytes.Slice(at + BmpFraming.HeaderLength, length - BmpFraming.HeaderLength), out var message);
            if (error != DecodeError.None) Interlocked.Increment(ref _errors[(int)error]);
            else if (message is not null)
                foreach (var peer in told) peer.Monitored(message);
            at += length;
        }
    }
}
