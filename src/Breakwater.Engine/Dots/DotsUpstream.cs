using Breakwater.Core.Flows;
using Breakwater.Protocols.Dots;
using Microsoft.Extensions.Logging;

namespace Breakwater.Engine.Dots;

/// <summary>One provider that we connect to and ask: keeps a session with it, through the loss of the link.</summary>
internal sealed class DotsUpstream : IDisposable
{
    private static readonly TimeSpan TickInterval = TimeSpan.FromMilliseconds(200);

    /// <summary>Pause before the first try after a loss, with something to ask for; the next ones take <see cref="DotsPeerOptions.Retry"/>.</summary>
    private static readonly TimeSpan Hurry = TimeSpan.FromSeconds(1);

    private readonly DotsUpstreamOptions _options;
    private readonly DotsConnector _connector;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly List<Task> _sessions = [];

    /// <summary>The attempt to connect that is under way; null when none is.</summary>
    private object? _attempt;
    private Timestamp _nextAttempt = Timestamp.Min;
    private bool _hurried;

    /// <exception cref="InvalidDataException">A key or certificate file cannot be used.</exception>
    public DotsUpstream(string name, DotsUpstreamOptions options, TimeProvider time, ILogger logger)
    {
        _options = options;
        _time = time;
        _logger = logger;
        _connector = new DotsConnector(options);
        var configuration = new DotsConfiguration { HeartbeatInterval = (int)options.HeartbeatInterval.TotalSeconds, MissingHeartbeatsAllowed = options.MissedHeartbeatsAllowed };
        // The defaults need no asking for.
        var wished = configuration == new DotsConfiguration() ? null : new DotsSessionConfiguration(configuration, configuration);
        var held = options.ProtectOnSignalLoss.Select(p => new DotsWish("held " + p, new DotsScope { TargetPrefixes = [p], TriggerMitigation = false }));
        Asking = new DotsAsking(name, new DotsClientSettings(_connector.Credential, options.Lifetime, wished, options.ReleaseAfter), [.. held], time, logger);
        Asking.Want([]);
    }

    /// <summary>What is asked of it.</summary>
    public DotsAsking Asking { get; }

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
        await Asking.FinishAsync().ConfigureAwait(false);
        await _stopping.CancelAsync().ConfigureAwait(false);
    }

    public void Dispose() => _stopping.Dispose();

    private void Tick()
    {
        Asking.Tick();
        // A silent session proves nothing, for a flood may fill only the way to us: it is used on, and another one tried beside it (RFC 9132 §4.7).
        if (Asking.IsSound) return;
        lock (_gate)
            if (_attempt is null && _nextAttempt <= Now()) Connect();
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
        var hurry = !_hurried && Asking.IsAsking;
        _hurried = hurry;
        _nextAttempt = Now() + (hurry ? Hurry : _options.Retry);
    }

    private void Take(DotsLinkEvent happened)
    {
        switch (happened.Kind)
        {
            case DotsLinkEventKind.Opened:
                lock (_gate)
                {
                    _attempt = null;
                    _hurried = false;
                    _nextAttempt = Timestamp.Min;
                }
                Asking.Open(happened.Link);
                _logger.DotsUpstreamConnected(Asking.Name, _connector.Address);
                break;
            case DotsLinkEventKind.Received:
                if (Asking.Receive(happened.Link, happened.Bytes) is not { Addresses: [var first, ..] }) break;
                _connector.Address = new(first.ToIPAddress(), _options.Address.Port);
                happened.Link.Close();
                break;
            case DotsLinkEventKind.Closed when Asking.Close(happened.Link):
                if (!_stopping.IsCancellationRequested) _logger.DotsUpstreamLost(Asking.Name, _connector.Address);
                lock (_gate) Pause();
                break;
            default:
                // Of a link that never opened, or that another has replaced.
                break;
        }
    }

    private Timestamp Now() => Timestamp.From(_time.GetUtcNow());
}
