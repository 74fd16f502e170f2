using Breakwater.Core.Flows;
using Breakwater.Core.Mitigations.Rails;
using Breakwater.Core.Net;

namespace Breakwater.Core.Mitigations;

/// <summary>All mitigations and their lives: what incidents ask for, what people approve, what is in force. Pure, bounded, told the time; one thread.</summary>
/// <remarks>Nothing gets into <see cref="Desired"/> but through the guard rails, neither new nor changed, renewed or restored.</remarks>
public sealed partial class MitigationBook
{
    private readonly PolicyOptions _policy;
    private readonly RailOptions _railOptions;
    private readonly GuardRails _rails;
    private readonly ModeTable _modes;
    private readonly Func<IpAddr, string> _groupOf;
    private readonly IReadOnlyList<DivertTarget> _targets;
    private readonly HoldDowns _holds;
    private readonly UsualTraffic _usual = new();
    private readonly Trials _trials = new();
    private readonly OrderedDictionary<string, Mitigation> _all = [];
    private readonly Dictionary<string, ClearedMitigation> _cleared = [];
    private readonly Dictionary<string, IncidentPlan> _plans = [];
    private readonly Queue<Timestamp> _begun = new();
    private readonly List<Mitigation> _changes = [];

    /// <param name="groupOf">Name of an address's host group.</param>
    public MitigationBook(
        PolicyOptions policy, RailOptions railOptions, GuardRails rails, ModeTable modes, Func<IpAddr, string> groupOf, IReadOnlyList<DivertTarget> targets)
    {
        _policy = policy;
        _railOptions = railOptions;
        _rails = rails;
        _modes = modes;
        _groupOf = groupOf;
        _targets = targets;
        _holds = new HoldDowns(railOptions);
    }

    /// <summary>Newest last.</summary>
    public IReadOnlyList<Mitigation> All => [.. _all.Values];

    public int Count => _all.Count;

    /// <summary>Who withdrew everything; null while not paused.</summary>
    public string? PausedBy { get; private set; }

    /// <summary>What mitigators should hold now. Of several with the same match the hardest: a router can do only one thing with a packet.</summary>
    public IReadOnlyList<ClearedMitigation> Desired() =>
    [
        .. _cleared.Values.GroupBy(c => c.MatchKey)
            .Select(same => same.OrderByDescending(c => c.Mitigation.Action).ThenBy(c => c.Mitigation.RateBitsPerSecond).ThenBy(c => c.Mitigation.Created).ThenBy(c => c.Id, StringComparer.Ordinal).First()),
    ];

    public Mitigation? Find(string id) => _all.GetValueOrDefault(id);

    /// <summary>Identifiers of the incidents about which something is being done that, as far as is known, helps.</summary>
    public IReadOnlySet<string> MitigatedIncidents() => _all.Values.Where(m => m.Protects).Select(m => m.IncidentId).OfType<string>().ToHashSet(StringComparer.Ordinal);

    /// <summary>Every mitigation that changed since the last time, as it is now, oldest change first.</summary>
    public IReadOnlyList<Mitigation> TakeChanges()
    {
        Mitigation[] changes = [.. _changes];
        _changes.Clear();
        return changes;
    }

    /// <summary>Somebody other than our policy asks. Asking again under the same key refreshes.</summary>
    /// <returns>The mitigation as it now is: approved, waiting as proposed, or refused, each with the rail and its reason.</returns>
    public Mitigation Request(MitigationRequest request, Timestamp now)
    {
        var mitigation = FromRequest(request, now);
        if (_all.TryGetValue(mitigation.Id, out var before) && !before.IsOver)
        {
            if (Same(before, mitigation)) return Refresh(before, mitigation.Expires, now);
            Change(before.Withdrawn(now, $"{request.Requester} asked for something else in its place"));
        }
        Change(mitigation);
        return TryBegin(mitigation, null, now);
    }

    /// <summary>Every rail's no to what somebody might ask for; nothing is kept. Empty when it would be done.</summary>
    public IReadOnlyList<Refusal> DryRun(MitigationRequest request, Timestamp now)
    {
        var mitigation = FromRequest(request, now);
        return _rails.Refusals(mitigation, ContextOf(mitigation, null, now));
    }

    /// <summary>A person approves a proposal. It begins if the rails let it, else says what is still missing.</summary>
    /// <returns>Null when there is none, or when it is no proposal.</returns>
    public Mitigation? Approve(string id, string person, Timestamp now)
    {
        if (Find(id) is not { State: MitigationState.Proposed } proposed) return null;
        var approved = WithFullTime(proposed.ApprovedBy(person), now);
        Change(approved);
        return TryBegin(approved, PlanOf(approved), now);
    }

    /// <summary>A person says no to a proposal: it is not made again for the same attack.</summary>
    public Mitigation? Reject(string id, string person, string why, Timestamp now)
    {
        if (Find(id) is not { State: MitigationState.Proposed } proposed) return null;
        if (PlanOf(proposed) is { } plan) plan.IsRejected = true;
        return Change(proposed.Refused(now, new Refusal(Refusal.Operator, $"{person}: {why}")));
    }

    /// <summary>A person changes rule, rate or time. What comes of it must pass the rails like anything new; if it does not, nothing changes.</summary>
    /// <param name="edited">The same mitigation with other match, action, rate, target or expiry.</param>
    public (Mitigation? Mitigation, Refusal? Refusal) Edit(Mitigation edited, string person, Timestamp now)
    {
        if (Find(edited.Id) is not { IsOver: false } before) return (null, null);
        // Who changes it answers for it; others approved something else.
        var asked = before with
        {
            Match = edited.Match,
            Action = edited.Action,
            RateBitsPerSecond = edited.RateBitsPerSecond,
            RatePacketsPerSecond = edited.RatePacketsPerSecond,
            DivertTo = edited.DivertTo,
            Expires = edited.Expires,
            Approvers = [person],
            Effect = null,
            AttackShare = ReferenceEquals(edited.Match, before.Match) ? before.AttackShare : null,
            CollateralShare = ReferenceEquals(edited.Match, before.Match) ? before.CollateralShare : null,
        };
        asked = asked with { HostGroup = GroupOf(asked) };
        if (!_rails.TryClear(asked, ContextOf(asked, PlanOf(asked), now), out var cleared, out var refusal)) return (before, refusal);
        if (before.State == MitigationState.Proposed) return (Begin(cleared, PlanOf(asked), now), null);
        _cleared[asked.Id] = cleared;
        return (Change(asked), null);
    }

    public Mitigation? Withdraw(string id, string who, string why, Timestamp now)
    {
        if (Find(id) is not { IsOver: false } mitigation) return null;
        if (PlanOf(mitigation) is { } plan) plan.IsRejected = true;
        return TakeBack(mitigation, who, why, now);
    }

    /// <summary>Takes back everything and pauses: nothing begins by itself until <see cref="Resume"/>.</summary>
    public int WithdrawAll(string who, string why, Timestamp now)
    {
        PausedBy = who;
        var all = _all.Values.Where(m => !m.IsOver).ToArray();
        foreach (var mitigation in all) TakeBack(mitigation, who, why, now);
        return all.Length;
    }

    public void Resume() => PausedBy = null;

    /// <summary>No mitigator can do it.</summary>
    public void Fail(string id, string why, Timestamp now)
    {
        if (Find(id) is not { IsWanted: true } mitigation) return;
        _holds.Hold(mitigation, now);
        var failed = Change(mitigation.Failed(now, why));
        // Where nothing but blackholes can be expressed and the operator wants them, the rungs between are skipped.
        if (_railOptions.BlackholeFirst && PlanOf(failed) is { } plan) Escalate(failed, plan, now);
    }

    /// <summary>How what is in force fares with the mitigators.</summary>
    public void Placed(IReadOnlyDictionary<string, Placement> placements, Timestamp now)
    {
        // One that a harder one of the same match stands in for fares as that one does.
        var winners = Desired().ToDictionary(c => c.MatchKey, c => c.Id);
        foreach (var cleared in _cleared.Values.ToArray())
        {
            var mitigation = cleared.Mitigation;
            var placement = placements.GetValueOrDefault(winners[cleared.MatchKey]);
            _trials.Count(mitigation.Id, placement.DroppedPackets, now);
            if (placement.IsHeld == (mitigation.State == MitigationState.Active)) continue;
            Change(placement.IsHeld ? mitigation.Active(now) : mitigation.Lost(now));
        }
    }

    /// <summary>The rates of the last second: what is usual, and what mitigations do.</summary>
    public void Observe(TrafficSnapshot traffic)
    {
        _usual.Observe(traffic, [.. _plans.Values.Select(p => p.Incident.Target!.Value)]);
        _trials.Observe(traffic);
    }

    /// <summary>Lets time pass: ends what is up, judges what was applied.</summary>
    public void Tick(Timestamp now)
    {
        foreach (var mitigation in _all.Values.Where(m => !m.IsOver).ToArray())
        {
            // A step for one may have taken another along.
            if (!ReferenceEquals(_all.GetValueOrDefault(mitigation.Id), mitigation)) continue;
            if (mitigation.Expires <= now) Expire(mitigation, now);
            else if (mitigation.State == MitigationState.Active && mitigation.Effect is null && now - mitigation.Activated!.Value >= _policy.JudgeAfter) Judge(mitigation, now);
            else if (mitigation.IsWanted && _trials.LastDrop(mitigation.Id) is { } drop && now - drop < _policy.JudgeAfter) Extend(mitigation, now);
        }
        foreach (var id in _all.Values.Where(m => m.IsOver).Take(_all.Count - _policy.MaxKept).Select(m => m.Id).ToArray())
        {
            _all.Remove(id);
            foreach (var plan in _plans.Values) plan.Members.Remove(id);
        }
    }

    /// <summary>Takes up what a former run had in force. What the rails of today refuse is taken back.</summary>
    public void Restore(IEnumerable<Mitigation> journal, string? pausedBy, Timestamp now)
    {
        PausedBy = pausedBy;
        foreach (var mitigation in journal)
        {
            _all[mitigation.Id] = mitigation;
            if (mitigation.IsOver) continue;
            if (mitigation.Activated is not null) _holds.Begin(mitigation);
            if (mitigation.Expires <= now) Change(mitigation.Expired(now));
            else if (!mitigation.IsWanted) continue;
            else if (_rails.TryClear(mitigation, ContextOf(mitigation, null, now), out var cleared, out var refusal))
            {
                _cleared[mitigation.Id] = cleared;
                _trials.Begin(mitigation, 0);
                // Whether it is still held, the mitigators will say.
                if (mitigation.State == MitigationState.Active) Change(mitigation.Lost(now));
            }
            else Change(mitigation.Withdrawn(now, $"the configuration no longer allows it: {refusal}"));
        }
    }

    private Mitigation FromRequest(MitigationRequest request, Timestamp now)
    {
        var key = request.Key is { } name ? $"{request.Origin}|{request.Requester}|{name}" : $"{request.Origin}|{request.Requester}|{request.Action}|{request.Match.Key()}|{now.Nanoseconds}";
        // Far beyond what the rails allow, but within what a moment can hold.
        var lifetime = request.Lifetime > TimeSpan.FromDays(3650) ? TimeSpan.FromDays(3650) : request.Lifetime < TimeSpan.Zero ? TimeSpan.Zero : request.Lifetime;
        var mitigation = new Mitigation
        {
            Id = TrafficMatchKey.Identifier(key),
            Origin = request.Origin == MitigationOrigin.Incident ? throw new ArgumentException("an incident asks for itself", nameof(request)) : request.Origin,
            Requester = request.Requester,
            IncidentId = request.IncidentId,
            RequesterPrefixes = request.RequesterPrefixes,
            Match = MatchOf(request),
            Action = request.Action,
            RateBitsPerSecond = request.RateBitsPerSecond,
            RatePacketsPerSecond = request.RatePacketsPerSecond,
            DivertTo = request.Action != MitigationAction.Divert ? null
                : request.DivertTo is { } target ? _targets.FirstOrDefault(t => t.Name == target) ?? new DivertTarget(target, null, null) : _targets.FirstOrDefault(),
            Created = now,
            Expires = now + lifetime,
            Since = now,
            OnDeath = _policy.OnDeath.Of(request.Action),
            Reason = request.Reason,
            Approvers = request.Origin == MitigationOrigin.Operator ? [request.Requester] : [],
        };
        return mitigation with { HostGroup = GroupOf(mitigation) };
    }

    private string GroupOf(Mitigation mitigation) => mitigation.OurSide is { } ours ? _groupOf(ours.Address) : "";

    /// <summary>Who asks from outside says what to protect, not by which rule: what its rule must not match is left out, as from ours.</summary>
    private TrafficMatch MatchOf(MitigationRequest request) =>
        request.Origin is MitigationOrigin.DotsClient or MitigationOrigin.CallHome && _rails.Narrowed(request.Match) is [var narrowed] ? narrowed : request.Match;

    private static bool Same(Mitigation a, Mitigation b) =>
        a.Match.Key() == b.Match.Key() && a.Action == b.Action && a.DivertTo == b.DivertTo && a.RateBitsPerSecond == b.RateBitsPerSecond && a.RatePacketsPerSecond == b.RatePacketsPerSecond;

    private Mitigation Refresh(Mitigation mitigation, Timestamp expires, Timestamp now)
    {
        var renewed = mitigation.Renewed(expires);
        if (mitigation.State == MitigationState.Proposed)
        {
            Change(renewed);
            return TryBegin(renewed, null, now);
        }
        if (!_rails.TryClear(renewed, ContextOf(renewed, null, now), out var cleared, out var refusal)) return mitigation with { Outcome = refusal.Reason, RefusedBy = refusal.Rail };
        _cleared[renewed.Id] = cleared;
        return Change(renewed);
    }

    private Mitigation TakeBack(Mitigation mitigation, string who, string why, Timestamp now)
    {
        // A client that lets its own request go has found nothing wrong with the rule: it may need it again in a minute.
        var isItsOwn = mitigation.Origin is MitigationOrigin.DotsClient or MitigationOrigin.CallHome && who == mitigation.Requester;
        if (mitigation.IsWanted && !isItsOwn) _holds.Hold(mitigation, now);
        return Change(mitigation.Withdrawn(now, $"{who}: {why}"));
    }

    private Mitigation TryBegin(Mitigation proposed, IncidentPlan? plan, Timestamp now)
    {
        if (_rails.TryClear(proposed, ContextOf(proposed, plan, now), out var cleared, out var refusal)) return Begin(cleared, plan, now);
        if (!GuardRails.MayLift(refusal.Rail)) return Change(proposed.Refused(now, refusal));
        if (proposed.RefusedBy == refusal.Rail && proposed.Outcome == refusal.Reason) return proposed;
        return Change(proposed with { RefusedBy = refusal.Rail, Outcome = refusal.Reason });
    }

    private Mitigation Begin(ClearedMitigation cleared, IncidentPlan? plan, Timestamp now)
    {
        var approved = cleared.Approved(now) with { Recurrence = _holds.Begin(cleared.Mitigation), RefusedBy = null, Outcome = "" };
        _cleared[approved.Id] = cleared.At(approved);
        _begun.Enqueue(now);
        _trials.Begin(approved, plan?.Incident.PeakPacketsPerSecond ?? 0);
        return Change(approved);
    }

    /// <summary>A proposal's time begins with the mitigation, not with the wait for it.</summary>
    private Mitigation WithFullTime(Mitigation proposed, Timestamp now) =>
        proposed with { Expires = now + (proposed.Origin == MitigationOrigin.Incident ? TtlOf(proposed) : Shorter(proposed.Expires - proposed.Created, _railOptions.MaxTtl)) };

    private static TimeSpan Shorter(TimeSpan a, TimeSpan b) => a < b ? a : b;

    private void Expire(Mitigation mitigation, Timestamp now)
    {
        // A proposal waits as long as its attack goes on.
        if (mitigation.State == MitigationState.Proposed && PlanOf(mitigation) is not null) Change(WithFullTime(mitigation, now));
        else Change(mitigation.Expired(now));
    }

    private RailContext ContextOf(Mitigation mitigation, IncidentPlan? plan, Timestamp now)
    {
        while (_begun.TryPeek(out var oldest) && now - oldest >= TimeSpan.FromMinutes(1)) _begun.Dequeue();
        var inForce = _cleared.Values.Where(c => c.Id != mitigation.Id).Select(c => c.Mitigation).ToArray();
        return new RailContext
        {
            Now = now,
            Mode = ModeOf(mitigation),
            InForce = inForce,
            Tried = mitigation.IncidentId is null ? [] : [.. _all.Values.Where(m => m.IncidentId == mitigation.IncidentId && m.Activated is not null)],
            NewInLastMinute = _begun.Count,
            TrafficShare = !mitigation.TakesAll() ? 0
                : _usual.ShareOf([.. inForce.Append(mitigation).Where(m => m.TakesAll()).Select(m => m.Match.Destination).OfType<Prefix>()]),
            Quality = (plan ?? PlanOf(mitigation))?.Quality,
            PausedBy = PausedBy,
            HeldUntil = _holds.HeldUntil(mitigation),
        };
    }

    private IncidentPlan? PlanOf(Mitigation mitigation) => mitigation.IncidentId is { } id ? _plans.GetValueOrDefault(id) : null;

    private MitigationMode ModeOf(Mitigation mitigation) => _modes.Of(mitigation.HostGroup, mitigation.Action);

    /// <summary>The time of its next life: twice that of the last, as far as the rails allow.</summary>
    private TimeSpan TtlOf(Mitigation mitigation)
    {
        var lives = mitigation.Activated is null ? _holds.Lives(mitigation) : mitigation.Recurrence - 1;
        var ticks = _policy.Ttl.Ticks * Math.Pow(2, Math.Min(lives, 30));
        return TimeSpan.FromTicks((long)Math.Min(ticks, _railOptions.MaxTtl.Ticks));
    }

    private Mitigation Change(Mitigation mitigation)
    {
        // A new life goes to the end of the list.
        if (_all.TryGetValue(mitigation.Id, out var before) && before.IsOver) _all.Remove(mitigation.Id);
        _all[mitigation.Id] = mitigation;
        _changes.Add(mitigation);
        if (!mitigation.IsWanted)
        {
            _cleared.Remove(mitigation.Id);
            if (mitigation.IsOver) _trials.End(mitigation.Id);
        }
        else if (_cleared.TryGetValue(mitigation.Id, out var cleared) && !ReferenceEquals(cleared.Mitigation, mitigation)) _cleared[mitigation.Id] = cleared.At(mitigation);
        return mitigation;
    }
}
