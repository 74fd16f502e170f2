using Breakwater.Core.Flows;
using Breakwater.Core.Metering;

namespace Breakwater.Core.Detection;

/// <summary>The finer kinds that a watched target's traffic is taken apart into.</summary>
public enum TrafficKind : byte
{
    TcpSyn,
    TcpSynAck,
    TcpRst,
    TcpFin,

    /// <summary>ACK without SYN, FIN and RST, and records of whole connections.</summary>
    TcpData,

    /// <summary>Combinations that no stack sends: no flags, SYN with FIN, FIN with PSH and URG.</summary>
    TcpOdd,

    /// <summary>UDP from a port that reflects (see <see cref="Vectors.Reflection"/>): an answer. The value is the port.</summary>
    UdpAnswer,

    /// <summary>UDP to such a port: a request. The value is the port.</summary>
    UdpRequest,
    UdpOther,

    /// <summary>ICMP or ICMPv6. The value is type plus 256 for ICMPv6.</summary>
    Icmp,

    /// <summary>Fragments after the first. The value is the protocol.</summary>
    Fragment,

    /// <summary>Anything else. The value is the protocol number.</summary>
    OtherProtocol,
}

/// <summary>Kind and the port, type or protocol that goes with it.</summary>
public readonly record struct TrafficKey(TrafficKind Kind, ushort Value)
{
    public static TrafficKey Of(in Flow flow)
    {
        if ((flow.Flags & FlowFlags.LaterFragment) != 0) return new(TrafficKind.Fragment, flow.Protocol);
        switch (flow.Protocol)
        {
            case 6: return new(OfTcp(flow), 0);
            case 17:
                if (Vectors.ReflectionAt(flow.SourcePort) is not null) return new(TrafficKind.UdpAnswer, flow.SourcePort);
                if (Vectors.ReflectionAt(flow.DestinationPort) is not null) return new(TrafficKind.UdpRequest, flow.DestinationPort);
                return new(TrafficKind.UdpOther, 0);
            case 1: return new(TrafficKind.Icmp, (ushort)(flow.DestinationPort >> 8));
            case 58: return new(TrafficKind.Icmp, (ushort)(256 + (flow.DestinationPort >> 8)));
            default: return new(TrafficKind.OtherProtocol, flow.Protocol);
        }
    }

    private static TrafficKind OfTcp(in Flow flow)
    {
        const byte fin = TrafficClasses.Fin, syn = TrafficClasses.Syn, rst = TrafficClasses.Rst, psh = TrafficClasses.Psh, ack = TrafficClasses.Ack, urg = TrafficClasses.Urg;
        var flags = flow.TcpFlags & 0x3F;
        var single = (flow.Flags & FlowFlags.SinglePacket) != 0;
        switch (TrafficClasses.Of(flow))
        {
            case TrafficClass.TcpSyn: return single && (flags & fin) != 0 ? TrafficKind.TcpOdd : TrafficKind.TcpSyn;
            case TrafficClass.TcpAnswer: return (flags & syn) != 0 ? TrafficKind.TcpSynAck : TrafficKind.TcpRst;
        }
        // Only a packet shows its flags; in a record 0 may mean that the exporter does not report them.
        if (single && (flags == 0 || (flags & (fin | psh | urg | ack)) == (fin | psh | urg))) return TrafficKind.TcpOdd;
        return single && (flags & (fin | syn | rst)) == fin ? TrafficKind.TcpFin : TrafficKind.TcpData;
    }
}
