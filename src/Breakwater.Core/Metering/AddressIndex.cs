using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using Breakwater.Core.Net;

namespace Breakwater.Core.Metering;

/// <summary>Finds the slot of an address: two open-addressed tables outside the managed heap, one a family. Not thread-safe.</summary>
/// <remarks>
/// An IPv4 cell holds the whole address, so a hit needs no second look; an IPv6 cell holds 32 bits of the hash, and the
/// owner's copy of the key decides. Cells are 8 octets, at most one in two is used: a second look is a wrong guess.
/// </remarks>
internal sealed unsafe class AddressIndex : IDisposable
{
    private struct Cell
    {
        public uint Tag;

        /// <summary>Slot number plus one; 0 is an empty cell.</summary>
        public uint Slot;
    }

    private Cell* _v4;
    private Cell* _v6;
    private uint _v4Mask;
    private uint _v6Mask;
    private int _v4Count;
    private int _v6Count;
    private IpAddr[] _v6Keys = new IpAddr[256];

    public AddressIndex()
    {
        _v4 = Allocate(1024);
        _v6 = Allocate(256);
        _v4Mask = 1023;
        _v6Mask = 255;
    }

    public int Count => _v4Count + _v6Count;

    /// <summary>Asks the processor to fetch the cell that <see cref="Find"/> will look at first.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Prefetch(in IpAddr key)
    {
        if (!Sse.IsSupported) return;
        if (key.IsV4) Sse.Prefetch0(_v4 + (Hash(key.V4Bits) & _v4Mask));
        else Sse.Prefetch0(_v6 + ((uint)key.Hash64() & _v6Mask));
    }

    /// <returns>The slot, or -1.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Find(in IpAddr key) => key.IsV4 ? FindV4(key.V4Bits) : FindV6(key);

    /// <summary>The same of an IPv4 address by its bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int FindV4(uint key)
    {
        var cells = _v4;
        var mask = _v4Mask;
        for (var at = Hash(key) & mask; ; at = (at + 1) & mask)
        {
            var cell = cells[at];
            // An empty cell's slot is 0, and so is what it gives.
            if (cell.Tag == key || cell.Slot == 0) return (int)cell.Slot - 1;
        }
    }

    private int FindV6(in IpAddr key)
    {
        var hash = key.Hash64();
        var tag = (uint)(hash >> 32);
        for (var at = (uint)hash & _v6Mask; ; at = (at + 1) & _v6Mask)
        {
            ref var cell = ref _v6[at];
            if (cell.Slot == 0) return -1;
            if (cell.Tag == tag && _v6Keys[cell.Slot - 1] == key) return (int)cell.Slot - 1;
        }
    }

    /// <summary>Adds a key that is not there yet.</summary>
    public void Add(in IpAddr key, int slot)
    {
        if (key.IsV4)
        {
            if (++_v4Count * 2L > _v4Mask) Grow(ref _v4, ref _v4Mask, v4: true);
            Put(_v4, _v4Mask, Hash(key.V4Bits), key.V4Bits, (uint)slot + 1);
            return;
        }
        if (slot >= _v6Keys.Length) Array.Resize(ref _v6Keys, (int)BitOperations.RoundUpToPowerOf2((uint)slot + 1));
        _v6Keys[slot] = key;
        if (++_v6Count * 2L > _v6Mask) Grow(ref _v6, ref _v6Mask, v4: false);
        var hash = key.Hash64();
        Put(_v6, _v6Mask, (uint)hash, (uint)(hash >> 32), (uint)slot + 1);
    }

    /// <summary>Forgets every key; keeps the memory.</summary>
    public void Clear()
    {
        NativeMemory.Clear(_v4, (nuint)(_v4Mask + 1) * (nuint)sizeof(Cell));
        NativeMemory.Clear(_v6, (nuint)(_v6Mask + 1) * (nuint)sizeof(Cell));
        _v4Count = _v6Count = 0;
    }

    public void Dispose()
    {
        NativeMemory.AlignedFree(_v4);
        NativeMemory.AlignedFree(_v6);
        _v4 = _v6 = null;
        GC.SuppressFinalize(this);
    }

    ~AddressIndex() => Dispose();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Hash(uint key)
    {
        var x = key * 0x9E37_79B1u;
        return x ^ (x >> 15);
    }

    private static void Put(Cell* cells, uint mask, uint hash, uint tag, uint slot)
    {
        var at = hash & mask;
        while (cells[at].Slot != 0) at = (at + 1) & mask;
        cells[at] = new Cell { Tag = tag, Slot = slot };
    }

    private void Grow(ref Cell* cells, ref uint mask, bool v4)
    {
        var newMask = mask * 2 + 1;
        var bigger = Allocate(newMask + 1);
        for (uint at = 0; at <= mask; at++)
        {
            var cell = cells[at];
            if (cell.Slot == 0) continue;
            Put(bigger, newMask, v4 ? Hash(cell.Tag) : (uint)_v6Keys[cell.Slot - 1].Hash64(), cell.Tag, cell.Slot);
        }
        NativeMemory.AlignedFree(cells);
        cells = bigger;
        mask = newMask;
    }

    private static Cell* Allocate(uint cells)
    {
        var size = (nuint)cells * (nuint)sizeof(Cell);
        var memory = (Cell*)HugePages.Allocate(size);
        NativeMemory.Clear(memory, size);
        return memory;
    }
}
