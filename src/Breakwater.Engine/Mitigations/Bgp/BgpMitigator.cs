using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text;
using Breakwater.Core.Flows;
using Breakwater.Core.Mitigations;
using Breakwater.Core.Mitigations.Rails;
using Breakwater.Core.Net;
using Breakwater.Core.Rpki;
using Breakwater.Engine.Rpki;
using Breakwater.Protocols.Bgp;
using Microsoft.Extensions.Logging;

namespace Breakwater.Engine.Mitigations.Bgp;

/// <summary>Announces mitigations to BGP peers: rules as flow specifications, blackholes as routes with their community.</summary>
/// <remarks>RFC 4271, 8955, 8956, 7999, 5635. Each peer has its own session and its own difference to the wanted set; none waits for another.</remarks>
public sealed class BgpMitigator : IMitigator
{
    public const string PartName = "bgp";

    /// <summary>RFC 2385 §4.5 and the kernel: longest secret.</summary>
    private const int MaxSecret = 80;

    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(2);

    private readonly Lock _lock = new();
    private readonly BgpOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<BgpMitigator> _logger;
    private readonly RpkiCache? _origins;
    private readonly List<BgpPeer> _peers = [];
    private readonly List<Socket> _listeners = [];
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentDictionary<(string Mitigation, string Place), (PlacementState State, Timestamp Since)> _since = [];
    private readonly BgpMetrics _metrics;
    private readonly BmpListener _monitors;
    private Dictionary<string, Known> _known = [];
    private long _round;
    private bool _strangerReported;
    private long _strangers;

    /// <param name="origins">What ROAs say of what we announce; null where no cache is asked.</param>
    public BgpMitigator(BgpOptions options, TimeProvider time, ILogger<BgpMitigator> logger, RpkiCache? origins = null)
    {
        _origins = origins;
        _options = options;
        _time = time;
        _logger = logger;
        _monitors = new BmpListener(options.Bmp, _peers, time, logger);
        _metrics = new BgpMetrics(this);
    }

    public string Name => PartName;

    public IReadOnlyList<Prefix> OwnAddresses =>
        [.. _options.Peers.Values.SelectMany(p => new[] { p.Address, p.LocalAddress }).Append(_options.RouterId).OfType<IpAddr>().Distinct().Select(a => new Prefix(a, a.Bits))];

    public event Action? StatusChanged;

    /// <summary>Connections from addresses that are no peers.</summary>
    internal long Strangers => Interlocked.Read(ref _strangers);

    internal IReadOnlyList<BgpPeer> Peers => _peers;

    internal BmpListener Monitors => _monitors;

    public string? WhyNot(Mitigation mitigation)
    {
        if (Announcement.Of(mitigation, out var problem) is not { } announcement) return problem;
        foreach (var route in announcement.Routes)
            if (!_options.Peers.Values.Any(p => p.OfferedFamilies.Contains(route.Family))) return $"no peer is configured for {route.Family}";
        if (announcement.Kind == AnnouncementKind.SourceBlackhole && !_options.Peers.Values.Any(p => p.SourceBlackholeCommunities.Count > 0))
            return "no peer has source_blackhole_communities";
        // RFC 8955 §6: others have no reason to believe us about a destination that is not ours.
        if (announcement.Kind == AnnouncementKind.OutboundRule && !_options.Peers.Values.Any(p => p.As == _options.As)) return "its destination is not ours, and no peer is a router of our own AS";
        return null;
    }

    public Task StartAsync(CancellationToken cancellation)
    {
        foreach (var (name, options) in _options.Peers)
        {
            if (!TrySecret(name, options, out var secret)) continue;
            var peer = new BgpPeer(name, options, _options, secret, _time, _logger);
            peer.Changed += () => StatusChanged?.Invoke();
            _peers.Add(peer);
        }
        BgpWarmUp.Run();
        Listen();
        _monitors.Start();
        foreach (var peer in _peers) peer.Start();
        return Task.CompletedTask;
    }

    public Task ApplyAsync(IReadOnlyList<ClearedMitigation> desired, CancellationToken cancellation)
    {
        lock (_lock) Tell(Announcements(desired));
        return Task.CompletedTask;
    }

    public Task WithdrawAllAsync(CancellationToken cancellation)
    {
        lock (_lock) Tell([]);
        return Task.CompletedTask;
    }

    public IReadOnlyList<MitigationStatus> Status
    {
        get
        {
            var now = Timestamp.From(_time.GetUtcNow());
            var status = new List<MitigationStatus>();
            foreach (var peer in _peers)
            {
                foreach (var placed in peer.Placements())
                {
                    var (id, state) = (placed.Mitigation, placed.State);
                    var since = _since.AddOrUpdate((id, peer.Name), _ => (state, now), (_, old) => old.State == state ? old : (state, now)).Since;
                    status.Add(new MitigationStatus(id, PartName, peer.Place, state, since) { Problem = placed.Problem, SeenIn = placed.SeenIn, Note = NoteOn(placed.Blackhole) });
                }
            }
            return status;
        }
    }

    public async Task StopAsync(CancellationToken cancellation)
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        foreach (var listener in _listeners) listener.Dispose();
        // Without graceful restart everything goes with the session. With it, what is to go is taken back before we fall silent.
        bool keeps;
        lock (_lock)
        {
            var kept = _known.Where(k => k.Value.Mitigation.OnDeath == DeadMan.Keep).ToDictionary();
            keeps = kept.Count > 0;
            _known = kept;
            Tell([.. kept.Select(k => (k.Key, k.Value.What))]);
        }
        await SettleAsync(StopLimit, cancellation).ConfigureAwait(false);
        foreach (var peer in _peers) peer.Stop("the service stops", silent: keeps);
        await SettleAsync(StopLimit, cancellation).ConfigureAwait(false);
    }

    public ValueTask DisposeAsync()
    {
        _metrics.Dispose();
        _monitors.Dispose();
        _stopping.Dispose();
        foreach (var listener in _listeners) listener.Dispose();
        foreach (var peer in _peers) peer.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>A peer that drops routes with a wrong origin drops a blackhole that no ROA allows, unless it looks at the community first.</summary>
    /// <remarks>RFC 6811 §3. RFC 9319 §5.1: a ROA for every address, in advance, lets others announce it under our number; so it is for the peer to exempt blackholes.</remarks>
    private string? NoteOn(Prefix? blackhole) =>
        blackhole is { } route && _origins?.Validate(route, _options.As) is { Validity: OriginValidity.Invalid } origin
            ? $"RPKI-invalid: {origin.Because}; a peer that validates origins drops it unless it exempts blackholes"
            : null;

    /// <summary>Waits until every session that is up has handed everything to the network.</summary>
    private async Task SettleAsync(TimeSpan limit, CancellationToken cancellation)
    {
        var began = _time.GetTimestamp();
        while (_time.GetElapsedTime(began) < limit && !cancellation.IsCancellationRequested && _peers.Any(p => !p.IsSettled && p.Standing().State == BgpState.Established))
            await Task.Delay(TimeSpan.FromMilliseconds(10), _time, CancellationToken.None).ConfigureAwait(false);
    }

    private void Tell(IReadOnlyList<(string Id, Announcement What)> announcements)
    {
        foreach (var peer in _peers) peer.Want(announcements);
        if (_since.Count > 4 * (announcements.Count + 1) * (_peers.Count + 1)) ForgetOld([.. announcements.Select(a => a.Id)]);
    }

    /// <summary>Milder actions first, so that of two for one route the harder stays. What was worked out once is kept: only a few of ten thousand change at a time.</summary>
    private List<(string, Announcement)> Announcements(IReadOnlyList<ClearedMitigation> desired)
    {
        _round++;
        var announcements = new List<(string, Announcement)>(desired.Count);
        foreach (var action in Enum.GetValues<MitigationAction>())
            foreach (var cleared in desired)
                if (cleared.Mitigation.Action == action) Add(cleared.Mitigation, announcements);
        if (_known.Count > announcements.Count)
            foreach (var (id, known) in _known)
                if (known.Round != _round) _known.Remove(id);
        return announcements;
    }

    private void Add(Mitigation mitigation, List<(string, Announcement)> announcements)
    {
        if (!_known.TryGetValue(mitigation.Id, out var known) || !known.Says(mitigation))
        {
            if (Announcement.Of(mitigation, out _) is not { } what) return;
            _known[mitigation.Id] = known = new Known(what) { Mitigation = mitigation };
        }
        known.Mitigation = mitigation;
        known.Round = _round;
        announcements.Add((mitigation.Id, known.What));
    }

    private void ForgetOld(HashSet<string> current)
    {
        foreach (var key in _since.Keys)
            if (!current.Contains(key.Mitigation)) _since.TryRemove(key, out _);
    }

    private void Listen()
    {
        foreach (var endPoint in _options.Listen)
        {
            try
            {
                var socket = BgpSockets.ForListening(endPoint, _peers.Select(p => (p.Options, p.Secret)));
                _listeners.Add(socket);
                _ = AcceptAsync(socket);
            }
            catch (SocketException problem)
            {
                _logger.CannotListen(endPoint.ToString(), problem.Message);
            }
        }
    }

    private async Task AcceptAsync(Socket listener)
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                var socket = await listener.AcceptAsync(_stopping.Token).ConfigureAwait(false);
                Welcome(socket);
            }
            catch (Exception problem) when (problem is SocketException or OperationCanceledException or ObjectDisposedException)
            {
                if (problem is SocketException { SocketErrorCode: SocketError.TooManyOpenSockets }) await Task.Delay(TimeSpan.FromSeconds(1), _time, CancellationToken.None).ConfigureAwait(false);
            }
        }
    }

    private void Welcome(Socket socket)
    {
        if (socket.RemoteEndPoint is System.Net.IPEndPoint remote)
        {
            var address = IpAddr.From(remote.Address);
            if (_peers.Find(p => p.Options.Address == address) is { } peer)
            {
                peer.Accepted(socket);
                return;
            }
            Interlocked.Increment(ref _strangers);
            if (!_strangerReported) _logger.Stranger(address);
            _strangerReported = true;
        }
        socket.Dispose();
    }

    private bool TrySecret(string name, BgpPeerOptions options, out byte[]? secret)
    {
        secret = null;
        string? text = null;
        try
        {
            if (options.Md5SecretFile is { } file) text = File.ReadAllText(file);
            else if (options.Md5SecretEnv is { } variable) text = Environment.GetEnvironmentVariable(variable) ?? "";
            else return true;
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            _logger.NoSecret(name, problem.Message);
            return false;
        }
        secret = Encoding.UTF8.GetBytes(text.TrimEnd('\r', '\n'));
        if (secret.Length is > 0 and <= MaxSecret) return true;
        _logger.NoSecret(name, $"it has {secret.Length} octets, not 1 to {MaxSecret}");
        return false;
    }

    /// <summary>What was worked out for a mitigation, and from which parts of it.</summary>
    private sealed class Known(Announcement what)
    {
        public Announcement What => what;

        /// <summary>As it was wanted last.</summary>
        public required Mitigation Mitigation { get; set; }

        /// <summary>When it was wanted last.</summary>
        public long Round { get; set; }

        public bool Says(Mitigation other) =>
            (ReferenceEquals(Mitigation.Match, other.Match) || Mitigation.Match.Equals(other.Match))
            && Mitigation.Action == other.Action && Mitigation.RateBitsPerSecond.Equals(other.RateBitsPerSecond)
            && Mitigation.RatePacketsPerSecond.Equals(other.RatePacketsPerSecond) && Equals(Mitigation.DivertTo, other.DivertTo);
    }
}
