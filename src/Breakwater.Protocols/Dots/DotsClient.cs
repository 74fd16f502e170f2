using System.Text;
using Breakwater.Core.Flows;
using Breakwater.Protocols.Coap;

namespace Breakwater.Protocols.Dots;

/// <summary>
/// A DOTS client of one server as a machine that is told the time: wishes go in as the whole of what is wanted, requests, refreshes, withdrawals and heartbeats
/// come out of the session. It outlives sessions: what is not yet done is done on the next. Not safe for use by several threads.
/// </summary>
/// <remarks>RFC 9132; with sources in its wishes the Call Home client of RFC 9066.</remarks>
public sealed class DotsClient
{
    /// <summary>Pause before an unanswered request is sent again: more often than once in a round trip is forbidden, and we do not know it (RFC 8085 §3.1.3).</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    /// <summary>Pause after a refusal without a retry timer.</summary>
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(60);

    /// <summary>3/4 of 2^32: from here on numbering begins again once nothing is wanted (RFC 9132 §4.4.1.1).</summary>
    private const uint RollOver = 3_221_225_471;

    private static readonly DotsConfiguration Defaults = new();

    private readonly DotsClientSettings _settings;
    private readonly List<DotsErrand> _errands = [];
    private readonly ObserveOrder _order = new();
    private readonly BlockAssembly _blocks = new(maxSize: 65_536, maxParallel: 1);
    private CoapSession? _session;
    private uint _nextMid;
    private uint _sid;
    private int _collisions;
    private bool _observing;
    private bool _configured;
    private Timestamp _nextHeartbeat;
    private Timestamp _attached;
    private Timestamp _lastHeartbeatReceived = Timestamp.Min;

    /// <param name="settings">Who we are.</param>
    /// <param name="now">Numbering begins with the second, so that it rises from start to start without being stored.</param>
    public DotsClient(DotsClientSettings settings, Timestamp now)
    {
        _settings = settings;
        _nextMid = _sid = (uint)(now.Milliseconds / 1000 % RollOver);
        Cuid = DotsIdentity.Cuid(settings.Credential.Span);
    }

    public string Cuid { get; private set; }

    /// <summary>Where the server sends us; null when it does not.</summary>
    public DotsRedirect? Redirect { get; private set; }

    /// <summary>True when nothing was heard for so long that the session counts as lost. Under attack that proves nothing: keep it, and try another beside it (RFC 9132 §4.7).</summary>
    public bool IsSilent(Timestamp now)
    {
        if (_session is null || Current.SilenceAllowed is not { } allowed) return false;
        var heard = _session.LastReceived > _attached ? _session.LastReceived : _attached;
        return now - heard > allowed;
    }

    /// <summary>How each wish stands.</summary>
    public IReadOnlyList<DotsWishStatus> Status => [.. _errands.Select(e => e.ToStatus())];

    private DotsConfiguration Current => _settings.Configuration is { } wished && _configured ? (_errands.Count > 0 ? wished.Mitigating : wished.Idle) : Defaults;

    /// <summary>Says what is wanted, the whole of it: what is not in the list any more is withdrawn.</summary>
    public void Want(Timestamp now, IReadOnlyList<DotsWish> wishes)
    {
        foreach (var errand in _errands)
            if (errand.State != DotsWishState.Withdrawing && !wishes.Any(w => w.Id == errand.Id && w.Scope.AsksTheSameAs(errand.Scope))) Withdraw(now, errand);
        if (_errands.Count == 0 && _nextMid >= RollOver) _nextMid = 0;
        foreach (var wish in wishes)
            if (!_errands.Exists(e => e.Id == wish.Id && e.State != DotsWishState.Withdrawing)) _errands.Add(new DotsErrand(wish.Id, _nextMid++, wish.Scope));
        Tick(now);
    }

    /// <summary>A session with the server stands: everything that is wanted is said again.</summary>
    public void Attach(Timestamp now, CoapSession session)
    {
        _session = session;
        _attached = _nextHeartbeat = now;
        _observing = _configured = false;
        Redirect = null;
        foreach (var errand in _errands)
        {
            errand.IsUnderWay = false;
            if (errand.State != DotsWishState.Refused) errand.Due = now;
        }
        if (_settings.Configuration is { } wished)
            session.Request(now, Request(CoapCode.Put, new DotsPath(DotsPath.Config, null, null, null, ++_sid), DotsBody.Write(DotsConfigurationJson.Body(wished))), confirmable: true, TimeSpan.FromSeconds(60));
        Tick(now);
    }

    /// <summary>The session is gone; the wishes stay.</summary>
    public void Detach() => _session = null;

    /// <summary>Takes octets from the server.</summary>
    public void Receive(Timestamp now, ReadOnlyMemory<byte> bytes)
    {
        if (_session is null) return;
        _session.Receive(now, bytes);
        Work(now);
    }

    /// <summary>Does what is due.</summary>
    public void Tick(Timestamp now)
    {
        if (_session is null) return;
        _session.Tick(now);
        Work(now);
        if (_session is null) return;
        if (now - _attached >= _settings.ReleaseAfter && !IsSilent(now)) Release(now);
        foreach (var errand in _errands)
            if (!errand.IsUnderWay && errand.Due <= now) Say(now, errand);
        if (!_observing && _errands.Exists(e => e.State == DotsWishState.Granted)) Observe(now);
        Heartbeat(now);
    }

    private void Withdraw(Timestamp now, DotsErrand errand)
    {
        errand.State = DotsWishState.Withdrawing;
        errand.IsUnderWay = false;
        errand.Due = now;
    }

    /// <summary>What the server began when it lost us is held again: asked for under a higher number, which takes the place of what is in force (RFC 9132 §4.4.1.3).</summary>
    private void Release(Timestamp now)
    {
        foreach (var errand in _errands)
        {
            if (errand is not { State: DotsWishState.Granted, Scope.TriggerMitigation: false, Shown.Status: >= DotsStatus.InProgress and <= DotsStatus.ExceededCapability }) continue;
            errand.Mid = _nextMid++;
            errand.State = DotsWishState.Asking;
            errand.IsUnderWay = false;
            errand.Shown = null;
            errand.Due = now;
        }
    }

    private void Say(Timestamp now, DotsErrand errand)
    {
        errand.IsUnderWay = true;
        errand.Due = now + Patience;
        var path = new DotsPath(DotsPath.Mitigate, null, Cuid, errand.Mid, null);
        var message = errand.State == DotsWishState.Withdrawing
            ? Request(CoapCode.Delete, path, null)
            : Request(CoapCode.Put, path, DotsBody.Write(DotsScopeJson.Body(errand.Scope with { Lifetime = (long)_settings.Lifetime.TotalSeconds })));
        // Under attack acknowledgements get lost: said again by us as long as it is wanted, not a few times by the message layer (RFC 9132 §4.4).
        _session!.Request(now, message, confirmable: false, Patience);
    }

    private void Observe(Timestamp now)
    {
        _observing = true;
        _session!.Request(now, StatusRequest().With(CoapOption.Uint(CoapOptions.Observe, 0)), confirmable: false, Patience);
    }

    private CoapMessage StatusRequest() => Request(CoapCode.Get, new DotsPath(DotsPath.Mitigate, null, Cuid, null, null), null);

    private void Heartbeat(Timestamp now)
    {
        if (Current.HeartbeatInterval == 0) return;
        var interval = TimeSpan.FromSeconds(Current.HeartbeatInterval);
        if (_nextHeartbeat > now + interval) _nextHeartbeat = now + interval;
        if (_nextHeartbeat > now) return;
        _nextHeartbeat = now + interval;
        _session!.Request(now, DotsHeartbeat.Request(_lastHeartbeatReceived > now - 2 * interval), confirmable: false, interval);
    }

    private void Work(Timestamp now)
    {
        while (_session is { } session && session.TryDequeueEvent(out var happened))
        {
            switch (happened.Kind)
            {
                case CoapEventKind.Request:
                    session.Respond(now, happened.Message!, Answer(now, happened.Message!));
                    break;
                case CoapEventKind.Response:
                    Take(now, happened.Message!, happened.Asked!);
                    break;
                case CoapEventKind.Failed:
                    Unanswered(happened.Message!);
                    break;
                case CoapEventKind.Closed:
                    _session = null;
                    break;
                default:
                    // Nobody observes a client.
                    break;
            }
        }
    }

    /// <summary>The only thing that a server asks is whether we are there.</summary>
    private CoapMessage Answer(Timestamp now, CoapMessage request)
    {
        if (DotsPath.Of(request, out _) is not { Operation: DotsPath.Heartbeat }) return CoapMessage.Answer(request, CoapCode.NotFound);
        if (request.Code != CoapCode.Put || !DotsHeartbeat.TryRead(request.Payload.Span, out _)) return CoapMessage.Answer(request, CoapCode.BadRequest);
        _lastHeartbeatReceived = now;
        return CoapMessage.Answer(request, CoapCode.Changed);
    }

    private void Take(Timestamp now, CoapMessage response, CoapMessage asked)
    {
        var path = DotsPath.Of(asked, out _);
        if (DotsRedirect.Of(response) is { } redirect) Redirect = redirect;
        if (path?.Operation == DotsPath.Config) _configured = response.Code.IsSuccess();
        if (path?.Operation != DotsPath.Mitigate) return;
        if (asked.Code == CoapCode.Get) TakeStatus(now, response);
        else if (_errands.Find(e => e.Mid == path.Mid) is { } errand) TakeAnswer(now, response, asked, errand);
    }

    private void TakeAnswer(Timestamp now, CoapMessage response, CoapMessage asked, DotsErrand errand)
    {
        errand.IsUnderWay = false;
        if (asked.Code == CoapCode.Delete)
        {
            if (response.Code == CoapCode.Deleted) _errands.Remove(errand);
            return;
        }
        if (errand.State == DotsWishState.Withdrawing) return;
        var scope = Scopes(response).FirstOrDefault();
        if (response.Code.IsSuccess())
        {
            errand.State = DotsWishState.Granted;
            errand.Problem = "";
            errand.Shown ??= scope;
            // Half the lifetime leaves room for many repetitions.
            errand.Due = scope?.Lifetime is > 0 and var granted ? now + TimeSpan.FromSeconds(granted) / 2 : Timestamp.Max;
            return;
        }
        errand.State = DotsWishState.Refused;
        errand.Shown = scope;
        errand.Problem = scope?.Conflict is { } conflict ? DotsLabels.ConflictCause[(int)conflict.Cause - 1] : $"{response.Code.Text()} {Encoding.UTF8.GetString(response.Payload.Span)}".TrimEnd();
        if (scope?.Conflict?.Cause == DotsConflictCause.CuidCollision)
        {
            // Another client has our name: take another, stable one (RFC 9132 §4.4.1.1).
            Cuid = DotsIdentity.Cuid([.. _settings.Credential.Span, (byte)++_collisions]);
            errand.Due = now + Patience;
            return;
        }
        var pause = scope?.Conflict?.RetryTimer ?? response.Uint(CoapOptions.MaxAge);
        errand.Due = now + (pause is { } seconds ? TimeSpan.FromSeconds(seconds) : Retry);
        // Our own newer request is in the way: ask under a new number.
        if (scope?.Conflict is { Cause: DotsConflictCause.OverlappingTargets, Status: null }) errand.Mid = _nextMid++;
    }

    private void TakeStatus(Timestamp now, CoapMessage response)
    {
        if (response.Code != CoapCode.Content)
        {
            _observing = false;
            return;
        }
        if (response.Uint(CoapOptions.Observe) is { } sequence && !_session!.IsReliable && !_order.IsNewer(now, sequence)) return;
        if (CoapBlock.Of(response, CoapOptions.Block2, _session!.IsReliable, out _) is { } block)
        {
            // More than one message holds: the rest is fetched block by block (RFC 7959 §2.4; notifications too, RFC 7959 §2.6).
            if (_blocks.Add(now, Cuid, block, response.Payload.Span, out var whole) is { } code)
            {
                var next = (int)((block.Offset + response.Payload.Length) / block.Size);
                if (code == CoapCode.Continue) _session.Request(now, StatusRequest().With(new CoapBlock(next, false, block.Exponent).ToOption(CoapOptions.Block2)), confirmable: false, Patience);
                return;
            }
            response = response with { Payload = whole };
        }
        foreach (var scope in Scopes(response))
        {
            if (_errands.Find(e => e.Mid == scope.Mid && e.State == DotsWishState.Granted) is not { } errand) continue;
            errand.Shown = scope;
            // The server has let go of what we still want.
            if (scope.Status == DotsStatus.Terminated) errand.Due = now;
        }
    }

    private void Unanswered(CoapMessage asked)
    {
        var path = DotsPath.Of(asked, out _);
        if (path?.Operation != DotsPath.Mitigate) return;
        if (asked.Code == CoapCode.Get) _observing = false;
        else if (_errands.Find(e => e.Mid == path.Mid) is { } errand) errand.IsUnderWay = false;
    }

    private static IReadOnlyList<DotsScope> Scopes(CoapMessage response)
    {
        if (response.Uint(CoapOptions.ContentFormat) != DotsBody.ContentFormat) return [];
        return DotsBody.Read(response.Payload.Span, out var body, out _) == DecodeError.None ? DotsScopeJson.Read(body, out _) : [];
    }

    private static CoapMessage Request(CoapCode code, DotsPath path, byte[]? body) => body is null
        ? new CoapMessage { Code = code, Options = path.ToOptions() }
        : new CoapMessage { Code = code, Options = [.. path.ToOptions(), CoapOption.Uint(CoapOptions.ContentFormat, DotsBody.ContentFormat)], Payload = body };
}
