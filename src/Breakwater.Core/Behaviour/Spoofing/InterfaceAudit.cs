using Breakwater.Core.Flows;
using Breakwater.Core.Net;

namespace Breakwater.Core.Behaviour.Spoofing;

/// <summary>One interface: what may come in by it, and what did lately that may not.</summary>
internal sealed class InterfaceAudit
{
    /// <summary>Time over which packets are counted.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromMinutes(5);

    public const int Classes = 6;

    private const int MaxSources = 16;
    private const byte Icmp = 1, Icmpv6 = 58, Udp = 17;

    /// <summary>A question to an amplifier is no longer than this: larger packets to these ports are something else.</summary>
    private const int TriggerLength = 80;

    private readonly PrefixTable<bool> _allowed;
    private readonly Tally[] _tallies = new Tally[Classes];
    private Timestamp _windowStart = Timestamp.Min;

    public InterfaceAudit(string name, int number, AuditedInterface options, IReadOnlyList<Prefix> home)
    {
        Name = name;
        Number = number;
        Options = options;
        var allowed = options.Side == InterfaceSide.Uplink || options.Allowed.Count == 0 ? home : options.Allowed;
        Subject = allowed.Count > 0 ? allowed[0] : new Prefix(IpAddr.V4(0u), 0);
        _allowed = new PrefixTable<bool>(allowed.Distinct().Select(p => KeyValuePair.Create(p, true)));
        for (var i = 0; i < Classes; i++) _tallies[i] = new Tally();
    }

    public string Name { get; }
    public int Number { get; }
    public AuditedInterface Options { get; }

    /// <summary>The first of the prefixes behind it: whom the finding is about.</summary>
    public Prefix Subject { get; }

    /// <summary>All packets since the window began.</summary>
    public long Packets { get; private set; }

    public Tally this[SourceClass @class] => _tallies[(int)@class];

    /// <param name="routed">What anybody routes; null where it is not known.</param>
    public void Add(in Flow flow, RoutedSpace? routed)
    {
        if (flow.Start - _windowStart > Window)
        {
            _windowStart = flow.Start;
            Packets = 0;
            foreach (var tally in _tallies) tally.Clear();
        }
        Packets += flow.Packets;
        var @class = ClassOf(flow, routed);
        if (@class != SourceClass.Fine) _tallies[(int)@class].Add(flow);
    }

    private SourceClass ClassOf(in Flow flow, RoutedSpace? routed)
    {
        if (IsError(flow) || (flow.Flags & (FlowFlags.Arp | FlowFlags.Loopback)) != 0) return SourceClass.Fine;
        var allowed = _allowed.Contains(flow.Source);
        if (Options.Side == InterfaceSide.Uplink) return allowed ? SourceClass.OwnFromOutside : SourceClass.Fine;
        if (allowed) return SourceClass.Fine;
        // Link-local addresses are every interface's own (RFC 3927, RFC 4291), and :: asks for an address (RFC 4862).
        if (flow.Source.IsNone || IsLinkLocal(flow.Source)) return SourceClass.Fine;
        // 0.0.0.0 to broadcast is DHCP.
        if (flow.Source is { IsV4: true, V4Bits: 0 }) return SourceClass.Fine;
        return Bogons.Contains(flow.Source) ? SourceClass.Bogon
            : Bogons.IsLocal(flow.Source) ? SourceClass.Private
            : routed is not null && routed.IsUnrouted(flow.Source) ? SourceClass.Unrouted
            : SourceClass.NotAllowed;
    }

    /// <summary>RFC 792 and RFC 4443 §2.1: unreachable, quench, redirect, too big, exceeded, parameter problem.</summary>
    private static bool IsError(in Flow flow)
    {
        var type = flow.DestinationPort >> 8;
        return flow.Protocol == Icmp ? type is 3 or 4 or 5 or 11 or 12 : flow.Protocol == Icmpv6 && type is >= 1 and <= 4;
    }

    private static bool IsLinkLocal(in IpAddr address) => address.IsV4 ? address.V4Bits >> 16 == 0xA9FE : address.High >> 54 == 0x3FA;

    /// <summary>What came in with sources of one class since the window began.</summary>
    public sealed class Tally
    {
        private readonly List<IpAddr> _sources = [];
        private readonly List<Flow> _flows = [];

        public long Packets { get; private set; }
        public long Sampled { get; private set; }

        /// <summary>Short packets to ports of amplifiers: what triggers a reflection attack on the owner of the source.</summary>
        public long Triggers { get; private set; }
        public Timestamp First { get; private set; }
        public Timestamp Last { get; private set; }

        /// <summary>The first few sources.</summary>
        public IReadOnlyList<IpAddr> Sources => _sources;
        public IReadOnlyList<Flow> Flows => _flows;

        /// <summary>Packets when it was told last.</summary>
        public long ToldAt { get; set; }

        public void Add(in Flow flow)
        {
            if (Packets == 0) First = flow.Start;
            Packets += flow.Packets;
            Sampled += flow.SampledPackets;
            if (flow.End > Last) Last = flow.End;
            if (flow is { Protocol: Udp, DestinationPort: 53 or 123 or 389 or 1900 or 11211, MeanLength: <= TriggerLength }) Triggers += flow.Packets;
            if (_flows.Count < Sign.MaxFlows) _flows.Add(flow);
            if (_sources.Count < MaxSources && !_sources.Contains(flow.Source)) _sources.Add(flow.Source);
        }

        public void Clear()
        {
            (Packets, Sampled, Triggers, ToldAt) = (0, 0, 0, 0);
            (First, Last) = (default, default);
            _sources.Clear();
            _flows.Clear();
        }
    }
}
