using System.Net.Sockets;
using System.Text;
using Breakwater.Core.Flows;
using Breakwater.Core.Mitigations;
using Breakwater.Core.Mitigations.Rails;
using Breakwater.Core.Net;
using Breakwater.Engine.Mitigations;
using Breakwater.Protocols.Dots;
using Microsoft.Extensions.Logging;

namespace Breakwater.Engine.Dots;

/// <summary>Asks customers, on the sessions that they keep with us, to stop hosts of theirs that a rule of ours names as sources.</summary>
/// <remarks>RFC 9066: TLS server and DOTS client in one.</remarks>
public sealed class CallHomeMitigator : IMitigator
{
    /// <summary>Its name in the composition.</summary>
    public const string PartName = "call-home";

    private static readonly TimeSpan TickInterval = TimeSpan.FromMilliseconds(200);

    private readonly CallHomeListenerSection _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly DotsRoom _room;
    private readonly DotsClients _clients;
    private readonly IReadOnlyList<(DotsAsking Asking, DotsCustomerOptions Options)> _customers;
    private readonly List<DotsListener> _listeners = [];
    private readonly List<Task> _running = [];
    private readonly CancellationTokenSource _stopping = new();
    private volatile IReadOnlyList<Mitigation> _desired = [];

    /// <param name="options">Section <c>dots.call_home_listener</c>.</param>
    /// <exception cref="InvalidDataException">A key or certificate file cannot be used.</exception>
    public CallHomeMitigator(CallHomeListenerSection options, TimeProvider time, ILogger<CallHomeMitigator> logger)
    {
        _options = options;
        _time = time;
        _logger = logger;
        _room = new DotsRoom(options.MaxSessions);
        _clients = new DotsClients(
            new DotsKeys(options.CertificateFile, options.KeyFile, options.AuthorityFile),
            options.Customers.Select(c => (new DotsClientProfile(c.Key, c.Value.Prefixes, new Dictionary<string, IReadOnlyList<Prefix>>(), CallHome: true), (DotsCredentialOptions)c.Value)));
        _customers = [.. options.Customers.Select(c => (new DotsAsking(c.Key, new DotsClientSettings(CredentialWith(c.Value), c.Value.Lifetime), [], time, logger), c.Value))];
        foreach (var (asking, _) in _customers) asking.Changed += () => StatusChanged?.Invoke();
    }

    public event Action? StatusChanged;

    public string Name => PartName;

    public IReadOnlyList<MitigationStatus> Status =>
    [
        .. from customer in _customers
           let wishes = customer.Asking.Status.Wishes
           from mitigation in _desired
           where Concerns(customer.Options, mitigation)
           select DotsPlaces.Of(mitigation, Name, $"customer {customer.Asking.Name}", wishes.FirstOrDefault(w => w.Id == IdOf(mitigation) && w.State != DotsWishState.Withdrawing), Now()),
    ];

    public string? WhyNot(Mitigation mitigation) =>
        mitigation.Match.Source is not { } source ? "it names no source"
        : mitigation.Match.Destination is null ? "a Call Home request names its target"
        : _customers.Any(c => Concerns(c.Options, mitigation)) ? null
        : $"{source} is no customer's";

    public Task StartAsync(CancellationToken cancellation)
    {
        foreach (var endpoint in _options.Listen)
        {
            var listener = new DotsListener(endpoint, _clients, _room, Take, _logger);
            _listeners.Add(listener);
            try
            {
                listener.Bind();
                _running.Add(listener.RunAsync(_stopping.Token));
            }
            catch (SocketException problem)
            {
                _logger.CannotListenForCustomers(endpoint, problem.Message);
            }
        }
        _running.Add(TickAsync());
        return Task.CompletedTask;
    }

    public Task ApplyAsync(IReadOnlyList<ClearedMitigation> desired, CancellationToken cancellation)
    {
        _desired = [.. desired.Select(c => c.Mitigation)];
        Tell();
        return Task.CompletedTask;
    }

    public Task WithdrawAllAsync(CancellationToken cancellation) => ApplyAsync([], cancellation);

    public async Task StopAsync(CancellationToken cancellation)
    {
        _desired = [.. _desired.Where(m => m.OnDeath == DeadMan.Keep)];
        Tell();
        await Task.WhenAll(_customers.Select(c => c.Asking.FinishAsync())).ConfigureAwait(false);
        await _stopping.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(_running).ConfigureAwait(false);
    }

    public ValueTask DisposeAsync()
    {
        foreach (var listener in _listeners) listener.Dispose();
        _stopping.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>Rules for one source and target become one request: such requests would replace each other (RFC 9132 §4.4.1.3).</summary>
    private void Tell()
    {
        foreach (var (asking, options) in _customers)
            asking.Want([.. _desired.Where(m => Concerns(options, m)).GroupBy(IdOf).Select(same => new DotsWish(same.Key, ScopeOf([.. same.Select(m => m.Match)])))]);
    }

    private static bool Concerns(DotsCustomerOptions customer, Mitigation mitigation) =>
        mitigation.Match is { Source: { } source, Destination: not null } && customer.Prefixes.Any(p => p.Contains(source));

    private static string IdOf(Mitigation mitigation) => $"{mitigation.Match.Source} to {mitigation.Match.Destination}";

    /// <summary>What all rules have in common: a part that one of them leaves open is left open.</summary>
    private static DotsScope ScopeOf(IReadOnlyList<TrafficMatch> matches) => DotsScopes.Of(matches) with
    {
        SourcePrefixes = [matches[0].Source!.Value],
        SourcePorts = DotsScopes.Common(matches, m => m.SourcePorts),
        SourceIcmpTypes = DotsScopes.Common(matches, m => m.IcmpTypes),
    };

    /// <summary>What our name (cuid) is derived from: the key that this customer knows us by.</summary>
    private ReadOnlyMemory<byte> CredentialWith(DotsCustomerOptions customer) => customer.PskIdentity.Length > 0 ? Encoding.UTF8.GetBytes(customer.PskIdentity) : _clients.Keys.PublicKey;

    private void Take(DotsLinkEvent happened)
    {
        if ((happened.Link.Handshake as DotsTlsServer)?.Client?.Profile.Name is not { } name || _customers.FirstOrDefault(c => c.Asking.Name == name).Asking is not { } customer) return;
        switch (happened.Kind)
        {
            case DotsLinkEventKind.Opened:
                customer.Open(happened.Link);
                _logger.CustomerConnected(name, happened.Link.Peer);
                break;
            case DotsLinkEventKind.Received:
                // A Call Home server must not redirect; what it says of that is discarded (RFC 9066 §5.2.2).
                customer.Receive(happened.Link, happened.Bytes);
                break;
            default:
                if (customer.Close(happened.Link) && !_stopping.IsCancellationRequested) _logger.CustomerLost(name, happened.Link.Peer);
                break;
        }
    }

    private async Task TickAsync()
    {
        using var timer = new PeriodicTimer(TickInterval, _time);
        try
        {
            while (await timer.WaitForNextTickAsync(_stopping.Token).ConfigureAwait(false))
                foreach (var (asking, _) in _customers) asking.Tick();
        }
        catch (OperationCanceledException)
        {
            // Stopping.
        }
    }

    private Timestamp Now() => Timestamp.From(_time.GetUtcNow());
}
