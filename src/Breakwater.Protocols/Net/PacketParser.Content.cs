using System.Buffers.Binary;
using Breakwater.Core.Flows;

namespace Breakwater.Protocols.Net;

public static partial class PacketParser
{
    /// <summary>Finds the transport header (TCP, UDP …) of a packet that was parsed into a flow before; what was captured of it.</summary>
    /// <param name="bytes">The packet from its link-layer header.</param>
    /// <param name="flow">What <see cref="TryParse(ReadOnlySpan{byte}, int, int, ref Flow, out DecodeError)"/> made of it.</param>
    /// <returns>False when there is none: a later fragment, a tunnelled or malformed packet, or cut off before it.</returns>
    public static bool TryTransport(ReadOnlySpan<byte> bytes, int linkType, in Flow flow, out ReadOnlySpan<byte> segment)
    {
        segment = default;
        if ((flow.Flags & (FlowFlags.LaterFragment | FlowFlags.Tunnelled | FlowFlags.Malformed | FlowFlags.Arp)) != 0) return false;
        if (FindNetworkHeader(bytes, linkType, out var etherType, out var offset) != DecodeError.None) return false;
        var packet = bytes[offset..];
        var scratch = new Flow();
        byte protocol;
        int header, length;
        if (etherType == EtherType.Ipv4 && packet.Length >= Ipv4Header)
        {
            (header, length, protocol) = ((packet[0] & 0x0F) * 4, BinaryPrimitives.ReadUInt16BigEndian(packet[2..]), packet[9]);
        }
        else if (etherType == EtherType.Ipv6 && packet.Length >= Ipv6Header)
        {
            (header, length, protocol) = (Ipv6Header, BinaryPrimitives.ReadUInt16BigEndian(packet[4..]), packet[6]);
            if (length != 0) length += Ipv6Header;
        }
        else return false;
        // Padding of short frames is no content; a length of 0 is written by network cards that segment later.
        if (length >= header && length < packet.Length) packet = packet[..length];
        if (header >= packet.Length) return false;
        segment = packet[header..];
        var wire = segment.Length;
        if (protocol != flow.Protocol) SkipExtensionHeaders(ref protocol, ref segment, ref wire, ref scratch);
        return protocol == flow.Protocol && !segment.IsEmpty;
    }

    /// <summary>Finds what a packet's UDP datagram or TCP segment carries; what was captured of it, perhaps nothing.</summary>
    /// <returns>False when the packet holds neither, or is cut off before the content.</returns>
    public static bool TryContent(ReadOnlySpan<byte> bytes, int linkType, in Flow flow, out ReadOnlySpan<byte> content)
    {
        content = default;
        if (!TryTransport(bytes, linkType, flow, out var segment)) return false;
        var header = flow.Protocol switch
        {
            IpProtocol.Udp => 8,
            IpProtocol.Tcp when segment.Length > 12 => (segment[12] >> 4) * 4,
            _ => int.MaxValue,
        };
        if (header < 8 || header > segment.Length) return false;
        content = segment[header..];
        return true;
    }
}
