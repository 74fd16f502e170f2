using System.Globalization;
using Breakwater.Core.Detection;
using Breakwater.Core.Flows;
using Breakwater.Core.Incidents;
using Breakwater.Core.Net;

namespace Breakwater.Core.Cases;

/// <summary>Every case: opened by incidents, moved by people, looked after until the host is quiet. Bounded, told the time; one owner.</summary>
public sealed class CaseBook(CaseOptions options, HomeNetwork home)
{
    private const int MaxTraffic = 32, MaxHistory = 200, MaxIncidents = 100;

    private const string Us = "breakwater";

    private readonly Dictionary<IpAddr, Case> _current = [];
    private readonly Dictionary<string, Case> _byId = [];

    public IReadOnlyCollection<Case> All => _byId.Values;

    /// <summary>Incidents that opened no case because the book was full.</summary>
    public long Refused { get; private set; }

    public Case? Find(string id) => _byId.GetValueOrDefault(id);

    /// <summary>Takes up a case that a former run left.</summary>
    public void Resume(Case former)
    {
        _byId[former.Id] = former;
        if (!_current.TryGetValue(former.Host, out var other) || former.Opened > other.Opened) _current[former.Host] = former;
    }

    /// <summary>An incident has changed.</summary>
    /// <returns>The case that it opened or changed; null where it says nothing about a host of ours, or nothing new.</returns>
    public Case? Take(Incident incident, Timestamp now)
    {
        // A stranger who scans us is somebody else's case.
        if (incident.Kind == IncidentKind.Ddos || incident.Host is not { } host || home.GroupOf(host) < 0) return null;
        if (incident is { State: IncidentState.Ended, Severity: Severity.Info }) return Withdraw(incident, host, now);
        if (incident.Severity < options.MinSeverity || incident.Confidence < options.MinConfidence) return null;
        var known = _current.GetValueOrDefault(host);
        if (known is null || (known.State == CaseState.Closed && incident.LastSeen > known.Since + options.Watch)) return Open(incident, host, now);
        if (known.State == CaseState.Closed && incident.LastSeen <= known.Since) return null;
        // It is quiet for longer than the incident took to end, so what is said of the time before is no news.
        var isBack = known.State is CaseState.Recheck or CaseState.Watching or CaseState.Closed && incident.LastSeen > known.Since;
        var isNew = !known.Incidents.Contains(incident.Id);
        if (!isBack && !isNew && incident.LastSeen <= known.LastSeen) return null;
        var changed = With(known, incident, host);
        if (isBack)
        {
            var again = known.State == CaseState.Recheck ? "still active after it was said to be cleaned" : "infected again";
            changed = Move(changed, CaseState.Open, now, again, Us, incident.Id) with { Reinfections = known.Reinfections + (known.State == CaseState.Recheck ? 0 : 1) };
        }
        else if (isNew) changed = Note(changed, new CaseEvent(now, incident.Kind.Name(), Us, incident.Id));
        return Keep(changed);
    }

    /// <summary>Somebody does something about a case.</summary>
    /// <returns>The case as it is then; null where it does not exist, or stands where that makes no sense.</returns>
    public Case? Take(string id, CaseStep step, string who, string why, Timestamp now)
    {
        if (!_byId.TryGetValue(id, out var known)) return null;
        return known.State.After(step) is { } state ? Keep(Move(known, state, now, step.Name(), who, why)) : null;
    }

    /// <summary>Looks after what only needs time.</summary>
    /// <returns>The cases that changed, and the identifiers of those that are forgotten.</returns>
    public (IReadOnlyList<Case> Changed, IReadOnlyList<string> Forgotten) Tick(Timestamp now)
    {
        var changed = new List<Case>();
        foreach (var known in _byId.Values.ToArray())
        {
            if (known.State == CaseState.Recheck && now - known.Since >= options.Recheck) changed.Add(Keep(Move(known, CaseState.Watching, now, "quiet since it was said to be cleaned", Us, "")));
            else if (known.State == CaseState.Watching && now - known.Since >= options.Watch) changed.Add(Keep(Move(known, CaseState.Closed, now, "quiet for the whole watch", Us, "")));
        }
        var old = _byId.Values.Where(c => c.State == CaseState.Closed && now - c.Since >= options.Retention).Select(c => c.Id).ToArray();
        foreach (var id in old) Forget(id);
        return (changed, old);
    }

    /// <summary>The incident was an error, or is allowed by now: without another there is no case.</summary>
    private Case? Withdraw(Incident incident, IpAddr host, Timestamp now)
    {
        if (!_current.TryGetValue(host, out var known) || !known.Incidents.Contains(incident.Id)) return null;
        var left = known with { Incidents = [.. known.Incidents.Where(i => i != incident.Id)] };
        return Keep(left.Incidents.Count > 0 || left.State == CaseState.Closed
            ? Note(left, new CaseEvent(now, "withdrawn", Us, incident.Id))
            : Move(left, CaseState.Closed, now, "withdrawn", Us, incident.Id));
    }

    private Case? Open(Incident incident, IpAddr host, Timestamp now)
    {
        if (_byId.Count >= options.MaxCases)
        {
            if (_byId.Values.Where(c => c.State == CaseState.Closed).MinBy(c => c.Since) is not { } oldest)
            {
                Refused++;
                return null;
            }
            Forget(oldest.Id);
        }
        var opened = new Case
        {
            Id = string.Create(CultureInfo.InvariantCulture, $"c{now.ToDateTimeOffset().UtcDateTime:yyyyMMddHHmmss}-{host.Hash64() & 0xFFFFFFFF:x8}"),
            Host = host,
            HostGroup = incident.HostGroup,
            State = CaseState.Open,
            Opened = now,
            Since = now,
            LastSeen = incident.LastSeen,
        };
        return Keep(Note(With(opened, incident, host), new CaseEvent(now, incident.Kind.Name(), Us, incident.Id)));
    }

    private void Forget(string id)
    {
        if (!_byId.Remove(id, out var gone)) return;
        if (_current.GetValueOrDefault(gone.Host)?.Id == id) _current.Remove(gone.Host);
    }

    private Case Keep(Case changed)
    {
        _byId[changed.Id] = changed;
        if (!_current.TryGetValue(changed.Host, out var other) || changed.Opened >= other.Opened) _current[changed.Host] = changed;
        return changed;
    }

    private static Case With(Case known, Incident incident, IpAddr host) => known with
    {
        LastSeen = incident.LastSeen > known.LastSeen ? incident.LastSeen : known.LastSeen,
        Confidence = Math.Max(known.Confidence, incident.Confidence),
        Kinds = known.Kinds.Contains(incident.Kind) ? known.Kinds : [.. known.Kinds, incident.Kind],
        Incidents = known.Incidents.Contains(incident.Id) ? known.Incidents : [.. known.Incidents.TakeLast(MaxIncidents - 1), incident.Id],
        Traffic =
        [
            .. known.Traffic.Concat(incident.Evidence.Flows.Where(f => f.Source == host).Select(f => new CaseTraffic(f.Start, incident.Kind, f.Protocol, f.Protocol is 6 or 17 ? f.SourcePort : (ushort)0, f.Destination, f.Protocol is 6 or 17 ? f.DestinationPort : (ushort)0)))
                .Distinct().OrderBy(t => t.At).TakeLast(MaxTraffic),
        ],
    };

    private static Case Move(Case known, CaseState state, Timestamp now, string what, string who, string why) =>
        Note(known with { State = state, Since = state == known.State ? known.Since : now }, new CaseEvent(now, what, who, why));

    private static Case Note(Case known, CaseEvent told) => known with { History = [.. known.History.TakeLast(MaxHistory - 1), told] };
}
