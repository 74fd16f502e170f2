using System.Buffers.Binary;
using Breakwater.Core.Flows;

namespace Breakwater.Protocols.Net;

public static partial class PacketParser
{
    private const ushort VxlanPort = 4789;
    private const ushort GtpUserPort = 2152;

    /// <summary>IP in IP (RFC 2003), 6in4 (RFC 4213) or GRE (RFC 2784, RFC 2890).</summary>
    private static void OpenIpTunnel(ReadOnlySpan<byte> payload, int wire, byte protocol, ref Flow flow)
    {
        var offset = 0;
        var etherType = protocol == IpProtocol.Ipv4 ? EtherType.Ipv4 : EtherType.Ipv6;
        if (protocol == IpProtocol.Gre && !SkipGre(payload, out etherType, out offset)) return;
        Open(payload, wire, etherType, offset, ref flow);
    }

    /// <summary>VXLAN (RFC 7348 §5) or GTP-U (3GPP TS 29.281 §5), told apart by the destination port.</summary>
    private static void OpenUdpTunnel(ReadOnlySpan<byte> payload, int wire, ref Flow flow)
    {
        const int udpHeader = 8;
        if (payload.Length < udpHeader + 8) return;
        if (flow.DestinationPort == VxlanPort)
        {
            // Flags 1 (I set: the network identifier is valid), reserved 3, VNI 3, reserved 1; then an Ethernet frame.
            if (payload[udpHeader] != 0x08) return;
            Open(payload, wire, EtherType.Bridged, udpHeader + 8, ref flow);
        }
        else if (SkipGtp(payload[udpHeader..], out var header))
        {
            var offset = udpHeader + header;
            var etherType = 0;
            if (ByVersion(payload, ref etherType, offset) == DecodeError.None) Open(payload, wire, etherType, offset, ref flow);
        }
    }

    /// <summary>Flags and version 2, protocol type 2, then as flagged: checksum and reserved 4, key 4, sequence 4.</summary>
    private static bool SkipGre(ReadOnlySpan<byte> payload, out int etherType, out int offset)
    {
        etherType = 0;
        offset = 4;
        if (payload.Length < 4) return false;
        var flags = BinaryPrimitives.ReadUInt16BigEndian(payload);
        // Version 1 is PPTP's, the routing bit RFC 1701's: both are gone from today's networks.
        if ((flags & 0x4007) != 0) return false;
        if ((flags & 0x8000) != 0) offset += 4;
        if ((flags & 0x2000) != 0) offset += 4;
        if ((flags & 0x1000) != 0) offset += 4;
        etherType = BinaryPrimitives.ReadUInt16BigEndian(payload[2..]);
        return true;
    }

    /// <summary>Version 1, message type 255 (G-PDU): flags 1, type 1, length 2, tunnel 4, then optional fields and extension headers.</summary>
    private static bool SkipGtp(ReadOnlySpan<byte> gtp, out int header)
    {
        header = 8;
        if (gtp[0] >> 4 != 0b0011 || gtp[1] != 255) return false;
        if ((gtp[0] & 0x07) == 0) return true;
        // Sequence 2, N-PDU 1, next extension 1: present together when any of E, S, PN is set (§5.1).
        header = 12;
        if (gtp.Length < header) return false;
        var next = (gtp[0] & 0x04) != 0 ? gtp[11] : (byte)0;
        for (var extensions = 0; next != 0; extensions++)
        {
            // Length in units of 4 octets, content, next extension's type as the last octet (§5.2.1).
            if (extensions == MaxExtensionHeaders || header >= gtp.Length) return false;
            var length = gtp[header] * 4;
            if (length == 0 || header + length > gtp.Length) return false;
            next = gtp[header + length - 1];
            header += length;
        }
        return true;
    }

    /// <summary>Replaces the outer packet by the inner one, or leaves the outer one alone when the inner cannot be read whole.</summary>
    private static void Open(ReadOnlySpan<byte> payload, int wire, int etherType, int offset, ref Flow flow)
    {
        // In a first fragment the inner packet goes on in the next one: its lengths cannot be checked.
        if ((flow.Flags & (FlowFlags.Fragment | FlowFlags.Malformed)) != 0 || offset >= payload.Length) return;
        if (etherType == EtherType.Bridged)
        {
            if (FindNetworkHeader(payload[offset..], LinkTypes.Ethernet, out etherType, out var inside) != DecodeError.None) return;
            offset += inside;
        }
        else if (SkipShims(payload, ref etherType, ref offset) != DecodeError.None)
        {
            return;
        }
        if (etherType == EtherType.Arp) return;
        var inner = new Flow { Flags = FlowFlags.SinglePacket | FlowFlags.Tunnelled };
        if (!TryNetwork(payload[offset..], wire - offset, etherType, mayOpenTunnel: false, ref inner, out var error) || error != DecodeError.None) return;
        flow.Source = inner.Source;
        flow.Destination = inner.Destination;
        flow.Protocol = inner.Protocol;
        flow.SourcePort = inner.SourcePort;
        flow.DestinationPort = inner.DestinationPort;
        flow.TcpFlags = inner.TcpFlags;
        flow.Tos = inner.Tos;
        flow.Ttl = inner.Ttl;
        flow.Bytes = inner.Bytes;
        flow.Flags |= inner.Flags;
    }
}
