using Breakwater.Core.Flows;
using Breakwater.Protocols.Coap;

namespace Breakwater.Protocols.Dots;

/// <summary>
/// A DOTS server as a machine that is told the time: sessions are opened on it, octets and ticks go in, octets come out of each session's
/// <see cref="CoapSession"/>, and <see cref="Demands"/> says what should be mitigated now. Not safe for use by several threads.
/// </summary>
/// <remarks>RFC 9132; with <see cref="DotsClientProfile.CallHome"/> the Call Home server of RFC 9066.</remarks>
public sealed class DotsServer
{
    private readonly DotsServerOptions _options;
    private readonly MitigationResource _mitigations;
    private readonly ConfigurationResource _configuration;
    private readonly List<DotsSession> _sessions = [];
    private uint _sequence;

    public DotsServer(DotsServerOptions options, IDotsPolicy policy, IDotsDirectory directory)
    {
        _options = options;
        _configuration = new ConfigurationResource(options);
        _mitigations = new MitigationResource(options, policy, directory, Counters);
    }

    public IReadOnlyList<DotsSession> Sessions => _sessions;
    public DotsCounters Counters { get; } = new();

    /// <summary>Goes up whenever <see cref="Demands"/> changes.</summary>
    public long Version => _mitigations.Version;

    /// <summary>Where clients are sent instead; null to serve them (RFC 9132 §4.6).</summary>
    public DotsRedirect? Redirect { get; set; }

    /// <summary>What is to be mitigated now, the whole of it.</summary>
    public IReadOnlyList<DotsDemand> Demands() => _mitigations.Demands();

    /// <summary>Begins a session with a client that has proved who it is.</summary>
    public DotsSession Open(Timestamp now, CoapSession coap, DotsClientProfile client)
    {
        var session = new DotsSession(now, coap, client, _options.MaxBody);
        _sessions.Add(session);
        _mitigations.Know(client);
        return session;
    }

    /// <summary>Takes octets from the client.</summary>
    public void Receive(Timestamp now, DotsSession session, ReadOnlyMemory<byte> bytes)
    {
        if (session.IsOver) return;
        session.Coap.Receive(now, bytes);
        Work(now, session);
    }

    /// <summary>The transport is gone.</summary>
    /// <param name="orderly">The client said good-bye; otherwise the signal is lost, and what was held for that case begins.</param>
    public void Close(Timestamp now, DotsSession session, bool orderly)
    {
        if (session.IsOver) return;
        session.IsOver = true;
        _sessions.Remove(session);
        if (orderly) return;
        Counters.SessionsLost++;
        _mitigations.SignalLost(now, session.Client, [.. session.Cuids.Where(c => !_sessions.Exists(s => s.Client == session.Client && s.Cuids.Contains(c)))]);
    }

    /// <summary>Does what is due: heartbeats, expiry, notifications, lost sessions.</summary>
    public void Tick(Timestamp now)
    {
        _mitigations.Tick(now);
        MarkChanged();
        foreach (var session in _sessions.ToArray())
        {
            session.Coap.Tick(now);
            Work(now, session);
            if (!session.IsOver) Heartbeat(now, session);
            if (!session.IsOver) Notify(now, session);
        }
        _mitigations.ForgetEnded(now);
    }

    /// <summary>Those who mitigate tell how a demand goes.</summary>
    /// <param name="status">In progress, mitigated, stopped, exceeded or withdrawn by us; the others follow from what the client does.</param>
    /// <param name="conflict">Why it is not in force although the client asks; null for no such reason.</param>
    public void Report(Timestamp now, string demand, DotsStatus status, DotsEffect effect, DotsConflict? conflict = null) => _mitigations.Report(now, demand, status, effect, conflict);

    private void Work(Timestamp now, DotsSession session)
    {
        while (session.Coap.TryDequeueEvent(out var happened))
        {
            switch (happened.Kind)
            {
                case CoapEventKind.Request:
                    var answer = Answer(now, session, happened.Message!);
                    if (answer is not null) Counters.Answered(answer.Code.Text());
                    session.Coap.Respond(now, happened.Message!, answer);
                    break;
                case CoapEventKind.Response:
                    session.HeartbeatsMissing = 0;
                    break;
                case CoapEventKind.Failed:
                    session.HeartbeatsMissing++;
                    break;
                case CoapEventKind.Unobserved:
                    session.Observations.RemoveAll(o => o.Token.Span.SequenceEqual(happened.Message!.Token.Span));
                    break;
                default:
                    Close(now, session, orderly: true);
                    return;
            }
        }
        MarkChanged();
    }

    private void MarkChanged()
    {
        if (_mitigations.TakeChanged() is not { Count: > 0 } changed) return;
        foreach (var session in _sessions)
            foreach (var observation in session.Observations)
                observation.IsDue |= changed.Exists(r => Concerns(session, observation, r));
    }

    private CoapMessage? Answer(Timestamp now, DotsSession session, CoapMessage request)
    {
        if (!_mitigations.MaySend(now, session.Client))
        {
            Counters.RateLimited++;
            return CoapMessage.Answer(request, CoapCode.TooManyRequests, "too many messages").With(CoapOption.Uint(CoapOptions.MaxAge, 60));
        }
        foreach (var option in request.Options)
            if (!CoapOptions.IsUnderstood(option)) return CoapMessage.Answer(request, CoapCode.BadOption, $"option {option.Number} is not understood");
        if (DotsPath.Of(request, out var problem) is not { } path)
            return CoapMessage.Answer(request, problem is null ? CoapCode.NotFound : CoapCode.BadRequest, problem);

        var reliable = session.Coap.IsReliable;
        var block1 = CoapBlock.Of(request, CoapOptions.Block1, reliable, out var badBlock1);
        var block2 = CoapBlock.Of(request, CoapOptions.Block2, reliable, out var badBlock2);
        if (badBlock1 || badBlock2) return CoapMessage.Answer(request, CoapCode.BadRequest, "malformed block option");
        if (block1 is { } piece)
        {
            if (session.Blocks.Add(now, $"{request.Code} {string.Join('/', request.Texts(CoapOptions.UriPath))}", piece, request.Payload.Span, out var whole) is { } code)
                return CoapMessage.Answer(request, code).With(piece.ToOption(CoapOptions.Block1));
            request = request with { Payload = whole };
        }
        var answer = Dispatch(now, session, request, path);
        if (answer is not null && block1 is { } last) answer = answer.With(last.ToOption(CoapOptions.Block1));
        return answer is null ? null : BlockSlices.Slice(answer, block2, session.Coap.MaxPayload, session.Coap is CoapStreamSession { PeerTakesBert: true });
    }

    private CoapMessage? Dispatch(Timestamp now, DotsSession session, CoapMessage request, DotsPath path)
    {
        if (request.Code is CoapCode.Put && request.Uint(CoapOptions.ContentFormat) != DotsBody.ContentFormat)
            return CoapMessage.Answer(request, CoapCode.UnsupportedContentFormat, "application/dots+cbor is needed");
        // A Call Home server does not redirect (RFC 9066 §5.2.2).
        if (Redirect is { } redirect && path.Operation != DotsPath.Heartbeat && !session.Client.CallHome) return redirect.Answer(request);
        switch (path.Operation)
        {
            case DotsPath.Heartbeat:
                return TakeHeartbeat(now, session, request, path);
            case DotsPath.Config:
                return Observing(now, session, request, path, _configuration.Answer(session, request, path, out var reconfigured), reconfigured);
            case DotsPath.Redirect when session.Client.CallHome:
                // RFC 9066 §5.2.2: we go where our configuration sends us.
                return CoapMessage.Answer(request, CoapCode.BadRequest, "redirection is not served");
            case DotsPath.Mitigate:
                return Observing(now, session, request, path, _mitigations.Answer(now, session, request, path), reconfigured: false);
            default:
                return CoapMessage.Answer(request, CoapCode.NotFound);
        }
    }

    private static CoapMessage TakeHeartbeat(Timestamp now, DotsSession session, CoapMessage request, DotsPath path)
    {
        if (request.Code != CoapCode.Put) return CoapMessage.Answer(request, CoapCode.MethodNotAllowed);
        if (path is not { Cdid: null, Cuid: null, Mid: null, Sid: null }) return CoapMessage.Answer(request, CoapCode.BadRequest, "a heartbeat has no identifiers");
        if (!DotsHeartbeat.TryRead(request.Payload.Span, out _)) return CoapMessage.Answer(request, CoapCode.BadRequest, "peer-hb-status is missing");
        session.HeartbeatsReceived++;
        session.LastHeartbeatReceived = now;
        return CoapMessage.Answer(request, CoapCode.Changed);
    }

    /// <summary>Registers or ends an observation with a GET that succeeded (RFC 7641 §4.1); anything but 2.05 is never a notification.</summary>
    private CoapMessage? Observing(Timestamp now, DotsSession session, CoapMessage request, DotsPath path, CoapMessage? answer, bool reconfigured)
    {
        if (reconfigured)
            foreach (var observation in session.Observations) observation.IsDue |= observation.Path.Operation == DotsPath.Config;
        if (answer is null || request.Code != CoapCode.Get || request.Uint(CoapOptions.Observe) is not { } observe) return answer;
        session.Observations.RemoveAll(o => o.Token.Span.SequenceEqual(request.Token.Span));
        if (observe != 0 || answer.Code != CoapCode.Content || session.Observations.Count >= _options.MaxObservationsPerSession) return answer;
        session.Observations.Add(new DotsObservation { Token = request.Token, Path = path, Content = MitigationResource.Content(request), LastSent = now });
        return answer.With(CoapOption.Uint(CoapOptions.Observe, NextSequence()));
    }

    private void Heartbeat(Timestamp now, DotsSession session)
    {
        var current = _mitigations.IsMitigating(session) ? session.Configuration.Mitigating : session.Configuration.Idle;
        if (session.Coap is CoapDatagramSession datagrams && datagrams.Transmission != current.Transmission) datagrams.Transmission = current.Transmission;
        if (current.SilenceAllowed is not { } allowed) return;
        var heard = session.Coap.LastReceived > session.Opened ? session.Coap.LastReceived : session.Opened;
        if (now - heard > allowed)
        {
            Close(now, session, orderly: false);
            return;
        }
        var interval = TimeSpan.FromSeconds(current.HeartbeatInterval);
        if (session.NextHeartbeat > now + interval) session.NextHeartbeat = now + interval;
        if (session.NextHeartbeat > now) return;
        session.NextHeartbeat = now + interval;
        session.HeartbeatsSent++;
        session.Coap.Request(now, DotsHeartbeat.Request(session.LastHeartbeatReceived > now - 2 * interval), confirmable: false, interval);
    }

    private void Notify(Timestamp now, DotsSession session)
    {
        foreach (var observation in session.Observations.ToArray())
        {
            var since = now - observation.LastSent;
            var repeats = observation.Path.Operation == DotsPath.Mitigate && since >= _options.StatusInterval;
            // Without an estimate of the round trip, at most one in three seconds (RFC 9132 §4.4.2.1).
            if (!repeats && !(observation.IsDue && since >= TimeSpan.FromSeconds(3))) continue;
            var get = new CoapMessage { Code = CoapCode.Get, Token = observation.Token };
            var state = observation.Path.Operation == DotsPath.Config
                ? _configuration.Answer(session, get, observation.Path, out _)
                : _mitigations.Show(now, session, get, observation.Path, observation.Content);
            observation.IsDue = false;
            observation.LastSent = now;
            Counters.Notifications++;
            // An error ends the observation (RFC 7641 §4.2).
            if (state.Code == CoapCode.Content) state = state.With(CoapOption.Uint(CoapOptions.Observe, NextSequence()));
            else session.Observations.Remove(observation);
            session.Coap.Notify(now, BlockSlices.Slice(state, null, session.Coap.MaxPayload, bert: false));
        }
    }

    private static bool Concerns(DotsSession session, DotsObservation observation, DotsRequest request) =>
        observation.Path.Operation == DotsPath.Mitigate && session.Client == request.Client && observation.Path.Cuid == request.Cuid
        && (observation.Path.Mid is null || observation.Path.Mid == request.Mid);

    private uint NextSequence() => _sequence = (_sequence + 1) & 0xFFFFFF;
}
