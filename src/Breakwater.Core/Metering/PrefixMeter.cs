using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Breakwater.Core.Flows;
using Breakwater.Core.Net;

namespace Breakwater.Core.Metering;

/// <summary>Inbound traffic of prefixes above the host, each against a threshold that it learns: no configuration knows what a /24 carries.</summary>
/// <remarks>
/// The threshold is the host group's, or four times the prefix's own ordinary rate where that is more. The ordinary rate is
/// an average over two minutes that stands still while the prefix is above it, so that an attack does not teach.
/// </remarks>
internal sealed class PrefixMeter(int maxPrefixes)
{
    /// <summary>Times the ordinary rate that count as too much.</summary>
    private const float Excess = 4f;

    /// <summary>Seconds of traffic before the average is trusted.</summary>
    private const float LearningSeconds = 2f;

    private const float AveragingSeconds = 120f;

    private readonly AddressIndex _v4 = new();
    private readonly AddressIndex _v6 = new();
    private readonly List<int> _touched = [];
    private Cell[] _cells = new Cell[256];

    internal struct Cell
    {
        /// <summary>Sums since the last tick, and one over the threshold's denominator: the average rate.</summary>
        public Vector256<float> Sum;
        public Vector256<float> Average;
        public Vector256<float> Level;
        public Prefix Prefix;
        public Timestamp At;

        /// <summary>Seconds of traffic that the average is made of.</summary>
        public float Learned;
        public ushort Watch;
        public byte Group;
        public bool Touched;
    }

    public int Count { get; private set; }

    /// <summary>New prefixes that found no room.</summary>
    public long Refused { get; private set; }

    /// <returns>The slot, or -1 when the table is full.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int FindOrAdd(in IpAddr host, byte group, Timestamp now)
    {
        var v4 = host.IsV4;
        var key = v4 ? IpAddr.V4(host.V4Bits & 0xFFFF_FF00) : new IpAddr(host.High, 0);
        var index = v4 ? _v4 : _v6;
        var slot = index.Find(key);
        return slot >= 0 ? slot : AddPrefix(index, key, group, now);
    }

    /// <returns>The slot, or -1 for a prefix not seen yet.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Find(in IpAddr host) => host.IsV4 ? _v4.Find(IpAddr.V4(host.V4Bits & 0xFFFF_FF00)) : _v6.Find(new IpAddr(host.High, 0));

    public ref Cell At(int slot) => ref _cells[slot];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(int slot, Vector256<float> amounts)
    {
        ref var cell = ref _cells[slot];
        cell.Sum += amounts;
        if (cell.Touched) return;
        cell.Touched = true;
        _touched.Add(slot);
    }

    /// <summary>Judges every prefix that had traffic since the last tick.</summary>
    /// <param name="inverseThresholds">By host group.</param>
    /// <param name="alarmLevel">Level in seconds of threshold above which <paramref name="alarm"/> is called.</param>
    public void Tick(Timestamp now, Vector256<float>[] inverseThresholds, float alarmLevel, Action<int, int, double> alarm)
    {
        for (var i = _touched.Count - 1; i >= 0; i--)
        {
            var slot = _touched[i];
            ref var cell = ref _cells[slot];
            var seconds = Math.Max((float)(now - cell.At).TotalSeconds, 0.001f);
            var floor = Vector256<float>.One / inverseThresholds[cell.Group];
            var threshold = Vector256.Max(floor, cell.Average * Excess);
            cell.Level = Vector256.Max(cell.Level - Vector256.Create(seconds), Vector256<float>.Zero) + cell.Sum / threshold;
            var rate = cell.Sum / seconds;
            var quiet = !Vector256.GreaterThanAny(cell.Level, Vector256.Create(alarmLevel / 4));
            if (quiet || cell.Learned < LearningSeconds)
            {
                // A mean over what there is, until there is enough for the running average.
                cell.Learned = Math.Min(cell.Learned + Math.Min(seconds, 1f), AveragingSeconds);
                var weight = Math.Min(1f, seconds / Math.Max(cell.Learned, seconds));
                cell.Average += (rate - cell.Average) * weight;
            }
            if (cell.Learned >= LearningSeconds && Vector256.GreaterThanAny(cell.Level, Vector256.Create(alarmLevel)))
            {
                var lane = 0;
                for (var l = 1; l < 8; l++)
                    if (cell.Level[l] > cell.Level[lane]) lane = l;
                alarm(slot, lane, threshold[lane]);
            }
            cell.Level = Vector256.Min(cell.Level, Vector256.Create(60f));
            cell.Sum = Vector256<float>.Zero;
            cell.At = now;
            cell.Touched = false;
        }
        _touched.Clear();
    }

    private int AddPrefix(AddressIndex index, in IpAddr key, byte group, Timestamp now)
    {
        if (Count == maxPrefixes)
        {
            Refused++;
            return -1;
        }
        if (Count == _cells.Length) Array.Resize(ref _cells, Math.Min(maxPrefixes, _cells.Length * 2));
        var slot = Count++;
        _cells[slot] = new Cell { Prefix = new Prefix(key, key.IsV4 ? 24 : 64), Group = group, At = now };
        index.Add(key, slot);
        return slot;
    }
}
