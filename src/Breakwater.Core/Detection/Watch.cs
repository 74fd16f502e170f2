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
        _ordinary.Clear();
        StartWindow(now);
        LastActive = now;
    }

    /// <summary>Begins a new window; what was not attack in the old one is kept as ordinary.</summary>
    internal void Roll(Timestamp now)
    {
        foreach (var component in In.Components)
        {
            if (AttackIn.Contains(component.Key)) continue;
            foreach (ref readonly var flow in component.Sample)
            {
                if (_ordinary.Count == OrdinarySize) _ordinary.RemoveRange(0, OrdinarySize / 4);
                _ordinary.Add(flow);
            }
        }
        StartWindow(now);
        Alarm = null;
    }

    internal void Release()
    {
        In.Reset(0);
        Out.Reset(0);
        _ordinary.Clear();
        Used = false;
        Queued = false;
        Alarm = null;
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
