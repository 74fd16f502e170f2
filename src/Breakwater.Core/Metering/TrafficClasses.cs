using System.Runtime.CompilerServices;
using Breakwater.Core.Flows;

namespace Breakwater.Core.Metering;

/// <summary>Puts a flow into the class it is metered by.</summary>
public static class TrafficClasses
{
    internal const byte Fin = 1, Syn = 2, Rst = 4, Psh = 8, Ack = 16, Urg = 32;

    public const int Count = 7;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TrafficClass Of(in Flow flow)
    {
        if ((flow.Flags & FlowFlags.Fragment) != 0) return TrafficClass.Fragment;
        return flow.Protocol switch
        {
            6 => OfTcp(flow),
            17 => TrafficClass.Udp,
            1 or 58 => TrafficClass.Icmp,
            _ => TrafficClass.Other,
        };
    }

    /// <remarks>
    /// A record ORs the flags of all its packets, so SYN with ACK is an answer only while the record is too short for a
    /// whole connection; two packets leave room for one retransmission.
    /// </remarks>
    private static TrafficClass OfTcp(in Flow flow)
    {
        var flags = flow.TcpFlags;
        if ((flags & (Syn | Ack)) == Syn) return TrafficClass.TcpSyn;
        var few = flow.SampledPackets <= 2;
        if ((flags & Syn) != 0) return few && (flags & (Fin | Psh | Rst)) == 0 ? TrafficClass.TcpAnswer : TrafficClass.TcpOther;
        if ((flags & Rst) != 0) return few && (flags & (Fin | Psh)) == 0 ? TrafficClass.TcpAnswer : TrafficClass.TcpOther;
        return TrafficClass.TcpOther;
    }
}
