using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Breakwater.Core.Behaviour.Beacons;

/// <summary>How often each of very many pairs called, until it is often enough to look closely. Of fixed size; of four that share a place the one silent for longest leaves.</summary>
internal sealed class CallCounts
{
    private const int Ways = 4;

    private readonly Entry[] _entries;
    private readonly uint _mask;

    private struct Entry
    {
        public ulong Fingerprint;
        public uint Last;
        public uint Count;
    }

    /// <param name="capacity">Pairs counted at most; rounded down to a power of two.</param>
    public CallCounts(int capacity)
    {
        var sets = Math.Max(1, BitOperations.RoundUpToPowerOf2((uint)capacity + 1) / 2 / Ways);
        _entries = new Entry[sets * Ways];
        _mask = sets - 1;
    }

    /// <summary>Asks the processor to fetch what <see cref="Add"/> will look at.</summary>
    public unsafe void Prefetch(ulong fingerprint)
    {
        // Wherever the collector moves the array meanwhile: asking for the wrong octets does no harm.
        if (Sse.IsSupported) Sse.Prefetch0(Unsafe.AsPointer(ref _entries[(int)((uint)(fingerprint >> 24) & _mask) * Ways]));
    }

    /// <param name="fingerprint">A well-mixed hash of the pair; not 0.</param>
    /// <param name="seconds">Time of the call.</param>
    /// <returns>Calls of the pair so far, with this one.</returns>
    public uint Add(ulong fingerprint, uint seconds)
    {
        var set = _entries.AsSpan((int)((uint)(fingerprint >> 24) & _mask) * Ways, Ways);
        ref var oldest = ref set[0];
        foreach (ref var entry in set)
        {
            if (entry.Fingerprint == fingerprint)
            {
                entry.Last = seconds;
                return ++entry.Count;
            }
            if (entry.Last < oldest.Last) oldest = ref entry;
        }
        oldest = new Entry { Fingerprint = fingerprint, Last = seconds, Count = 1 };
        return 1;
    }
}
