using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using Breakwater.Core.Net;

namespace Breakwater.Core.Behaviour;

/// <summary>What a behaviour remembers of one host.</summary>
internal interface IHostState
{
    /// <summary>The host with the lowest makes room first; 0 when nothing speaks against it.</summary>
    int Worth { get; }
}

/// <summary>A small state for each of many hosts. Bounded: a host with nothing against it makes room, of equals the one silent for longest. Allocates only when it grows.</summary>
internal sealed class HostStates<TState> where TState : unmanaged, IHostState
{
    private const int Ways = 4;
    private const int FirstSets = 256;

    private struct Entry
    {
        public IpAddr Host;
        public uint Seen;
        public TState State;
    }

    private readonly int _maxSets;
    private Entry[] _entries = new Entry[FirstSets * Ways];
    private uint _mask = FirstSets - 1;

    /// <param name="maxHosts">Rounded down to a power of two; at least 1,024.</param>
    public HostStates(int maxHosts) => _maxSets = Math.Max(FirstSets, (int)(BitOperations.RoundUpToPowerOf2((uint)maxHosts + 1) / 2 / Ways));

    public int Count { get; private set; }

    /// <summary>Hosts that had to make room while something spoke against them.</summary>
    public long Forgotten { get; private set; }

    /// <summary>Asks the processor to fetch what <see cref="Find"/> will look at first.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public unsafe void Prefetch(in IpAddr host)
    {
        if (!Sse.IsSupported) return;
        // Wherever the collector moves the array meanwhile: asking for the wrong octets does no harm.
        var set = (byte*)Unsafe.AsPointer(ref _entries[((uint)host.Hash64() & _mask) * Ways]);
        Sse.Prefetch0(set);
        Sse.Prefetch0(set + 64);
    }

    /// <summary>The state of a host that is known.</summary>
    /// <returns>A null reference for a host that is not: <see cref="Unsafe.IsNullRef{T}"/>.</returns>
    public ref TState Find(in IpAddr host, uint now)
    {
        var set = Set((uint)host.Hash64());
        for (var way = 0; way < Ways; way++)
        {
            ref var entry = ref set[way];
            if (entry.Host != host) continue;
            entry.Seen = now;
            return ref entry.State;
        }
        return ref Unsafe.NullRef<TState>();
    }

    /// <summary>The state of a host, cleared when it is new.</summary>
    /// <param name="now">Milliseconds of the traffic's time, going round.</param>
    public ref TState FindOrAdd(in IpAddr host, uint now, out bool isNew)
    {
        isNew = false;
        ref var known = ref Find(host, now);
        if (!Unsafe.IsNullRef(ref known)) return ref known;
        isNew = true;
        var hash = (uint)host.Hash64();
        ref var place = ref Room(Set(hash), now);
        if (!place.Host.IsNone && _mask + 1 < _maxSets)
        {
            Grow();
            place = ref Room(Set(hash), now);
        }
        if (place.Host.IsNone) Count++;
        else if (place.State.Worth > 0) Forgotten++;
        place = new Entry { Host = host, Seen = now };
        return ref place.State;
    }

    /// <summary>Tells of every host that is known.</summary>
    public void Visit(Action<IpAddr> visit)
    {
        foreach (ref readonly var entry in _entries.AsSpan())
            if (!entry.Host.IsNone) visit(entry.Host);
    }

    private static ref Entry Room(Span<Entry> set, uint now)
    {
        ref var least = ref set[0];
        foreach (ref var entry in set)
        {
            if (entry.Host.IsNone) return ref entry;
            var worth = entry.State.Worth.CompareTo(least.State.Worth);
            if (worth < 0 || (worth == 0 && now - entry.Seen > now - least.Seen)) least = ref entry;
        }
        return ref least;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Span<Entry> Set(uint hash) => MemoryMarshal.CreateSpan(ref _entries[(hash & _mask) * Ways], Ways);

    private void Grow()
    {
        var old = _entries;
        _entries = new Entry[old.Length * 2];
        _mask = _mask * 2 + 1;
        foreach (ref var entry in old.AsSpan())
        {
            if (entry.Host.IsNone) continue;
            foreach (ref var place in Set((uint)entry.Host.Hash64()))
            {
                if (!place.Host.IsNone) continue;
                place = entry;
                break;
            }
        }
    }
}
