using Breakwater.Core.Flows;
using Breakwater.Core.Net;
using Breakwater.Core.Sketches;

namespace Breakwater.Core.Behaviour.Scans;

/// <summary>What the failed first contacts of one suspicious host have in common: services or targets. Of fixed size; used again for another host.</summary>
internal sealed class ScanSuspect
{
    /// <summary>Time in which a fast scan is told from a slow one.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromMinutes(5);

    private readonly FewHitters _services = new();
    private readonly SpaceSaving<IpAddr> _targets = new(16);
    private readonly HyperLogLog _distinctTargets = new(9);
    private readonly HyperLogLog _windowTargets = new(9);
    private readonly Flow[] _flows = new Flow[Sign.MaxFlows];
    private int _flowCount;
    private Timestamp _windowStart;
    private double _fastest;

    public IpAddr Host { get; private set; }
    public ScanKind Kind { get; private set; }
    public short Group { get; private set; }
    public bool IsHome => Group >= 0;
    public Timestamp First { get; private set; }
    public Timestamp Last { get; private set; }
    public long Failed { get; private set; }
    public long Refused { get; private set; }
    public long Succeeded { get; private set; }
    public long Packets { get; private set; }
    public long SampledPackets { get; private set; }
    public double SamplingRate { get; private set; }

    /// <summary>The walk's level after the newest contact.</summary>
    public float Level { get; set; }
    public int Marked { get; set; }
    public bool IsDirty { get; set; }

    /// <summary>Silence of its targets means something, for answers to others were seen.</summary>
    public bool AnswersSeen { get; set; }

    /// <summary>It is one of those scanners elsewhere that are worth an incident.</summary>
    public bool IsNamed { get; set; }

    /// <summary>Failures when it was last told of, by rule; 0 for never.</summary>
    public long ToldAt { get; set; }
    public Timestamp ToldWhen { get; set; }

    public FewHitters Services => _services;

    /// <summary>Distinct targets, estimated.</summary>
    public double Targets => _distinctTargets.Estimate();

    /// <summary>Most distinct targets within five minutes, estimated.</summary>
    public double TargetsAtOnce => Math.Max(_fastest, _windowTargets.Estimate());

    public IReadOnlyList<Flow> Flows => _flows[.._flowCount];

    public void Begin(in Contact contact, ScanKind kind)
    {
        (Host, Kind, Group, First, Last, _windowStart) = (contact.Initiator, kind, contact.InitiatorGroup, contact.Start, contact.Start, contact.Start);
        Failed = Refused = Succeeded = Packets = SampledPackets = ToldAt = 0;
        SamplingRate = 1;
        Level = 0;
        Marked = 0;
        IsDirty = AnswersSeen = IsNamed = false;
        _fastest = 0;
        _flowCount = 0;
        ToldWhen = Timestamp.Min;
        _services.Clear();
        _targets.Clear();
        _distinctTargets.Clear();
        _windowTargets.Clear();
    }

    /// <summary>Takes note of a failed first contact.</summary>
    public void Add(in Contact contact)
    {
        Failed++;
        if (contact.State == ContactState.Rejected) Refused++;
        if (contact.Start - _windowStart >= Window)
        {
            _fastest = TargetsAtOnce;
            _windowTargets.Clear();
            _windowStart = contact.Start;
        }
        if (contact.Start < First) First = contact.Start;
        if (contact.Last > Last) Last = contact.Last;
        _services.Add(contact.ServicePort, 1);
        _targets.Add(contact.Responder);
        var target = contact.Responder.Hash64();
        _distinctTargets.Add(target);
        _windowTargets.Add(target);
        Packets += contact.Packets;
        SampledPackets += contact.SampledPackets;
        SamplingRate = Math.Max(SamplingRate, contact.SamplingRate);
        if (_flowCount < _flows.Length) _flows[_flowCount++] = contact.ToFlow();
        IsDirty = true;
    }

    public void Succeed() => Succeeded++;

    /// <summary>The target of most failures, and how many: each was to another of its ports.</summary>
    public HeavyHitter<IpAddr> TopTarget => _targets.Top(1) is [var top] ? top : default;
}
