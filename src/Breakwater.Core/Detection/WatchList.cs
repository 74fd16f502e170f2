using Breakwater.Core.Flows;
using Breakwater.Core.Net;

namespace Breakwater.Core.Detection;

/// <summary>The bounded set of watches. A full list takes a target near its threshold in place of an ordinary one.</summary>
public sealed class WatchList
{
    private readonly Watch[] _watches;
    private readonly Stack<ushort> _free = new();
    private readonly ComponentPool _pool;
    private readonly List<Watch> _active = [];
    private int _hand;

    /// <param name="capacity">Watches at once, 1 to 65535.</param>
    public WatchList(int capacity)
    {
        _watches = new Watch[capacity + 1];
        // Most targets show a few kinds of traffic; complex ones may have more while others have fewer.
        _pool = new ComponentPool(capacity * 6);
        for (var number = capacity; number >= 1; number--) _free.Push((ushort)number);
    }

    public IReadOnlyList<Watch> Active => _active;

    /// <summary>Targets that deserved a watch and found the list full.</summary>
    public long Refused { get; private set; }

    /// <summary>True when new kinds of traffic would soon find no room: ordinary watches should end.</summary>
    internal bool IsCrowded => _pool.IsCrowded;

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
        watch.Place = _active.Count;
        _active.Add(watch);
        return watch;
    }

    /// <summary>Ends the least busy of a few watches that have no alarm and no incident, so that a suspect finds room.</summary>
    /// <param name="released">Told the watch before it is cleared.</param>
    /// <returns>False when every watch looked at matters.</returns>
    internal bool TryEvict(Action<Watch> released)
    {
        const int looks = 32;
        Watch? least = null;
        for (var i = 0; i < Math.Min(looks, _active.Count); i++)
        {
            _hand = (_hand + 1) % _active.Count;
            var watch = _active[_hand];
            if (watch.Alarm is not null || watch.AttackIn.Count + watch.AttackOut.Count > 0) continue;
            if (least is null || watch.In.SampledPackets + watch.Out.SampledPackets < least.In.SampledPackets + least.Out.SampledPackets) least = watch;
        }
        if (least is null) return false;
        released(least);
        Release(least);
        return true;
    }

    /// <summary>Ends a watch; its target's counters must not name it any more.</summary>
    internal void Release(Watch watch)
    {
        watch.Release();
        _free.Push(watch.Number);
        var last = _active[^1];
        _active[watch.Place] = last;
        last.Place = watch.Place;
        _active.RemoveAt(_active.Count - 1);
    }
}
