using Breakwater.Core.Detection;
using Breakwater.Core.Flows;
using Breakwater.Core.Net;

namespace Breakwater.Core.Incidents;

/// <summary>Folds findings into incidents: one a kind and target, however many vectors and pulses. Bounded, deterministic, told the time.</summary>
public sealed class IncidentBook
{
    /// <summary>Attacks on two prefixes are one when they begin together, or when both go on for a while. One after the other, each is told of.</summary>
    private static readonly TimeSpan Together = TimeSpan.FromSeconds(1), Beside = TimeSpan.FromSeconds(2);

    private readonly DetectionOptions _options;
    private readonly HomeNetwork _home;
    private readonly SourceCheck _sources;
    private readonly IIncidentSink _sink;

    /// <summary>By what they are about; a carpet over several prefixes also by each of them.</summary>
    private readonly Dictionary<(IncidentKind Kind, Prefix Key), IncidentRecord> _records = [];

    /// <summary>Open attacks on prefixes.</summary>
    private readonly List<IncidentRecord> _carpets = [];

    private IReadOnlySet<string> _mitigated = new HashSet<string>();

    public IncidentBook(DetectionOptions options, HomeNetwork home, SourceCheck sources, IIncidentSink sink)
    {
        _options = options;
        _home = home;
        _sources = sources;
        _sink = sink;
    }

    public int Open => _records.Count(r => r.Value.IsOpen && r.Key.Key == r.Value.Key);

    /// <summary>Findings that opened no incident because the book was full.</summary>
    public long Refused { get; private set; }

    /// <summary>Takes up incidents that a former run left open; the first finding about the same target continues them.</summary>
    public void Resume(IEnumerable<Incident> incidents)
    {
        foreach (var incident in incidents)
        {
            var record = new IncidentRecord(incident, _sources);
            _records[(incident.Kind, record.Key)] = record;
            if (record.IsCarpet) _carpets.Add(record);
        }
    }

    /// <summary>Folds what the detectors said of one watch.</summary>
    public void Report(Watch watch, IReadOnlyList<Finding> findings, Timestamp now)
    {
        foreach (var byKind in findings.GroupBy(f => f.Kind))
        {
            if (byKind.Key == IncidentKind.OutboundAttack && IsAgainstOurs(watch)) continue;
            if (byKind.Key == IncidentKind.Ddos && !watch.IsPrefix && Covering(watch.Target, byKind) is { } carpet)
            {
                carpet.Touch(byKind.Max(f => f.To));
                continue;
            }
            var joined = byKind.Key == IncidentKind.Ddos && watch.IsPrefix ? Join(watch.Target, byKind, now) : null;
            if ((joined ?? FindOrOpen(byKind.Key, watch.Target, _home.GroupNames[watch.Group], byKind.Min(f => f.From), now)) is not { } record) continue;
            // A second look at traffic that an ended incident has told of already.
            if (!record.IsOpen && byKind.Max(f => f.To) <= record.LastSeen) continue;
            var news = Take(record, watch, [.. byKind], now);
            if (record.IsCarpet && !_carpets.Contains(record)) _carpets.Add(record);
            if (record.IsCarpet && news) Absorb(record, now);
            if (news) Publish(record, now);
        }
    }

    /// <summary>Folds what the baselines said of a whole host group: there is no single target to watch.</summary>
    public void Report(IReadOnlyList<Finding> findings, string hostGroup, Timestamp now)
    {
        if (FindOrOpen(findings[0].Kind, findings[0].Target, hostGroup, findings.Min(f => f.From), now) is not { } record) return;
        if (Take(record, null, findings, now)) Publish(record, now);
    }

    /// <summary>Takes up which incidents are mitigated, out of all there are.</summary>
    public void Mitigate(IReadOnlySet<string> incidents)
    {
        _mitigated = incidents;
        foreach (var record in _records.Values.Distinct())
            if (record.Mitigate(incidents.Contains(record.Id))) _sink.Publish(record.Snapshot());
    }

    /// <summary>True while an incident about a host or prefix of the group is open.</summary>
    public bool IsAttacked(IncidentKind kind, string hostGroup) =>
        _records.Any(r => r.Key.Item1 == kind && r.Value.IsOpen && r.Value.HostGroup == hostGroup);

    /// <summary>Looks after an open incident once a second: activity, peak, end.</summary>
    public void Follow(Watch watch, Timestamp now)
    {
        foreach (var kind in (ReadOnlySpan<IncidentKind>)[IncidentKind.Ddos, IncidentKind.OutboundAttack])
        {
            if (_records.TryGetValue((kind, watch.Target), out var record) && record.IsOpen && record.Follow(watch, now, _options)) Publish(record, now);
        }
    }

    /// <summary>Adds a watch's window to its incidents before the window is cleared.</summary>
    public void Close(Watch watch)
    {
        foreach (var kind in (ReadOnlySpan<IncidentKind>)[IncidentKind.Ddos, IncidentKind.OutboundAttack])
            if (_records.TryGetValue((kind, watch.Target), out var record) && record.IsOpen) record.CloseWindow(watch);
    }

    public bool HasOpen(Prefix target) =>
        (_records.TryGetValue((IncidentKind.Ddos, target), out var ddos) && ddos.IsOpen) ||
        (_records.TryGetValue((IncidentKind.OutboundAttack, target), out var outbound) && outbound.IsOpen);

    /// <summary>Ends what has been quiet for the hold time, and forgets what has been ended for the armed time.</summary>
    public void Tick(Timestamp now)
    {
        List<(IncidentKind, Prefix)>? forget = null;
        foreach (var (key, record) in _records)
        {
            if (record.IsOpen && now - record.LastSeen >= _options.Hold) End(record, now, _options.Hold + _options.Armed);
            else if (!record.IsOpen && now - record.LastSeen >= _options.Hold + _options.Armed) (forget ??= []).Add(key);
        }
        if (forget is null) return;
        foreach (var key in forget) _records.Remove(key);
    }

    /// <summary>Ends everything: the capture is over.</summary>
    public void Finish(Timestamp now)
    {
        foreach (var record in _records.Values.Where(r => r.IsOpen)) End(record, now, armed: null);
    }

    /// <returns>True when there is something new to tell.</returns>
    private bool Take(IncidentRecord record, Watch? watch, IReadOnlyList<Finding> findings, Timestamp now)
    {
        var news = record.Take(watch, findings, now);
        // One that is opened again may find its mitigations still in force.
        return record.Mitigate(_mitigated.Contains(record.Id)) || news;
    }

    private void End(IncidentRecord record, Timestamp now, TimeSpan? armed)
    {
        record.End(now, armed);
        _carpets.Remove(record);
        _sink.Publish(record.Snapshot());
    }

    private IncidentRecord? FindOrOpen(IncidentKind kind, Prefix target, string hostGroup, Timestamp start, Timestamp now)
    {
        if (_records.TryGetValue((kind, target), out var record)) return record;
        if (_records.Count >= _options.MaxIncidents && !Forget(now))
        {
            Refused++;
            return null;
        }
        return _records[(kind, target)] = new IncidentRecord(kind, target, hostGroup, start, now, _sources);
    }

    private void Publish(IncidentRecord record, Timestamp now)
    {
        record.Describe(now);
        _sink.Publish(record.Snapshot());
    }

    /// <summary>The victim's incident tells the story when both ends are ours.</summary>
    private bool IsAgainstOurs(Watch watch)
    {
        var victims = 0L;
        var ours = 0L;
        foreach (var component in watch.Out.Components)
        {
            foreach (var peer in component.TopPeers.Top(1))
            {
                victims += peer.Count;
                if (_home.GroupOf(peer.Key) >= 0) ours += peer.Count;
            }
        }
        return ours * 2 > victims;
    }

    /// <summary>The open incident of a prefix that holds the host and shares its vectors.</summary>
    private IncidentRecord? Covering(Prefix host, IEnumerable<Finding> findings)
    {
        if (_carpets.Count == 0) return null;
        foreach (var carpet in _carpets)
            if (carpet.Key.Contains(host) && findings.All(f => carpet.HasVector(f.Vector))) return carpet;
        return null;
    }

    /// <summary>Finds the open attack of the same kind on another prefix of the same home prefix, and makes the two one.</summary>
    /// <returns>Null when the prefix is attacked alone.</returns>
    private IncidentRecord? Join(Prefix target, IEnumerable<Finding> findings, Timestamp now)
    {
        var own = _records.TryGetValue((IncidentKind.Ddos, target), out var known) && known.IsOpen ? known : null;
        var (start, last) = own is null ? (findings.Min(f => f.From), findings.Max(f => f.To)) : (own.Start, own.LastSeen);
        bool AreOne(IncidentRecord c) => (start - c.Start).Duration() <= Together || (c.LastSeen - start >= Beside && last - c.Start >= Beside);
        var other = _carpets.FirstOrDefault(c => c != own && AreOne(c) && Cover(c.Key, target) is not null && findings.Any(f => f.Vector != Vectors.HighRate && c.HasVector(f.Vector)));
        if (other is null) return own;
        if (own is null)
        {
            Widen(other, target, now);
            return other;
        }
        var (into, part) = own.Start <= other.Start ? (own, other) : (other, own);
        var of = part.Key;
        into.TakeOver(part);
        Absorb(part, into, now);
        Widen(into, of, now);
        return into;
    }

    /// <summary>The smallest prefix around two that is home throughout; null when there is none.</summary>
    private Prefix? Cover(Prefix a, Prefix b)
    {
        if (Prefix.Covering(a, b) is not { } cover || _home.OutermostOf(a.Address) is not { } home) return null;
        // IPv6 is handed out by the nibble.
        if (!cover.IsV4) cover = new Prefix(cover.Address, cover.Length / 4 * 4);
        return cover.Length >= home.Length && home.Contains(cover) ? cover : null;
    }

    private void Widen(IncidentRecord record, Prefix part, Timestamp now)
    {
        if (record.Key != part && Cover(record.Key, part) is { } cover)
        {
            // What is known of the covering prefix alone is part of it as well.
            if (_records.TryGetValue((IncidentKind.Ddos, cover), out var held) && held != record && held.IsOpen)
            {
                record.TakeOver(held);
                Absorb(held, record, now);
            }
            record.Widen(cover);
            _records[(IncidentKind.Ddos, cover)] = record;
        }
        _records[(IncidentKind.Ddos, part)] = record;
    }

    /// <summary>Host incidents that turn out to be part of an attack on their prefix end, and say so.</summary>
    private void Absorb(IncidentRecord into, Timestamp now)
    {
        var parts = _records.Where(r => r.Key.Kind == IncidentKind.Ddos && r.Value.IsOpen && r.Key.Key.IsHost && into.Key.Contains(r.Key.Key) && r.Value.Vectors.All(into.HasVector)).Select(r => r.Value).ToArray();
        foreach (var part in parts)
        {
            into.TakeOver(part);
            Absorb(part, into, now);
            _records.Remove((IncidentKind.Ddos, part.Key));
        }
    }

    /// <summary>Ends an incident that is part of another; what is said of its target from now on is said there.</summary>
    private void Absorb(IncidentRecord part, IncidentRecord into, Timestamp now)
    {
        part.AbsorbedBy(into.Id, now);
        _sink.Publish(part.Snapshot());
        _carpets.Remove(part);
        foreach (var key in _records.Where(r => r.Value == part && !r.Key.Key.IsHost).Select(r => r.Key).ToArray()) _records[key] = into;
    }

    /// <summary>Makes room by forgetting the ended incident that has been quiet longest.</summary>
    private bool Forget(Timestamp now)
    {
        var oldest = _records.Where(r => !r.Value.IsOpen).OrderBy(r => r.Value.LastSeen).Select(r => r.Key).FirstOrDefault();
        return _records.Remove(oldest);
    }
}
