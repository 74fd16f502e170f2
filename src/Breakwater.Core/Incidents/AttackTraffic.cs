using Breakwater.Core.Detection;
using Breakwater.Core.Flows;
using Breakwater.Core.Mitigations;
using Breakwater.Core.Net;
using Breakwater.Core.Sketches;

namespace Breakwater.Core.Incidents;

/// <summary>The attack's own traffic as its watches show it: sums over all windows, peaks, sources, evidence.</summary>
/// <remarks>One watch for a host or a prefix; several for a carpet over prefixes that are watched one by one.</remarks>
internal sealed class AttackTraffic
{
    /// <summary>Addresses named as sources.</summary>
    public const int MaxSources = 100;

    private const int MaxEvidenceFlows = 256;
    private const int MaxEvidencePackets = 64;

    /// <summary>Networks named as what was hit of a target.</summary>
    private const int MaxParts = 16;

    /// <summary>Share of a forged crowd's packets from which one of its addresses is named all the same.</summary>
    private const double HeavyShare = 0.01;

    private readonly bool _inbound;
    private readonly SourceCheck _check;
    private readonly List<Part> _parts = [];
    private readonly HashSet<TrafficKey> _keys = [];
    private readonly HyperLogLog _sources = new(11);
    private readonly SpaceSaving<IpAddr> _topSources = new(256);
    private readonly long _formerSources;
    private double _closedPackets, _closedBytes, _forgedPackets;
    private long _closedSampled;
    private double _peakPackets, _peakBits;

    /// <summary>True once a window has been added for good: then there is a whole second to have a rate in.</summary>
    private bool _windowClosed;

    public AttackTraffic(bool inbound, SourceCheck check)
    {
        _inbound = inbound;
        _check = check;
    }

    /// <summary>Continues the sums of an incident that a former run left open.</summary>
    public AttackTraffic(Incident former, SourceCheck check) : this(former.Kind == IncidentKind.Ddos, check)
    {
        _windowClosed = true;
        _closedPackets = former.Packets;
        _closedBytes = former.Bytes;
        _closedSampled = former.SampledPackets;
        _forgedPackets = former.ForgedShare * former.Packets;
        _formerSources = former.SourceCount;
        _peakPackets = former.PeakPacketsPerSecond;
        _peakBits = former.PeakBitsPerSecond;
        foreach (var finding in former.Findings)
            if (finding.Component is { } key) _keys.Add(key);
        var weight = former.Sources.Count;
        foreach (var source in former.Sources) _topSources.Add(source, weight--);
    }

    /// <summary>Watches that see a part of it, at least 1.</summary>
    public int Watches => Math.Max(1, _parts.Count);

    /// <summary>Highest one-second rate so far, or the rate over less than a second where there was no more.</summary>
    public double PeakPacketsPerSecond => _peakPackets * Briefly;
    public double PeakBitsPerSecond => _peakBits * Briefly;

    private double Briefly { get; set; } = 1;

    /// <summary>From now on the watch's traffic of these kinds is the attack's.</summary>
    public void Follow(Watch watch, IEnumerable<TrafficKey> keys)
    {
        _keys.UnionWith(keys);
        if (_inbound) watch.MarkIn(_keys);
        else watch.AttackOut.UnionWith(_keys);
        PartOf(watch);
    }

    /// <summary>Takes note of rates that nobody watches closely.</summary>
    public void Add(double packetsPerSecond, long packets)
    {
        _peakPackets = Math.Max(_peakPackets, packetsPerSecond);
        _closedPackets += packets;
    }

    /// <summary>Keeps the highest rate, and how much the window's attack traffic has come to.</summary>
    /// <returns>Packets since the last call for this watch.</returns>
    public double Meter(Watch watch)
    {
        var part = PartOf(watch);
        var before = part.Since == watch.Since ? part.Metered : 0;
        part.Since = watch.Since;
        part.Metered = Sum(watch).Packets;
        double peakPackets = 0, peakBits = 0, seconds = 0;
        foreach (var each in _parts)
        {
            foreach (var component in Attack(each.Watch))
            {
                seconds = Math.Max(seconds, component.Seconds);
                peakPackets += component.PeakPacketsPerSecond;
                peakBits += component.PeakBitsPerSecond;
            }
        }
        _peakPackets = Math.Max(_peakPackets, peakPackets);
        _peakBits = Math.Max(_peakBits, peakBits);
        // Less than a second of traffic has no one-second rate: it is put over the time it took.
        Briefly = seconds is > 0 and < 1 && !_windowClosed ? 1 / seconds : 1;
        return part.Metered - before;
    }

    /// <summary>Adds the window's attack traffic for good, for its components are about to be cleared.</summary>
    public void CloseWindow(Watch watch)
    {
        var (packets, bytes, sampled) = Sum(watch);
        _closedPackets += packets;
        _closedBytes += bytes;
        _closedSampled += sampled;
        _windowClosed |= packets > 0;
        foreach (var component in Attack(watch))
        {
            _sources.Merge(component.PeerSketch);
            var forged = Judge(component, watch);
            Name(component, forged, 64, _topSources);
            _forgedPackets += forged.Share * component.Packets;
        }
        PartOf(watch).Metered = 0;
    }

    /// <summary>The attack is over: watches may be used for other targets now.</summary>
    public void Release()
    {
        foreach (var part in _parts)
        {
            if (_inbound) part.Watch.UnmarkIn(_keys);
            else part.Watch.AttackOut.ExceptWith(_keys);
        }
        _parts.Clear();
    }

    /// <summary>Takes over the watches of an incident that turned out to be part of this one.</summary>
    public void TakeOver(AttackTraffic part)
    {
        _closedPackets += part._closedPackets;
        _closedBytes += part._closedBytes;
        _closedSampled += part._closedSampled;
        _forgedPackets += part._forgedPackets;
        _windowClosed |= part._windowClosed;
        _sources.Merge(part._sources);
        foreach (var source in part._topSources.Top(256)) _topSources.Add(source.Key, source.Count);
        foreach (var each in part._parts) Follow(each.Watch, part._keys);
    }

    /// <summary>Says in the incident everything known of its traffic now.</summary>
    /// <param name="key">The host or prefix that the incident is about.</param>
    /// <param name="vectors">Heaviest first.</param>
    public Incident Describe(Incident incident, Prefix key, IReadOnlyList<string> vectors)
    {
        if (_parts.Count == 0) return incident with { Packets = (long)_closedPackets };
        double packets = _closedPackets, bytes = _closedBytes, forgedPackets = _forgedPackets;
        var sampled = _closedSampled;
        var sources = new HyperLogLog(11);
        sources.Merge(_sources);
        var top = new SpaceSaving<IpAddr>(256);
        foreach (var known in _topSources.Top(256)) top.Add(known.Key, known.Count);
        var attack = new List<TrafficComponent>();
        var flows = new List<Flow>();
        var real = new List<TrafficComponent>();
        foreach (var part in _parts)
        {
            var sum = Sum(part.Watch);
            packets += sum.Packets;
            bytes += sum.Bytes;
            sampled += sum.Sampled;
            foreach (var component in Attack(part.Watch))
            {
                attack.Add(component);
                flows.AddRange(_inbound ? part.Watch.AttackOf(component) : component.WeightedSample());
                sources.Merge(component.PeerSketch);
                var forged = Judge(component, part.Watch);
                if (!forged.IsProof) real.Add(component);
                Name(component, forged, 128, top);
                forgedPackets += forged.Share * component.Packets;
            }
        }
        var heaviest = top.Top(256);
        var sourceCount = Math.Max((long)Math.Round(Math.Min(sources.Estimate(), Math.Max(sampled, 1))), Math.Max(_formerSources, Math.Min(heaviest.Count, MaxSources)));
        var target = _inbound ? key : heaviest.Count > 0 ? new Prefix(heaviest[0].Key, heaviest[0].Key.Bits) : (Prefix?)null;
        incident = incident with
        {
            Packets = (long)packets,
            Bytes = (long)bytes,
            SampledPackets = sampled,
            RelativeError = packets > sampled * 1.01 && sampled > 0 ? Math.Round(1.96 * Math.Sqrt(1.0 / sampled), 4) : 0,
            Target = target,
            // The outbound attacker is the source; its victims are the peers.
            Sources = _inbound ? [.. heaviest.Take(MaxSources).Select(s => s.Key)] : [key.Address],
            SourceCount = _inbound ? sourceCount : 1,
            SourceCountError = _inbound && sourceCount > 200 ? Math.Round(sources.RelativeError, 3) : 0,
            SourcePrefixes = _inbound ? PrefixesOf(real, attack) : [],
            TargetPrefixes = _inbound ? PartsOf(key, attack) : [],
            ForgedShare = forgedPackets >= SourceCheck.Proof * packets && packets > 0 ? Math.Round(forgedPackets / packets, 3) : 0,
        };
        if (attack.Count == 0) return incident;
        var ordinary = _inbound ? Ordinary() : [];
        var rules = AttackRules.Of(incident.TargetPrefixes, target ?? key, vectors.FirstOrDefault() ?? "", flows, ordinary);
        return incident with
        {
            Evidence = incident.Evidence.Flows.Count >= MaxEvidenceFlows ? incident.Evidence : EvidenceOf(attack),
            Mitigations = RuleRenewal.Choose(incident.Mitigations, rules, flows, ordinary),
        };
    }

    /// <summary>What of a wide target was hit, where that is a few networks of it and nearly nothing beside them.</summary>
    private static IReadOnlyList<Prefix> PartsOf(Prefix key, List<TrafficComponent> attack)
    {
        var leaf = key.IsV4 ? 24 : 64;
        if (key.Length >= leaf) return [];
        var weights = new Dictionary<Prefix, double>();
        double all = 0;
        foreach (var component in attack)
        {
            if (component.Sample.IsEmpty) continue;
            double held = 0;
            foreach (ref readonly var flow in component.Sample) held += flow.Packets;
            foreach (ref readonly var flow in component.Sample)
            {
                var part = Prefix.Of(flow.Destination, leaf);
                weights[part] = weights.GetValueOrDefault(part) + flow.Packets * component.Packets / Math.Max(1, held);
            }
            all += component.Packets;
        }
        var hit = weights.Where(w => w.Value >= all / 64).Select(w => w.Key).ToArray();
        // The sample of a kind of traffic is large enough to know sixteen networks, not hundreds.
        if (hit.Length is 0 or > MaxParts || hit.Sum(p => weights[p]) < 0.95 * all) return [];
        return Prefix.Merged(hit) is var merged && merged is [var one] && one == key ? [] : merged;
    }

    private Part PartOf(Watch watch)
    {
        foreach (var part in _parts)
            if (part.Watch == watch) return part;
        var added = new Part(watch);
        _parts.Add(added);
        return added;
    }

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

    /// <summary>Only what comes from outside can be forged there; our own host's address is its own.</summary>
    private ForgedSources Judge(TrafficComponent component, Watch watch) => _inbound ? _check.Judge(component, watch.Out) : default;

    /// <summary>Adds a component's heaviest peers, but no address that is certainly not the sender's.</summary>
    private void Name(TrafficComponent component, ForgedSources forged, int count, SpaceSaving<IpAddr> named)
    {
        foreach (var peer in component.TopPeers.Top(count))
        {
            if (_inbound && _check.CannotSend(peer.Key)) continue;
            // Among addresses drawn at random only one that keeps coming back may be somebody's.
            if (forged.IsProof && peer.AtLeast < HeavyShare * component.TopPeers.Total) continue;
            named.Add(peer.Key, peer.Count);
        }
    }

    /// <param name="real">Kinds of traffic whose sources are not known to be forged.</param>
    /// <param name="attack">All of the attack, which the shares are of.</param>
    private static List<SourcePrefix> PrefixesOf(List<TrafficComponent> real, List<TrafficComponent> attack)
    {
        var packets = new Dictionary<Prefix, long>();
        foreach (var component in real)
        {
            foreach (ref readonly var flow in component.Sample)
            {
                var prefix = Prefix.Of(flow.Source, flow.Source.IsV4 ? 16 : 32);
                packets[prefix] = packets.GetValueOrDefault(prefix) + flow.Packets;
            }
        }
        long all = 0;
        foreach (var component in attack)
            foreach (ref readonly var flow in component.Sample) all += flow.Packets;
        return [.. packets.OrderByDescending(p => p.Value).ThenBy(p => p.Key).Take(20).Select(p => new SourcePrefix(p.Key, Math.Round((double)p.Value / Math.Max(1, all), 4)))];
    }

    private List<Flow> Ordinary()
    {
        var ordinary = new List<Flow>();
        foreach (var part in _parts)
        {
            ordinary.AddRange(part.Watch.Ordinary);
            foreach (var component in part.Watch.In.Components)
                if (!_keys.Contains(component.Key)) ordinary.AddRange(component.WeightedSample());
        }
        return ordinary;
    }

    private static Evidence EvidenceOf(List<TrafficComponent> attack)
    {
        var each = Math.Max(1, MaxEvidenceFlows / attack.Count);
        var flows = attack.SelectMany(c => c.Sample[..Math.Min(each, c.Sample.Length)].ToArray()).Take(MaxEvidenceFlows).OrderBy(f => f.Start).ThenBy(f => f.Source).ToArray();
        var link = attack.FirstOrDefault(c => c.PacketSample.Count > 0)?.PacketLinkType ?? 1;
        var packets = attack.Where(c => c.PacketLinkType == link).SelectMany(c => c.PacketSample).OrderBy(p => p.Time).Take(MaxEvidencePackets).ToArray();
        return new Evidence(flows, packets, link);
    }

    /// <summary>One watch, and what of its running window is counted.</summary>
    private sealed class Part(Watch watch)
    {
        public Watch Watch { get; } = watch;

        /// <summary>The window that <see cref="Metered"/> is of.</summary>
        public Timestamp Since { get; set; } = watch.Since;
        public double Metered { get; set; }
    }
}
