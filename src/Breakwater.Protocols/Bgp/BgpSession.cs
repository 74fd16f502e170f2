namespace Breakwater.Protocols.Bgp;

/// <summary>The state machine of a session with one peer: told events and the time, it says what to do. Knows nothing of sockets.</summary>
/// <remarks>
/// RFC 4271 §8, with the collision rules of §6.8 over at most two connections. Times are since any fixed origin and never go
/// back. After each call, everything in <see cref="TryTake"/> is to be done, and <see cref="Tick"/> called by <see cref="NextTimer"/>.
/// </remarks>
/// <param name="seed">Of the jitter (RFC 4271 §10): peers that failed together do not come back together.</param>
public sealed class BgpSession(BgpSessionOptions options, int seed)
{
    /// <summary>Hold time until the peer's OPEN has arrived (RFC 4271 §8.2.2, OpenSent: "a large value").</summary>
    private static readonly TimeSpan OpenHold = TimeSpan.FromMinutes(4);

    /// <summary>A session that lasted this long was a success: the next failure is a first one.</summary>
    private static readonly TimeSpan Lasting = TimeSpan.FromSeconds(30);

    /// <summary>A peer that sends too much is left alone for a while.</summary>
    private static readonly TimeSpan TooManyPause = TimeSpan.FromMinutes(5);

    private readonly Random _random = new(seed);
    private readonly Queue<BgpAction> _actions = [];
    private readonly List<BgpConnection> _connections = [];
    private readonly HashSet<BgpNlri> _received = [];
    private BgpState _waiting = BgpState.Idle;
    private TimeSpan? _retryAt;
    private TimeSpan _refuseUntil;
    private TimeSpan _upSince;
    private int _failures;
    private bool _restarted = true;

    /// <summary>The state of the connection that has come furthest, or of the waiting for one.</summary>
    public BgpState State => _connections.Count == 0 ? _waiting : _connections.Max(c => c.State);

    /// <summary>Why the session is not up, or last went down; empty as long as nothing went wrong.</summary>
    public string LastError { get; private set; } = "";

    /// <summary>Routes that the peer holds us to know of, not installed anywhere.</summary>
    public int ReceivedRoutes => _received.Count;

    /// <summary>UPDATEs that were malformed in some way, and what that cost (RFC 7606).</summary>
    public long AttributesDiscarded { get; private set; }
    public long TreatedAsWithdrawn { get; private set; }

    /// <summary>True when the peer sent us this very route: a sign that it holds it.</summary>
    public bool Reflects(BgpNlri route) => _received.Contains(route);

    /// <summary>When <see cref="Tick"/> is due; null when nothing is.</summary>
    public TimeSpan? NextTimer
    {
        get
        {
            var next = _retryAt;
            foreach (var connection in _connections)
            {
                if (connection.HoldDeadline < (next ?? TimeSpan.MaxValue)) next = connection.HoldDeadline;
                if (connection.KeepaliveDue < (next ?? TimeSpan.MaxValue)) next = connection.KeepaliveDue;
            }
            return next;
        }
    }

    public bool TryTake(out BgpAction? action) => _actions.TryDequeue(out action);

    /// <summary>Begins; without effect when begun.</summary>
    public void Start(TimeSpan now)
    {
        if (_waiting != BgpState.Idle) return;
        _failures = 0;
        Connect(now);
    }

    /// <summary>Ends with a Cease that says why.</summary>
    /// <param name="communication">For the peer's operators, at most 255 octets of UTF-8.</param>
    /// <param name="silent">True: just close, so that a peer with graceful restart keeps our routes for its time.</param>
    public void Stop(string communication, bool silent = false)
    {
        foreach (var connection in _connections.ToArray())
        {
            if (!silent) Send(connection, BgpNotification.Cease(BgpErrorSubcode.AdministrativeShutdown, communication));
            Drop(connection, "stopped");
        }
        _waiting = BgpState.Idle;
        _retryAt = null;
    }

    /// <summary>A connection to or from the peer stands.</summary>
    /// <param name="connection">Any number that no other connection of this session has had.</param>
    public void Connected(TimeSpan now, int connection, bool incoming)
    {
        var fresh = new BgpConnection(connection, incoming);
        if (_waiting == BgpState.Idle || (incoming && now < _refuseUntil))
        {
            Refuse(fresh, BgpErrorSubcode.ConnectionRejected);
            return;
        }
        if (_connections.Find(c => c.State == BgpState.Established) is { } standing)
        {
            // RFC 4724 §5: a peer that restarts may be back before its old connection is known to be dead.
            if (!incoming || standing.Negotiated?.Peer.Capability<GracefulRestartCapability>() is null)
            {
                Refuse(fresh, BgpErrorSubcode.ConnectionCollision);
                return;
            }
            Fail(now, standing, "the peer restarted", null);
        }
        if (_connections.Find(c => c.Incoming == incoming) is { } older) Fail(now, older, "the peer connected anew", new BgpNotification(BgpErrorCode.Cease, BgpErrorSubcode.ConnectionCollision));
        _retryAt = null;
        _connections.Add(fresh);
        Send(fresh, OurOpen().Encode());
        fresh.HoldDeadline = now + OpenHold;
    }

    public void ConnectFailed(TimeSpan now, string why)
    {
        if (_waiting == BgpState.Idle) return;
        _waiting = BgpState.Active;
        if (_connections.Count > 0) return;
        LastError = why;
        ScheduleRetry(now);
    }

    /// <summary>The connection is gone, by the peer or by the network.</summary>
    public void Closed(TimeSpan now, int connection, string why)
    {
        if (_connections.Find(c => c.Id == connection) is not { } found) return;
        Drop(found, why);
        if (_connections.Count == 0) Retry(now);
    }

    /// <summary>Octets arrived, cut anywhere.</summary>
    public void Received(TimeSpan now, int connection, ReadOnlySpan<byte> bytes)
    {
        if (_connections.Find(c => c.Id == connection) is not { } found) return;
        while (!bytes.IsEmpty && _connections.Contains(found))
        {
            bytes = bytes[found.Append(bytes)..];
            while (_connections.Contains(found))
            {
                var status = found.TryTake(out var type, out var body, out var error);
                if (status == BgpFrameStatus.Incomplete) break;
                if (status == BgpFrameStatus.Broken) Fail(now, found, $"it sent what is no message: {error}", error);
                else Handle(now, found, type, body);
            }
        }
    }

    /// <summary>Does what is due.</summary>
    public void Tick(TimeSpan now)
    {
        if (_retryAt <= now && _connections.Count == 0 && _waiting != BgpState.Idle) Connect(now);
        foreach (var connection in _connections.ToArray())
        {
            if (connection.HoldDeadline <= now)
                Fail(now, connection, "nothing heard within the hold time", new BgpNotification(BgpErrorCode.HoldTimerExpired, 0));
            else if (connection.KeepaliveDue <= now) Keepalive(now, connection);
        }
    }

    /// <summary>The peer has not read for too long (RFC 9687 §4.3): it is told if it ever reads again, and the connection ends.</summary>
    public void SendHoldExpired(TimeSpan now, int connection)
    {
        if (_connections.Find(c => c.Id == connection) is { } found)
            Fail(now, found, "it does not read what we send", new BgpNotification(BgpErrorCode.SendHoldTimerExpired, 0));
    }

    private void Handle(TimeSpan now, BgpConnection connection, BgpMessageType type, ReadOnlySpan<byte> body)
    {
        if (type == BgpMessageType.Notification)
        {
            Fail(now, connection, $"it said {BgpNotification.Decode(body)}", null);
            return;
        }
        switch (connection.State, type)
        {
            case (BgpState.OpenSent, BgpMessageType.Open):
                HandleOpen(now, connection, body);
                break;
            case (BgpState.OpenConfirm, BgpMessageType.Keepalive):
                Establish(now, connection);
                break;
            case (BgpState.Established, BgpMessageType.Keepalive):
                Alive(now, connection);
                break;
            case (BgpState.Established, BgpMessageType.Update):
                Alive(now, connection);
                HandleUpdate(now, connection, body);
                break;
            case (BgpState.Established, BgpMessageType.RouteRefresh):
                Alive(now, connection);
                if (BgpRouteRefresh.Decode(body, out var refresh) is { } error) Fail(now, connection, $"malformed: {error}", error);
                else if (refresh is { Kind: BgpRefreshKind.Request } && connection.Negotiated!.Families.Contains(refresh.Family)) _actions.Enqueue(new SendAgain(refresh.Family));
                break;
            default:
                // RFC 6608 §3: subcodes 1 to 3 name the state.
                var subcode = (byte)(connection.State - BgpState.OpenSent + BgpErrorSubcode.UnexpectedInOpenSent);
                Fail(now, connection, $"{type} in {connection.State}", new BgpNotification(BgpErrorCode.FiniteStateMachine, subcode, new[] { (byte)type }));
                break;
        }
    }

    private void HandleOpen(TimeSpan now, BgpConnection connection, ReadOnlySpan<byte> body)
    {
        var error = BgpOpen.Decode(body, out var open) ?? Objection(open);
        if (error is not null)
        {
            Fail(now, connection, error.Code == BgpErrorCode.Open && error.Subcode == BgpErrorSubcode.BadPeerAs ? $"it is AS {open.As}, not AS {options.PeerAs}" : $"its OPEN: {error}", error);
            return;
        }
        if (_connections.Find(c => c != connection && c.State >= BgpState.OpenConfirm) is { } other)
        {
            // RFC 4271 §6.8: the connection of the side with the higher identifier stays; RFC 6286 §2.3: with equal ones, of the higher AS.
            var oursStays = (options.Identifier, options.LocalAs).CompareTo((open.Identifier, open.As)) > 0;
            var loser = other.State == BgpState.Established || other.Incoming != oursStays ? connection : other;
            Send(loser, new BgpNotification(BgpErrorCode.Cease, BgpErrorSubcode.ConnectionCollision));
            Drop(loser, "collision");
            if (loser == connection) return;
        }
        connection.Negotiated = Negotiate(open);
        connection.State = BgpState.OpenConfirm;
        Keepalive(now, connection);
        Alive(now, connection);
    }

    /// <summary>What the standard or the configuration has against this peer.</summary>
    private BgpNotification? Objection(BgpOpen open)
    {
        if (open.As != options.PeerAs) return new BgpNotification(BgpErrorCode.Open, BgpErrorSubcode.BadPeerAs);
        // RFC 6286 §2.2: inside an AS, identifiers are unique.
        if (options.Internal && open.Identifier == options.Identifier) return new BgpNotification(BgpErrorCode.Open, BgpErrorSubcode.BadIdentifier);
        if (options.Internal || options.Role is not { } ours) return null;
        var theirs = open.Capabilities.OfType<RoleCapability>().Select(c => c.Role).Distinct().ToArray();
        var fits = theirs.Length == 0 ? !options.StrictRole : theirs.Length == 1 && Fits(ours, theirs[0]);
        return fits ? null : new BgpNotification(BgpErrorCode.Open, BgpErrorSubcode.RoleMismatch);
    }

    /// <summary>RFC 9234 §4.2, table 2.</summary>
    private static bool Fits(BgpRole ours, BgpRole theirs) => (ours, theirs) is (BgpRole.Provider, BgpRole.Customer) or (BgpRole.Customer, BgpRole.Provider)
        or (BgpRole.RouteServer, BgpRole.RouteServerClient) or (BgpRole.RouteServerClient, BgpRole.RouteServer) or (BgpRole.Peer, BgpRole.Peer);

    private BgpNegotiated Negotiate(BgpOpen open) => new(
        open,
        options.Families.Where(open.Families.Contains).ToHashSet(),
        TimeSpan.FromSeconds(Math.Min(options.HoldTime, open.HoldTime)),
        open.Capability<ExtendedMessageCapability>() is not null,
        open.Capability<EnhancedRouteRefreshCapability>() is not null,
        new UpdateContext(open.Capability<FourOctetAsCapability>() is not null, options.Internal));

    private void Establish(TimeSpan now, BgpConnection connection)
    {
        foreach (var other in _connections.Where(c => c != connection).ToArray())
        {
            Send(other, new BgpNotification(BgpErrorCode.Cease, BgpErrorSubcode.ConnectionCollision));
            Drop(other, "collision");
        }
        connection.State = BgpState.Established;
        Alive(now, connection);
        _upSince = now;
        _restarted = false;
        LastError = "";
        _received.Clear();
        _actions.Enqueue(new SessionUp(connection.Id, connection.Negotiated!));
    }

    /// <summary>Counts the peer's routes; they go nowhere.</summary>
    private void HandleUpdate(TimeSpan now, BgpConnection connection, ReadOnlySpan<byte> body)
    {
        var decoded = UpdateDecoder.Decode(body, connection.Negotiated!.Context);
        switch (decoded.Reaction)
        {
            case UpdateReaction.SessionReset:
                Fail(now, connection, $"an UPDATE that cannot be read: {decoded.Problem}", decoded.Notification);
                return;
            case UpdateReaction.TreatAsWithdraw: TreatedAsWithdrawn++; break;
            case UpdateReaction.AttributeDiscard: AttributesDiscarded++; break;
        }
        var update = decoded.Update;
        _received.ExceptWith(update.Withdrawn);
        if (update.Unreach is { } unreach) _received.ExceptWith(unreach.Routes);
        foreach (var route in update.Announced.Concat(update.Reach?.Routes ?? []))
        {
            if (decoded.Reaction == UpdateReaction.TreatAsWithdraw) _received.Remove(route);
            else if (_received.Count < options.MaxPrefixes) _received.Add(route);
            else if (!_received.Contains(route))
            {
                _refuseUntil = now + TooManyPause;
                Fail(now, connection, $"it sends more than {options.MaxPrefixes} routes", new BgpNotification(BgpErrorCode.Cease, BgpErrorSubcode.MaximumPrefixes));
                _retryAt = _refuseUntil;
                return;
            }
        }
    }

    private void Alive(TimeSpan now, BgpConnection connection)
    {
        var hold = connection.Negotiated!.HoldTime;
        connection.HoldDeadline = hold > TimeSpan.Zero ? now + hold : null;
    }

    /// <summary>A third of the hold time, less up to a quarter of that (RFC 4271 §4.4, §10).</summary>
    private void Keepalive(TimeSpan now, BgpConnection connection)
    {
        Send(connection, BgpFraming.Keepalive);
        var hold = connection.Negotiated!.HoldTime;
        connection.KeepaliveDue = hold > TimeSpan.Zero ? now + Jittered(hold / 3) : null;
    }

    private void Connect(TimeSpan now)
    {
        _retryAt = null;
        _waiting = options.Passive ? BgpState.Active : BgpState.Connect;
        if (!options.Passive) _actions.Enqueue(new OpenConnection());
    }

    /// <summary>Ends a connection for a reason, tells the peer when there is something to tell, and tries again later.</summary>
    private void Fail(TimeSpan now, BgpConnection connection, string why, BgpNotification? notification)
    {
        if (notification is not null) Send(connection, notification);
        Drop(connection, why);
        if (_connections.Count == 0) Retry(now);
    }

    private void Drop(BgpConnection connection, string why)
    {
        _connections.Remove(connection);
        _actions.Enqueue(new CloseConnection(connection.Id));
        // What a connection that never came up died of says something only while no other is better.
        if (_connections.Count == 0) LastError = why;
        if (connection.State != BgpState.Established) return;
        _received.Clear();
        _actions.Enqueue(new SessionDown(why));
    }

    private void Refuse(BgpConnection connection, byte subcode)
    {
        Send(connection, new BgpNotification(BgpErrorCode.Cease, subcode));
        _actions.Enqueue(new CloseConnection(connection.Id));
    }

    private void Retry(TimeSpan now)
    {
        if (_waiting == BgpState.Idle) return;
        _waiting = BgpState.Active;
        if (_upSince > TimeSpan.Zero && now - _upSince >= Lasting) _failures = 0;
        _upSince = TimeSpan.Zero;
        ScheduleRetry(now);
    }

    private void ScheduleRetry(TimeSpan now)
    {
        var wait = options.MinRetry * Math.Pow(2, Math.Min(_failures, 16));
        _failures++;
        if (!options.Passive) _retryAt = now + Jittered(wait < options.MaxRetry ? wait : options.MaxRetry);
    }

    /// <summary>Between 0.75 and 1 of it (RFC 4271 §10).</summary>
    private TimeSpan Jittered(TimeSpan time) => time * (0.75 + _random.NextDouble() / 4);

    private BgpOpen OurOpen()
    {
        List<BgpCapability> capabilities = [.. options.Families.Select(f => new MultiprotocolCapability(f))];
        capabilities.Add(new RouteRefreshCapability());
        capabilities.Add(new ExtendedMessageCapability());
        if (options.Role is { } role && !options.Internal) capabilities.Add(new RoleCapability(role));
        // F for every family: what we announce drops traffic elsewhere, whether we run or not (RFC 4724 §3).
        if (options.RestartTime is { } restart) capabilities.Add(new GracefulRestartCapability(_restarted, false, restart, [.. options.Families.Select(f => (f, true))]));
        capabilities.Add(new FourOctetAsCapability(options.LocalAs));
        capabilities.Add(new EnhancedRouteRefreshCapability());
        return new BgpOpen { As = options.LocalAs, HoldTime = options.HoldTime, Identifier = options.Identifier, Capabilities = capabilities };
    }

    private void Send(BgpConnection connection, BgpNotification notification) => Send(connection, notification.Encode());

    private void Send(BgpConnection connection, ReadOnlyMemory<byte> message) => _actions.Enqueue(new SendMessage(connection.Id, message));
}
