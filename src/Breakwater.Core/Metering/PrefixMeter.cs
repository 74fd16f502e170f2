using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Breakwater.Core.Detection;
using Breakwater.Core.Flows;
using Breakwater.Core.Net;

namespace Breakwater.Core.Metering;

/// <summary>Inbound traffic of prefixes above the host, each against a threshold that it learns: no configuration knows what a /24 carries.</summary>
/// <remarks>
/// <para>The threshold is the host group's, or four times the prefix's own ordinary rate where that is more. The ordinary rate is
/// an average over two minutes that stands still while the prefix is above it, so that an attack does not teach.</para>
/// <para>Flows are counted for /24 and /64 only. At each tick their sums go up, level by level, as far as home reaches: so an
/// attack spread too thin for any /24 shows at the smallest prefix that holds it. What has its alarm already does not
/// go up, and a prefix that gets nearly everything through one of its parts leaves the alarm to others: one hot /24 is not
/// an attack on its /16. After hierarchical heavy hitters (Mitzenmacher, Steinke, Thaler 2012).</para>
/// </remarks>
internal sealed class PrefixMeter(int maxPrefixes, HomeNetwork home)
{
    private const int LeafV4 = 24, LeafV6 = 64;

    /// <summary>Bits from one level to the next: IPv6 is handed out by the nibble.</summary>
    private const int StepV4 = 1, StepV6 = 4;

    private const int MaxDepth = LeafV4 / StepV4;

    /// <summary>Times the ordinary rate that count as too much.</summary>
    private const float Excess = 4f;

    /// <summary>Seconds of traffic before the average is trusted.</summary>
    private const float LearningSeconds = 2f;

    private const float AveragingSeconds = 120f;

    /// <summary>Beyond this share of a prefix's traffic one part is what it is about, not the prefix.</summary>
    /// <remarks>1 − 1/<see cref="Excess"/>: above four times the ordinary, the ordinary of the others alone never balances one part's attack.</remarks>
    private const float Dominance = 1 - 1 / Excess;

    private readonly AddressIndex _v4 = new();
    private readonly AddressIndex _v6 = new();

    /// <summary>Prefixes with traffic since the last tick, by their levels above the leaf.</summary>
    private readonly List<int>[] _touched = [.. Enumerable.Range(0, MaxDepth + 1).Select(_ => new List<int>())];
    private Cell[] _cells = new Cell[256];

    /// <summary>The most that one part brought since the last tick; for prefixes above the leaf.</summary>
    private Vector256<float>[] _largest = new Vector256<float>[256];
    private Timestamp _since;

    /// <summary>A prefix above the leaf that had traffic since the last tick is watched.</summary>
    private bool _wideWatched;

    internal struct Cell
    {
        /// <summary>What came since the last tick. With the four fields after it, all that a flow changes or looks at.</summary>
        public Vector256<float> Sum;
        public ushort Watch;
        public byte Group;

        /// <summary>Levels above the leaf.</summary>
        public byte Depth;
        public bool Touched;

        /// <summary>Seconds of traffic that the average is made of.</summary>
        public float Learned;
        public Timestamp At;

        /// <summary>Slot of the next wider prefix plus one; 0 when not looked for yet, -1 when home ends here.</summary>
        public int Parent;
        public Prefix Prefix;

        /// <summary>The ordinary rate, per second.</summary>
        public Vector256<float> Average;
        public Vector256<float> Level;
    }

    public int Count { get; private set; }

    /// <summary>New prefixes that found no room and are counted with a wider one.</summary>
    public long Refused { get; private set; }

    /// <returns>The slot, or -1 when the table is full.</returns>
    public int FindOrAdd(in IpAddr host, byte group, Timestamp now)
    {
        var v4 = host.IsV4;
        var key = v4 ? IpAddr.V4(host.V4Bits & 0xFFFF_FF00) : new IpAddr(host.High, 0);
        var index = v4 ? _v4 : _v6;
        var slot = index.Find(key);
        return slot >= 0 ? slot : AddLeaf(index, key, group, now);
    }

    /// <returns>The slot, or -1 for a prefix not seen yet.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Find(in IpAddr host) => host.IsV4 ? FindV4(host.V4Bits) : _v6.Find(new IpAddr(host.High, 0));

    /// <summary>The same of an IPv4 host by its bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int FindV4(uint host) => _v4.FindV4(host & 0xFFFF_FF00);

    public ref Cell At(int slot) => ref _cells[slot];

    /// <summary>Asks the processor to fetch what <see cref="Add"/> will change.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public unsafe void Prefetch(int slot)
    {
        if (Sse.IsSupported) Sse.Prefetch0(Unsafe.AsPointer(ref _cells[slot]));
    }

    /// <returns>Number of the watch on the prefix, 0 for none.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ushort Add(int slot, Vector256<float> amounts)
    {
        ref var cell = ref _cells[slot];
        cell.Sum += amounts;
        if (!cell.Touched) Touch(slot);
        return cell.Watch;
    }

    private void Touch(int slot)
    {
        ref var cell = ref _cells[slot];
        cell.Touched = true;
        _touched[cell.Depth].Add(slot);
    }

    /// <summary>Takes the watch off a prefix, and off those below that were watched with it.</summary>
    public void Unwatch(int slot)
    {
        var number = _cells[slot].Watch;
        _cells[slot].Watch = 0;
        if (_cells[slot].Depth == 0 || number == 0) return;
        foreach (ref var cell in _cells.AsSpan(0, Count))
            if (cell.Watch == number) cell.Watch = 0;
    }

    /// <summary>Judges every prefix that had traffic since the last tick, the narrowest first.</summary>
    /// <param name="inverseThresholds">By host group.</param>
    /// <param name="alarmLevel">Level in seconds of threshold above which <paramref name="alarm"/> is called.</param>
    /// <param name="alarm">Slot, lane and threshold; may put a watch on the slot.</param>
    public void Tick(Timestamp now, Vector256<float>[] inverseThresholds, float alarmLevel, Action<int, int, double> alarm)
    {
        foreach (var touched in _touched)
            for (var i = touched.Count - 1; i >= 0; i--) Judge(touched[i], now, inverseThresholds, alarmLevel, alarm);
        if (_wideWatched) ShareWatches();
        _wideWatched = false;
        foreach (var touched in _touched) touched.Clear();
    }

    private void Judge(int slot, Timestamp now, Vector256<float>[] inverseThresholds, float alarmLevel, Action<int, int, double> alarm)
    {
        // May make the table grow, so before any reference into it.
        var parent = ParentOf(slot, now);
        ref var cell = ref _cells[slot];
        var seconds = Math.Max((float)(now - cell.At).TotalSeconds, 0.001f);
        var floor = Vector256<float>.One / inverseThresholds[cell.Group];
        var threshold = Vector256.Max(floor, cell.Average * Excess);
        // Of a wider prefix's traffic counts what does not come by a single part of it.
        var spread = cell.Depth == 0 ? cell.Sum : Vector256.Min(cell.Sum, Vector256.Max(cell.Sum - _largest[slot], Vector256<float>.Zero) / (1 - Dominance));
        cell.Level = Vector256.Max(cell.Level - Vector256.Create(seconds), Vector256<float>.Zero) + spread / threshold;
        var rate = cell.Sum / seconds;
        var ordinary = cell.Average * seconds;
        var quiet = !Vector256.GreaterThanAny(cell.Level, Vector256.Create(alarmLevel / 4));
        if (quiet || cell.Learned < LearningSeconds)
        {
            // A mean over what there is, until there is enough for the running average.
            cell.Learned = Math.Min(cell.Learned + Math.Min(seconds, 1f), AveragingSeconds);
            var weight = Math.Min(1f, seconds / Math.Max(cell.Learned, seconds));
            cell.Average += (rate - cell.Average) * weight;
        }
        var alarmed = cell.Learned >= LearningSeconds && Vector256.GreaterThanAny(cell.Level, Vector256.Create(alarmLevel));
        if (alarmed)
        {
            var lane = 0;
            for (var l = 1; l < 8; l++)
                if (cell.Level[l] > cell.Level[lane]) lane = l;
            alarm(slot, lane, threshold[lane]);
        }
        _wideWatched |= cell.Depth > 0 && cell.Watch != 0;
        if (parent >= 0)
        {
            var part = alarmed ? Vector256.Min(cell.Sum, ordinary) : cell.Sum;
            Add(parent, part);
            _largest[parent] = Vector256.Max(_largest[parent], part);
        }
        cell.Level = Vector256.Min(cell.Level, Vector256.Create(60f));
        cell.Sum = Vector256<float>.Zero;
        _largest[slot] = Vector256<float>.Zero;
        cell.At = now;
        cell.Touched = false;
    }

    /// <summary>Flows are handed to the watch of their leaf: below a watched prefix, that is the prefix's.</summary>
    private void ShareWatches()
    {
        foreach (var slot in _touched[0])
        {
            ref var leaf = ref _cells[slot];
            for (var parent = leaf.Parent; leaf.Watch == 0 && parent > 0; parent = _cells[parent - 1].Parent) leaf.Watch = _cells[parent - 1].Watch;
        }
    }

    /// <returns>The slot, or -1 where home ends or there is no room.</returns>
    private int ParentOf(int slot, Timestamp now)
    {
        var known = _cells[slot].Parent;
        if (known != 0) return known > 0 ? known - 1 : -1;
        var (prefix, group) = (_cells[slot].Prefix, _cells[slot].Group);
        var length = prefix.Length - (prefix.IsV4 ? StepV4 : StepV6);
        if (home.OutermostOf(prefix.Address) is not { } widest || length < widest.Length)
        {
            _cells[slot].Parent = -1;
            return -1;
        }
        var parent = FindOrAddWide(prefix.Address, length, group, now);
        if (parent >= 0) _cells[slot].Parent = parent + 1;
        return parent;
    }

    private int FindOrAddWide(in IpAddr address, int length, byte group, Timestamp now)
    {
        var prefix = Prefix.Of(address, length);
        var index = address.IsV4 ? _v4 : _v6;
        var key = KeyOf(prefix);
        var slot = index.Find(key);
        if (slot >= 0) return slot;
        if (Count == maxPrefixes) return -1;
        var depth = address.IsV4 ? (LeafV4 - length) / StepV4 : (LeafV6 - length) / StepV6;
        return AddCell(index, key, new Cell { Prefix = prefix, Group = group, At = now, Depth = (byte)depth });
    }

    /// <summary>A quarter of the room is for wider prefixes: they still count what no leaf has room for.</summary>
    private int AddLeaf(AddressIndex index, in IpAddr key, byte group, Timestamp now)
    {
        if (Count < maxPrefixes - maxPrefixes / 4) return AddCell(index, key, new Cell { Prefix = new Prefix(key, key.IsV4 ? LeafV4 : LeafV6), Group = group, At = now });
        Refused++;
        if (home.OutermostOf(key) is not { } widest) return -1;
        var step = key.IsV4 ? StepV4 : StepV6;
        for (var length = (key.IsV4 ? LeafV4 : LeafV6) - step; length >= widest.Length; length -= step)
        {
            var slot = index.Find(KeyOf(Prefix.Of(key, length)));
            if (slot >= 0) return slot;
        }
        var top = (key.IsV4 ? LeafV4 : LeafV6) - widest.Length;
        return top < step ? -1 : FindOrAddWide(key, (key.IsV4 ? LeafV4 : LeafV6) - top / step * step, group, now);
    }

    private int AddCell(AddressIndex index, in IpAddr key, Cell cell)
    {
        if (Count == _cells.Length)
        {
            Array.Resize(ref _cells, Math.Min(maxPrefixes, _cells.Length * 2));
            Array.Resize(ref _largest, _cells.Length);
        }
        var slot = Count++;
        if (slot == 0) _since = cell.At;
        _cells[slot] = cell;
        // Silence until now is what is ordinary.
        _cells[slot].Learned = Math.Min((float)(cell.At - _since).TotalSeconds, AveragingSeconds);
        index.Add(key, slot);
        return slot;
    }

    /// <summary>Bits that no leaf's address has set tell the levels apart.</summary>
    private static IpAddr KeyOf(Prefix prefix) =>
        prefix.IsV4 ? IpAddr.V4(prefix.Address.V4Bits | prefix.Length) : new IpAddr(prefix.Address.High, prefix.Length);
}
