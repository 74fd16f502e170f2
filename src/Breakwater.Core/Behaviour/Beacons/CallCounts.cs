using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using Breakwater.Core.Metering;

namespace Breakwater.Core.Behaviour.Beacons;

/// <summary>How often each of very many pairs called, until it is often enough to look closely. Of fixed size; of four that share a place the one silent for longest leaves.</summary>
/// <remarks>Four of them are one cache line, and memory is taken as it fills.</remarks>
internal sealed unsafe class CallCounts : IDisposable
{
    private const int Ways = 4;

    private readonly void* _memory;
    private readonly Entry* _entries;
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
        _entries = (Entry*)HugePages.AllocateZeroed((nuint)sets * Ways * (nuint)sizeof(Entry), out _memory);
        _mask = sets - 1;
    }

    /// <summary>Asks the processor to fetch what <see cref="Add"/> will look at.</summary>
    public void Prefetch(ulong fingerprint)
    {
        if (Sse.IsSupported) Sse.Prefetch0(SetOf(fingerprint));
    }

    /// <param name="fingerprint">A well-mixed hash of the pair; not 0.</param>
    /// <param name="seconds">Time of the call.</param>
    /// <returns>Calls of the pair so far, with this one.</returns>
    public uint Add(ulong fingerprint, uint seconds)
    {
        var set = new Span<Entry>(SetOf(fingerprint), Ways);
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

    public void Dispose()
    {
        NativeMemory.Free(_memory);
        GC.SuppressFinalize(this);
    }

    ~CallCounts() => NativeMemory.Free(_memory);

    private Entry* SetOf(ulong fingerprint) => _entries + (nuint)((uint)(fingerprint >> 24) & _mask) * Ways;
}
