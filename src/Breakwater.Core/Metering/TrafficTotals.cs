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

    private static ReadOnlySpan<byte> ByEnds => [(byte)Direction.Internal, (byte)Direction.Out, (byte)Direction.In, (byte)Direction.Transit];

    private readonly Cell[] _cells = new Cell[groups * Directions * TrafficClasses.Count];

    /// <param name="toGroup">Host group of the destination, -1 for not home.</param>
    /// <param name="fromGroup">The same of the source.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(short toGroup, short fromGroup, TrafficClass @class, in Flow flow)
    {
        // By the two sign bits: both home, destination elsewhere, source elsewhere, neither.
        var ends = (int)((uint)(int)toGroup >> 31 | (uint)(int)fromGroup >> 31 << 1);
        var group = Math.Max((short)0, toGroup < 0 ? fromGroup : toGroup);
        ref var cell = ref _cells[((group * Directions) + (int)ByEnds[ends]) * TrafficClasses.Count + (int)@class];
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
