using Breakwater.Core.Flows;
using Breakwater.Core.Net;
using Breakwater.Core.Sketches;

namespace Breakwater.Core.Behaviour.Guessing;

/// <summary>Attempts at one service of one host at many others, or of many others at it, in half an hour. Of fixed size; used again.</summary>
internal sealed class GuessSpread
{
    /// <summary>Zeek's: failures of one host count together for thirty minutes, whomever it tried.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromSeconds(GuessSeries.SlowWindowSeconds);

    private const int MaxOthers = 64;

    private readonly HyperLogLog _others = new(10);
    private readonly SpaceSaving<IpAddr> _top = new(MaxOthers);
    private readonly FewHitters _sizes = new();
    private readonly List<Flow> _flows = new(Sign.MaxFlows);

    public IpAddr Key { get; private set; }

    /// <summary>The one host: who tries many, or whom many try.</summary>
    public IpAddr Hub { get; private set; }
    public bool IsTarget { get; private set; }
    public AuthService Service { get; private set; } = AuthService.Ssh;
    public ushort Port { get; private set; }

    /// <summary>The hub is one of ours.</summary>
    public bool IsHome { get; private set; }

    /// <summary>Some of the others are not ours.</summary>
    public bool LeavesHome { get; private set; }
    public Timestamp Since { get; private set; }
    public Timestamp First { get; private set; }
    public Timestamp Last { get; private set; }
    public long Attempts { get; private set; }

    /// <summary>Conversations with the same service that were work.</summary>
    public long Sessions { get; set; }
    public long ToldAt { get; set; }

    /// <summary>As it was told last, for outsiders.</summary>
    public bool IsNamed { get; set; }
    public bool IsDirty { get; set; }
    public long Packets { get; private set; }
    public long SampledPackets { get; private set; }
    public double SamplingRate { get; private set; }
    public IReadOnlyList<Flow> Flows => [.. _flows];
    public double Others => _others.Estimate();

    /// <summary>Those with most attempts, heaviest first.</summary>
    public IReadOnlyList<HeavyHitter<IpAddr>> Top => _top.Top(MaxOthers);
    public double Alikeness() => GuessSeries.AlikenessOf(_sizes);

    public void Begin(IpAddr key, in Contact contact, AuthService service, bool isTarget)
    {
        (Key, IsTarget, Service, Port) = (key, isTarget, service, contact.ServicePort);
        (Hub, IsHome) = isTarget ? (contact.Responder, contact.IsToHome) : (contact.Initiator, contact.IsFromHome);
        IsNamed = false;
        Roll(contact.Start);
    }

    public void Roll(Timestamp time)
    {
        (Since, First, Last) = (time, time, time);
        Attempts = Sessions = ToldAt = Packets = SampledPackets = 0;
        SamplingRate = 1;
        LeavesHome = IsDirty = false;
        _others.Clear();
        _top.Clear();
        _sizes.Clear();
        _flows.Clear();
    }

    /// <param name="alike">Number that attempts which look the same share.</param>
    public void Add(in Contact contact, int alike)
    {
        var other = IsTarget ? contact.Initiator : contact.Responder;
        Attempts++;
        if (contact.Start < First) First = contact.Start;
        if (contact.Last > Last) Last = contact.Last;
        LeavesHome |= !(IsTarget ? contact.IsFromHome : contact.IsToHome);
        _others.Add(other.Hash64());
        _top.Add(other);
        _sizes.Add(alike, 1);
        Packets += contact.Packets;
        SampledPackets += contact.SampledPackets;
        SamplingRate = Math.Max(SamplingRate, contact.SamplingRate);
        if (_flows.Count < Sign.MaxFlows) _flows.Add(contact.ToFlow());
        IsDirty = true;
    }
}
