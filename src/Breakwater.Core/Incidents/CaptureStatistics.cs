using System.Runtime.InteropServices;
using Breakwater.Core.Flows;
using Breakwater.Core.Metering;
using Breakwater.Core.Net;

namespace Breakwater.Core.Incidents;

/// <summary>What a capture holds apart from incidents: sums, traffic over time, heaviest addresses. Memory does not grow with the capture.</summary>
public sealed class CaptureStatistics
{
    private const int MaxPoints = 600;
    private const int MaxAddresses = 65_536;

    /// <summary>Flows after which only every eighth counts for the heaviest addresses, eightfold.</summary>
    private const long ExactFlows = 1_000_000;

    private readonly Dictionary<IpAddr, Tally> _talkers = [];
    private readonly long[][] _points = new long[MaxPoints][];
    private long _width = 1_000_000;
    private long _origin;
    private int _used;

    private struct Tally
    {
        public long PacketsSent, PacketsReceived, BytesSent, BytesReceived;
    }

    public long Flows { get; private set; }
    public long Packets { get; private set; }
    public long Bytes { get; private set; }
    public Timestamp? From { get; private set; }
    public Timestamp? To { get; private set; }
    public TimeSpan PointWidth => new(_width / 100);

    public void Observe(ReadOnlySpan<Flow> flows)
    {
        foreach (ref readonly var flow in flows)
        {
            Flows++;
            Packets += flow.Packets;
            Bytes += flow.Bytes;
            if (From is null || flow.Start < From) From = flow.Start;
            if (To is null || flow.End > To) To = flow.End;
            Plot(flow);
            var weight = Flows <= ExactFlows ? 1 : 8;
            if (weight == 8 && (Flows & 7) != 0) continue;
            ref var source = ref Find(flow.Source);
            if (!System.Runtime.CompilerServices.Unsafe.IsNullRef(ref source))
            {
                source.PacketsSent += flow.Packets * weight;
                source.BytesSent += flow.Bytes * weight;
            }
            ref var destination = ref Find(flow.Destination);
            if (System.Runtime.CompilerServices.Unsafe.IsNullRef(ref destination)) continue;
            destination.PacketsReceived += flow.Packets * weight;
            destination.BytesReceived += flow.Bytes * weight;
        }
    }

    public IReadOnlyList<TrafficPoint> Series() =>
        [.. Enumerable.Range(0, _used).Select(i => new TrafficPoint(
            new Timestamp(_origin + i * _width), _points[i] is { } p ? p[..TrafficClasses.Count] : new long[TrafficClasses.Count], _points[i]?[TrafficClasses.Count] ?? 0))];

    public IReadOnlyList<Talker> TopTalkers(int count) =>
        [.. _talkers.OrderByDescending(t => t.Value.BytesSent + t.Value.BytesReceived).ThenBy(t => t.Key).Take(count)
            .Select(t => new Talker(t.Key, t.Value.PacketsSent, t.Value.PacketsReceived, t.Value.BytesSent, t.Value.BytesReceived))];

    private ref Tally Find(in IpAddr address)
    {
        if (_talkers.Count < MaxAddresses) return ref CollectionsMarshal.GetValueRefOrAddDefault(_talkers, address, out _);
        return ref CollectionsMarshal.GetValueRefOrNullRef(_talkers, address);
    }

    /// <summary>Points are a millisecond wide at first; each time they run out, two become one.</summary>
    private void Plot(in Flow flow)
    {
        var time = flow.Start.Nanoseconds;
        if (_used == 0) _origin = time;
        // Captures are nearly in order; what lies before the first flow is drawn at the beginning.
        var at = Math.Max(0, (time - _origin) / _width);
        while (at >= MaxPoints)
        {
            Halve();
            at = Math.Max(0, (time - _origin) / _width);
        }
        if (at >= _used) _used = (int)at + 1;
        var point = _points[at] ??= new long[TrafficClasses.Count + 1];
        point[(int)TrafficClasses.Of(flow)] += flow.Packets;
        point[TrafficClasses.Count] += flow.Bytes;
    }

    private void Halve()
    {
        _width *= 2;
        for (var i = 0; i < MaxPoints; i += 2)
        {
            var first = _points[i];
            var second = _points[i + 1];
            if (first is not null && second is not null)
                for (var c = 0; c < first.Length; c++) first[c] += second[c];
            _points[i / 2] = first ?? second!;
            if (i > 0) _points[i] = null!;
            _points[i + 1] = null!;
        }
        _used = (_used + 1) / 2;
    }
}
