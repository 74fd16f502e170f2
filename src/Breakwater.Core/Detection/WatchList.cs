using Breakwater.Core.Flows;
using Breakwater.Core.Net;

namespace Breakwater.Core.Detection;

/// <summary>The bounded set of watches. A full list takes a new target only in place of one that has fallen silent.</summary>
public sealed class WatchList
{
    private readonly Watch[] _watches;
    private readonly Stack<ushort> _free = new();
    private readonly ComponentPool _pool;
    private readonly List<Watch> _active = [];

    /// <param name="capacity">Watches at once, 1 to 65535.</param>
    public WatchList(int capacity)
    {
        _watches = new Watch[capacity + 1];
        // Eight kinds of traffic a target is a lot; a few complex targets may have more while others have fewer.
        _pool = new ComponentPool(capacity * 8);
        for (var number = capacity; number >= 1; number--) _free.Push((ushort)number);
    }

    public int Capacity => _watches.Length - 1;
    public IReadOnlyList<Watch> Active => _active;

    /// <summary>Targets that deserved a watch and found the list full.</summary>
    public long Refused { get; private set; }

    /// <summary>0 when empty, 1 when full.</summary>
    public double Fullness => (double)_active.Count / Capacity;

    internal Watch At(ushort number) => _watches[number];

    internal Watch? TryStart(Prefix target, bool isPrefix, int group, int slot, Timestamp now)
    {
        if (!_free.TryPop(out var number))
        {
            Refused++;
            return null;
        }
        var watch = _watches[number] ??= new Watch(number, _pool);
        watch.Start(target, isPrefix, group, slot, now);
        _active.Add(watch);
        return watch;
    }

    /// <summary>Ends every watch that the predicate names.</summary>
    /// <param name="released">Told each one before it is cleared, to take its number off the counters.</param>
    internal void Release(Predicate<Watch> which, Action<Watch> released)
    {
        for (var i = _active.Count - 1; i >= 0; i--)
        {
            var watch = _active[i];
            if (!which(watch)) continue;
            released(watch);
            watch.Release();
            _free.Push(watch.Number);
            _active[i] = _active[^1];
            _active.RemoveAt(_active.Count - 1);
        }
    }
}
