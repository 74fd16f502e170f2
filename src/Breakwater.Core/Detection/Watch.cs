using System.Runtime.Intrinsics;
using Breakwater.Core.Flows;
using Breakwater.Core.Net;

namespace Breakwater.Core.Detection;

/// <summary>A threshold that was passed: which lane, in which direction.</summary>
/// <param name="Lane">Index into <c>Lanes</c>.</param>
/// <param name="Inbound">True for traffic towards home.</param>
/// <param name="Since">When the level was first passed in this run.</param>
/// <param name="Slow">True when long-lasting flow records passed it, counted over a minute.</param>
/// <param name="Threshold">Units per second; for a prefix the learned one.</param>
public readonly record struct LaneAlarm(int Lane, bool Inbound, Timestamp Since, bool Slow, double Threshold);

/// <summary>A host or prefix whose traffic is taken apart, in windows of half a minute.</summary>
public sealed class Watch
{
    /// <summary>Flows of earlier windows kept as "ordinary", for the collateral of a rule.</summary>
    public const int OrdinarySize = 512;

    private readonly List<Flow> _ordinary = [];
    private readonly Dictionary<TrafficKey, Rise> _rises = [];

    internal Watch(ushort number, ComponentPool pool)
    {
        Number = number;
        In = new TrafficProfile(pool);
        Out = new TrafficProfile(pool);
    }

    /// <summary>1 to 65535; what the counters carry.</summary>
    internal ushort Number { get; }
    internal int Slot { get; set; }

    /// <summary>Place in the list of active watches.</summary>
    internal int Place { get; set; }
    internal bool Queued { get; set; }
    internal long ExamineAt { get; set; }
    internal bool Used { get; set; }

    /// <summary>The most that a single record of the window added to each level.</summary>
    internal Vector256<float> Lump { get; set; }

    public Prefix Target { get; private set; }

    /// <summary>True for a prefix of several hosts.</summary>
    public bool IsPrefix { get; private set; }
    public int Group { get; private set; }

    /// <summary>When the running window began.</summary>
    public Timestamp Since { get; private set; }
    public Timestamp LastActive { get; internal set; }

    /// <summary>Traffic to and from the target in the running window.</summary>
    public TrafficProfile In { get; }
    public TrafficProfile Out { get; }

    /// <summary>The threshold passed in this window, null for none.</summary>
    public LaneAlarm? Alarm { get; internal set; }

    /// <summary>Kinds of inbound and outbound traffic that belong to an open incident: not ordinary.</summary>
    internal HashSet<TrafficKey> AttackIn { get; } = [];
    internal HashSet<TrafficKey> AttackOut { get; } = [];

    /// <summary>Sample of what was inbound and no attack in earlier windows, or before an attack of the same kind rose; weighted by its packets.</summary>
    public IReadOnlyList<Flow> Ordinary => _ordinary;

    internal void Start(Prefix target, bool isPrefix, int group, int slot, Timestamp now)
    {
        Target = target;
        IsPrefix = isPrefix;
        Group = group;
        Slot = slot;
        Used = true;
        Alarm = null;
        AttackIn.Clear();
        AttackOut.Clear();
        _rises.Clear();
        _ordinary.Clear();
        StartWindow(now);
        LastActive = now;
    }

    /// <summary>Begins a new window; what was not attack in the old one is kept as ordinary.</summary>
    internal void Roll(Timestamp now)
    {
        foreach (var component in In.Components)
            if (!AttackIn.Contains(component.Key)) Remember(component.WeightedSample());
        StartWindow(now);
        Alarm = null;
    }

    /// <summary>From now on these kinds of inbound traffic are an attack's; what they were before it stays ordinary.</summary>
    internal void MarkIn(IEnumerable<TrafficKey> keys)
    {
        foreach (var key in keys)
        {
            if (!AttackIn.Add(key) || In.Find(key.Kind, key.Value) is not { } component || Rise.Of(component) is not { } rise) continue;
            _rises[key] = rise;
            Remember(rise.Before);
        }
    }

    /// <summary>The attack that these kinds belonged to is over.</summary>
    internal void UnmarkIn(IEnumerable<TrafficKey> keys)
    {
        foreach (var key in keys)
        {
            AttackIn.Remove(key);
            _rises.Remove(key);
        }
    }

    /// <summary>The sample of a kind of inbound traffic that is marked as an attack's, without the ordinary traffic of that kind as far as it is known.</summary>
    internal Flow[] AttackOf(TrafficComponent component) =>
        _rises.TryGetValue(component.Key, out var rise) ? rise.AttackOf(component) : component.WeightedSample();

    internal void Release()
    {
        In.Reset(0);
        Out.Reset(0);
        _ordinary.Clear();
        Used = false;
        Queued = false;
        Alarm = null;
    }

    private void Remember(IReadOnlyList<Flow> flows)
    {
        foreach (var flow in flows)
        {
            if (_ordinary.Count == OrdinarySize) _ordinary.RemoveRange(0, OrdinarySize / 4);
            _ordinary.Add(flow);
        }
    }

    private void StartWindow(Timestamp now)
    {
        var seed = Target.Address.Hash64() ^ (ulong)now.Nanoseconds;
        In.Reset(seed);
        Out.Reset(~seed);
        Since = now;
        ExamineAt = 0;
        Lump = Vector256<float>.Zero;
    }
}
