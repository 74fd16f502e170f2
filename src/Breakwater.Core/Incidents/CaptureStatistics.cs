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

    /// <summary>Nanoseconds before the first flow's start that others may start at: twice the longest active timeout in use.</summary>
    private const long MaxBefore = 3600 * Timestamp.NanosecondsPerSecond;

    private readonly Dictionary<IpAddr, Tally> _talkers = [];
    private readonly long[][] _points = new long[MaxPoints][];
    private long _width = 1_000_000;
    private long _origin;
    private long _earliest;
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
            if (flow.End.Nanoseconds - flow.Start.Nanoseconds > _width) Spread(flow);
            else Count(flow.Start.Nanoseconds, (int)TrafficClasses.Of(flow), flow.Packets, flow.Bytes);
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

    private void Count(long time, int @class, long packets, long bytes)
    {
        // Flows come nearly in order: most belong to the same point as the one before.
        if (time < _pointFrom || time >= _pointTo) FindPoint(time);
        _point[@class] += packets;
        _point[TrafficClasses.Count] += bytes;
    }

    /// <summary>A record of minutes says nothing of when in them its packets came: evenly is the best guess.</summary>
    private void Spread(in Flow flow)
    {
        var @class = (int)TrafficClasses.Of(flow);
        var (start, end) = (flow.Start.Nanoseconds, flow.End.Nanoseconds);
        // Both ends first: they may make the points wider.
        FindPoint(start);
        FindPoint(end);
        start = Math.Max(start, _origin);
        if (start >= end)
        {
            Count(start, @class, flow.Packets, flow.Bytes);
            return;
        }
        double length = end - start;
        long packets = 0, bytes = 0;
        for (var until = start; until < end;)
        {
            var from = until;
            until = Math.Min(end, _origin + ((until - _origin) / _width + 1) * _width);
            var share = (until - start) / length;
            var (packetsSoFar, bytesSoFar) = until == end ? (flow.Packets, flow.Bytes) : ((long)(flow.Packets * share), (long)(flow.Bytes * share));
            Count(from, @class, packetsSoFar - packets, bytesSoFar - bytes);
            (packets, bytes) = (packetsSoFar, bytesSoFar);
        }
    }

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
        if (_used == 0) _origin = _earliest = time;
        // Captures are nearly in order, but records end in order, and begin as much before as they are long.
        if (time < _origin && time >= _earliest - MaxBefore) Prepend(time);
        // What lies still further before is drawn at the beginning.
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

    /// <summary>Makes room in front, so that the first point holds this time.</summary>
    private void Prepend(long time)
    {
        long Missing() => (_origin - time + _width - 1) / _width;
        while (_used + Missing() > MaxPoints) Halve();
        var missing = (int)Missing();
        Array.Copy(_points, 0, _points, missing, _used);
        Array.Clear(_points, 0, missing);
        _origin -= missing * _width;
        _used += missing;
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
