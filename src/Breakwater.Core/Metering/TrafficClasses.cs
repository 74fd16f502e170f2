using System.Runtime.CompilerServices;
using Breakwater.Core.Flows;

namespace Breakwater.Core.Metering;

/// <summary>Puts a flow into the class it is metered by.</summary>
public static class TrafficClasses
{
    internal const byte Fin = 1, Syn = 2, Rst = 4, Psh = 8, Ack = 16, Urg = 32;

    public const int Count = 7;

    /// <summary>By protocol; then by the TCP flags of records of one or two packets; then by those of longer ones.</summary>
    private static readonly TrafficClass[] Table = [.. Enumerable.Range(0, 256).Select(OfProtocol), .. Enumerable.Range(0, 256).Select(f => OfTcp(f, few: true)), .. Enumerable.Range(0, 256).Select(f => OfTcp(f, few: false))];

    /// <remarks>One look into a table: protocols and flags come as they like, and each wrong guess of a branch would cost more.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TrafficClass Of(in Flow flow)
    {
        if ((flow.Flags & FlowFlags.Fragment) != 0) return TrafficClass.Fragment;
        // All ones for TCP, and for records too long to be few packets.
        var tcp = (flow.Protocol ^ 6) - 1 >> 31;
        var many = (int)((2L - flow.SampledPackets) >> 63);
        return Table[(flow.Protocol & ~tcp) + ((256 + flow.TcpFlags + (256 & many)) & tcp)];
    }

    private static TrafficClass OfProtocol(int protocol) => protocol switch
    {
        17 => TrafficClass.Udp,
        1 or 58 => TrafficClass.Icmp,
        _ => TrafficClass.Other,
    };

    /// <remarks>
    /// A record ORs the flags of all its packets, so SYN with ACK is an answer only while the record is too short for a
    /// whole connection; two packets leave room for one retransmission.
    /// </remarks>
    private static TrafficClass OfTcp(int flags, bool few)
    {
        if ((flags & (Syn | Ack)) == Syn) return TrafficClass.TcpSyn;
        if ((flags & Syn) != 0) return few && (flags & (Fin | Psh | Rst)) == 0 ? TrafficClass.TcpAnswer : TrafficClass.TcpOther;
        if ((flags & Rst) != 0) return few && (flags & (Fin | Psh)) == 0 ? TrafficClass.TcpAnswer : TrafficClass.TcpOther;
        return TrafficClass.TcpOther;
    }
}
