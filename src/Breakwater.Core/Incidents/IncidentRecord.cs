using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Breakwater.Core.Detection;
using Breakwater.Core.Flows;
using Breakwater.Core.Net;

namespace Breakwater.Core.Incidents;

/// <summary>The life of one incident: opened by a finding, followed while the attack goes on, ended, perhaps opened again.</summary>
/// <remarks>What its traffic was is <see cref="AttackTraffic"/>'s business, how it reads <see cref="IncidentText"/>'s. <see cref="Snapshot"/> is what others see.</remarks>
internal sealed class IncidentRecord
{
    /// <summary>Packets really seen that make the numbers known to ±20 %: see the data-quality rail.</summary>
    private const long EnoughToAct = 100;

    /// <summary>Notes on data quality kept.</summary>
    private const int MaxNotes = 16;

    private readonly Dictionary<string, Finding> _findings = [];
    private readonly Dictionary<string, double> _vectorPackets = [];
    private readonly Dictionary<(QualityIssue, string), QualityNote> _notes = [];
    private readonly AttackTraffic _traffic;
    private readonly PulseTrain _pulses;
    private Incident _current;
    private double _publishedPeak;
    private Timestamp _publishedAt;

    public IncidentRecord(IncidentKind kind, Prefix target, string hostGroup, Timestamp start, Timestamp now, SourceCheck sources)
    {
        _traffic = new AttackTraffic(kind == IncidentKind.Ddos, sources);
        _pulses = new PulseTrain();
        _current = new Incident
        {
            Id = IdOf(kind, target, start),
            Kind = kind,
            State = IncidentState.Open,
            Severity = Severity.Info,
            Confidence = 0,
            Target = kind == IncidentKind.Ddos ? target : null,
            Host = target.IsHost ? target.Address : null,
            HostGroup = hostGroup,
            Start = start,
            LastSeen = start,
            DetectedAt = now,
            Explanation = "",
        };
        Key = target;
    }

    /// <summary>Continues an incident that a former run left open.</summary>
    public IncidentRecord(Incident incident, SourceCheck sources)
    {
        _traffic = new AttackTraffic(incident, sources);
        _pulses = new PulseTrain(incident);
        _current = incident;
        Key = KeyOf(incident);
        _publishedPeak = incident.PeakPacketsPerSecond;
        foreach (var note in incident.QualityNotes) _notes[(note.Issue, note.Exporter)] = note;
        foreach (var finding in incident.Findings)
        {
            _findings[finding.Detector + finding.Vector] = finding;
            _vectorPackets[finding.Vector] = finding.PacketsPerSecond;
        }
    }

    public Prefix Key { get; private set; }
    public bool IsCarpet => _current.Kind == IncidentKind.Ddos && !Key.IsHost;
    public string Id => _current.Id;
    public string HostGroup => _current.HostGroup;
    public Timestamp Start => _current.Start;
    public bool IsOpen => _current.State != IncidentState.Ended;
    public Timestamp LastSeen => _current.LastSeen;
    public IReadOnlyCollection<string> Vectors => _vectorPackets.Keys;

    public bool HasVector(string vector) => _vectorPackets.ContainsKey(vector);

    public Incident Snapshot() => _current;

    /// <summary>What an incident is about: the victim, or our host that attacks others.</summary>
    public static Prefix KeyOf(Incident incident) =>
        incident is { Kind: IncidentKind.OutboundAttack, Host: { } host } ? new Prefix(host, host.Bits) : incident.Target ?? new Prefix(incident.Host!.Value, incident.Host.Value.Bits);

    public void Touch(Timestamp now)
    {
        if (now <= _current.LastSeen) return;
        _pulses.Seen(now, now);
        _current = _current with { LastSeen = now };
    }

    /// <summary>Notes whether mitigations of it are in force.</summary>
    /// <returns>True when that is news: it is not ended, and it was otherwise before.</returns>
    public bool Mitigate(bool mitigated)
    {
        var state = mitigated ? IncidentState.Mitigated : IncidentState.Open;
        if (!IsOpen || _current.State == state) return false;
        _current = _current with { State = state };
        return true;
    }

    /// <returns>True when there is something new to tell.</returns>
    /// <param name="watch">Where the traffic is looked at; null when only its sum is known.</param>
    public bool Take(Watch? watch, IReadOnlyList<Finding> findings, Timestamp now)
    {
        // Whoever must not act on less hears of it as soon as there is enough.
        var news = _findings.Count == 0 || (watch is not null && _current.SampledPackets < EnoughToAct && findings.Max(f => f.SampledPackets) >= EnoughToAct);
        if (!IsOpen)
        {
            _current = _current with { State = IncidentState.Open, End = null, ArmedUntil = null };
            news = true;
        }
        _pulses.Seen(findings.Min(f => f.From), Max(_current.LastSeen, findings.Max(f => f.To)));
        foreach (var finding in findings)
        {
            if (!_vectorPackets.ContainsKey(finding.Vector) || finding.Severity > _current.Severity) news = true;
            _findings[finding.Detector + finding.Vector] = finding;
            _vectorPackets[finding.Vector] = Math.Max(_vectorPackets.GetValueOrDefault(finding.Vector), finding.PacketsPerSecond);
            foreach (var note in finding.QualityNotes) Keep(note);
        }
        _current = _current with
        {
            Severity = (Severity)Math.Max((byte)_current.Severity, (byte)findings.Max(f => f.Severity)),
            Confidence = Math.Max(_current.Confidence, Combined(findings)),
            Quality = (DataQuality)findings.Max(f => (byte)f.Quality),
            LastSeen = Max(_current.LastSeen, findings.Max(f => f.To)),
            Start = Min(_current.Start, findings.Min(f => f.From)),
        };
        if (watch is not null)
        {
            _traffic.Follow(watch, findings.Where(f => f.Component is not null).Select(f => f.Component!.Value));
            _traffic.Meter(watch);
        }
        else _traffic.Add(findings.Max(f => f.PacketsPerSecond), findings.Max(f => f.SampledPackets));
        TakePeak();
        return news;
    }

    /// <returns>True when there is something new to tell.</returns>
    public bool Follow(Watch watch, Timestamp now, DetectionOptions options)
    {
        // A watch that began after a restart does not know yet what of its traffic is the attack.
        _traffic.Follow(watch, []);
        var added = _traffic.Meter(watch);
        TakePeak();
        var floor = options.ExitShare * Math.Min(0.2 * _current.PeakPacketsPerSecond, 0.5 * Math.Max(1, _publishedPeak)) / _traffic.Watches;
        if (added > Math.Max(floor, 0)) Touch(now);
        return _current.PeakPacketsPerSecond > 1.5 * _publishedPeak || now - _publishedAt >= TimeSpan.FromSeconds(10);
    }

    /// <summary>Adds the window's attack traffic for good, for its components are about to be cleared.</summary>
    public void CloseWindow(Watch watch) => _traffic.CloseWindow(watch);

    /// <summary>Makes the snapshot say everything known now.</summary>
    public void Describe(Timestamp now)
    {
        var vectors = _vectorPackets.OrderByDescending(v => v.Value).ThenBy(v => v.Key, StringComparer.Ordinal).Select(v => v.Key).ToArray();
        _current = _current with { Vectors = vectors, Findings = [.. _findings.Values.OrderBy(f => f.Vector, StringComparer.Ordinal).ThenBy(f => f.Detector, StringComparer.Ordinal)] };
        _current = _traffic.Describe(_current, Key, vectors) with
        {
            Pulses = _pulses.Count,
            Rhythm = _pulses.Rhythm(),
            QualityNotes = [.. _notes.Values.OrderBy(n => n.Issue).ThenBy(n => n.Exporter, StringComparer.Ordinal)],
        };
        _current = _current with { Explanation = IncidentText.Explain(_current, Key) };
        _publishedPeak = _current.PeakPacketsPerSecond;
        _publishedAt = now;
    }

    /// <param name="armed">Time after the end in which the incident may be opened again; null where nothing more can come.</param>
    public void End(Timestamp now, TimeSpan? armed)
    {
        Describe(now);
        _traffic.Release();
        _current = _current with { State = IncidentState.Ended, End = _current.LastSeen, ArmedUntil = armed is { } time ? _current.LastSeen + time : null };
        _current = _current with { Explanation = IncidentText.Explain(_current, Key) };
    }

    /// <summary>The attack reaches further than was known: over another prefix too.</summary>
    /// <param name="cover">Holds both; from now on what the incident is about.</param>
    public void Widen(Prefix cover)
    {
        Key = cover;
        _current = _current with { Target = cover };
    }

    /// <summary>Its start was the first sign of this attack; what is watched of it is watched for this one.</summary>
    public void TakeOver(IncidentRecord part)
    {
        _current = _current with { Start = Min(_current.Start, part._current.Start) };
        if (part.IsCarpet) _traffic.TakeOver(part._traffic);
    }

    public void AbsorbedBy(string id, Timestamp now) => _current = _current with
    {
        State = IncidentState.Ended,
        End = now,
        Severity = Severity.Info,
        Explanation = $"Part of the attack on the whole prefix: see {id}. {_current.Explanation}",
    };

    /// <summary>Of the same issue the worst is kept, but few sampled packets are outgrown.</summary>
    private void Keep(QualityNote note)
    {
        var key = (note.Issue, note.Exporter);
        if (_notes.TryGetValue(key, out var held) ? note.Issue == QualityIssue.FewSamples || Math.Abs(note.Amount) > Math.Abs(held.Amount) : _notes.Count < MaxNotes) _notes[key] = note;
    }

    private void TakePeak() =>
        _current = _current with { PeakPacketsPerSecond = Math.Round(_traffic.PeakPacketsPerSecond, 1), PeakBitsPerSecond = Math.Round(_traffic.PeakBitsPerSecond) };

    /// <summary>Independent claims add up, but never to certainty.</summary>
    private static double Combined(IReadOnlyList<Finding> findings)
    {
        var doubt = 1.0;
        foreach (var best in findings.GroupBy(f => f.Vector).Select(g => g.Max(f => f.Confidence))) doubt *= 1 - best;
        return Math.Round(Math.Min(0.99, 1 - doubt), 2);
    }

    /// <summary>The same kind, target and start give the same identifier on every replay.</summary>
    public static string IdOf(IncidentKind kind, Prefix target, Timestamp start)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{kind.Name()}|{target}|{start.Nanoseconds}"));
        return string.Create(CultureInfo.InvariantCulture, $"{start.ToDateTimeOffset().UtcDateTime:yyyyMMdd-HHmmss}-{BinaryPrimitives.ReadUInt32BigEndian(hash):x8}");
    }

    private static Timestamp Max(Timestamp a, Timestamp b) => a > b ? a : b;
    private static Timestamp Min(Timestamp a, Timestamp b) => a < b ? a : b;
}
