using Breakwater.Core.Detection;
using Breakwater.Core.Flows;
using Breakwater.Core.Incidents;
using Breakwater.Core.Net;

namespace Breakwater.Core.Behaviour;

/// <summary>Fuses signs into cases of hosts, and cases into incidents. Bounded, deterministic, told the time.</summary>
/// <remarks>
/// A sign may be a story of its own (a scan); and all signs of one of our hosts add up, as log-odds with decay and each family of evidence once, to whether it is
/// infected. Method: RFC 6561 §4 (several sources before anybody is told), Gu et al., "BotHunter" (USENIX Security 2007).
/// </remarks>
internal sealed class HostCases(BehaviourOptions options, HomeNetwork home, IIncidentSink incidents) : ISignSink
{
    private readonly Dictionary<CaseKey, HostCase> _cases = [];

    /// <summary>What is under attack now, by the attack; and who of ours attacks whom.</summary>
    private readonly Dictionary<string, Prefix> _attacked = [];
    private readonly Dictionary<string, (IpAddr Host, Prefix? Target)> _attackers = [];

    public int Count => _cases.Count;

    /// <summary>Signs that found no room.</summary>
    public long Refused { get; private set; }

    public void Add(Sign sign)
    {
        if (!sign.Host.IsNone && options.Exceptions.Any(e => e.Covers(sign.Host, sign.Name))) return;
        if (sign.Family == SignFamily.Scan && IsFlood(sign)) return;
        if (sign.Family is SignFamily.Beacon or SignFamily.Repetition or SignFamily.Jitter or SignFamily.Failure && IsOwnFlood(sign)) return;
        var key = CaseKey.Of(sign);
        if (!_cases.TryGetValue(key, out var @case))
        {
            if (_cases.Count >= options.MaxCases && !Forget())
            {
                Refused++;
                return;
            }
            _cases[key] = @case = NewCase(key);
        }
        @case.Add(sign);
    }

    public void Resume(IEnumerable<Incident> former)
    {
        foreach (var incident in former)
        {
            if (!IsOurs(incident)) continue;
            var key = incident.Host is { } host ? CaseKey.Of(host) : new CaseKey(default, incident.Target!.Value);
            if (!_cases.TryGetValue(key, out var @case)) _cases[key] = @case = NewCase(key);
            @case.Resume(incident);
        }
    }

    /// <summary>True for incidents that are told here and not by the volume detectors.</summary>
    public static bool IsOurs(Incident incident) =>
        incident.Kind is IncidentKind.InfectedHost or IncidentKind.Scan or IncidentKind.BruteForce or IncidentKind.Reflector or IncidentKind.Spoofing or IncidentKind.Exposure
        || (incident.Kind == IncidentKind.OutboundAttack && incident.Vectors.Count > 0 && incident.Vectors.All(SignNames.All.Contains));

    public void TakeUpOptions(Timestamp now)
    {
        foreach (var @case in _cases.Values) @case.Except(options.Exceptions, now, incidents);
    }

    public void Hear(Incident incident)
    {
        var over = incident.State == IncidentState.Ended;
        if (incident is { Kind: IncidentKind.Ddos, Target: { } target } && incident.Severity >= Severity.Medium)
        {
            if (over) _attacked.Remove(incident.Id);
            else _attacked[incident.Id] = target;
        }
        if (incident is not { Kind: IncidentKind.OutboundAttack, Host: { } host } || incident.Severity < Severity.Medium) return;
        if (over) _attackers.Remove(incident.Id);
        else _attackers[incident.Id] = (host, incident.Target);
        Add(new Sign
        {
            Behaviour = "volume",
            Name = SignNames.OutboundAttack,
            Family = SignFamily.Flood,
            Host = host,
            Weight = SignNames.WeightOf(SignNames.OutboundAttack),
            Confidence = incident.Confidence,
            From = incident.Start,
            To = incident.LastSeen,
            Because = $"it takes part in an attack on others ({string.Join(", ", incident.Vectors)}; incident {incident.Id})",
            Counterfactual = "would not have been said without that incident",
            WorksTo = 10_000,
            Packets = incident.Packets,
            SampledPackets = incident.SampledPackets,
        });
    }

    /// <summary>Tells what is new, ends what has been quiet, and forgets what has been over for long.</summary>
    public void Tick(Timestamp now)
    {
        List<CaseKey>? over = null;
        foreach (var (key, @case) in _cases)
        {
            if (@case.IsDirty) @case.Judge(now, options.HalfLife, incidents);
            var open = false;
            foreach (var story in @case.Stories)
            {
                if (story.Follow(now, options.Hold)) incidents.Publish(story.Current);
                open |= story.IsOpen;
            }
            // After seven half-lives less than a hundredth of the evidence is left.
            if (!open && now - @case.LastSeen > options.HalfLife * 7) (over ??= []).Add(key);
        }
        if (over is null) return;
        foreach (var key in over) _cases.Remove(key);
    }

    /// <summary>What speaks against each host now, by address.</summary>
    public IReadOnlyList<HostEvidence> Evidence() =>
        [.. _cases.Values.Where(c => !c.Key.Host.IsNone).OrderBy(c => c.Key.Host).Select(c => new HostEvidence(c.Key.Host, c.Signs))];

    /// <summary>Ends everything: the capture is over.</summary>
    public void Finish(Timestamp now)
    {
        foreach (var story in _cases.Values.SelectMany(c => c.Stories).Where(s => s.IsOpen))
        {
            story.End();
            incidents.Publish(story.Current);
        }
    }

    private HostCase NewCase(CaseKey key)
    {
        var group = home.GroupOf(key.About.Address);
        // Where home was guessed only, the accused may be anybody's.
        var prior = key.Host.IsNone ? HostCase.NotOurs : group >= 0 ? HostCase.PriorOfOurs : home.IsInferred ? HostCase.PriorOfCallers : HostCase.NotOurs;
        return new HostCase(key, group >= 0 ? home.GroupNames[group] : "", prior);
    }

    /// <summary>Many ports of a host under attack, or of one that ours attacks, are the attack's, not a scan's.</summary>
    private bool IsFlood(Sign sign)
    {
        foreach (var attack in _attackers.Values)
            if (attack.Host == sign.Host) return true;
        if (_attacked.Count == 0 || sign.Target is not { } target) return false;
        foreach (var attacked in _attacked.Values)
            if (attacked.Contains(target) || target.Contains(attacked)) return true;
        return false;
    }

    /// <summary>The rhythm of connections with which a host floods another is the flood's, which is counted already.</summary>
    private bool IsOwnFlood(Sign sign)
    {
        foreach (var attack in _attackers.Values)
            if (attack.Host == sign.Host && attack.Target is { } attacked && sign.Target is { } target && attacked.Contains(target)) return true;
        return false;
    }

    /// <summary>Makes room by forgetting the case without an open story that has been quiet longest, else the quietest of all.</summary>
    private bool Forget()
    {
        CaseKey? quietest = null;
        var (open, last) = (true, Timestamp.Max);
        foreach (var (key, @case) in _cases)
        {
            var isOpen = @case.Stories.Any(s => s.IsOpen && s.Current.Severity >= Severity.Medium);
            if (isOpen && !open) continue;
            if (isOpen == open && @case.LastSeen >= last) continue;
            (quietest, open, last) = (key, isOpen, @case.LastSeen);
        }
        if (quietest is not { } forgotten || open) return false;
        foreach (var story in _cases[forgotten].Stories.Where(s => s.IsOpen))
        {
            story.End();
            incidents.Publish(story.Current);
        }
        return _cases.Remove(forgotten);
    }
}
