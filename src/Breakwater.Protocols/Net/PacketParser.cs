using System.Runtime.CompilerServices;
using Breakwater.Core.Flows;

namespace Breakwater.Protocols.Net;

/// <summary>Reads the headers of one captured packet, from the link layer to the ports, into a flow of one packet.</summary>
/// <remarks>
/// Never throws and allocates nothing, whatever the bytes. A packet has two lengths: what was captured and what was on the wire.
/// A header that runs past the captured octets but not past the wire was merely snapped: what can be read is kept, the rest stays 0.
/// A header that runs past the wire's end is <see cref="FlowFlags.Malformed"/>.
/// One level of tunnel is opened (GRE, IP in IP, VXLAN, GTP-U): addresses, ports and octets are then those of the inner packet.
/// </remarks>
public static partial class PacketParser
{
    /// <summary>Wire length of a packet whose length nobody wrote down: longer than any packet, so that nothing in it looks overlong.</summary>
    private const int UnknownLength = 1 << 30;

    /// <summary>No frame is longer; a length field above this is damage, and counts as not known.</summary>
    private const int LongestFrame = 1 << 24;

    /// <summary>Fills addresses, protocol, ports, TCP flags, TOS, TTL, octets, packets and <see cref="Flow.Flags"/>; leaves times, interfaces and exporter alone.</summary>
    /// <param name="bytes">The packet as captured, from its link-layer header.</param>
    /// <param name="linkType">One of <see cref="LinkTypes"/>.</param>
    /// <param name="originalLength">Octets of the whole packet on the wire, link-layer header included; 0 when not known.</param>
    /// <param name="flow">A cleared flow; on failure its content is not defined.</param>
    /// <param name="error">
    /// On success <see cref="DecodeError.None"/>, or <see cref="DecodeError.MalformedPacket"/> when the flow carries
    /// <see cref="FlowFlags.Malformed"/>. On failure <see cref="DecodeError.Truncated"/> (snapped before the addresses),
    /// <see cref="DecodeError.MalformedPacket"/>, or <see cref="DecodeError.UnsupportedEncapsulation"/> (neither IP nor ARP, or an unknown link type).
    /// </param>
    /// <returns>True when at least addresses and protocol were read.</returns>
    public static bool TryParse(ReadOnlySpan<byte> bytes, int linkType, int originalLength, ref Flow flow, out DecodeError error) =>
        TryParse(bytes, linkType, originalLength, mayOpenTunnel: true, ref flow, out error);

    /// <summary>The same, but of the packet that carries the tunnel, as routers on the way see it.</summary>
    public static bool TryParseOuter(ReadOnlySpan<byte> bytes, int linkType, int originalLength, ref Flow flow, out DecodeError error) =>
        TryParse(bytes, linkType, originalLength, mayOpenTunnel: false, ref flow, out error);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool TryParse(ReadOnlySpan<byte> bytes, int linkType, int originalLength, bool mayOpenTunnel, ref Flow flow, out DecodeError error)
    {
        var wire = originalLength is <= 0 or > LongestFrame ? UnknownLength : Math.Max(originalLength, bytes.Length);
        error = FindNetworkHeader(bytes, linkType, out var etherType, out var offset);
        if (error != DecodeError.None)
        {
            // What is cut short although the whole packet was captured is not the capture's fault.
            if (error == DecodeError.Truncated && bytes.Length == wire) error = DecodeError.MalformedPacket;
            return false;
        }
        flow.Flags |= FlowFlags.SinglePacket;
        flow.Packets = 1;
        flow.SampledPackets = 1;
        return TryNetwork(bytes[offset..], wire - offset, etherType, mayOpenTunnel, ref flow, out error);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool TryNetwork(ReadOnlySpan<byte> packet, int wire, int etherType, bool mayOpenTunnel, ref Flow flow, out DecodeError error)
    {
        switch (etherType)
        {
            case EtherType.Ipv4: return TryIpv4(packet, wire, mayOpenTunnel, ref flow, out error);
            case EtherType.Ipv6: return TryIpv6(packet, wire, mayOpenTunnel, ref flow, out error);
            case EtherType.Arp: return TryArp(packet, wire, ref flow, out error);
            default:
                error = DecodeError.UnsupportedEncapsulation;
                return false;
        }
    }

    /// <summary>The error for a header of which <paramref name="needed"/> octets are needed and fewer are captured.</summary>
    private static DecodeError Cut(int wire, int needed) => wire < needed ? DecodeError.MalformedPacket : DecodeError.Truncated;
}
