using System.Net;
using System.Net.Sockets;
using Breakwater.Core.Net;
using Breakwater.Protocols.Bgp;
using Breakwater.Protocols.Bmp;
using Microsoft.Extensions.Logging;

namespace Breakwater.Engine.Mitigations.Bgp;

/// <summary>One peer: its session, its connections, and what it is to hold. All state belongs to one lock that is never held over waiting.</summary>
/// <remarks>
/// What the peer is to hold is a set, not a queue (<see cref="AdjRibOut"/>): a peer that is slow, silent or talks nonsense costs a
/// bounded buffer and its own session, and gets the latest set when it can take it.
/// </remarks>
internal sealed class BgpPeer : IDisposable
{
    private const int ReceiveBuffer = 16 * 1024;

    /// <summary>RFC 9687 §5: the longer of this and twice the hold time.</summary>
    private static readonly TimeSpan LeastSendHold = TimeSpan.FromMinutes(8);

    private static readonly TimeSpan ConnectLimit = TimeSpan.FromSeconds(30);

    private readonly Lock _lock = new();
    private readonly BgpSession _session;
    private readonly AdjRibOut _rib = new();
    private readonly BmpRoutes _shown = new();
    private readonly Dictionary<int, BgpTransport> _transports = [];
    private readonly BgpOptions _speaker;
    private readonly byte[]? _secret;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly long _origin;
    private readonly ITimer _timer;
    private IReadOnlyList<(string Id, Announcement What)> _wanted = [];
    private Dictionary<BgpNlri, RouteAttributes> _routes = [];
    private Dictionary<BgpNlri, RouteAttributes> _spare = [];
    private IpAddr? _placedFrom;
    private BgpTransport? _up;
    private UpdateEncoder? _encoder;
    private BgpNegotiated? _negotiated;
    private int _lastTransport;
    private bool _connecting;
    private bool _changed;
    private object? _monitor;
    private string _reported = "";

    public BgpPeer(string name, BgpPeerOptions options, BgpOptions speaker, byte[]? secret, TimeProvider time, ILogger logger)
    {
        Name = name;
        Options = options;
        _speaker = speaker;
        _secret = secret;
        _time = time;
        _logger = logger;
        _origin = time.GetTimestamp();
        Policy = new PeerPolicy(options, speaker.As);
        _session = new BgpSession(new BgpSessionOptions
        {
            LocalAs = speaker.As,
            PeerAs = options.As,
            Identifier = speaker.RouterId!.Value.V4Bits,
            Families = options.OfferedFamilies,
            HoldTime = (ushort)options.HoldTime.TotalSeconds,
            Passive = options.Passive,
            Role = options.Role,
            StrictRole = options.StrictRole,
            RestartTime = options.GracefulRestart > TimeSpan.Zero ? (ushort)options.GracefulRestart.TotalSeconds : null,
            MaxPrefixes = options.MaxPrefixes,
        }, Random.Shared.Next());
        _timer = time.CreateTimer(_ => Do(() => { }), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public string Name { get; }
    public BgpPeerOptions Options { get; }
    public byte[]? Secret => _secret;
    public PeerPolicy Policy { get; }

    /// <summary>"peer transit1, 192.0.2.1 AS 64500".</summary>
    public string Place => $"peer {Name}, {Options.Address} AS {Options.As}";

    /// <summary>Raised, never under the lock, when the session came up or went down, or everything wanted has been sent.</summary>
    public event Action? Changed;

    private TimeSpan Now => _time.GetElapsedTime(_origin);

    public void Start() => Do(() => _session.Start(Now));

    /// <summary>Sets all that the peer is to hold, by mitigation.</summary>
    public void Want(IReadOnlyList<(string Id, Announcement What)> announcements) => Do(() =>
    {
        _wanted = announcements;
        WorkOut();
    });

    /// <summary>Ends the session.</summary>
    /// <param name="silent">Without a word, so that a peer with graceful restart keeps what it holds for its time.</param>
    public void Stop(string why, bool silent) => Do(() => _session.Stop(why, silent && Options.GracefulRestart > TimeSpan.Zero));

    /// <summary>True once everything wanted has been handed to the network; false while the session is down.</summary>
    public bool IsSettled
    {
        get { lock (_lock) return _up is not null && _rib.IsSettled && _up.SendingSince is null; }
    }

    /// <summary>A connection from the peer.</summary>
    public void Accepted(Socket socket) => Do(() =>
    {
        try
        {
            socket.NoDelay = true;
            BgpSockets.Guard(socket, Options);
            Attach(socket, incoming: true);
        }
        catch (SocketException)
        {
            socket.Dispose();
        }
    });

    /// <summary>How the session and its routes stand.</summary>
    public PeerStanding Standing()
    {
        lock (_lock)
        {
            return new PeerStanding(
                _session.State, _session.LastError, _session.ReceivedRoutes, _rib.Sent, _session.AttributesDiscarded, _session.TreatedAsWithdrawn, _negotiated, LocalAddress,
                _monitor is not null, _routes.Count(r => _shown.Holds(r.Key, r.Value.Path)));
        }
    }

    /// <summary>How each mitigation fares here.</summary>
    public IReadOnlyList<PeerPlacement> Placements()
    {
        lock (_lock)
        {
            var placements = new List<PeerPlacement>(_wanted.Count);
            foreach (var (id, what) in _wanted) placements.Add(PlacementOf(id, what) with { Blackhole = what.Kind == AnnouncementKind.Blackhole ? what.Routes[0].Prefix : null });
            return placements;
        }
    }

    /// <summary>The peer's router begins to tell over BMP what it holds.</summary>
    /// <param name="connection">Whatever stands for the connection: only the newest counts.</param>
    public void MonitoringBegins(object connection)
    {
        lock (_lock)
        {
            _monitor = connection;
            _shown.Clear();
        }
    }

    /// <summary>It tells nothing more: what it held is not known from now on.</summary>
    public void MonitoringEnds(object connection)
    {
        lock (_lock)
        {
            if (_monitor != connection) return;
            _monitor = null;
            _shown.Clear();
        }
        Changed?.Invoke();
    }

    /// <summary>What the peer's router said over BMP, about whatever session.</summary>
    public void Monitored(BmpMessage message)
    {
        bool changed;
        lock (_lock) changed = TakeUp(message);
        if (changed) Changed?.Invoke();
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _timer.Dispose();
            foreach (var transport in _transports.Values) transport.Dispose();
            _transports.Clear();
        }
    }

    private IpAddr? LocalAddress => Options.LocalAddress ?? (_up?.Local is { } local ? IpAddr.From(local.Address.IsIPv4MappedToIPv6 ? local.Address.MapToIPv4() : local.Address) : null);

    /// <summary>Works out the routes with this peer's attributes. Two mitigations that need the same route share it; the later, harder one counts.</summary>
    private void WorkOut()
    {
        _placedFrom = LocalAddress;
        // Two tables take turns: ten thousand routes at each change would keep the collector busy.
        (_routes, _spare) = (_spare, _routes);
        _routes.Clear();
        _routes.EnsureCapacity(_wanted.Count);
        foreach (var (_, what) in _wanted)
            foreach (var route in what.Routes)
                if (Policy.Of(what, route, _placedFrom, out _) is { } attributes) _routes[route] = attributes;
        _rib.Want(_routes);
    }

    private PeerPlacement PlacementOf(string id, Announcement what)
    {
        var routes = what.Routes;
        if (_negotiated is not { } negotiated) return new(id, PlacementState.Pending, _session.LastError.Length > 0 ? $"the session is down: {_session.LastError}" : null, null);
        var shown = 0;
        BmpView? missing = null;
        foreach (var route in routes)
        {
            if (Policy.Of(what, route, _placedFrom, out var said) is not { } attributes) return new(id, PlacementState.Failed, said, null);
            if (!negotiated.Families.Contains(route.Family)) return new(id, PlacementState.Failed, $"the peer does not take {route.Family}", null);
            if (_shown.ViewOf(route.Family) is not { } view) continue;
            if (_shown.Holds(route, attributes.Path)) shown++;
            else missing = view;
        }
        if (!routes.All(_rib.Holds)) return new(id, PlacementState.Pending, null, null);
        if (missing is { } table) return new(id, PlacementState.Pending, $"sent, but its {PeerPlacement.Name(table)} does not hold it, as it says over BMP", null);
        if (shown == routes.Count) return new(id, PlacementState.Seen, null, PeerPlacement.Name(_shown.ViewOf(routes[0].Family)!.Value));
        return routes.All(_session.Reflects) ? new(id, PlacementState.Seen, null, PeerPlacement.Reflected) : new(id, PlacementState.Sent, null, null);
    }

    private bool TakeUp(BmpMessage message)
    {
        switch (message)
        {
            case BmpRouteMonitoring routes when routes.Peer.View == BmpView.LocRib || IsOurs(routes.Peer):
                // What is withdrawn and announced again before it is sent stays at the router, so a route is not forgotten with the wish for it.
                if (_shown.Count > 4 * _routes.Count + 1000) _shown.Keep(_routes.ContainsKey);
                return _shown.Take(routes.Peer.View, routes.Update, _routes.ContainsKey);
            case BmpPeerUp up when IsOurs(up.Peer):
            case BmpPeerDown down when IsOurs(down.Peer):
                _shown.EndSession();
                return true;
            case BmpPeerDown { Peer.View: BmpView.LocRib }:
                _shown.EndLocRib();
                return true;
            default:
                return false;
        }
    }

    /// <summary>True for the router's end of this session.</summary>
    private bool IsOurs(BmpPeerHeader header) => header.View != BmpView.LocRib && header.As == _speaker.As && header.Address == LocalAddress;

    /// <summary>Lets something happen to the session, then does what it asks for and sends what fits.</summary>
    private void Do(Action happening)
    {
        bool changed;
        lock (_lock)
        {
            happening();
            _session.Tick(Now);
            WatchSender();
            while (_session.TryTake(out var action)) Perform(action!);
            SendRoutes();
            foreach (var transport in _transports.Values) Flush(transport);
            var next = _session.NextTimer;
            if (_transports.Values.Any(t => t.SendingSince is not null) && !(next < Now + LeastSendHold)) next = Now + LeastSendHold;
            _timer.Change(next is { } at ? (at > Now ? at - Now : TimeSpan.Zero) : Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            changed = _changed;
            _changed = false;
        }
        if (changed) Changed?.Invoke();
    }

    private void Perform(BgpAction action)
    {
        switch (action)
        {
            case OpenConnection:
                if (_connecting) break;
                _connecting = true;
                _ = ConnectAsync();
                break;
            case SendMessage send:
                if (_transports.TryGetValue(send.Connection, out var to)) to.Add(send.Message.Span);
                break;
            case CloseConnection close:
                if (!_transports.Remove(close.Connection, out var closing)) break;
                Flush(closing);
                closing.Close();
                break;
            case SessionUp up:
                _up = _transports[up.Connection];
                _negotiated = up.Negotiated;
                _encoder = new UpdateEncoder(up.Negotiated.Context, up.Negotiated.MaxMessage);
                // The next hop may be our own address, which is known only now.
                if (_placedFrom != LocalAddress) WorkOut();
                _rib.Begin(up.Negotiated.Families);
                _reported = "";
                _logger.SessionUp(Name, Options.Address!.Value, Options.As, string.Join(", ", up.Negotiated.Families));
                _changed = true;
                break;
            case SessionDown down:
                (_up, _negotiated) = (null, null);
                _rib.End();
                _shown.EndSession();
                ReportOnce(down.Reason);
                _changed = true;
                break;
            case SendAgain again:
                _rib.SendAgain(again.Family, _negotiated is { EnhancedRefresh: true });
                break;
        }
    }

    /// <summary>As many UPDATEs as there is room for; the rest when the sender is through.</summary>
    private void SendRoutes()
    {
        if (_up is not { } up || _encoder is not { } encoder || _rib.IsSettled) return;
        while (up.HasRoom)
        {
            var length = _rib.Write(encoder, up.Space(encoder.MaxLength));
            if (length == 0) break;
            up.Added(length);
        }
        _changed |= _rib.IsSettled;
    }

    private void Flush(BgpTransport transport)
    {
        var bytes = transport.TakeFilled(Now);
        if (bytes.Length > 0) _ = SendAsync(transport, bytes);
    }

    private async Task SendAsync(BgpTransport transport, ReadOnlyMemory<byte> bytes)
    {
        string? failure = null;
        try
        {
            while (bytes.Length > 0) bytes = bytes[await transport.SendAsync(bytes).ConfigureAwait(false)..];
        }
        catch (Exception problem) when (problem is SocketException or ObjectDisposedException)
        {
            failure = problem.Message;
        }
        // Beginning again from here keeps the lock out of the caller's hands when the send ended at once.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        Do(() =>
        {
            transport.Sent();
            if (failure is not null) _session.Closed(Now, transport.Id, failure);
            else if (!_transports.ContainsKey(transport.Id)) Flush(transport);
        });
    }

    private void WatchSender()
    {
        if (_up is not { SendingSince: { } since } up) return;
        var limit = _negotiated!.HoldTime * 2 > LeastSendHold ? _negotiated.HoldTime * 2 : LeastSendHold;
        if (Now - since >= limit) _session.SendHoldExpired(Now, up.Id);
    }

    private async Task ConnectAsync()
    {
        Socket? socket = null;
        string? failure = null;
        try
        {
            socket = BgpSockets.ForConnecting(Options, _secret);
            using var limit = new CancellationTokenSource(ConnectLimit, _time);
            await socket.ConnectAsync(new IPEndPoint(Options.Address!.Value.ToIPAddress(), Options.Port), limit.Token).ConfigureAwait(false);
        }
        catch (Exception problem) when (problem is SocketException or OperationCanceledException)
        {
            failure = problem is OperationCanceledException ? "no answer" : problem.Message;
            socket?.Dispose();
        }
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        Do(() =>
        {
            _connecting = false;
            if (failure is null) Attach(socket!, incoming: false);
            else
            {
                _session.ConnectFailed(Now, failure);
                ReportOnce(failure);
            }
        });
    }

    private void Attach(Socket socket, bool incoming)
    {
        var transport = new BgpTransport(++_lastTransport, socket);
        _transports.Add(transport.Id, transport);
        _session.Connected(Now, transport.Id, incoming);
        _ = ReadAsync(transport);
    }

    private async Task ReadAsync(BgpTransport transport)
    {
        var buffer = new byte[ReceiveBuffer];
        var why = "the peer closed the connection";
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        try
        {
            while (await transport.ReceiveAsync(buffer).ConfigureAwait(false) is > 0 and var count)
                Do(() => _session.Received(Now, transport.Id, buffer.AsSpan(0, count)));
        }
        catch (Exception problem) when (problem is SocketException or ObjectDisposedException)
        {
            why = problem.Message;
        }
        Do(() => _session.Closed(Now, transport.Id, why));
    }

    /// <summary>One line per reason, not one per attempt.</summary>
    private void ReportOnce(string reason)
    {
        if (reason == _reported) return;
        _reported = reason;
        _logger.SessionDown(Name, Options.Address!.Value, Options.As, reason);
    }
}

/// <summary>How a peer stands.</summary>
/// <param name="ReceivedRoutes">Routes it sent us; they go nowhere.</param>
/// <param name="SentRoutes">Routes of ours that it holds.</param>
/// <param name="Local">Our address of the session.</param>
/// <param name="IsMonitored">True while its router speaks BMP to us.</param>
/// <param name="ShownRoutes">Routes of ours that its router shows to hold.</param>
internal sealed record PeerStanding(
    BgpState State, string LastError, int ReceivedRoutes, int SentRoutes, long AttributesDiscarded, long TreatedAsWithdrawn, BgpNegotiated? Negotiated, IpAddr? Local,
    bool IsMonitored, int ShownRoutes);

/// <summary>How a mitigation fares at one peer.</summary>
/// <param name="Problem">Why it is not there.</param>
/// <param name="SeenIn">What showed that it is there; null while nothing has.</param>
internal readonly record struct PeerPlacement(string Mitigation, PlacementState State, string? Problem, string? SeenIn)
{
    /// <summary>The prefix that is announced as a blackhole; null for anything else.</summary>
    public Prefix? Blackhole { get; init; }

    /// <summary>The peer sent the route back to us.</summary>
    public const string Reflected = "reflected";

    /// <summary>A router's table as outsiders know it.</summary>
    public static string Name(BmpView view) => view switch
    {
        BmpView.AdjRibIn => "adj-rib-in",
        BmpView.AdjRibInPostPolicy => "adj-rib-in-post-policy",
        BmpView.LocRib => "loc-rib",
        _ => throw new ArgumentOutOfRangeException(nameof(view)),
    };
}
