using Breakwater.Core.Flows;
using Breakwater.Core.Net;
using Breakwater.Protocols.Net;

namespace Breakwater.Protocols.SFlow;

/// <summary>The records that describe the sampled packet itself (sFlow v5 §5, "Packet Header Data").</summary>
internal static class SampledPacket
{
    /// <summary>65,535 octets behind the longer of the two IP headers.</summary>
    private const uint LongestPacket = ushort.MaxValue + 40;

    /// <summary>Octets of an Ethernet frame check sequence.</summary>
    private const uint CheckSequence = 4;

    /// <summary>sampled_header (format 1): the first octets of the packet, as on the wire.</summary>
    /// <param name="read">Set when the flow now holds at least addresses and protocol.</param>
    public static DecodeError Header(ReadOnlySpan<byte> record, ref Flow flow, ref bool read)
    {
        var reader = new WireReader(record);
        var protocol = reader.U32();
        var frameLength = reader.U32();
        var stripped = reader.U32();
        var header = reader.Opaque();
        if (reader.Failed) return DecodeError.Truncated;
        if (LinkType(protocol) is not { } linkType) return DecodeError.UnsupportedEncapsulation;
        // frame_length counts what was stripped as well, the frame check sequence at least. Some agents say that the end of the
        // packet, which the header does not reach, was stripped too: so no more than that sequence is taken off.
        var originalLength = (int)Math.Min(frameLength - Math.Min(Math.Min(stripped, CheckSequence), frameLength), int.MaxValue);
        var packet = new Flow { InputInterface = flow.InputInterface, OutputInterface = flow.OutputInterface };
        if (PacketParser.TryParse(header, linkType, originalLength, ref packet, out var error))
        {
            flow = packet;
            read = true;
            return error;
        }
        // Spanning tree, LLDP and the like are sampled as everything else is: not IP, and no error.
        return error == DecodeError.UnsupportedEncapsulation ? DecodeError.None : error;
    }

    /// <summary>sampled_ipv4 and sampled_ipv6 (formats 3 and 4): what an agent without the header tells of the packet.</summary>
    /// <param name="read">Set when the record was whole.</param>
    public static DecodeError Summary(ReadOnlySpan<byte> record, bool ipv6, ref Flow flow, ref bool read)
    {
        var reader = new WireReader(record);
        var length = reader.U32();
        var protocol = reader.U32();
        var source = reader.Bytes(ipv6 ? 16 : 4);
        var destination = reader.Bytes(ipv6 ? 16 : 4);
        var sourcePort = reader.U32();
        var destinationPort = reader.U32();
        var tcpFlags = reader.U32();
        var tos = reader.U32();
        if (reader.Failed) return DecodeError.InvalidLength;
        if (protocol > byte.MaxValue || length > LongestPacket) return DecodeError.InvalidValue;
        flow.Source = ipv6 ? IpAddr.V6(source) : IpAddr.V4(source);
        flow.Destination = ipv6 ? IpAddr.V6(destination) : IpAddr.V4(destination);
        flow.Bytes = length;
        flow.Protocol = (byte)protocol;
        flow.SourcePort = (ushort)sourcePort;
        flow.DestinationPort = (ushort)destinationPort;
        flow.TcpFlags = (byte)tcpFlags;
        flow.Tos = (byte)tos;
        flow.Flags |= FlowFlags.SinglePacket;
        read = true;
        return DecodeError.None;
    }

    /// <summary>sampled_ethernet (format 2): length, two MAC addresses padded to eight octets each, and the type. A flow has room for none of them.</summary>
    public static DecodeError EthernetFrame(ReadOnlySpan<byte> record) => record.Length < 4 + 8 + 8 + 4 ? DecodeError.InvalidLength : DecodeError.None;

    /// <summary>header_protocol, as far as <see cref="PacketParser"/> reads it.</summary>
    private static int? LinkType(uint headerProtocol) => headerProtocol switch
    {
        1 => LinkTypes.Ethernet,    // ETHERNET-ISO88023
        7 => LinkTypes.Ppp,         // PPP
        10 => LinkTypes.Raw,        // AAL5-IP: IP straight on ATM (RFC 2684 §6.1)
        11 => LinkTypes.Ipv4,
        12 => LinkTypes.Ipv6,
        13 => LinkTypes.Mpls,       // a stack of labels (RFC 3032 §2.1), then IP or a pseudowire
        14 => LinkTypes.Ppp,        // POS: PPP in HDLC-like framing (RFC 1662, RFC 2615)
        _ => null,
    };
}
