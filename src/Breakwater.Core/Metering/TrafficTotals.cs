using System.Runtime.CompilerServices;
using Breakwater.Core.Flows;

namespace Breakwater.Core.Metering;

/// <summary>Where a flow goes, seen from home.</summary>
public enum Direction : byte { In, Out, Internal, Transit }

/// <summary>Packets and octets since the start, estimated before sampling; octets are those of IP.</summary>
public readonly record struct TrafficSum(long Packets, long Bytes);

/// <summary>Everything seen, by host group, direction and class.</summary>
/// <param name="groups">Number of host groups.</param>
internal sealed class TrafficTotals(int groups)
{
    public struct Cell
    {
        public long Packets, Bytes, Flows;
    }

    private const int Directions = 4;
    private readonly Cell[] _cells = new Cell[groups * Directions * TrafficClasses.Count];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(int group, Direction direction, TrafficClass @class, in Flow flow)
    {
        ref var cell = ref _cells[((group * Directions) + (int)direction) * TrafficClasses.Count + (int)@class];
        cell.Packets += flow.Packets;
        cell.Bytes += flow.Bytes;
        cell.Flows++;
    }

    public Cell Of(int group, Direction direction, TrafficClass @class) =>
        _cells[((group * Directions) + (int)direction) * TrafficClasses.Count + (int)@class];

    public Cell Of(Direction direction, TrafficClass @class)
    {
        var sum = new Cell();
        for (var group = 0; group < groups; group++)
        {
            var cell = Of(group, direction, @class);
            sum.Packets += cell.Packets;
            sum.Bytes += cell.Bytes;
            sum.Flows += cell.Flows;
        }
        return sum;
    }

    public TrafficSum Of(Direction direction)
    {
        long packets = 0, bytes = 0;
        for (var group = 0; group < groups; group++)
        {
            for (var @class = 0; @class < TrafficClasses.Count; @class++)
            {
                var cell = Of(group, direction, (TrafficClass)@class);
                packets += cell.Packets;
                bytes += cell.Bytes;
            }
        }
        return new TrafficSum(packets, bytes);
    }
}
