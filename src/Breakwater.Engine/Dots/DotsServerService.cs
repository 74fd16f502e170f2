using System.Collections.Concurrent;
using Breakwater.Core.Flows;
using Breakwater.Protocols.Coap;
using Breakwater.Protocols.Dots;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Breakwater.Engine.Dots;

/// <summary>Runs the DOTS server inside a host: one thread owns all of the protocol's state; listeners only hand it what came.</summary>
public sealed class DotsServerService : BackgroundService
{
    /// <summary>Things that wait for the thread; more are dropped, which for datagrams is loss and for streams the end of the session.</summary>
    private const int MaxWaiting = 4096;
    private static readonly TimeSpan TickInterval = TimeSpan.FromMilliseconds(100);

    private readonly TimeProvider _time;
    private readonly ILogger<DotsServerService> _logger;
    private readonly DotsServerSection _options;
    private readonly DotsClients _clients;
    private readonly DotsCallHome _callHome;
    private readonly DotsRequests _requests;
    private readonly DotsRoom _room;
    private readonly BlockingCollection<DotsLinkEvent> _inbox = new(MaxWaiting);
    private readonly Dictionary<DotsLink, DotsSession> _sessions = [];
    private readonly List<DotsListener> _listeners = [];
    private readonly DotsMetrics _metrics;

    /// <exception cref="InvalidDataException">A key or certificate file cannot be used.</exception>
    public DotsServerService(DotsServerSection options, DotsCallHome callHome, IDotsDesk desk, IDotsDirectory directory, TimeProvider time, ILogger<DotsServerService> logger)
    {
        _options = options;
        _callHome = callHome;
        _time = time;
        _logger = logger;
        _clients = DotsClients.Of(options);
        _room = new DotsRoom(options.MaxSessions);
        _requests = new DotsRequests(desk, directory as DotsDataStore, options.Clients, callHome, logger);
        Server = new DotsServer(options.Limits, _requests, directory);
        _metrics = new DotsMetrics(Server.Counters, _room);
    }

    internal DotsServer Server { get; }

    /// <summary>Binds the sockets; an address that cannot be bound stops the start.</summary>
    public override Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var endpoint in _options.Listen)
        {
            var listener = new DotsListener(endpoint, _clients, _room, Post, _logger);
            _listeners.Add(listener);
            listener.Bind();
        }
        return base.StartAsync(cancellationToken);
    }

    public override void Dispose()
    {
        foreach (var listener in _listeners) listener.Dispose();
        _metrics.Dispose();
        base.Dispose();
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var loop = Task.Factory.StartNew(() => Run(stoppingToken), stoppingToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        return Task.WhenAll([loop, _callHome.RunAsync(Post, _time, stoppingToken), .. _listeners.Select(l => l.RunAsync(stoppingToken))]);
    }

    private void Post(DotsLinkEvent happened)
    {
        if (_inbox.TryAdd(happened)) return;
        _metrics.InboxFull();
        // A stream with a hole in it means nothing; the end of a session must not get lost.
        if (happened.Kind == DotsLinkEventKind.Received && !happened.Link.IsReliable) return;
        if (happened.Kind == DotsLinkEventKind.Closed) _inbox.Add(happened);
        else happened.Link.Close();
    }

    private void Run(CancellationToken stopping)
    {
        var nextTick = Now();
        while (!stopping.IsCancellationRequested)
        {
            var wait = nextTick - Now();
            if (_inbox.TryTake(out var happened, wait > TimeSpan.Zero ? (int)Math.Ceiling(wait.TotalMilliseconds) : 0)) Handle(happened);
            if (Now() < nextTick) continue;
            nextTick = Now() + TickInterval;
            Server.Tick(Now());
            _requests.Reconcile(Now(), Server);
            _requests.ReconcileFilters(Now());
            foreach (var link in _sessions.Keys.ToArray()) Flush(link);
        }
        foreach (var link in _sessions.Keys) link.Close();
    }

    private void Handle(DotsLinkEvent happened)
    {
        var link = happened.Link;
        switch (happened.Kind)
        {
            case DotsLinkEventKind.Opened when ((link.Handshake as DotsTlsServer)?.Client?.Profile ?? _callHome.ProfileOf(link)) is { } client:
                CoapSession coap = link.IsReliable ? new CoapStreamSession(_options.Limits.MaxBody, Randomness()) : new CoapDatagramSession(new CoapTransmission(), Randomness());
                _sessions[link] = Server.Open(Now(), coap, client);
                _logger.DotsClientConnected(client.Name, link.Peer);
                break;
            case DotsLinkEventKind.Received when _sessions.TryGetValue(link, out var session):
                Server.Receive(Now(), session, happened.Bytes);
                if (Server.Version != 0) _requests.Reconcile(Now(), Server);
                break;
            case DotsLinkEventKind.Closed when _sessions.Remove(link, out var session):
                if (session.IsOver) break;
                Server.Close(Now(), session, link.Handshake.SaidGoodBye);
                if (link.Handshake.SaidGoodBye) _logger.DotsClientLeft(session.Client.Name, link.Peer);
                else _logger.DotsSignalLost(session.Client.Name, link.Peer);
                break;
            default:
                // Of a session that is over already.
                break;
        }
        Flush(link);
    }

    private void Flush(DotsLink link)
    {
        if (!_sessions.TryGetValue(link, out var session)) return;
        while (session.Coap.TryDequeueOutgoing(out var bytes)) link.Send(bytes);
        if (!session.IsOver) return;
        _sessions.Remove(link);
        link.Close();
        if (session.Coap.IsClosed) _logger.DotsClientLeft(session.Client.Name, link.Peer);
        else _logger.DotsSignalLost(session.Client.Name, link.Peer);
    }

    private static Random Randomness() => new(System.Security.Cryptography.RandomNumberGenerator.GetInt32(int.MaxValue));

    private Timestamp Now() => Timestamp.From(_time.GetUtcNow());
}
