using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Breakwater.Core.Detection;
using Breakwater.Core.Flows;
using Breakwater.Core.Mitigations;
using Breakwater.Core.Net;
using Breakwater.Core.Sketches;

namespace Breakwater.Core.Incidents;

/// <summary>The growing story of one incident. <see cref="Snapshot"/> is what others see of it.</summary>
internal sealed class IncidentRecord
{
    private const int MaxSources = 100;
    private const int MaxEvidenceFlows = 256;
    private const int MaxEvidencePackets = 64;

    /// <summary>Silence after which the next attack packet begins a new pulse.</summary>
    private static readonly TimeSpan PulseGap = TimeSpan.FromSeconds(3);

    private readonly Dictionary<string, Finding> _findings = [];
    private readonly Dictionary<string, double> _vectorPackets = [];
    private readonly HashSet<TrafficKey> _keys = [];
    private readonly HyperLogLog _sources = new(11);
    private readonly SpaceSaving<IpAddr> _topSources = new(256);
    private readonly bool _inbound;
    private readonly double _formerPackets;
    private readonly double _formerBytes;
    private readonly long _formerSampled;
    private readonly long _formerSources;
    private Incident _current;

    /// <summary>Where the traffic is looked at; null after a restart, until the attack is seen again.</summary>
    private Watch? _watch;
    private double _closedPackets, _closedBytes;
    private long _closedSampled;
    private double _meteredPackets;
    private double _peakPackets, _peakBits;
    private double _publishedPeak;
    private Timestamp _publishedAt;
    private Timestamp _watchSince;

    public IncidentRecord(IncidentKind kind, Prefix target, string hostGroup, Timestamp start, Timestamp now)
    {
        _inbound = kind == IncidentKind.Ddos;
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
    public IncidentRecord(Incident incident)
    {
        _inbound = incident.Kind == IncidentKind.Ddos;
        _current = incident;
        Key = incident.Target ?? new Prefix(incident.Host!.Value, incident.Host.Value.Bits);
        _formerPackets = incident.Packets;
        _formerBytes = incident.Bytes;
        _formerSampled = incident.SampledPackets;
        _formerSources = incident.SourceCount;
        _publishedPeak = _peakPackets = incident.PeakPacketsPerSecond;
        _peakBits = incident.PeakBitsPerSecond;
        foreach (var finding in incident.Findings)
        {
            _findings[finding.Detector + finding.Vector] = finding;
            if (finding.Component is { } key) _keys.Add(key);
            _vectorPackets[finding.Vector] = finding.PacketsPerSecond;
        }
        var weight = incident.Sources.Count;
        foreach (var source in incident.Sources) _topSources.Add(source, weight--);
    }

    public Prefix Key { get; }
    public string Id => _current.Id;
    public string HostGroup => _current.HostGroup;
    public bool IsOpen => _current.State != IncidentState.Ended;
    public Timestamp LastSeen => _current.LastSeen;
    public IReadOnlyCollection<string> Vectors => _vectorPackets.Keys;

    public bool HasVector(string vector) => _vectorPackets.ContainsKey(vector);

    public Incident Snapshot() => _current;

    public void Touch(Timestamp now)
    {
        if (now > _current.LastSeen) _current = _current with { LastSeen = now };
    }

    /// <returns>True when there is something new to tell.</returns>
    /// <param name="watch">Where the traffic is looked at; null when only its sum is known.</param>
    public bool Take(Watch? watch, IReadOnlyList<Finding> findings, Timestamp now)
    {
        _watch = watch ?? _watch;
        var news = _findings.Count == 0;
        if (!IsOpen)
        {
            _current = _current with { State = IncidentState.Open, End = null, Pulses = _current.Pulses + 1 };
            news = true;
        }
        else if (_findings.Count > 0 && findings.Max(f => f.To) - _current.LastSeen > PulseGap) _current = _current with { Pulses = _current.Pulses + 1 };
        foreach (var finding in findings)
        {
            if (!_vectorPackets.ContainsKey(finding.Vector)) news = true;
            var name = finding.Detector + finding.Vector;
            _findings[name] = finding;
            if (finding.Component is { } key)
            {
                _keys.Add(key);
                if (watch is not null) (_inbound ? watch.AttackIn : watch.AttackOut).Add(key);
            }
            _vectorPackets[finding.Vector] = Math.Max(_vectorPackets.GetValueOrDefault(finding.Vector), finding.PacketsPerSecond);
            if (finding.Severity > _current.Severity) news = true;
        }
        _current = _current with
        {
            Severity = (Severity)Math.Max((byte)_current.Severity, (byte)findings.Max(f => f.Severity)),
            Confidence = Math.Max(_current.Confidence, Combined(findings)),
            Quality = (DataQuality)findings.Max(f => (byte)f.Quality),
            LastSeen = Max(_current.LastSeen, findings.Max(f => f.To)),
            Start = Min(_current.Start, findings.Min(f => f.From)),
        };
        if (watch is not null) Meter(watch);
        else _current = _current with { PeakPacketsPerSecond = _peakPackets = Math.Max(_peakPackets, findings.Max(f => f.PacketsPerSecond)), Packets = _current.Packets + findings.Max(f => f.SampledPackets) };
        return news;
    }

    /// <returns>True when there is something new to tell.</returns>
    public bool Follow(Watch watch, Timestamp now, DetectionOptions options)
    {
        _watch = watch;
        var keys = _inbound ? watch.AttackIn : watch.AttackOut;
        // A watch that began after a restart does not know yet what of its traffic is the attack.
        foreach (var key in _keys) keys.Add(key);
        var before = _watchSince == watch.Since ? _meteredPackets : 0;
        Meter(watch);
        var added = _meteredPackets - before;
        var floor = options.ExitShare * Math.Min(0.2 * _current.PeakPacketsPerSecond, 0.5 * Math.Max(1, _publishedPeak));
        if (added > Math.Max(floor, 0))
        {
            if (now - _current.LastSeen > PulseGap) _current = _current with { Pulses = _current.Pulses + 1 };
            Touch(now);
        }
        return _current.PeakPacketsPerSecond > 1.5 * _publishedPeak || now - _publishedAt >= TimeSpan.FromSeconds(10);
    }

    /// <summary>Adds the window's attack traffic for good, for its components are about to be cleared.</summary>
    public void CloseWindow(Watch watch)
    {
        var (packets, bytes, sampled) = Sum(watch);
        _closedPackets += packets;
        _closedBytes += bytes;
        _closedSampled += sampled;
        foreach (var component in Attack(watch))
        {
            _sources.Merge(component.PeerSketch);
            foreach (var peer in component.TopPeers.Top(64)) _topSources.Add(peer.Key, peer.Count);
        }
        _meteredPackets = 0;
        _watchSince = Timestamp.Max;
    }

    /// <summary>Makes the snapshot say everything known now.</summary>
    public void Describe(Timestamp now)
    {
        var vectors = _vectorPackets.OrderByDescending(v => v.Value).ThenBy(v => v.Key, StringComparer.Ordinal).Select(v => v.Key).ToArray();
        _current = _current with { Vectors = vectors, Findings = [.. _findings.Values.OrderBy(f => f.Vector, StringComparer.Ordinal).ThenBy(f => f.Detector, StringComparer.Ordinal)] };
        if (_watch is { } watch) DescribeTraffic(watch, vectors);
        _current = _current with { Explanation = Explain() };
        _publishedPeak = _current.PeakPacketsPerSecond;
        _publishedAt = now;
    }

    private void DescribeTraffic(Watch watch, string[] vectors)
    {
        var (packets, bytes, sampled) = Sum(watch);
        packets += _closedPackets + _formerPackets;
        bytes += _closedBytes + _formerBytes;
        sampled += _closedSampled + _formerSampled;
        var attack = Attack(watch).ToArray();
        var sources = new HyperLogLog(11);
        sources.Merge(_sources);
        var top = new SpaceSaving<IpAddr>(256);
        foreach (var known in _topSources.Top(256)) top.Add(known.Key, known.Count);
        foreach (var component in attack)
        {
            sources.Merge(component.PeerSketch);
            foreach (var peer in component.TopPeers.Top(128)) top.Add(peer.Key, peer.Count);
        }
        var heaviest = top.Top(256);
        var sourceCount = Math.Max((long)Math.Round(Math.Min(sources.Estimate(), Math.Max(sampled, 1))), Math.Max(_formerSources, Math.Min(heaviest.Count, MaxSources)));
        // The outbound attacker is the source; its victims are the peers.
        IReadOnlyList<IpAddr> named = _inbound ? [.. heaviest.Take(MaxSources).Select(s => s.Key)] : [Key.Address];
        _current = _current with
        {
            Packets = (long)packets,
            Bytes = (long)bytes,
            SampledPackets = sampled,
            RelativeError = packets > sampled * 1.01 && sampled > 0 ? Math.Round(1.96 * Math.Sqrt(1.0 / sampled), 4) : 0,
            Target = _inbound ? Key : heaviest.Count > 0 ? new Prefix(heaviest[0].Key, heaviest[0].Key.Bits) : null,
            Sources = named,
            SourceCount = _inbound ? sourceCount : 1,
            SourceCountError = _inbound && sourceCount > 200 ? Math.Round(sources.RelativeError, 3) : 0,
            SourcePrefixes = _inbound ? PrefixesOf(attack) : [],
        };
        if (attack.Length > 0)
        {
            var flows = attack.SelectMany(Weighted).ToArray();
            _current = _current with
            {
                Evidence = EvidenceOf(attack),
                Mitigations = RuleSynthesizer.Synthesize(_inbound ? Key : _current.Target ?? Key, vectors.FirstOrDefault() ?? "", flows, _inbound ? Ordinary(watch) : []),
            };
        }
    }

    public void End(Timestamp now)
    {
        Describe(now);
        _watch = null;
        _current = _current with { State = IncidentState.Ended, End = _current.LastSeen, Explanation = Explain() };
    }

    /// <summary>Its start and peak were the first signs of the attack on the prefix.</summary>
    public void TakeOver(IncidentRecord part) => _current = _current with { Start = Min(_current.Start, part._current.Start) };

    public void AbsorbedBy(string id, Timestamp now) => _current = _current with
    {
        State = IncidentState.Ended,
        End = now,
        Severity = Severity.Info,
        Explanation = $"Part of the attack on the whole prefix: see {id}. {_current.Explanation}",
    };

    private IEnumerable<TrafficComponent> Attack(Watch watch) =>
        (_inbound ? watch.In : watch.Out).Components.Where(c => _keys.Contains(c.Key));

    private (double Packets, double Bytes, long Sampled) Sum(Watch watch)
    {
        double packets = 0, bytes = 0;
        long sampled = 0;
        foreach (var component in Attack(watch))
        {
            packets += component.Packets;
            bytes += component.Bytes;
            sampled += component.SampledPackets;
        }
        return (packets, bytes, sampled);
    }

    /// <summary>Keeps the highest rate, and how much the window's attack traffic has come to.</summary>
    private void Meter(Watch watch)
    {
        if (_watchSince != watch.Since)
        {
            _watchSince = watch.Since;
            _meteredPackets = 0;
        }
        _meteredPackets = Sum(watch).Packets;
        double peakPackets = 0, peakBits = 0, seconds = 0;
        foreach (var component in Attack(watch))
        {
            seconds = Math.Max(seconds, component.Seconds);
            peakPackets += component.Rate.PeakPacketsPerSecond;
            peakBits += component.Rate.PeakBitsPerSecond;
        }
        _peakPackets = Math.Max(_peakPackets, peakPackets);
        _peakBits = Math.Max(_peakBits, peakBits);
        // Less than a second of traffic has no one-second rate: it is put over the time it took.
        var briefly = seconds is > 0 and < 1 && _closedPackets == 0 ? 1 / seconds : 1;
        _current = _current with { PeakPacketsPerSecond = Math.Round(_peakPackets * briefly, 1), PeakBitsPerSecond = Math.Round(_peakBits * briefly) };
    }

    /// <summary>Independent claims add up, but never to certainty.</summary>
    private static double Combined(IReadOnlyList<Finding> findings)
    {
        var doubt = 1.0;
        foreach (var best in findings.GroupBy(f => f.Vector).Select(g => g.Max(f => f.Confidence))) doubt *= 1 - best;
        return Math.Round(Math.Min(0.99, 1 - doubt), 2);
    }

    private static IReadOnlyList<SourcePrefix> PrefixesOf(IReadOnlyList<TrafficComponent> attack)
    {
        var packets = new Dictionary<Prefix, long>();
        long all = 0;
        foreach (var component in attack)
        {
            foreach (ref readonly var flow in component.Sample)
            {
                var prefix = Prefix.Of(flow.Source, flow.Source.IsV4 ? 16 : 32);
                packets[prefix] = packets.GetValueOrDefault(prefix) + flow.Packets;
                all += flow.Packets;
            }
        }
        return [.. packets.OrderByDescending(p => p.Value).ThenBy(p => p.Key).Take(20).Select(p => new SourcePrefix(p.Key, Math.Round((double)p.Value / Math.Max(1, all), 4)))];
    }

    /// <summary>The sample of a component, each flow weighted so that together they weigh what the component does.</summary>
    private static Flow[] Weighted(TrafficComponent component)
    {
        var flows = component.Sample.ToArray();
        var held = Math.Max(1, flows.Sum(f => f.Packets));
        var scale = component.Packets / held;
        if (scale > 1.01)
        {
            foreach (ref var flow in flows.AsSpan())
            {
                flow.Packets = Math.Max(1, (long)(flow.Packets * scale));
                flow.Bytes = (long)(flow.Bytes * scale);
            }
        }
        return flows;
    }

    private IReadOnlyList<Flow> Ordinary(Watch watch) =>
        [.. watch.Ordinary, .. watch.In.Components.Where(c => !_keys.Contains(c.Key)).SelectMany(Weighted)];

    private Evidence EvidenceOf(IReadOnlyList<TrafficComponent> attack)
    {
        if (_current.Evidence.Flows.Count >= MaxEvidenceFlows) return _current.Evidence;
        var each = MaxEvidenceFlows / attack.Count;
        var flows = attack.SelectMany(c => c.Sample[..Math.Min(each, c.Sample.Length)].ToArray()).OrderBy(f => f.Start).ThenBy(f => f.Source).ToArray();
        var link = attack.FirstOrDefault(c => c.PacketSample.Count > 0)?.PacketLinkType ?? 1;
        var packets = attack.Where(c => c.PacketLinkType == link).SelectMany(c => c.PacketSample).OrderBy(p => p.Time).Take(MaxEvidencePackets).ToArray();
        return new Evidence(flows, packets, link);
    }

    private string Explain()
    {
        var text = new StringBuilder();
        var seconds = Math.Max((_current.LastSeen - _current.Start).TotalSeconds, 0);
        var who = Key.IsHost ? Key.Address.ToString() : Key.ToString();
        var times = _current.Pulses > 1 ? $" in {_current.Pulses} pulses" : "";
        text.Append(CultureInfo.InvariantCulture,
            $"{who} {(_inbound ? "receives" : "sends")} {string.Join(", ", _current.Vectors)}: {Examination.Count(_current.Packets)} packets ({Examination.Count(_current.Bytes)}B) in {seconds:0.###} s{times}, ");
        text.Append(CultureInfo.InvariantCulture, $"at most {Examination.Count(_current.PeakPacketsPerSecond)} packets/s and {Examination.Count(_current.PeakBitsPerSecond)}bit/s");
        if (_inbound && _current.SourceCount > 0)
        {
            text.Append(CultureInfo.InvariantCulture, $", from about {Examination.Count(_current.SourceCount)} sources");
            if (_current.SourceCountError > 0) text.Append(CultureInfo.InvariantCulture, $" (±{_current.SourceCountError * 196:0} %)");
        }
        if (_current.RelativeError > 0) text.Append(CultureInfo.InvariantCulture, $"; counts from sampled packets, ±{_current.RelativeError * 100:0} %");
        text.Append('.');
        foreach (var finding in _current.Findings) text.Append(CultureInfo.InvariantCulture, $" {char.ToUpperInvariant(finding.Because[0])}{finding.Because[1..]}.");
        if (_current.Quality == DataQuality.Doubtful) text.Append(" The sampling rate of the exporter is not known: true numbers may be higher.");
        return text.ToString();
    }

    /// <summary>The same kind, target and start give the same identifier on every replay.</summary>
    private static string IdOf(IncidentKind kind, Prefix target, Timestamp start)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{kind.Name()}|{target}|{start.Nanoseconds}"));
        return string.Create(CultureInfo.InvariantCulture, $"{start.ToDateTimeOffset().UtcDateTime:yyyyMMdd-HHmmss}-{BinaryPrimitives.ReadUInt32BigEndian(hash):x8}");
    }

    private static Timestamp Max(Timestamp a, Timestamp b) => a > b ? a : b;
    private static Timestamp Min(Timestamp a, Timestamp b) => a < b ? a : b;
}
