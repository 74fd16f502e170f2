using Breakwater.Core.Flows;
using Breakwater.Protocols.Coap;
using Breakwater.Protocols.Dots;
using Microsoft.Extensions.Logging;

namespace Breakwater.Engine.Dots;

/// <summary>One server that we ask: keeps a session with it, through the loss of the link, and the wishes across sessions.</summary>
internal sealed class DotsUpstream : IDisposable
{
    private static readonly TimeSpan TickInterval = TimeSpan.FromMilliseconds(200);

    /// <summary>Pause before the first try after a loss, with something to ask for; the next ones take <see cref="DotsPeerOptions.Retry"/>.</summary>
    private static readonly TimeSpan Hurry = TimeSpan.FromSeconds(1);

    private readonly string _name;
    private readonly DotsPeerOptions _options;
    private readonly DotsConnector _connector;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Lock _gate = new();
    private readonly DotsConfiguration _configuration;
    private readonly DotsClient _client;
    private readonly CancellationTokenSource _stopping = new();
    private readonly HashSet<string> _refused = [];
    private readonly DotsWish[] _held;
    private readonly List<Task> _sessions = [];
    private DotsLink? _link;
    private CoapSession? _session;

    /// <summary>The attempt to connect that is under way; null when none is.</summary>
    private object? _attempt;
    private Timestamp _nextAttempt = Timestamp.Min;
    private bool _hurried;

    /// <exception cref="InvalidDataException">A key or certificate file cannot be used.</exception>
    public DotsUpstream(string name, DotsPeerOptions options, TimeProvider time, ILogger logger)
    {
        _name = name;
        _options = options;
        _time = time;
        _logger = logger;
        _connector = new DotsConnector(options);
        _held = [.. options.ProtectOnSignalLoss.Select(p => new DotsWish("held " + p, new DotsScope { TargetPrefixes = [p], TriggerMitigation = false }))];
        _configuration = new DotsConfiguration { HeartbeatInterval = (int)options.HeartbeatInterval.TotalSeconds, MissingHeartbeatsAllowed = options.MissedHeartbeatsAllowed };
        // The defaults need no asking for.
        var wished = _configuration == new DotsConfiguration() ? null : new DotsSessionConfiguration(_configuration, _configuration);
        _client = new DotsClient(new DotsClientSettings(_connector.Credential, options.Lifetime, wished, options.ReleaseAfter), Now());
        _client.Want(Now(), _held);
    }

    public string Name => _name;

    /// <summary>How each wish stands, and whether a session does.</summary>
    public (bool IsConnected, IReadOnlyList<DotsWishStatus> Wishes) Status
    {
        get { lock (_gate) return (_link is not null, _client.Status); }
    }

    /// <summary>Raised when <see cref="Status"/> changed. Handlers only queue.</summary>
    public event Action? Changed;

    /// <summary>Says what is wanted, the whole of it.</summary>
    public void Want(IReadOnlyList<DotsWish> wishes)
    {
        lock (_gate)
        {
            _client.Want(Now(), [.. _held, .. wishes]);
            Flush();
        }
        Changed?.Invoke();
    }

    /// <summary>Keeps a session up until stopped.</summary>
    public async Task RunAsync()
    {
        using var timer = new PeriodicTimer(TickInterval, _time);
        try
        {
            do Tick();
            while (await timer.WaitForNextTickAsync(_stopping.Token).ConfigureAwait(false));
        }
        catch (OperationCanceledException)
        {
            // Stopping.
        }
        Task[] sessions;
        lock (_gate) sessions = [.. _sessions];
        await Task.WhenAll(sessions).ConfigureAwait(false);
    }

    /// <summary>Sends withdrawals that are due, waits a moment for their answers, and ends.</summary>
    public async Task StopAsync()
    {
        for (var tries = 0; tries < 20 && Status is { IsConnected: true } status && status.Wishes.Any(w => w.State == DotsWishState.Withdrawing); tries++)
            await Task.Delay(100).ConfigureAwait(false);
        await _stopping.CancelAsync().ConfigureAwait(false);
    }

    public void Dispose() => _stopping.Dispose();

    private void Tick()
    {
        var before = Status;
        lock (_gate)
        {
            _client.Tick(Now());
            Flush();
            if (_session is { IsClosed: true }) _link?.Close();
            // A silent session proves nothing, for a flood may fill only the way to us: it is used on, and another one tried beside it (RFC 9132 §4.7).
            var sound = _link is not null && !_client.IsSilent(Now());
            if (!sound && _attempt is null && _nextAttempt <= Now()) Connect();
            TellRefusals();
        }
        if (!before.Wishes.SequenceEqual(Status.Wishes)) Changed?.Invoke();
    }

    private void Connect()
    {
        _sessions.RemoveAll(s => s.IsCompleted);
        var attempt = _attempt = new object();
        _sessions.Add(Task.Run(async () =>
        {
            await _connector.RunAsync(Take, _stopping.Token).ConfigureAwait(false);
            lock (_gate)
            {
                if (_attempt != attempt) return;
                _attempt = null;
                Pause();
            }
        }));
    }

    /// <summary>With something to ask for there is no time to lose; in peace, and after the first try, the standard forbids haste (RFC 9132 §4.7).</summary>
    private void Pause()
    {
        var hurry = !_hurried && _client.Status.Any(w => !w.Id.StartsWith("held ", StringComparison.Ordinal));
        _hurried = hurry;
        _nextAttempt = Now() + (hurry ? Hurry : _options.Retry);
    }

    /// <summary>Once for each time that a wish becomes refused.</summary>
    private void TellRefusals()
    {
        var refused = _client.Status.Where(w => w.State == DotsWishState.Refused).ToArray();
        _refused.IntersectWith(refused.Select(w => w.Id));
        foreach (var wish in refused)
            if (_refused.Add(wish.Id)) _logger.DotsUpstreamRefuses(_name, wish.Id, wish.Problem);
    }

    private void Take(DotsLinkEvent happened)
    {
        lock (_gate)
        {
            switch (happened.Kind)
            {
                case DotsLinkEventKind.Opened:
                    // The new session has another: the silent one can go.
                    _link?.Close();
                    _link = happened.Link;
                    _attempt = null;
                    _hurried = false;
                    _nextAttempt = Timestamp.Min;
                    _session = _link.IsReliable ? new CoapStreamSession(65_536, Randomness()) : new CoapDatagramSession(_configuration.Transmission, Randomness());
                    _client.Attach(Now(), _session);
                    _logger.DotsUpstreamConnected(_name, _connector.Address);
                    break;
                case DotsLinkEventKind.Received when happened.Link == _link:
                    _client.Receive(Now(), happened.Bytes);
                    if (_client.Redirect is { Addresses: [var first, ..] })
                    {
                        _connector.Address = new(first.ToIPAddress(), _options.Address.Port);
                        _link.Close();
                    }
                    break;
                case DotsLinkEventKind.Closed when happened.Link == _link:
                    _client.Detach();
                    _link = null;
                    _session = null;
                    Pause();
                    _connector.Address = _client.Redirect is null ? _options.Address : _connector.Address;
                    if (!_stopping.IsCancellationRequested) _logger.DotsUpstreamLost(_name, _connector.Address);
                    break;
                default:
                    // Of a link that never opened.
                    break;
            }
            Flush();
        }
        if (happened.Kind != DotsLinkEventKind.Received) Changed?.Invoke();
    }

    private void Flush()
    {
        while (_session is not null && _session.TryDequeueOutgoing(out var bytes)) _link?.Send(bytes);
    }

    private static Random Randomness() => new(System.Security.Cryptography.RandomNumberGenerator.GetInt32(int.MaxValue));

    private Timestamp Now() => Timestamp.From(_time.GetUtcNow());
}
