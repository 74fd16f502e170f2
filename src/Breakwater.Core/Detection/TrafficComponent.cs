using Breakwater.Core.Flows;
using Breakwater.Core.Incidents;
using Breakwater.Core.Net;
using Breakwater.Core.Sketches;

namespace Breakwater.Core.Detection;

/// <summary>One kind of traffic of one watched target in one direction: how much, from whom, which ports, which lengths. Bounded.</summary>
/// <remarks>The peer is the other side: the source of inbound traffic, the destination of outbound traffic.</remarks>
public sealed class TrafficComponent
{
    /// <summary>Flows kept as a uniform sample.</summary>
    public const int SampleSize = 128;

    /// <summary>Packets whose first octets are kept.</summary>
    public const int PacketSampleSize = 16;

    /// <summary>Octets kept of a packet: headers and the start of what reflectors answer.</summary>
    public const int SnapLength = 256;

    private readonly HyperLogLog _peers = new(11);
    private HyperLogLog? _locals;
    private SpaceSaving<IpAddr>? _topLocals;
    private readonly List<EvidencePacket> _packets = [];
    private Flow[] _sample = new Flow[16];
    private int _sampled;
    private ulong _random;
    private long _offered;
    private RateMeter _rate;

    /// <summary>Sum over records of packets times seconds.</summary>
    private double _packetSeconds;

    /// <summary>The last seconds, by their number modulo the length: packets, and the time of the first.</summary>
    private readonly (long Second, double Packets, Timestamp First)[] _seconds = new (long, double, Timestamp)[32];

    public TrafficKey Key { get; private set; }

    /// <summary>Estimated before sampling.</summary>
    public double Packets { get; private set; }
    public double Bytes { get; private set; }

    /// <summary>Packets really seen.</summary>
    public long SampledPackets { get; private set; }
    public long Flows { get; private set; }

    /// <summary>Packets of records that hold a whole or long connection: SYN, ACK and an end of it, or more than a few packets.</summary>
    public double ConnectionPackets { get; private set; }
    public Timestamp First { get; private set; }
    public Timestamp Last { get; private set; }

    /// <summary>When the first and the last flow were counted; records tell of earlier times.</summary>
    public Timestamp FirstCounted { get; private set; }
    public Timestamp LastCounted { get; private set; }

    /// <summary>Flags that any of the flows carried.</summary>
    public FlowFlags AnyFlags { get; private set; }

    /// <summary>Packets with an Authentication Header before the payload.</summary>
    public double AuthenticatedPackets { get; private set; }

    /// <summary>Packets whose source is the target itself.</summary>
    public double LandPackets { get; private set; }

    public SpaceSaving<IpAddr> TopPeers { get; } = new(128);
    public FewHitters SourcePorts { get; } = new();
    public FewHitters DestinationPorts { get; } = new();
    public FewHitters Lengths { get; } = new();
    /// <summary>Highest rate over a second; where records tell of longer times, over as long as they last.</summary>
    /// <remarks>A record comes when it is over: counted in that second, one of a minute would be sixty times the rate that ever was.</remarks>
    public double PeakPacketsPerSecond => Peak(_rate.PeakPacketsPerSecond, Packets);
    public double PeakBitsPerSecond => Peak(_rate.PeakBitsPerSecond, Bytes * 8);

    /// <summary>Distinct addresses on the other side, ±2.3 %.</summary>
    public double Peers => Math.Min(_peers.Estimate(), Math.Max(1, SampledPackets));

    /// <summary>Distinct addresses on our side, ±6.5 %; 1 for a host.</summary>
    public double Locals => Math.Max(1, _locals?.Estimate() ?? 1);

    /// <summary>When it rose: the beginning of the first second with a tenth of the highest rate. Before it there may have been a trickle.</summary>
    public Timestamp Onset
    {
        get
        {
            var onset = Last;
            foreach (var (_, packets, first) in _seconds)
                if (packets >= 0.1 * _rate.PeakPacketsPerSecond && packets > 0 && first < onset) onset = first;
            return onset;
        }
    }

    /// <summary>
    /// Seconds that rates are computed over: never so few that a handful of packets becomes a million a second. Packets tell
    /// their time exactly; records come in bundles, so a quarter of a second is the least that means something.
    /// </summary>
    public double Seconds => Math.Max(Math.Max((LastCounted - FirstCounted).TotalSeconds, (Last - First).TotalSeconds), (AnyFlags & FlowFlags.SinglePacket) != 0 ? 0.02 : 0.25);

    /// <summary>Mean octets per packet.</summary>
    public double MeanLength => Packets > 0 ? Bytes / Packets : 0;

    public ReadOnlySpan<Flow> Sample => _sample.AsSpan(0, _sampled);

    /// <summary>The sample, each flow weighted so that together they weigh what the component does.</summary>
    public Flow[] WeightedSample()
    {
        var flows = Sample.ToArray();
        var scale = Packets / Math.Max(1, flows.Sum(f => (double)f.Packets));
        if (scale <= 1.01) return flows;
        foreach (ref var flow in flows.AsSpan())
        {
            var packets = Math.Max(1, Math.Round(flow.Packets * scale));
            // A length is a signature: it must not change with the weight.
            flow.Bytes = (long)(flow.Bytes * (packets / Math.Max(1, flow.Packets)));
            flow.Packets = (long)packets;
        }
        return flows;
    }

    /// <summary>Packets per second over the whole seconds before a time; null when none of the last half minute is known.</summary>
    public double? RateBefore(Timestamp time)
    {
        var end = time.Nanoseconds / Timestamp.NanosecondsPerSecond;
        var packets = 0.0;
        var begin = end;
        foreach (var (second, counted, _) in _seconds)
        {
            if (counted <= 0 || second >= end) continue;
            packets += counted;
            begin = Math.Min(begin, second);
        }
        return begin < end ? packets / (end - begin) : null;
    }
    public IReadOnlyList<EvidencePacket> PacketSample => _packets;
    public int PacketLinkType { get; private set; }

    internal HyperLogLog PeerSketch => _peers;

    /// <summary>Share of the <paramref name="top"/> heaviest local addresses among all packets, 0 to 1; never too high.</summary>
    public double LocalShare(int top) => _topLocals is { Total: > 0 } locals ? (double)locals.Top(top).Sum(l => l.AtLeast) / locals.Total : 1;

    public void Reset(TrafficKey key, ulong seed)
    {
        Key = key;
        Packets = Bytes = ConnectionPackets = AuthenticatedPackets = LandPackets = 0;
        SampledPackets = Flows = 0;
        First = Last = default;
        AnyFlags = default;
        _peers.Clear();
        _locals?.Clear();
        TopPeers.Clear();
        _topLocals?.Clear();
        SourcePorts.Clear();
        DestinationPorts.Clear();
        Lengths.Clear();
        _packets.Clear();
        _sampled = 0;
        _offered = 0;
        _random = seed | 1;
        _rate = default;
        _packetSeconds = 0;
        _seconds.AsSpan().Clear();
    }

    /// <param name="inbound">True when the peer is the source.</param>
    /// <param name="packet">The packet from its link layer on, where one was captured; else empty.</param>
    /// <param name="spread">True when the target is a prefix, so that its hosts are told apart.</param>
    public void Add(in Flow flow, Timestamp now, bool inbound, bool spread, ReadOnlySpan<byte> packet, int originalLength, int linkType)
    {
        if (Flows == 0) First = flow.Start;
        else if (flow.Start < First) First = flow.Start;
        if (flow.End > Last || Flows == 0) Last = flow.End;
        if (Flows == 0) FirstCounted = now;
        LastCounted = now;
        Flows++;
        Packets += flow.Packets;
        Bytes += flow.Bytes;
        SampledPackets += flow.SampledPackets;
        AnyFlags |= flow.Flags;
        if (flow.SampledPackets > 3) ConnectionPackets += flow.Packets;
        if ((flow.Flags & FlowFlags.AuthenticationHeader) != 0) AuthenticatedPackets += flow.Packets;
        if (flow.IsLand) LandPackets += flow.Packets;

        _rate.Add(now, flow.Packets, flow.Bytes * 8.0);
        _packetSeconds += flow.Packets * (flow.End - flow.Start).TotalSeconds;
        var second = now.Nanoseconds / Timestamp.NanosecondsPerSecond;
        ref var running = ref _seconds[second & 31];
        if (running.Second != second) running = (second, 0, flow.Start);
        running.Packets += flow.Packets;
        var peer = inbound ? flow.Source : flow.Destination;
        var local = inbound ? flow.Destination : flow.Source;
        _peers.Add(peer.Hash64());
        if (spread) (_locals ??= new HyperLogLog(8)).Add(local.Hash64());

        // Sums and distinct counts are of every flow. Which are the heaviest shows as well in one of four, later one of sixteen.
        var every = Flows <= 128 ? 1 : Flows <= 2048 ? 4 : 16;
        if ((Flows & (every - 1)) != 0) return;
        var weight = Math.Max(1, flow.Packets) * every;
        TopPeers.Add(peer, weight);
        if (spread) (_topLocals ??= new SpaceSaving<IpAddr>(32)).Add(local, weight);
        SourcePorts.Add(flow.SourcePort, weight);
        DestinationPorts.Add(flow.DestinationPort, weight);
        Lengths.Add(flow.MeanLength, weight);
        Keep(flow, packet, originalLength, linkType);
    }

    private double Peak(double counted, double sum)
    {
        var lasted = Packets > 0 ? _packetSeconds / Packets : 0;
        return lasted <= 1 ? counted : Math.Max(counted / lasted, sum / Math.Max(Seconds, lasted));
    }

    /// <summary>Uniform reservoir: each flow offered so far is in the sample with the same chance.</summary>
    private void Keep(in Flow flow, ReadOnlySpan<byte> packet, int originalLength, int linkType)
    {
        if (_sampled < SampleSize)
        {
            if (_sampled == _sample.Length) Array.Resize(ref _sample, Math.Min(SampleSize, _sample.Length * 2));
            _sample[_sampled++] = flow;
            _offered++;
        }
        else
        {
            _random ^= _random << 13;
            _random ^= _random >> 7;
            _random ^= _random << 17;
            var at = _random % (ulong)++_offered;
            if (at >= SampleSize) return;
            _sample[at] = flow;
        }
        if (packet.IsEmpty || _packets.Count == PacketSampleSize || (_packets.Count > 0 && linkType != PacketLinkType)) return;
        PacketLinkType = linkType;
        _packets.Add(new EvidencePacket(flow.Start, packet[..Math.Min(packet.Length, SnapLength)].ToArray(), originalLength));
    }
}
