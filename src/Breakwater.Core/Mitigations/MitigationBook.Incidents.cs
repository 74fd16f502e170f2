using Breakwater.Core.Flows;
using Breakwater.Core.Incidents;
using Breakwater.Core.Mitigations.Rails;

namespace Breakwater.Core.Mitigations;

/// <summary>What incidents ask for: planning, renewal by fresh evidence, judging what was applied, and the next rung.</summary>
public sealed partial class MitigationBook
{
    /// <summary>Looks at the newest state of an incident: begins, proposes or renews what its proposals and the modes allow.</summary>
    public void Consider(Incident incident, SignalQuality quality, Timestamp now)
    {
        if (incident.Kind != IncidentKind.Ddos || incident.Target is null) return;
        if (incident.State == IncidentState.Ended)
        {
            if (_plans.Remove(incident.Id, out var over)) GiveUpProposals(over, now, "the attack is over");
            return;
        }
        if (!_plans.TryGetValue(incident.Id, out var plan)) _plans[incident.Id] = plan = Open(incident, quality);
        plan.Incident = incident;
        plan.Quality = quality;
        var newVectors = incident.Vectors.Any(v => !plan.Vectors.Contains(v));
        if (newVectors) plan.IsRejected = false;
        if (!plan.IsRejected)
        {
            // Rules are made of a moment's traffic at first, and of more of it later. What was climbed to stays.
            var better = plan.Asked != Asked(incident) && !plan.Members.Any(id => _all[id] is { IsOver: false, EscalatedFrom: not null });
            var idle = !plan.Members.Any(id => _all[id] is { IsWanted: true } or { State: MitigationState.Proposed, Approvers.Count: > 0 });
            if (newVectors || idle || better) Plan(plan, now);
            else Retry(plan, now);
            Retire(plan, now);
        }
        Renew(plan, now);
    }

    /// <summary>A plan that goes on with what is there already, after a restart.</summary>
    private IncidentPlan Open(Incident incident, SignalQuality quality)
    {
        var plan = new IncidentPlan(incident, quality);
        plan.Members.AddRange(_all.Values.Where(m => m.IncidentId == incident.Id && m.Origin == MitigationOrigin.Incident && !m.IsOver).Select(m => m.Id));
        if (plan.Members.Count > 0) (plan.Vectors, plan.Asked) = (incident.Vectors, Asked(incident));
        return plan;
    }

    /// <summary>What held proposals back may be gone by now.</summary>
    private void Retry(IncidentPlan plan, Timestamp now)
    {
        foreach (var id in plan.Members.ToArray())
            if (_all[id].State == MitigationState.Proposed) TryBegin(WithFullTime(_all[id], now), plan, now);
    }

    private void Plan(IncidentPlan plan, Timestamp now)
    {
        var wanted = Ladder.First(plan.Incident.Mitigations).SelectMany(p => Steps(plan.Incident, p, now)).Where(m => ModeOf(m) != MitigationMode.Observe).ToArray();
        plan.Vectors = plan.Incident.Vectors;
        plan.Asked = Asked(plan.Incident);
        plan.Wanted = [.. wanted.GroupBy(m => m.Match.Key()).Select(g => g.Select(m => m.Id).ToArray())];
        foreach (var stale in plan.Members.Where(id => !wanted.Any(m => m.Id == id)).ToArray())
        {
            // What is in force stays until what takes its place is.
            if (_all[stale].IsWanted) continue;
            if (_all[stale] is { State: MitigationState.Proposed, Approvers.Count: 0 } proposal) Change(proposal.Withdrawn(now, "a better proposal took its place"));
            plan.Members.Remove(stale);
        }
        foreach (var mitigation in wanted)
        {
            if (!plan.Members.Contains(mitigation.Id)) plan.Members.Add(mitigation.Id);
            var before = Find(mitigation.Id);
            // What a rail or a person refused for good stays refused, and what did not help is not tried twice.
            if (before is { IsWanted: true } or { State: MitigationState.Refused } or { IsOver: true, Effect.Helped: false }) continue;
            if (before is not { State: MitigationState.Proposed }) Change(mitigation);
            TryBegin(WithFullTime(_all[mitigation.Id], now), plan, now);
        }
    }

    /// <summary>Takes back what newer rules replace, once all of those are in force. What a person approved is that person's to take back.</summary>
    private void Retire(IncidentPlan plan, Timestamp now)
    {
        if (plan.Wanted.Count == 0 || !plan.Wanted.All(ids => ids.Any(id => Find(id) is { IsWanted: true }))) return;
        foreach (var id in plan.Members.Where(id => !plan.Wanted.Any(ids => ids.Contains(id))).ToArray())
        {
            if (_all[id] is not { IsWanted: true, EscalatedFrom: null, Approvers.Count: 0 } outdated) continue;
            Change(outdated.Withdrawn(now, "better rules took its place"));
            plan.Members.Remove(id);
        }
    }

    private static string Asked(Incident incident) => string.Join('\n', Ladder.First(incident.Mitigations).Select(p => $"{p.Action}|{p.Match.Key()}"));

    /// <summary>A proposal as mitigations; where only its milder form may go by itself, that form before it.</summary>
    private IEnumerable<Mitigation> Steps(Incident incident, ProposedMitigation proposal, Timestamp now) =>
        _rails.Narrowed(proposal.Match).SelectMany(match => Steps(incident, proposal, match, now));

    private IEnumerable<Mitigation> Steps(Incident incident, ProposedMitigation proposal, TrafficMatch match, Timestamp now)
    {
        var mitigation = FromIncident(incident, match, proposal.Action, now) with
        {
            RateBitsPerSecond = proposal.RateBitsPerSecond,
            AttackShare = proposal.AttackShare,
            CollateralShare = proposal.CollateralShare,
        };
        if (mitigation.Action == MitigationAction.Drop && ModeOf(mitigation) != MitigationMode.Automatic
            && _modes.Of(mitigation.HostGroup, MitigationAction.RateLimit) == MitigationMode.Automatic)
        {
            yield return FromIncident(incident, match, MitigationAction.RateLimit, now) with
            {
                RateBitsPerSecond = RateUnder(incident),
                AttackShare = proposal.AttackShare,
                CollateralShare = proposal.CollateralShare,
            };
        }
        yield return mitigation;
    }

    /// <summary>A twentieth of the attack, but enough for what one host needs.</summary>
    private static double RateUnder(Incident incident) => Math.Clamp(0.05 * incident.PeakBitsPerSecond, 64_000, 1_000_000);

    private Mitigation FromIncident(Incident incident, TrafficMatch match, MitigationAction action, Timestamp now)
    {
        var mitigation = new Mitigation
        {
            Id = TrafficMatchKey.Identifier($"{incident.Id}|{action}|{match.Key()}"),
            Origin = MitigationOrigin.Incident,
            Requester = "breakwater",
            IncidentId = incident.Id,
            HostGroup = incident.HostGroup,
            Match = match,
            Action = action,
            Created = now,
            Expires = now,
            Since = now,
            OnDeath = _policy.OnDeath.Of(action),
            Reason = $"{string.Join(", ", incident.Vectors)} on {incident.Target}: {incident.PeakPacketsPerSecond:0} packets/s at most",
        };
        return mitigation with { Expires = now + TtlOf(mitigation) };
    }

    private void Renew(IncidentPlan plan, Timestamp now)
    {
        foreach (var id in plan.Members)
        {
            // Fresh means seen since the time it was last given began to run out.
            if (_all[id] is { IsWanted: true, Effect: null or { Helped: true } } mitigation && now - plan.Incident.LastSeen < _policy.JudgeAfter) Extend(mitigation, now);
        }
    }

    /// <summary>Gives it its time anew, once half of that is over.</summary>
    private void Extend(Mitigation mitigation, Timestamp now)
    {
        if (mitigation.Origin != MitigationOrigin.Incident) return;
        var ttl = TtlOf(mitigation);
        if (mitigation.Expires - now > ttl / 2) return;
        Refresh(mitigation, now + ttl, now);
    }

    private void Judge(Mitigation mitigation, Timestamp now)
    {
        var plan = PlanOf(mitigation);
        bool? seen = plan is null ? mitigation.IncidentId is null ? null : false : plan.Incident.LastSeen > mitigation.Activated!.Value + _policy.JudgeAfter / 2;
        if (_trials.Judge(mitigation, seen, _policy.HelpfulShare, now) is not { } effect) return;
        var judged = mitigation with { Effect = effect };
        Change(judged);
        if (effect.Helped || judged.Origin != MitigationOrigin.Incident) return;
        if (effect.AnswersPerSecondBefore >= 10 && effect.AnswersPerSecondAfter < 0.5 * effect.AnswersPerSecondBefore)
        {
            _holds.Hold(judged, now);
            Change(judged.Withdrawn(now, $"rolled back: the attack goes on, and answers of the target fell from {effect.AnswersPerSecondBefore:0} to {effect.AnswersPerSecondAfter:0} packets/s"));
        }
        if (plan is null) return;
        var known = plan.Members.ToArray();
        Plan(plan, now);
        // The attack looks different by now: its newer rules get their turn first.
        if (plan.Members.Any(id => !known.Contains(id))) return;
        Escalate(judged, plan, now);
    }

    private void Escalate(Mitigation judged, IncidentPlan plan, Timestamp now)
    {
        if (!_policy.Escalate || Ladder.After(judged, _targets.FirstOrDefault()) is not { } next) return;
        var harder = FromIncident(plan.Incident, next.Match, next.Action, now) with
        {
            DivertTo = next.Target,
            EscalatedFrom = judged.Id,
            AttackShare = next.Match == judged.Match ? judged.AttackShare : 1,
            CollateralShare = next.Match == judged.Match ? judged.CollateralShare : null,
        };
        if (ModeOf(harder) == MitigationMode.Observe || Find(harder.Id) is { IsOver: false } or { State: MitigationState.Refused } or { Effect.Helped: false }) return;
        plan.Members.Add(harder.Id);
        Change(harder);
        if (TryBegin(harder, plan, now).IsWanted && _all[judged.Id].IsWanted)
            Change(_all[judged.Id].Withdrawn(now, $"it did not help; {harder.Action.Name()} {harder.Id} takes its place"));
    }

    private void GiveUpProposals(IncidentPlan plan, Timestamp now, string why)
    {
        foreach (var id in plan.Members)
            if (_all[id].State == MitigationState.Proposed) Change(_all[id].Withdrawn(now, why));
    }
}
