using System.Runtime.CompilerServices;

namespace Breakwater.Core.Sketches;

/// <summary>The heaviest keys of a stream, in a table of fixed size. Adding costs O(log capacity) and allocates nothing.</summary>
/// <remarks>
/// Metwally, Agrawal, El Abbadi, "Efficient Computation of Frequent and Top-k Elements in Data Streams" (2005). Every key whose
/// true weight is more than <see cref="Total"/>/capacity is in the table; no count is too low, and none is too high by more than its error.
/// </remarks>
public sealed class SpaceSaving<TKey> where TKey : struct, IEquatable<TKey>, IComparable<TKey>
{
    private readonly Dictionary<TKey, int> _slotOf;
    private readonly HeavyHitter<TKey>[] _slots;

    // A binary heap of slots, the lightest on top, and where in it each slot is.
    private readonly int[] _heap;
    private readonly int[] _placeOf;

    /// <param name="capacity">Keys held at most, from 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">The capacity is below 1.</exception>
    public SpaceSaving(int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        _slotOf = new Dictionary<TKey, int>(capacity);
        _slots = new HeavyHitter<TKey>[capacity];
        _heap = new int[capacity];
        _placeOf = new int[capacity];
    }

    /// <summary>Keys held now.</summary>
    public int Count { get; private set; }

    public int Capacity => _slots.Length;

    /// <summary>Weight added so far, of all keys; stops at <see cref="long.MaxValue"/>.</summary>
    public long Total { get; private set; }

    /// <param name="key">The key.</param>
    /// <param name="weight">Packets or octets; nothing happens for 0 or less.</param>
    public void Add(TKey key, long weight = 1)
    {
        if (weight <= 0) return;
        Total = Sum(Total, weight);
        if (_slotOf.TryGetValue(key, out var slot))
        {
            ref var held = ref _slots[slot];
            held = held with { Count = Sum(held.Count, weight) };
            SinkFrom(_placeOf[slot]);
        }
        else if (Count < Capacity)
        {
            slot = Count++;
            _slots[slot] = new HeavyHitter<TKey>(key, weight, 0);
            _slotOf.Add(key, slot);
            _heap[slot] = slot;
            _placeOf[slot] = slot;
            RiseFrom(slot);
        }
        else
        {
            // The newcomer takes the lightest key's place and inherits its count: that much of it may be somebody else's.
            slot = _heap[0];
            var lightest = _slots[slot];
            _slotOf.Remove(lightest.Key);
            _slotOf.Add(key, slot);
            _slots[slot] = new HeavyHitter<TKey>(key, Sum(lightest.Count, weight), lightest.Count);
            SinkFrom(0);
        }
    }

    /// <returns>False when the key is not held: its weight is at most that of the lightest key held.</returns>
    public bool TryFind(TKey key, out HeavyHitter<TKey> hitter)
    {
        var found = _slotOf.TryGetValue(key, out var slot);
        hitter = found ? _slots[slot] : default;
        return found;
    }

    /// <summary>The heaviest keys, heaviest first, equal ones in the order of the keys; at most <paramref name="count"/>.</summary>
    public IReadOnlyList<HeavyHitter<TKey>> Top(int count)
    {
        var held = _slots.AsSpan(0, Count).ToArray();
        Array.Sort(held, static (a, b) => a.Count != b.Count ? b.Count.CompareTo(a.Count) : a.Key.CompareTo(b.Key));
        return held.Length <= count ? held : held[..Math.Max(0, count)];
    }

    /// <summary>Forgets everything and keeps the memory.</summary>
    public void Clear()
    {
        _slotOf.Clear();
        Count = 0;
        Total = 0;
    }

    private void SinkFrom(int place)
    {
        var slot = _heap[place];
        while (true)
        {
            var child = 2 * place + 1;
            if (child >= Count) break;
            if (child + 1 < Count && Weight(child + 1) < Weight(child)) child++;
            if (Weight(child) >= _slots[slot].Count) break;
            Put(place, _heap[child]);
            place = child;
        }
        Put(place, slot);
    }

    private void RiseFrom(int place)
    {
        var slot = _heap[place];
        while (place > 0 && Weight((place - 1) / 2) > _slots[slot].Count)
        {
            Put(place, _heap[(place - 1) / 2]);
            place = (place - 1) / 2;
        }
        Put(place, slot);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private long Weight(int place) => _slots[_heap[place]].Count;

    private void Put(int place, int slot)
    {
        _heap[place] = slot;
        _placeOf[slot] = place;
    }

    private static long Sum(long a, long b) => a > long.MaxValue - b ? long.MaxValue : a + b;
}

/// <param name="Key">The key.</param>
/// <param name="Count">Its weight, never too low.</param>
/// <param name="Error">How much of <see cref="Count"/> may be other keys' weight.</param>
public readonly record struct HeavyHitter<TKey>(TKey Key, long Count, long Error) where TKey : struct
{
    /// <summary>What certainly is the key's own.</summary>
    public long AtLeast => Count - Error;
}
