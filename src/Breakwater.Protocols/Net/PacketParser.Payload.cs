using System.Buffers.Binary;
using Breakwater.Core.Flows;

namespace Breakwater.Protocols.Net;

public static partial class PacketParser
{
    /// <summary>Finds what an unfragmented UDP packet carries. Tunnels are not opened.</summary>
    /// <param name="bytes">The packet as captured, from its link-layer header.</param>
    /// <param name="linkType">One of <see cref="LinkTypes"/>.</param>
    /// <param name="payload">The octets behind the UDP header, as far as they were captured and no further than its length field says.</param>
    /// <returns>False for anything but UDP over IP, for fragments, and when the headers were not captured whole.</returns>
    /// <remarks>RFC 768: ports 2 and 2, length 2 (header included), checksum 2.</remarks>
    public static bool TryUdpPayload(ReadOnlySpan<byte> bytes, int linkType, out ReadOnlySpan<byte> payload)
    {
        const int header = 8;
        payload = default;
        if (FindNetworkHeader(bytes, linkType, out var etherType, out var offset) != DecodeError.None) return false;
        var packet = bytes[offset..];
        byte protocol;
        ReadOnlySpan<byte> datagram;
        if (etherType == EtherType.Ipv4)
        {
            if (packet.Length < Ipv4Header || (packet[0] & 0x0F) * 4 is var length && (length < Ipv4Header || length > packet.Length)) return false;
            if ((BinaryPrimitives.ReadUInt16BigEndian(packet[6..]) & 0x3FFF) != 0) return false;
            protocol = packet[9];
            datagram = packet[length..];
        }
        else if (etherType == EtherType.Ipv6)
        {
            if (packet.Length < Ipv6Header) return false;
            protocol = packet[6];
            datagram = packet[Ipv6Header..];
            var wire = datagram.Length;
            var seen = default(Flow);
            SkipExtensionHeaders(ref protocol, ref datagram, ref wire, ref seen);
            if ((seen.Flags & FlowFlags.Fragment) != 0) return false;
        }
        else
        {
            return false;
        }
        if (protocol != IpProtocol.Udp || datagram.Length < header) return false;
        int claimed = BinaryPrimitives.ReadUInt16BigEndian(datagram[4..]);
        payload = datagram[header..Math.Clamp(claimed, header, datagram.Length)];
        return true;
    }
}
