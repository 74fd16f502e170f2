using System.Buffers.Binary;
using Breakwater.Core.Flows;

namespace Breakwater.Protocols.Net;

public static partial class PacketParser
{
    private const int UdpHeader = 8;

    /// <summary>Finds what an unfragmented UDP packet carries. Tunnels are not opened.</summary>
    /// <param name="bytes">The packet as captured, from its link-layer header.</param>
    /// <param name="linkType">One of <see cref="LinkTypes"/>.</param>
    /// <param name="payload">The octets behind the UDP header, as far as they were captured and no further than its length field says.</param>
    /// <returns>False for anything but UDP over IP, for fragments, and when the headers were not captured whole.</returns>
    public static bool TryUdpPayload(ReadOnlySpan<byte> bytes, int linkType, out ReadOnlySpan<byte> payload)
    {
        payload = default;
        return TrySegment(bytes, linkType, isTunnelled: false, out var protocol, out var segment) && protocol == IpProtocol.Udp && TryBehindTransport(segment, protocol, out payload);
    }

    /// <summary>Finds the transport header (TCP, UDP …) of a packet that was parsed into a flow before. Looked for only where somebody wants to read it.</summary>
    /// <param name="bytes">The packet as captured, from its link-layer header.</param>
    /// <param name="linkType">One of <see cref="LinkTypes"/>.</param>
    /// <param name="flow">What <see cref="TryParse(ReadOnlySpan{byte}, int, int, ref Flow, out DecodeError)"/> made of it: where it is of the packet inside a tunnel, so is the segment.</param>
    /// <param name="segment">From the transport header on, as far as it was captured and no further than the IP header says.</param>
    /// <returns>False for fragments, and when the headers before were not captured whole.</returns>
    public static bool TryTransport(ReadOnlySpan<byte> bytes, int linkType, in Flow flow, out ReadOnlySpan<byte> segment) =>
        TrySegment(bytes, linkType, (flow.Flags & FlowFlags.Tunnelled) != 0, out var protocol, out segment) && protocol == flow.Protocol && !segment.IsEmpty;

    /// <summary>Finds what an unfragmented UDP, TCP or ICMP packet carries behind its transport header; it may be nothing.</summary>
    /// <inheritdoc cref="TryTransport"/>
    /// <param name="payload">The octets behind the transport header, as far as they were captured and no further than the lengths in the headers say.</param>
    public static bool TryPayload(ReadOnlySpan<byte> bytes, int linkType, in Flow flow, out ReadOnlySpan<byte> payload)
    {
        payload = default;
        return TryTransport(bytes, linkType, flow, out var segment) && TryBehindTransport(segment, flow.Protocol, out payload);
    }

    private static bool TrySegment(ReadOnlySpan<byte> bytes, int linkType, bool isTunnelled, out byte protocol, out ReadOnlySpan<byte> segment)
    {
        protocol = 0;
        segment = default;
        if (FindNetworkHeader(bytes, linkType, out var etherType, out var offset) != DecodeError.None) return false;
        if (!TryIpPayload(bytes[offset..], etherType, out protocol, out segment)) return false;
        return !isTunnelled || (TryTunnel(segment, protocol, out var inside, out etherType) && TryIpPayload(inside, etherType, out protocol, out segment));
    }

    private static bool TryIpPayload(ReadOnlySpan<byte> packet, int etherType, out byte protocol, out ReadOnlySpan<byte> payload)
    {
        protocol = 0;
        payload = default;
        var seen = default(Flow);
        if (etherType == EtherType.Ipv4)
        {
            if (packet.Length < Ipv4Header || (packet[0] & 0x0F) * 4 is var header && (header < Ipv4Header || header > packet.Length)) return false;
            if ((BinaryPrimitives.ReadUInt16BigEndian(packet[6..]) & 0x3FFF) != 0) return false;
            protocol = packet[9];
            payload = packet[header..IpEnd(BinaryPrimitives.ReadUInt16BigEndian(packet[2..]), header, packet.Length)];
            if (protocol != IpProtocol.AuthenticationHeader) return true;
        }
        else if (etherType == EtherType.Ipv6)
        {
            if (packet.Length < Ipv6Header) return false;
            protocol = packet[6];
            int claimed = BinaryPrimitives.ReadUInt16BigEndian(packet[4..]);
            payload = packet[Ipv6Header..IpEnd(claimed == 0 ? 0 : Ipv6Header + claimed, Ipv6Header, packet.Length)];
        }
        else
        {
            return false;
        }
        var wire = payload.Length;
        SkipExtensionHeaders(ref protocol, ref payload, ref wire, ref seen);
        return (seen.Flags & FlowFlags.Fragment) == 0;
    }

    /// <summary>Where the IP packet ends within what was captured: by its header, unless that cannot be; what follows is padding of the frame.</summary>
    private static int IpEnd(int claimed, int header, int captured) => claimed >= header && claimed < captured ? claimed : captured;

    /// <summary>The packet inside, as <see cref="Open"/> finds it.</summary>
    private static bool TryTunnel(ReadOnlySpan<byte> segment, byte protocol, out ReadOnlySpan<byte> inside, out int etherType)
    {
        inside = default;
        etherType = protocol == IpProtocol.Ipv4 ? EtherType.Ipv4 : EtherType.Ipv6;
        var offset = 0;
        switch (protocol)
        {
            case IpProtocol.Ipv4 or IpProtocol.Ipv6:
                break;
            case IpProtocol.Gre:
                if (!SkipGre(segment, out etherType, out offset)) return false;
                break;
            case IpProtocol.Udp:
                if (!SkipUdpTunnel(segment, out etherType, out offset)) return false;
                break;
            default:
                return false;
        }
        if (offset >= segment.Length) return false;
        if (etherType == EtherType.Bridged)
        {
            if (FindNetworkHeader(segment[offset..], LinkTypes.Ethernet, out etherType, out var header) != DecodeError.None) return false;
            offset += header;
        }
        else if (SkipShims(segment, ref etherType, ref offset) != DecodeError.None)
        {
            return false;
        }
        inside = segment[offset..];
        return true;
    }

    private static bool SkipUdpTunnel(ReadOnlySpan<byte> segment, out int etherType, out int offset)
    {
        etherType = EtherType.Bridged;
        offset = UdpHeader + 8;
        if (segment.Length < offset) return false;
        if (BinaryPrimitives.ReadUInt16BigEndian(segment[2..]) == VxlanPort) return true;
        if (!SkipGtp(segment[UdpHeader..], out var header)) return false;
        offset = UdpHeader + header;
        return ByVersion(segment, ref etherType, offset) == DecodeError.None;
    }

    /// <remarks>RFC 768: ports 2 and 2, length 2 (header included), checksum 2. RFC 9293 §3.1: the data offset counts words of 4 octets. RFC 792: the echo header has 8 octets.</remarks>
    private static bool TryBehindTransport(ReadOnlySpan<byte> segment, byte protocol, out ReadOnlySpan<byte> payload)
    {
        payload = default;
        switch (protocol)
        {
            case IpProtocol.Udp:
                if (segment.Length < UdpHeader) return false;
                payload = segment[UdpHeader..Math.Clamp(BinaryPrimitives.ReadUInt16BigEndian(segment[4..]), UdpHeader, segment.Length)];
                return true;
            case IpProtocol.Tcp:
                if (segment.Length < 20 || (segment[12] >> 4) * 4 is var header && (header < 20 || header > segment.Length)) return false;
                payload = segment[header..];
                return true;
            case IpProtocol.Icmp or IpProtocol.Icmpv6:
                if (segment.Length < 8) return false;
                payload = segment[8..];
                return true;
            default:
                return false;
        }
    }
}
