using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Breakwater.Core.Metering;

namespace Breakwater.Core.Behaviour;

/// <summary>Remembers which things came before, by hash: the newest in each of many buckets. Of fixed size; memory is taken as it fills.</summary>
/// <remarks>A bucket of sixteen fingerprints is one cache line. A thing never seen is taken for known once in 2^28; a thing forgotten counts as new.</remarks>
internal sealed unsafe class PairMemory : IDisposable
{
    private const int Slots = 16;

    private readonly void* _memory;
    private readonly uint* _buckets;
    private readonly uint _mask;

    /// <param name="capacity">Things remembered at most; rounded down to a power of two.</param>
    public PairMemory(int capacity)
    {
        var buckets = Math.Max(1, BitOperations.RoundUpToPowerOf2((uint)capacity + 1) / 2 / Slots);
        _mask = buckets - 1;
        // Cleared by the system when touched first, so that a small network costs little.
        _buckets = (uint*)HugePages.AllocateZeroed((nuint)buckets * Slots * sizeof(uint), out _memory);
    }

    /// <summary>Asks the processor to fetch what <see cref="Add"/> will look at.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Prefetch(ulong hash)
    {
        if (Sse.IsSupported) Sse.Prefetch0(_buckets + ((uint)hash & _mask) * Slots);
    }

    /// <summary>Remembers a thing.</summary>
    /// <param name="hash">A well-mixed hash of it.</param>
    /// <returns>True when it was not known.</returns>
    public bool Add(ulong hash)
    {
        var bucket = _buckets + ((uint)hash & _mask) * Slots;
        var fingerprint = (uint)(hash >> 32) | 1;
        var (newer, older) = (Vector256.Load(bucket), Vector256.Load(bucket + 8));
        var same = Vector256.Create(fingerprint);
        if ((Vector256.Equals(newer, same) | Vector256.Equals(older, same)) != Vector256<uint>.Zero) return false;
        // All move on by one, and the oldest falls out.
        older = Vector256.Load(bucket + 7);
        older.Store(bucket + 8);
        newer.Store(bucket + 1);
        *bucket = fingerprint;
        return true;
    }

    public void Dispose()
    {
        NativeMemory.Free(_memory);
        GC.SuppressFinalize(this);
    }

    ~PairMemory() => NativeMemory.Free(_memory);
}
