using Breakwater.Core.Flows;
using Breakwater.Protocols.Coap;
using Breakwater.Protocols.Dots;
using Microsoft.Extensions.Logging;

namespace Breakwater.Engine.Dots;

/// <summary>What we ask of one server, over whatever link with it stands: the wishes outlive the links. Safe for use from any thread.</summary>
/// <param name="name">Its name in the configuration.</param>
/// <param name="held">What the server is to begin when it loses us; always among the wishes.</param>
internal sealed class DotsAsking(string name, DotsClientSettings settings, IReadOnlyList<DotsWish> held, TimeProvider time, ILogger logger)
{
    private readonly Lock _gate = new();
    private readonly DotsClient _client = new(settings, Timestamp.From(time.GetUtcNow()));
    private readonly HashSet<string> _refused = [];
    private DotsLink? _link;
    private CoapSession? _session;

    public string Name => name;

    /// <summary>How each wish stands, and whether a session does.</summary>
    public (bool IsConnected, IReadOnlyList<DotsWishStatus> Wishes) Status
    {
        get { lock (_gate) return (_link is not null, _client.Status); }
    }

    /// <summary>True while a session stands on which the server was heard lately.</summary>
    public bool IsSound
    {
        get { lock (_gate) return _link is not null && !_client.IsSilent(Now()); }
    }

    /// <summary>True while something is wanted now, beside what is held.</summary>
    public bool IsAsking
    {
        get { lock (_gate) return _client.Status.Any(w => held.All(h => h.Id != w.Id)); }
    }

    /// <summary>Raised when <see cref="Status"/> changed, under no lock. Handlers only queue.</summary>
    public event Action? Changed;

    /// <summary>Says what is wanted, the whole of it.</summary>
    public void Want(IReadOnlyList<DotsWish> wishes)
    {
        lock (_gate)
        {
            _client.Want(Now(), [.. held, .. wishes]);
            Flush();
        }
        Changed?.Invoke();
    }

    /// <summary>A link stands: everything is said on it, and the one before can go.</summary>
    public void Open(DotsLink link)
    {
        lock (_gate)
        {
            _link?.Close();
            _link = link;
            _session = link.IsReliable ? new CoapStreamSession(65_536, Randomness())
                : new CoapDatagramSession((settings.Configuration?.Mitigating ?? new DotsConfiguration()).Transmission, Randomness());
            _client.Attach(Now(), _session);
            Flush();
        }
        Changed?.Invoke();
    }

    /// <returns>Where the server sends us; null when it does not.</returns>
    public DotsRedirect? Receive(DotsLink link, byte[] bytes)
    {
        lock (_gate)
        {
            if (link != _link) return null;
            _client.Receive(Now(), bytes);
            Flush();
            return _client.Redirect;
        }
    }

    /// <summary>A link is over.</summary>
    /// <returns>True when it was the one in use.</returns>
    public bool Close(DotsLink link)
    {
        lock (_gate)
        {
            if (link != _link) return false;
            _client.Detach();
            _link = null;
            _session = null;
        }
        Changed?.Invoke();
        return true;
    }

    /// <summary>Does what is due.</summary>
    public void Tick()
    {
        var before = Status.Wishes;
        lock (_gate)
        {
            _client.Tick(Now());
            Flush();
            if (_session is { IsClosed: true }) _link?.Close();
            TellRefusals();
        }
        if (!before.SequenceEqual(Status.Wishes)) Changed?.Invoke();
    }

    /// <summary>Waits a moment for the answers to withdrawals.</summary>
    public async Task FinishAsync()
    {
        for (var tries = 0; tries < 20 && Status is { IsConnected: true } status && status.Wishes.Any(w => w.State == DotsWishState.Withdrawing); tries++)
            await Task.Delay(100).ConfigureAwait(false);
    }

    /// <summary>Once for each time that a wish becomes refused.</summary>
    private void TellRefusals()
    {
        var refused = _client.Status.Where(w => w.State == DotsWishState.Refused).ToArray();
        _refused.IntersectWith(refused.Select(w => w.Id));
        foreach (var wish in refused)
            if (_refused.Add(wish.Id)) logger.DotsServerRefuses(name, wish.Id, wish.Problem);
    }

    private void Flush()
    {
        while (_session is not null && _session.TryDequeueOutgoing(out var bytes)) _link?.Send(bytes);
    }

    private static Random Randomness() => new(System.Security.Cryptography.RandomNumberGenerator.GetInt32(int.MaxValue));

    private Timestamp Now() => Timestamp.From(time.GetUtcNow());
}
