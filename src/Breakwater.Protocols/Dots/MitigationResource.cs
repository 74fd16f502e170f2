using Breakwater.Core.Flows;
using Breakwater.Protocols.Coap;

namespace Breakwater.Protocols.Dots;

/// <summary>The resource /mitigate: requests of all clients, from grant to end (RFC 9132 §4.4).</summary>
internal sealed class MitigationResource(DotsServerOptions options, IDotsPolicy policy, IDotsDirectory directory, DotsCounters counters)
{
    /// <summary>RFC 9132 §4.4.4.</summary>
    private static readonly TimeSpan LongestTerminating = TimeSpan.FromSeconds(300);

    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(10);

    private readonly Dictionary<string, DotsClientState> _clients = [];
    private readonly List<DotsRequest> _changed = [];

    public long Version { get; private set; }

    public void Know(DotsClientProfile client)
    {
        // After a reload the same name may stand for other prefixes: what it was granted before stays as granted.
        if (!_clients.TryGetValue(client.Name, out var known)) _clients[client.Name] = new DotsClientState(client);
        else if (known.Profile != client)
        {
            var state = new DotsClientState(client) { Cuid = known.Cuid };
            state.Requests.AddRange(known.Requests);
            _clients[client.Name] = state;
        }
    }

    public bool MaySend(Timestamp now, DotsClientProfile client) => _clients[client.Name].MaySend(now, options.MessagesPerMinute);

    public bool IsMitigating(DotsSession session) => _clients[session.Client.Name].Requests.Exists(r => r.IsInForce);

    public IReadOnlyList<DotsDemand> Demands() => [.. _clients.Values.SelectMany(c => c.Requests).Where(r => r.IsInForce).Select(r => r.ToDemand())];

    /// <summary>Requests whose status has changed since the last call.</summary>
    public List<DotsRequest> TakeChanged()
    {
        if (_changed.Count == 0) return [];
        List<DotsRequest> taken = [.. _changed];
        _changed.Clear();
        return taken;
    }

    /// <returns>Null when nothing is to be answered.</returns>
    public CoapMessage? Answer(Timestamp now, DotsSession session, CoapMessage request, DotsPath path)
    {
        if (path.Sid is not null) return CoapMessage.Answer(request, CoapCode.BadRequest, "a mitigation has no sid");
        if (path.Cuid is null) return CoapMessage.Answer(request, CoapCode.BadRequest, "cuid is missing");
        // cdid counts only from gateways that are trusted to supply it (RFC 9132 §4.4.1.2).
        if (!session.Client.IsGateway) path = path with { Cdid = null };
        if (UseCuid(session, request, path.Cuid) is { } collision) return collision;
        return request.Code switch
        {
            CoapCode.Put => Put(now, session, request, path),
            CoapCode.Get => Show(now, session, request, path, Content(request)),
            CoapCode.Delete => Delete(now, session, request, path),
            _ => CoapMessage.Answer(request, CoapCode.MethodNotAllowed),
        };
    }

    /// <summary>The query "c": what a GET shows (RFC 9132 §4.4.2, Table 2); anything else is ignored.</summary>
    public static char Content(CoapMessage request) =>
        request.Texts(CoapOptions.UriQuery).Contains("c=n") ? 'n' : request.Texts(CoapOptions.UriQuery).Contains("c=c") ? 'c' : 'a';

    public CoapMessage Show(Timestamp now, DotsSession session, CoapMessage request, DotsPath path, char content)
    {
        if (!session.Client.IsGateway) path = path with { Cdid = null };
        var shown = _clients[session.Client.Name].Requests.Where(r => r.Cuid == path.Cuid && r.Cdid == path.Cdid && (path.Mid is null || r.Mid == path.Mid))
            .OrderBy(r => r.Mid).Select(r => r.Show(now, content)).ToArray();
        return shown.Length == 0 ? CoapMessage.Answer(request, CoapCode.NotFound) : WithBody(request, CoapCode.Content, shown);
    }

    public void Tick(Timestamp now)
    {
        foreach (var request in _clients.Values.SelectMany(c => c.Requests))
        {
            if (request.Status == DotsStatus.Terminated) continue;
            if (request.Expires <= now) Change(now, request, DotsStatus.Terminated);
            else if (request.NextStep <= now) Change(now, request, request.Status == DotsStatus.Terminating ? DotsStatus.Terminated : DotsStatus.HeldUntilSignalLoss);
        }
    }

    /// <summary>What has ended stays a moment, so that those who observe are told.</summary>
    public void ForgetEnded(Timestamp now)
    {
        foreach (var client in _clients.Values) client.Requests.RemoveAll(r => r.Status == DotsStatus.Terminated && r.Since + Farewell <= now);
    }

    public void Report(Timestamp now, string demand, DotsStatus status, DotsEffect effect, DotsConflict? conflict)
    {
        var request = _clients.Values.SelectMany(c => c.Requests).FirstOrDefault(r => r.Id == demand);
        // A request that its client has withdrawn goes on as it is until its period is over.
        if (request is not { IsInForce: true }) return;
        request.Effect = effect;
        request.Conflict = conflict;
        if (request.Status == DotsStatus.Terminating) return;
        Change(now, request, status);
        if (request.IsPreconfigured && status is DotsStatus.AttackStopped or DotsStatus.WithdrawnByServer) request.NextStep ??= now + 4 * options.StatusInterval;
    }

    /// <summary>What was held for the loss of the signal begins, and takes precedence (RFC 9132 §4.4.1.3, §4.7).</summary>
    public void SignalLost(Timestamp now, DotsClientProfile client, IReadOnlyList<string> cuids)
    {
        var requests = _clients[client.Name].Requests;
        foreach (var held in requests.Where(r => r.Status == DotsStatus.HeldUntilSignalLoss && cuids.Contains(r.Cuid)).ToArray())
        {
            foreach (var other in requests.Where(r => r.IsInForce && !r.IsPreconfigured && r.Overlaps(held.Resolved))) Change(now, other, DotsStatus.WithdrawnByServer);
            Change(now, held, DotsStatus.InProgress);
        }
    }

    private CoapMessage? Put(Timestamp now, DotsSession session, CoapMessage request, DotsPath path)
    {
        if (path.Mid is not { } mid) return CoapMessage.Answer(request, CoapCode.BadRequest, "mid is missing");
        if (DotsBody.Read(request.Payload.Span, out var body, out var problem) != DecodeError.None)
        {
            counters.MalformedBodies++;
            return CoapMessage.Answer(request, CoapCode.BadRequest, problem);
        }
        var scopes = DotsScopeJson.Read(body, out problem);
        var scope = problem is null ? DotsTargets.Accept(scopes, session.Client.CallHome, out problem) : null;
        if (scope is null) return CoapMessage.Answer(request, CoapCode.BadRequest, problem);
        var client = _clients[session.Client.Name];
        if (client.Find(path.Cdid, path.Cuid!, mid) is { Status: not DotsStatus.Terminated } known) return Refresh(now, request, client, known, scope);
        // An efficacy update that overtook a withdrawal is silently ignored (RFC 9132 §4.4.3).
        if (request.TryOption(CoapOptions.IfMatch, out _)) return null;
        if (scope.Lifetime is null) return CoapMessage.Answer(request, CoapCode.BadRequest, "lifetime is missing");
        return Create(now, request, client, path, mid, scope);
    }

    private CoapMessage Create(Timestamp now, CoapMessage request, DotsClientState client, DotsPath path, uint mid, DotsScope scope)
    {
        var resolved = DotsTargets.Resolve(scope, client.Profile, path.Cuid!, directory, out var problem);
        if (resolved is null) return CoapMessage.Answer(request, CoapCode.BadRequest, problem);
        if (resolved.TargetPrefixes.Count + resolved.SourcePrefixes.Count > options.MaxTargetsPerRequest) return CoapMessage.Answer(request, CoapCode.BadRequest, "too many targets");
        if (DotsTargets.Refuses(resolved, client.Profile) is { } outOfScope)
        {
            counters.OutOfScope++;
            return CoapMessage.Answer(request, CoapCode.BadRequest, outOfScope);
        }
        var overlapping = client.Requests.FindAll(r => r.Status != DotsStatus.Terminated && r.Cuid == path.Cuid && r.Cdid == path.Cdid && r.Overlaps(resolved));
        if (overlapping.Find(r => r.IsPreconfigured == !scope.TriggerMitigation && r.Mid > mid) is { } newer)
            return Conflict(request, mid, new DotsConflict(DotsConflictCause.OverlappingTargets, null, [.. DotsRequest.Common(newer.Resolved.TargetPrefixes, resolved.TargetPrefixes)], newer.Mid));
        if (OfOthers(client, resolved) is { } other)
            return Conflict(request, mid, new DotsConflict(DotsConflictCause.OverlappingTargets, DotsConflictStatus.RequestInactive,
                [.. DotsRequest.Common(other.Resolved.TargetPrefixes, resolved.TargetPrefixes)], null, (uint)Math.Clamp(other.RemainingLifetime(now), 0, uint.MaxValue)));
        var replaced = overlapping.FindAll(r => r.IsPreconfigured == !scope.TriggerMitigation);
        if (client.Requests.Count - replaced.Count >= options.MaxRequestsPerClient)
            return CoapMessage.Answer(request, CoapCode.ServiceUnavailable, "this client has as many requests as it may").With(CoapOption.Uint(CoapOptions.MaxAge, 60));

        var granted = new DotsRequest
        {
            Client = client.Profile,
            Cdid = path.Cdid,
            Cuid = path.Cuid!,
            Mid = mid,
            Scope = scope,
            Resolved = resolved,
            Created = now,
            Expires = Grant(now, scope.Lifetime!.Value),
            AttackStatus = scope.AttackStatus,
            // Asking again for what was just withdrawn makes the next withdrawal slower.
            TerminatingPeriod = replaced.Exists(r => r.Status == DotsStatus.Terminating) ? Longer(replaced.Max(r => r.TerminatingPeriod)) : options.TerminatingPeriod,
        };
        if (policy.Refuses(granted.ToDemand()) is { } refusal)
        {
            counters.RefusedByPolicy++;
            return CoapMessage.Answer(request, CoapCode.Forbidden, refusal);
        }
        foreach (var filter in scope.Filters)
            if (!directory.Switch(client.Profile, path.Cuid!, filter)) return CoapMessage.Answer(request, CoapCode.BadRequest, $"there is no filter '{filter.Name}'");
        client.Requests.RemoveAll(r => r.Id == granted.Id);
        foreach (var old in replaced)
        {
            client.Requests.Remove(old);
            _changed.Add(old);
        }
        PutBefore(now, granted, client);
        client.Requests.Add(granted);
        counters.Granted++;
        Change(now, granted, scope.TriggerMitigation ? DotsStatus.InProgress : DotsStatus.HeldUntilSignalLoss);
        return WithBody(request, CoapCode.Created, new DotsScope { Mid = mid, Lifetime = granted.RemainingLifetime(now) });
    }

    /// <summary>The same again: a refresh, an efficacy update, or a change of mind after a withdrawal.</summary>
    private CoapMessage Refresh(Timestamp now, CoapMessage request, DotsClientState client, DotsRequest known, DotsScope scope)
    {
        if (!scope.AsksTheSameAs(known.Scope)) return CoapMessage.Answer(request, CoapCode.BadRequest, "a refresh must repeat the request; only its lifetime may differ");
        foreach (var filter in scope.Filters)
            if (!directory.Switch(client.Profile, known.Cuid, filter)) return CoapMessage.Answer(request, CoapCode.BadRequest, $"there is no filter '{filter.Name}'");
        // The client insists on what we took back: the policy has the word again.
        if (known is { Status: DotsStatus.WithdrawnByServer, IsPreconfigured: false })
        {
            if (policy.Refuses(known.ToDemand()) is { } refusal)
            {
                counters.RefusedByPolicy++;
                return CoapMessage.Answer(request, CoapCode.Forbidden, refusal);
            }
            PutBefore(now, known, client);
            Change(now, known, DotsStatus.InProgress);
        }
        if (scope.Lifetime is { } lifetime) known.Expires = Grant(now, lifetime);
        if (scope.AttackStatus is { } attack) known.AttackStatus = attack;
        if (known.Status == DotsStatus.Terminating)
        {
            known.TerminatingPeriod = Longer(known.TerminatingPeriod);
            Change(now, known, DotsStatus.InProgress);
        }
        counters.Refreshed++;
        Version++;
        return WithBody(request, CoapCode.Changed, new DotsScope { Mid = known.Mid, Lifetime = known.RemainingLifetime(now) });
    }

    /// <summary>An immediate request has precedence over one that is held (RFC 9132 §4.4.1.3).</summary>
    private void PutBefore(Timestamp now, DotsRequest immediate, DotsClientState client)
    {
        if (immediate.IsPreconfigured) return;
        foreach (var held in client.Requests.Where(r => r.IsPreconfigured && r.IsInForce && r.Cuid == immediate.Cuid && r.Cdid == immediate.Cdid && r.Overlaps(immediate.Resolved)))
        {
            Change(now, held, DotsStatus.WithdrawnByServer);
            held.NextStep = now + 4 * options.StatusInterval;
        }
    }

    private CoapMessage Delete(Timestamp now, DotsSession session, CoapMessage request, DotsPath path)
    {
        if (path.Mid is not { } mid) return CoapMessage.Answer(request, CoapCode.BadRequest, "mid is missing");
        // Acknowledged at once, also when there is nothing to withdraw (RFC 9132 §4.4.4).
        if (_clients[session.Client.Name].Find(path.Cdid, path.Cuid!, mid) is { } known && known.Status is not (DotsStatus.Terminating or DotsStatus.Terminated))
        {
            counters.Withdrawn++;
            if (known.IsInForce && known.TerminatingPeriod > TimeSpan.Zero)
            {
                Change(now, known, DotsStatus.Terminating);
                known.NextStep = now + known.TerminatingPeriod;
            }
            else
            {
                Change(now, known, DotsStatus.Terminated);
            }
        }
        return CoapMessage.Answer(request, CoapCode.Deleted);
    }

    /// <summary>One cuid belongs to one credential; a client changes it only in peace (RFC 9132 §4.4.1.1).</summary>
    private CoapMessage? UseCuid(DotsSession session, CoapMessage request, string cuid)
    {
        var client = _clients[session.Client.Name];
        if (_clients.Values.Any(c => c != client && (c.Cuid == cuid || c.Requests.Exists(r => r.Cuid == cuid))))
            return Conflict(request, null, new DotsConflict(DotsConflictCause.CuidCollision));
        if (!session.Client.IsGateway)
        {
            if (client.Cuid is { } used && used != cuid && client.Requests.Exists(r => r.Cuid == used))
                return CoapMessage.Answer(request, CoapCode.BadRequest, "cuid must not change while requests are active");
            client.Cuid = cuid;
        }
        if (session.Cuids.Count < options.MaxRequestsPerClient) session.Cuids.Add(cuid);
        return null;
    }

    private DotsRequest? OfOthers(DotsClientState client, DotsScope resolved) =>
        _clients.Values.Where(c => c != client).SelectMany(c => c.Requests).FirstOrDefault(r => r.IsInForce && r.Overlaps(resolved));

    private CoapMessage Conflict(CoapMessage request, uint? mid, DotsConflict conflict)
    {
        counters.Conflicts++;
        return WithBody(request, CoapCode.Conflict, new DotsScope { Mid = conflict.Cause == DotsConflictCause.CuidCollision ? null : mid, Conflict = conflict });
    }

    private Timestamp Grant(Timestamp now, long lifetime)
    {
        if (lifetime < 0 && options.IndefiniteLifetime) return Timestamp.Max;
        return now + (lifetime < 0 || lifetime > options.MaxLifetime.TotalSeconds ? options.MaxLifetime : TimeSpan.FromSeconds(lifetime));
    }

    private static TimeSpan Longer(TimeSpan period) => period * 2 < LongestTerminating ? period * 2 : LongestTerminating;

    private void Change(Timestamp now, DotsRequest request, DotsStatus status)
    {
        if (!request.Become(now, status)) return;
        _changed.Add(request);
        Version++;
    }

    private static CoapMessage WithBody(CoapMessage request, CoapCode code, params IEnumerable<DotsScope> scopes) =>
        CoapMessage.Answer(request, code).With(CoapOption.Uint(CoapOptions.ContentFormat, DotsBody.ContentFormat))
            with
        { Payload = DotsBody.Write(DotsScopeJson.Body(scopes)) };
}
