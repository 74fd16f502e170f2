using System.Net;
using System.Net.Sockets;
using Breakwater.Core.Net;
using Breakwater.Protocols.Bgp;

namespace Breakwater.Tests.Engine.Mitigations.Bgp;

/// <summary>A router on loopback: takes connections, keeps a session up, and holds the routes it is sent.</summary>
internal sealed class TestRouter : IDisposable
{
    private readonly Lock _lock = new();
    private readonly TcpListener _listener;
    private readonly CancellationTokenSource _end = new();
    private readonly Dictionary<BgpNlri, PathAttributes> _routes = [];
    private readonly BgpSessionOptions _options;
    private readonly List<Socket> _sockets = [];

    /// <param name="asNumber">Its AS; it expects 64500 on the other side.</param>
    /// <param name="address">Of 127.0.0.0/8, so that each has its own.</param>
    public TestRouter(uint asNumber, string address, ushort holdTime = 90)
    {
        Address = IpAddr.Parse(address);
        _options = new BgpSessionOptions
        {
            LocalAs = asNumber,
            PeerAs = 64500,
            Identifier = Address.V4Bits,
            HoldTime = holdTime,
            Passive = true,
            MaxPrefixes = 1_000_000,
            Families = [BgpFamily.Ipv4Unicast, BgpFamily.Ipv6Unicast, BgpFamily.Ipv4FlowSpec, BgpFamily.Ipv6FlowSpec],
        };
        _listener = new TcpListener(IPAddress.Parse(address), 0);
        _listener.Start();
        _ = AcceptAsync();
    }

    public IpAddr Address { get; }
    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Takes connections and says hello, then never reads again.</summary>
    public bool Deaf { get; init; }

    /// <summary>Says this to everyone who connects, instead of speaking BGP.</summary>
    public byte[]? Garbage { get; init; }

    public int Connections { get; private set; }
    public int Updates { get; private set; }
    public List<BgpFamily> TablesEnded { get; } = [];
    public List<string> Downs { get; } = [];

    /// <summary>What it holds now.</summary>
    public Dictionary<BgpNlri, PathAttributes> Routes
    {
        get { lock (_lock) return new(_routes); }
    }

    public int Count
    {
        get { lock (_lock) return _routes.Count; }
    }

    /// <summary>Asks for everything again.</summary>
    public void AskAgain(BgpFamily family)
    {
        lock (_lock) _routes.Clear();
        _sockets[^1].Send(new BgpRouteRefresh(family, BgpRefreshKind.Request).Encode());
    }

    public void CutConnections()
    {
        foreach (var socket in _sockets.ToArray()) socket.Dispose();
    }

    public void Dispose()
    {
        _end.Cancel();
        _listener.Dispose();
        CutConnections();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var socket = await _listener.AcceptSocketAsync(_end.Token);
                _sockets.Add(socket);
                Connections++;
                _ = ServeAsync(socket);
            }
        }
        catch (Exception problem) when (problem is OperationCanceledException or SocketException or ObjectDisposedException)
        {
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        try
        {
            if (Garbage is { } garbage)
            {
                await socket.SendAsync(garbage, _end.Token);
                return;
            }
            var began = System.Diagnostics.Stopwatch.StartNew();
            var session = new BgpSession(_options, 1);
            session.Start(TimeSpan.Zero);
            session.Connected(TimeSpan.Zero, 1, incoming: true);
            var context = new UpdateContext(true, _options.Internal);
            var buffer = new byte[64 * 1024];
            var left = new List<byte>();
            Task<int>? reading = null;
            while (true)
            {
                var closed = false;
                while (session.TryTake(out var action))
                {
                    if (action is SendMessage send) await socket.SendAsync(send.Message, _end.Token);
                    if (action is SessionDown down) Downs.Add(down.Reason);
                    closed |= action is CloseConnection;
                }
                if (closed) break;
                if (Deaf && session.State == BgpState.Established) await Task.Delay(Timeout.Infinite, _end.Token);
                reading ??= socket.ReceiveAsync(buffer, SocketFlags.None, _end.Token).AsTask();
                var timer = (session.NextTimer ?? TimeSpan.FromHours(1)) - began.Elapsed;
                if (await Task.WhenAny(reading, Task.Delay(timer > TimeSpan.Zero ? timer : TimeSpan.Zero, _end.Token)) == reading)
                {
                    var count = await reading;
                    reading = null;
                    if (count == 0) break;
                    Keep(buffer.AsSpan(0, count), left, context);
                    session.Received(began.Elapsed, 1, buffer.AsSpan(0, count));
                }
                session.Tick(began.Elapsed);
            }
        }
        catch (Exception problem) when (problem is OperationCanceledException or SocketException or ObjectDisposedException)
        {
        }
        socket.Dispose();
        lock (_lock) _routes.Clear();
    }

    private void Keep(ReadOnlySpan<byte> bytes, List<byte> left, UpdateContext context)
    {
        left.AddRange(bytes);
        var stream = left.ToArray();
        var at = 0;
        lock (_lock)
        {
            while (BgpFraming.Read(stream.AsSpan(at), true, out var type, out var length, out _) == BgpFrameStatus.Complete)
            {
                if (type == BgpMessageType.Update) Keep(UpdateDecoder.Decode(stream.AsSpan(at + BgpFraming.HeaderLength, length - BgpFraming.HeaderLength), context));
                at += length;
            }
        }
        left.RemoveRange(0, at);
    }

    private void Keep(DecodedUpdate decoded)
    {
        Assert.Equal(UpdateReaction.None, decoded.Reaction);
        var update = decoded.Update;
        if (update.EndOfRib is { } family) TablesEnded.Add(family);
        else Updates++;
        foreach (var route in update.Withdrawn.Concat(update.Unreach?.Routes ?? [])) Assert.True(_routes.Remove(route), $"withdrew {route}, which it had not announced");
        foreach (var route in update.Announced.Concat(update.Reach?.Routes ?? [])) _routes[route] = update.Attributes;
    }
}
