using System.Buffers.Binary;
using Breakwater.Core.Flows;
using Breakwater.Core.Net;

namespace Breakwater.Protocols.Net;

public static partial class PacketParser
{
    private const int Ipv4Header = 20;
    private const int Ipv6Header = 40;

    /// <summary>RFC 8200 §4.1 lists each extension header once and destination options twice; longer chains are made to hurt.</summary>
    private const int MaxExtensionHeaders = 12;

    private static class IpProtocol
    {
        public const byte HopByHop = 0;
        public const byte Icmp = 1;
        public const byte Ipv4 = 4;
        public const byte Tcp = 6;
        public const byte Udp = 17;
        public const byte Dccp = 33;
        public const byte Ipv6 = 41;
        public const byte Routing = 43;
        public const byte Fragment = 44;
        public const byte Gre = 47;
        public const byte AuthenticationHeader = 51;
        public const byte Icmpv6 = 58;
        public const byte DestinationOptions = 60;
        public const byte Sctp = 132;
        public const byte Mobility = 135;
        public const byte UdpLite = 136;
        public const byte HostIdentity = 139;
        public const byte Shim6 = 140;
    }

    /// <remarks>RFC 791 §3.1.</remarks>
    private static bool TryIpv4(ReadOnlySpan<byte> packet, int wire, bool mayOpenTunnel, ref Flow flow, out DecodeError error)
    {
        if (packet.Length < Ipv4Header)
        {
            error = Cut(wire, Ipv4Header);
            return false;
        }
        var versionAndLength = packet[0];
        var header = (versionAndLength & 0x0F) * 4;
        if (versionAndLength >> 4 != 4 || header < Ipv4Header || header > wire)
        {
            error = DecodeError.MalformedPacket;
            return false;
        }
        int total = BinaryPrimitives.ReadUInt16BigEndian(packet[2..]);
        var fragment = BinaryPrimitives.ReadUInt16BigEndian(packet[6..]);
        flow.Tos = packet[1];
        flow.Ttl = packet[8];
        flow.Source = IpAddr.V4(packet[12..]);
        flow.Destination = IpAddr.V4(packet[16..]);
        var length = TrustedLength(total, header, packet.Length, wire, ref flow);
        flow.Bytes = length;
        // More fragments (bit 13) or an offset (bits 0 to 12).
        if ((fragment & 0x3FFF) != 0)
        {
            flow.Flags |= FlowFlags.Fragment;
            if ((fragment & 0x1FFF) != 0) flow.Flags |= FlowFlags.LaterFragment;
        }
        var protocol = packet[9];
        var payload = header < packet.Length ? packet[header..Math.Min(packet.Length, length)] : default;
        var payloadWire = length - header;
        if (protocol == IpProtocol.AuthenticationHeader && (flow.Flags & FlowFlags.LaterFragment) == 0)
            SkipExtensionHeaders(ref protocol, ref payload, ref payloadWire, ref flow);
        ReadPayload(payload, payloadWire, protocol, mayOpenTunnel, ref flow, out error);
        return true;
    }

    /// <remarks>RFC 8200 §3.</remarks>
    private static bool TryIpv6(ReadOnlySpan<byte> packet, int wire, bool mayOpenTunnel, ref Flow flow, out DecodeError error)
    {
        if (packet.Length < Ipv6Header)
        {
            error = Cut(wire, Ipv6Header);
            return false;
        }
        var first = BinaryPrimitives.ReadUInt32BigEndian(packet);
        if (first >> 28 != 6)
        {
            error = DecodeError.MalformedPacket;
            return false;
        }
        int payloadLength = BinaryPrimitives.ReadUInt16BigEndian(packet[4..]);
        flow.Tos = (byte)(first >> 20);
        flow.Ttl = packet[7];
        flow.Source = IpAddr.V6(packet[8..]);
        flow.Destination = IpAddr.V6(packet[24..]);
        var length = TrustedLength(payloadLength == 0 ? 0 : Ipv6Header + payloadLength, Ipv6Header, packet.Length, wire, ref flow);
        flow.Bytes = length;
        var protocol = packet[6];
        var payload = packet[Ipv6Header..Math.Min(packet.Length, length)];
        var payloadWire = length - Ipv6Header;
        if (protocol is not (IpProtocol.Tcp or IpProtocol.Udp))
            SkipExtensionHeaders(ref protocol, ref payload, ref payloadWire, ref flow);
        ReadPayload(payload, payloadWire, protocol, mayOpenTunnel, ref flow, out error);
        return true;
    }

    /// <summary>The octets of the IP packet: its header's word for it, unless the frame contradicts.</summary>
    /// <remarks>
    /// A length of 0 is written by network cards that segment later (the frame then holds everything) and by jumbograms (RFC 2675).
    /// A length beyond the frame, or shorter than the header, is a lie: the frame's length counts.
    /// </remarks>
    private static int TrustedLength(int claimed, int header, int captured, int wire, ref Flow flow)
    {
        if (claimed >= header && claimed <= wire) return claimed;
        if (claimed != 0) flow.Flags |= FlowFlags.Malformed;
        return wire < UnknownLength - LongestFrame ? wire : captured;
    }

    /// <summary>Follows the chain to the upper-layer protocol, for IPv4 past an Authentication Header only.</summary>
    /// <remarks>RFC 8200 §4; lengths: RFC 6564 §4 (units of 8 octets after the first 8), RFC 4302 §2.2 for AH (units of 4, minus 2).</remarks>
    private static void SkipExtensionHeaders(ref byte protocol, ref ReadOnlySpan<byte> payload, ref int wire, ref Flow flow)
    {
        for (var headers = 0; ; headers++)
        {
            int length;
            switch (protocol)
            {
                case IpProtocol.HopByHop or IpProtocol.Routing or IpProtocol.DestinationOptions
                    or IpProtocol.Mobility or IpProtocol.HostIdentity or IpProtocol.Shim6:
                    flow.Flags |= FlowFlags.ExtensionHeaders;
                    length = payload.Length > 1 ? payload[1] * 8 + 8 : 8;
                    break;
                case IpProtocol.AuthenticationHeader:
                    flow.Flags |= FlowFlags.AuthenticationHeader;
                    length = payload.Length > 1 ? payload[1] * 4 + 8 : 8;
                    break;
                case IpProtocol.Fragment:
                    length = 8;
                    break;
                default:
                    return;
            }
            if (headers == MaxExtensionHeaders || length > wire)
            {
                flow.Flags |= FlowFlags.Malformed;
                payload = default;
                return;
            }
            if (payload.Length < 8)
            {
                // Snapped: what follows is not known, and the last protocol number read stands.
                payload = default;
                return;
            }
            // An atomic fragment, offset 0 and nothing more to come, is a whole packet (RFC 6946).
            if (protocol == IpProtocol.Fragment && (BinaryPrimitives.ReadUInt16BigEndian(payload[2..]) & 0xFFF9) is var offsetAndMore and not 0)
            {
                flow.Flags |= FlowFlags.Fragment;
                if (offsetAndMore > 1) flow.Flags |= FlowFlags.LaterFragment;
            }
            protocol = payload[0];
            payload = payload.Length > length ? payload[length..] : default;
            wire -= length;
            if ((flow.Flags & FlowFlags.LaterFragment) != 0) return;
        }
    }

    /// <summary>ARP for IPv4 over any link layer; octets are those of the ARP packet.</summary>
    /// <remarks>RFC 826: hardware type 2, protocol type 2, lengths 1 and 1, operation 2, then sender's and target's addresses.</remarks>
    private static bool TryArp(ReadOnlySpan<byte> packet, int wire, ref Flow flow, out DecodeError error)
    {
        const int fixedPart = 8;
        if (packet.Length < fixedPart)
        {
            error = Cut(wire, fixedPart);
            return false;
        }
        int hardware = packet[4];
        if (BinaryPrimitives.ReadUInt16BigEndian(packet[2..]) != EtherType.Ipv4 || packet[5] != 4)
        {
            error = DecodeError.UnsupportedEncapsulation;
            return false;
        }
        var length = fixedPart + 2 * hardware + 8;
        if (packet.Length < length)
        {
            error = Cut(wire, length);
            return false;
        }
        flow.Source = IpAddr.V4(packet[(fixedPart + hardware)..]);
        flow.Destination = IpAddr.V4(packet[(fixedPart + 2 * hardware + 4)..]);
        flow.Bytes = length;
        flow.Flags |= FlowFlags.Arp;
        error = DecodeError.None;
        return true;
    }
}
