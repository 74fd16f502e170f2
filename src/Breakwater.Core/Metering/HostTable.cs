using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Breakwater.Core.Net;

namespace Breakwater.Core.Metering;

/// <summary>What is counted for one home host: two cache lines, the first for traffic to it, the second for traffic from it.</summary>
/// <remarks>
/// A level is a leaky bucket in seconds of the threshold: each packet adds 1/threshold, each second takes 1 away. Traffic at
/// r times the threshold passes level W after W/(r−1) seconds, which makes it a CUSUM test with the threshold as its reference.
/// </remarks>
[StructLayout(LayoutKind.Explicit, Size = 128)]
internal struct HostCounters
{
    /// <summary>Where <see cref="Directions"/> holds traffic to the host, and traffic from it.</summary>
    public const int In = 0, Out = 1;

    [FieldOffset(0)] public BothDirections Directions;

    // What follows lies in the room that the first direction leaves.

    /// <summary>Slot in the watch list plus one; 0 when nobody watches the host.</summary>
    [FieldOffset(44)] public ushort Watch;
    [FieldOffset(46)] public byte Group;

    /// <summary>Minute (1 to 255, going round) in which a closer look found nothing; 0 for never.</summary>
    [FieldOffset(47)] public byte ClearedIn;
    [FieldOffset(48)] public IpAddr Key;

    [InlineArray(2)]
    public struct BothDirections
    {
        private DirectionCounters _first;
    }
}

/// <summary>The levels of one host and direction.</summary>
[StructLayout(LayoutKind.Explicit, Size = 64)]
internal struct DirectionCounters
{
    [FieldOffset(0)] public Vector256<float> Levels;

    /// <summary>When the levels were last brought up to date, in milliseconds, going round.</summary>
    [FieldOffset(32)] public uint At;

    /// <summary>Packets and bits that came in records longer than a second, leaking as slowly as such records come: two floats, read and written at once.</summary>
    [FieldOffset(36)] private double _slow;

    public Vector128<float> Slow
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        readonly get => Vector128.CreateScalar(_slow).AsSingle();
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        set => _slow = value.AsDouble().ToScalar();
    }
}

/// <summary>Counters of every home host seen, in slabs outside the managed heap. Bounded; a full table refuses, and counts.</summary>
internal sealed unsafe class HostTable(int maxHosts) : IDisposable
{
    /// <summary>16,384 hosts of 128 octets: one huge page.</summary>
    private const int SlabBits = 14;
    private const int SlabSize = 1 << SlabBits;

    private readonly AddressIndex _index = new();
    private readonly HostCounters*[] _slabs = new HostCounters*[(maxHosts + SlabSize - 1) / SlabSize];
    private int _count;

    public int Count => _count;

    /// <summary>Times that a new host found no room.</summary>
    public long Refused { get; private set; }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void PrefetchIndex(in IpAddr host) => _index.Prefetch(host);

    /// <returns>The slot, or -1 for a host not seen yet.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Find(in IpAddr host) => _index.Find(host);

    /// <summary>The same of an IPv4 host by its bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int FindV4(uint host) => _index.FindV4(host);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void PrefetchCounters(int slot, int direction)
    {
        if (!Sse.IsSupported) return;
        var counters = (byte*)(_slabs[slot >> SlabBits] + (slot & (SlabSize - 1)));
        // The first line has the group and the watch; asking for it twice costs less than a wrong guess of the direction.
        Sse.Prefetch0(counters);
        Sse.Prefetch0(counters + direction * sizeof(DirectionCounters));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref HostCounters At(int slot) => ref _slabs[slot >> SlabBits][slot & (SlabSize - 1)];

    /// <summary>Gives a new host its counters.</summary>
    /// <returns>The slot, or -1 when the table is full.</returns>
    public int Add(in IpAddr host, byte group, uint now)
    {
        if (_count == maxHosts)
        {
            Refused++;
            return -1;
        }
        var slot = _count++;
        ref var slab = ref _slabs[slot >> SlabBits];
        if (slab == null) slab = (HostCounters*)HugePages.Allocate((nuint)SlabSize * (nuint)sizeof(HostCounters));
        ref var counters = ref At(slot);
        counters = default;
        counters.Key = host;
        counters.Group = group;
        counters.Directions[HostCounters.In].At = counters.Directions[HostCounters.Out].At = now;
        _index.Add(host, slot);
        return slot;
    }

    /// <summary>Drops every host idle for longer than given and not watched. Slots change: only between batches.</summary>
    /// <returns>Hosts dropped.</returns>
    /// <param name="moved">Told the new slot of each watched host.</param>
    public int Compact(uint now, uint idleMilliseconds, Action<ushort, int> moved)
    {
        var kept = 0;
        _index.Clear();
        for (var slot = 0; slot < _count; slot++)
        {
            ref var counters = ref At(slot);
            var idle = Math.Min(now - counters.Directions[HostCounters.In].At, now - counters.Directions[HostCounters.Out].At);
            if (idle > idleMilliseconds && counters.Watch == 0) continue;
            if (kept != slot) At(kept) = counters;
            _index.Add(counters.Key, kept);
            if (counters.Watch != 0) moved(counters.Watch, kept);
            kept++;
        }
        var dropped = _count - kept;
        _count = kept;
        return dropped;
    }

    public void Dispose()
    {
        for (var i = 0; i < _slabs.Length; i++)
        {
            NativeMemory.AlignedFree(_slabs[i]);
            _slabs[i] = null;
        }
        _index.Dispose();
        GC.SuppressFinalize(this);
    }

    ~HostTable() => Dispose();
}
