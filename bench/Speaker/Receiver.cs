using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Breakwater.Core.Net;
using Breakwater.Protocols.Bgp;

namespace Breakwater.Speaker;

/// <summary>A peer on loopback that holds what it is sent, and notes when each message came. One thread each; hold time 3 s, the shortest there is.</summary>
internal sealed class Receiver : IDisposable
{
    private readonly TcpListener _listener;
    private readonly HashSet<BgpNlri> _routes = [];
    private readonly BgpSessionOptions _options;
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private TimeSpan _lastHeard;
    private TimeSpan _longestSilence;
    private long _announcements;
    private volatile bool _stop;

    public Receiver(uint asNumber, string address)
    {
        Address = IpAddr.Parse(address);
        _options = new BgpSessionOptions
        {
            LocalAs = asNumber,
            PeerAs = 64500,
            Identifier = Address.V4Bits,
            HoldTime = 3,
            Passive = true,
            MaxPrefixes = 1_000_000,
            Families = [BgpFamily.Ipv4FlowSpec, BgpFamily.Ipv6FlowSpec],
        };
        _listener = new TcpListener(IPAddress.Parse(address), 0);
        _listener.Start();
        new Thread(Serve) { IsBackground = true, Name = $"receiver {asNumber}" }.Start();
    }

    public IpAddr Address { get; }
    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Routes held now.</summary>
    public int Held { get { lock (_routes) return _routes.Count; } }

    /// <summary>Routes announced so far, each time counted.</summary>
    public long Announcements => Interlocked.Read(ref _announcements);

    /// <summary>Times that the session ended.</summary>
    public int Losses { get; private set; }

    /// <summary>Longest time between two messages since the session came up.</summary>
    public TimeSpan LongestSilence { get { lock (_routes) return _longestSilence; } }

    public void Dispose()
    {
        _stop = true;
        _listener.Dispose();
    }

    private void Serve()
    {
        try
        {
            using var socket = _listener.AcceptSocket();
            var session = new BgpSession(_options, 1);
            session.Start(_clock.Elapsed);
            session.Connected(_clock.Elapsed, 1, incoming: true);
            var buffer = new byte[256 * 1024];
            var left = 0;
            while (!_stop)
            {
                while (session.TryTake(out var action))
                {
                    if (action is SendMessage send) socket.Send(send.Message.Span);
                    if (action is SessionUp) _lastHeard = _clock.Elapsed;
                    if (action is SessionDown) Losses++;
                }
                var wait = (session.NextTimer ?? TimeSpan.FromSeconds(1)) - _clock.Elapsed;
                if (wait > TimeSpan.Zero && !socket.Poll(wait, SelectMode.SelectRead))
                {
                    session.Tick(_clock.Elapsed);
                    continue;
                }
                if (socket.Available > 0)
                {
                    var count = socket.Receive(buffer.AsSpan(left));
                    session.Received(_clock.Elapsed, 1, buffer.AsSpan(left, count));
                    left = Note(buffer, left + count);
                }
                else if (socket.Poll(TimeSpan.Zero, SelectMode.SelectRead) && socket.Available == 0)
                {
                    Losses++;
                    return;
                }
                session.Tick(_clock.Elapsed);
            }
        }
        catch (SocketException)
        {
            if (!_stop) Losses++;
        }
    }

    /// <returns>Octets of an unfinished message, moved to the front.</returns>
    private int Note(byte[] buffer, int filled)
    {
        var at = 0;
        lock (_routes)
        {
            while (BgpFraming.Read(buffer.AsSpan(at, filled - at), true, out var type, out var length, out _) == BgpFrameStatus.Complete)
            {
                if (_lastHeard > TimeSpan.Zero && _clock.Elapsed - _lastHeard > _longestSilence) _longestSilence = _clock.Elapsed - _lastHeard;
                if (_lastHeard > TimeSpan.Zero) _lastHeard = _clock.Elapsed;
                if (type == BgpMessageType.Update)
                {
                    var update = UpdateDecoder.Decode(buffer.AsSpan(at + BgpFraming.HeaderLength, length - BgpFraming.HeaderLength), new UpdateContext(true, false)).Update;
                    if (update.Unreach is { } gone) _routes.ExceptWith(gone.Routes);
                    if (update.Reach is { } fresh)
                    {
                        _routes.UnionWith(fresh.Routes);
                        Interlocked.Add(ref _announcements, fresh.Routes.Count);
                    }
                }
                at += length;
            }
        }
        buffer.AsSpan(at, filled - at).CopyTo(buffer);
        return filled - at;
    }
}
