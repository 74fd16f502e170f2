using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Breakwater.Core.Flows;

namespace Breakwater.Protocols.Net;

public static partial class PacketParser
{
    /// <summary>Reads ports, TCP flags, ICMP type and code, or the packet inside a tunnel.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void ReadPayload(ReadOnlySpan<byte> payload, int wire, byte protocol, bool mayOpenTunnel, ref Flow flow, out DecodeError error)
    {
        flow.Protocol = protocol;
        // A fragment after the first starts in the middle of the payload: no header to read (and none to miss).
        if ((flow.Flags & FlowFlags.LaterFragment) == 0)
        {
            if (protocol == IpProtocol.Tcp) ReadTcp(payload, wire, ref flow);
            else ReadOther(payload, wire, protocol, mayOpenTunnel, ref flow);
        }
        error = (flow.Flags & FlowFlags.Malformed) == 0 ? DecodeError.None : DecodeError.MalformedPacket;
    }

    /// <remarks>RFC 9293 §3.1: ports 2 and 2, sequence 4, acknowledgement 4, data offset 4 bits, reserved 4 bits, flags 8 bits.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void ReadTcp(ReadOnlySpan<byte> payload, int wire, ref Flow flow)
    {
        if (wire < 20) flow.Flags |= FlowFlags.Malformed;
        ReadPorts(payload, ref flow);
        if (payload.Length < 14) return;
        if (payload[12] >> 4 < 5) flow.Flags |= FlowFlags.Malformed;
        flow.TcpFlags = payload[13];
    }

    private static void ReadOther(ReadOnlySpan<byte> payload, int wire, byte protocol, bool mayOpenTunnel, ref Flow flow)
    {
        switch (protocol)
        {
            case IpProtocol.Udp:
                if (wire < 8) flow.Flags |= FlowFlags.Malformed;
                ReadPorts(payload, ref flow);
                if (mayOpenTunnel && flow.DestinationPort is VxlanPort or GtpUserPort) OpenUdpTunnel(payload, wire, ref flow);
                break;
            case IpProtocol.Icmp or IpProtocol.Icmpv6:
                // RFC 792 and RFC 4443 §2.1: type 1, code 1, checksum 2.
                if (wire < 4) flow.Flags |= FlowFlags.Malformed;
                if (payload.Length >= 2) flow.DestinationPort = BinaryPrimitives.ReadUInt16BigEndian(payload);
                break;
            case IpProtocol.Sctp or IpProtocol.Dccp:
                // Both begin with ports, and their common headers take 12 octets (RFC 9260 §3.1, RFC 4340 §5.1).
                if (wire < 12) flow.Flags |= FlowFlags.Malformed;
                ReadPorts(payload, ref flow);
                break;
            case IpProtocol.UdpLite:
                if (wire < 8) flow.Flags |= FlowFlags.Malformed;
                ReadPorts(payload, ref flow);
                break;
            case IpProtocol.Ipv4 or IpProtocol.Ipv6 or IpProtocol.Gre:
                if (mayOpenTunnel) OpenIpTunnel(payload, wire, protocol, ref flow);
                break;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void ReadPorts(ReadOnlySpan<byte> payload, ref Flow flow)
    {
        if (payload.Length < 4) return;
        var ports = BinaryPrimitives.ReadUInt32BigEndian(payload);
        flow.SourcePort = (ushort)(ports >> 16);
        flow.DestinationPort = (ushort)ports;
    }
}
