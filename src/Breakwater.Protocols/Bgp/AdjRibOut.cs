namespace Breakwater.Protocols.Bgp;

/// <summary>What a route is announced with to one peer. Equal when the octets on the wire would be.</summary>
public sealed class RouteAttributes : IEquatable<RouteAttributes>
{
    private static readonly UpdateEncoder Canonical = new(new UpdateContext(FourOctetAs: true, Internal: true), BgpFraming.MaxExtendedLength);

    private readonly byte[] _key;
    private readonly int _hash;

    /// <param name="nextHop">For families other than IPv4 unicast: 16 octets for IPv6 unicast, none for flow specifications.</param>
    public RouteAttributes(PathAttributes path, byte[] nextHop)
    {
        Path = path;
        NextHop = nextHop;
        _key = [.. nextHop, .. Canonical.EncodeAttributes(path)];
        var hash = new HashCode();
        hash.AddBytes(_key);
        _hash = hash.ToHashCode();
    }

    public PathAttributes Path { get; }
    public ReadOnlyMemory<byte> NextHop { get; }

    public bool Equals(RouteAttributes? other) => other is not null && (ReferenceEquals(this, other) || (_hash == other._hash && _key.AsSpan().SequenceEqual(other._key)));

    public override bool Equals(object? obj) => Equals(obj as RouteAttributes);

    public override int GetHashCode() => _hash;
}

/// <summary>What one peer is to hold of us and what it has been sent: gives the UPDATEs that lead from the one to the other.</summary>
/// <remarks>
/// RFC 4271 §3.2, Adj-RIB-Out. Changes are not queued: a new wish replaces the one before, whatever of it has been sent, so a slow
/// peer costs as much memory as a quick one. Withdrawals come first, since a router's room for rules is small; then routes with equal
/// attributes together; then the marks that all has been said.
/// </remarks>
public sealed class AdjRibOut
{
    private readonly Dictionary<BgpNlri, RouteAttributes> _sent = [];
    private readonly HashSet<BgpNlri> _again = [];
    private readonly Queue<Batch> _pending = [];
    private readonly Queue<byte[]> _marksBefore = [];
    private readonly Queue<(BgpFamily Family, byte[]? Mark)> _marksAfter = [];
    private IReadOnlyDictionary<BgpNlri, RouteAttributes> _wanted = new Dictionary<BgpNlri, RouteAttributes>();
    private IReadOnlySet<BgpFamily> _families = new HashSet<BgpFamily>();

    /// <summary>Routes that the peer has been sent and not taken back.</summary>
    public int Sent => _sent.Count;

    /// <summary>True when there is nothing more to send.</summary>
    public bool IsSettled => _pending.Count == 0 && _marksBefore.Count == 0 && _marksAfter.Count == 0;

    /// <summary>True when the peer has been sent the route as it is wanted now.</summary>
    public bool Holds(BgpNlri route) => _sent.TryGetValue(route, out var sent) && _wanted.TryGetValue(route, out var wanted) && sent.Equals(wanted);

    /// <summary>Sets all that the peer is to hold; what is not in it is withdrawn.</summary>
    /// <param name="wanted">Not changed by anybody until the next call.</param>
    public void Want(IReadOnlyDictionary<BgpNlri, RouteAttributes> wanted)
    {
        _wanted = wanted;
        Plan();
    }

    /// <summary>A session came up: the peer holds nothing, and gets everything of these families, each with its End-of-RIB.</summary>
    public void Begin(IReadOnlySet<BgpFamily> families)
    {
        End();
        _families = families;
        foreach (var family in families) _marksAfter.Enqueue((family, null));
        Plan();
    }

    /// <summary>The session is gone, and with it what the peer held.</summary>
    public void End()
    {
        _families = new HashSet<BgpFamily>();
        _sent.Clear();
        _again.Clear();
        _pending.Clear();
        _marksBefore.Clear();
        _marksAfter.Clear();
    }

    /// <summary>The peer wants all routes of a family again.</summary>
    /// <param name="marked">True when it understands marks of begin and end (RFC 7313 §4).</param>
    public void SendAgain(BgpFamily family, bool marked)
    {
        foreach (var route in _sent.Keys)
            if (route.Family == family) _again.Add(route);
        if (marked)
        {
            _marksBefore.Enqueue(new BgpRouteRefresh(family, BgpRefreshKind.Begin).Encode());
            _marksAfter.Enqueue((family, new BgpRouteRefresh(family, BgpRefreshKind.End).Encode()));
        }
        Plan();
    }

    /// <summary>Writes the next message.</summary>
    /// <param name="message">Of at least <see cref="UpdateEncoder.MaxLength"/> octets.</param>
    /// <returns>Octets written; 0 when there is nothing to send.</returns>
    public int Write(UpdateEncoder encoder, Span<byte> message)
    {
        if (_marksBefore.TryDequeue(out var mark))
        {
            mark.CopyTo(message);
            return mark.Length;
        }
        while (_pending.TryPeek(out var batch))
        {
            var from = batch.Next;
            var length = batch.Attributes is { } attributes
                ? encoder.Announce(encoder.EncodeAttributes(attributes.Path), batch.Family, attributes.NextHop.Span, batch.Routes, ref batch.Next, message)
                : encoder.Withdraw(batch.Family, batch.Routes, ref batch.Next, message);
            for (var i = from; i < batch.Next; i++) Note(batch.Routes[i], batch.Attributes);
            // One that does not fit a message of its own is passed over: a rule of 4,095 octets to a peer without long messages.
            if (batch.Next == from) batch.Next++;
            if (batch.Next >= batch.Routes.Count) _pending.Dequeue();
            if (length > 0) return length;
        }
        if (!_marksAfter.TryDequeue(out var after)) return 0;
        var none = 0;
        if (after.Mark is null) return encoder.Withdraw(after.Family, [], ref none, message);
        after.Mark.CopyTo(message);
        return after.Mark.Length;
    }

    private void Note(BgpNlri route, RouteAttributes? attributes)
    {
        _again.Remove(route);
        if (attributes is null) _sent.Remove(route);
        else _sent[route] = attributes;
    }

    /// <summary>Works out the way from what was sent to what is wanted.</summary>
    private void Plan()
    {
        _pending.Clear();
        var gone = new Dictionary<BgpFamily, List<BgpNlri>>();
        foreach (var route in _sent.Keys)
            if (!_wanted.ContainsKey(route)) Add(gone, route.Family, route);
        foreach (var (family, routes) in gone) _pending.Enqueue(new Batch(family, null, routes));

        var fresh = new Dictionary<(BgpFamily, RouteAttributes), List<BgpNlri>>();
        foreach (var (route, attributes) in _wanted)
        {
            if (!_families.Contains(route.Family)) continue;
            if (!_sent.TryGetValue(route, out var sent) || !sent.Equals(attributes) || _again.Contains(route)) Add(fresh, (route.Family, attributes), route);
        }
        // In no order: routers put rules in theirs, whatever came first (RFC 8955 §5.1).
        foreach (var ((family, attributes), routes) in fresh) _pending.Enqueue(new Batch(family, attributes, routes));
    }

    private static void Add<T>(Dictionary<T, List<BgpNlri>> groups, T key, BgpNlri route) where T : notnull
    {
        if (!groups.TryGetValue(key, out var routes)) groups[key] = routes = [];
        routes.Add(route);
    }

    /// <summary>Routes of one family that go with the same attributes; without attributes they are withdrawn.</summary>
    private sealed class Batch(BgpFamily family, RouteAttributes? attributes, List<BgpNlri> routes)
    {
        public int Next;
        public BgpFamily Family => family;
        public RouteAttributes? Attributes => attributes;
        public List<BgpNlri> Routes => routes;
    }
}
