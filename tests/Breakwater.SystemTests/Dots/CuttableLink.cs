using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Breakwater.SystemTests.Support;

namespace Breakwater.SystemTests.Dots;

/// <summary>A way to a server over UDP and TCP that can be cut: datagrams vanish, connections break off.</summary>
internal sealed class CuttableLink : IAsyncDisposable
{
    private readonly IPEndPoint _server;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Socket _udp = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly Socket _tcp = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly ConcurrentDictionary<EndPoint, Socket> _flows = [];
    private readonly ConcurrentBag<Socket> _connections = [];
    private readonly List<Task> _running = [];
    private volatile bool _cut;

    public CuttableLink(IPEndPoint server)
    {
        _server = server;
        Address = new IPEndPoint(IPAddress.Loopback, FreePort.Udp());
        _udp.Bind(Address);
        _tcp.Bind(Address);
        _tcp.Listen();
        _running.Add(Ignore(Datagrams()));
        _running.Add(Ignore(Connections()));
    }

    public IPEndPoint Address { get; }

    public void Cut()
    {
        _cut = true;
        while (_connections.TryTake(out var connection))
        {
            try
            {
                // A reset, as when a firewall on the way loses its state.
                connection.LingerState = new LingerOption(true, 0);
                connection.Dispose();
            }
            catch (ObjectDisposedException)
            {
                // One end has closed it already.
            }
        }
    }

    public void Restore() => _cut = false;

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        Cut();
        _udp.Dispose();
        _tcp.Dispose();
        foreach (var flow in _flows.Values) flow.Dispose();
        await Task.WhenAll(_running);
        _stopping.Dispose();
    }

    private async Task Datagrams()
    {
        var buffer = new byte[65_535];
        while (true)
        {
            var received = await _udp.ReceiveFromAsync(buffer, SocketFlags.None, new IPEndPoint(IPAddress.Any, 0), _stopping.Token);
            if (_cut) continue;
            var flow = _flows.GetOrAdd(received.RemoteEndPoint, client =>
            {
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
                socket.Connect(_server);
                lock (_running) _running.Add(Ignore(Answers(socket, client)));
                return socket;
            });
            await flow.SendAsync(buffer.AsMemory(0, received.ReceivedBytes));
        }
    }

    private async Task Answers(Socket flow, EndPoint client)
    {
        var buffer = new byte[65_535];
        while (true)
        {
            var length = await flow.ReceiveAsync(buffer, _stopping.Token);
            if (!_cut) await _udp.SendToAsync(buffer.AsMemory(0, length), SocketFlags.None, client);
        }
    }

    private async Task Connections()
    {
        while (true)
        {
            var client = await _tcp.AcceptAsync(_stopping.Token);
            if (_cut)
            {
                client.Dispose();
                continue;
            }
            var server = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            await server.ConnectAsync(_server, _stopping.Token);
            _connections.Add(client);
            _connections.Add(server);
            _ = Ignore(Copy(client, server));
            _ = Ignore(Copy(server, client));
        }
    }

    private async Task Copy(Socket from, Socket to)
    {
        var buffer = new byte[65_535];
        try
        {
            while (await from.ReceiveAsync(buffer, _stopping.Token) is var length and > 0) await to.SendAsync(buffer.AsMemory(0, length), _stopping.Token);
        }
        finally
        {
            to.Dispose();
        }
    }

    private static async Task Ignore(Task task)
    {
        try
        {
            await task;
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // The test is over, or the link was cut.
        }
    }
}
