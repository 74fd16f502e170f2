using System.Runtime.CompilerServices;
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

    /// <summary>Flows after which only every sixteenth counts for the heaviest addresses, sixteenfold.</summary>
    private const long ExactFlows = 100_000;
    private const int Thinning = 16;

    private readonly Dictionary<IpAddr, Tally> _talkers = [];
    private readonly long[][] _points = new long[MaxPoints][];
    private long _width = 1_000_000;
    private long _origin;
    private int _used;
    private long _flows, _packets, _bytes;
    private long _from = long.MaxValue, _to = long.MinValue;

    // The point that the last flow belonged to, and the times it reaches over.
    private long[] _point = [];
    private long _pointFrom = long.MaxValue, _pointTo = long.MinValue;

    private struct Tally
    {
        public long PacketsSent, PacketsReceived, BytesSent, BytesReceived;
    }

    public long Flows => _flows;
    public long Packets => _packets;
    public long Bytes => _bytes;
    public Timestamp? From => _flows == 0 ? null : new Timestamp(_from);
    public Timestamp? To => _flows == 0 ? null : new Timestamp(_to);
    public TimeSpan PointWidth => new(_width / 100);

    public void Observe(ReadOnlySpan<Flow> flows)
    {
        foreach (ref readonly var flow in flows)
        {
            _packets += flow.Packets;
            _bytes += flow.Bytes;
            if (flow.Start.Nanoseconds < _from) _from = flow.Start.Nanoseconds;
            if (flow.End.Nanoseconds > _to) _to = flow.End.Nanoseconds;
            // Flows come nearly in order: most belong to the same point as the one before.
            var time = flow.Start.Nanoseconds;
            if (time < _pointFrom || time >= _pointTo) FindPoint(time);
            _point[(int)TrafficClasses.Of(flow)] += flow.Packets;
            _point[TrafficClasses.Count] += flow.Bytes;
            if (++_flows > ExactFlows)
            {
                if (_flows % Thinning == 0) Tell(flow, Thinning);
            }
            else
            {
                Tell(flow, 1);
            }
        }
    }

    public IReadOnlyList<TrafficPoint> Series() =>
        [.. Enumerable.Range(0, _used).Select(i => new TrafficPoint(
            new Timestamp(_origin + i * _width), _points[i] is { } p ? p[..TrafficClasses.Count] : new long[TrafficClasses.Count], _points[i]?[TrafficClasses.Count] ?? 0))];

    public IReadOnlyList<Talker> TopTalkers(int count) =>
        [.. _talkers.OrderByDescending(t => t.Value.BytesSent + t.Value.BytesReceived).ThenBy(t => t.Key).Take(count)
            .Select(t => new Talker(t.Key, t.Value.PacketsSent, t.Value.PacketsReceived, t.Value.BytesSent, t.Value.BytesReceived))];

    private void Tell(in Flow flow, int weight)
    {
        ref var source = ref Find(flow.Source);
        if (!Unsafe.IsNullRef(ref source))
        {
            source.PacketsSent += flow.Packets * weight;
            source.BytesSent += flow.Bytes * weight;
        }
        ref var destination = ref Find(flow.Destination);
        if (Unsafe.IsNullRef(ref destination)) return;
        destination.PacketsReceived += flow.Packets * weight;
        destination.BytesReceived += flow.Bytes * weight;
    }

    private ref Tally Find(in IpAddr address)
    {
        if (_talkers.Count < MaxAddresses) return ref CollectionsMarshal.GetValueRefOrAddDefault(_talkers, address, out _);
        return ref CollectionsMarshal.GetValueRefOrNullRef(_talkers, address);
    }

    /// <summary>Points are a millisecond wide at first; each time they run out, two become one.</summary>
    private void FindPoint(long time)
    {
        if (_used == 0) _origin = time;
        // Captures are nearly in order; what lies before the first flow is drawn at the beginning.
        var at = Math.Max(0, (time - _origin) / _width);
        while (at >= MaxPoints)
        {
            Halve();
            at = Math.Max(0, (time - _origin) / _width);
        }
        if (at >= _used) _used = (int)at + 1;
        _point = _points[at] ??= new long[TrafficClasses.Count + 1];
        _pointFrom = _origin + at * _width;
        _pointTo = _pointFrom + _width;
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
