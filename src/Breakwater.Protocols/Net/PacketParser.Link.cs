using System.Buffers.Binary;
using Breakwater.Core.Flows;

namespace Breakwater.Protocols.Net;

public static partial class PacketParser
{
    /// <summary>Tags, labels and shims passed before giving up: more than any network stacks, few enough to bound the work.</summary>
    private const int MaxShims = 16;

    private static class EtherType
    {
        public const int Ipv4 = 0x0800;
        public const int Arp = 0x0806;
        public const int Bridged = 0x6558;
        public const int Vlan = 0x8100;
        public const int Ipv6 = 0x86DD;
        public const int Mpls = 0x8847;
        public const int MplsMulticast = 0x8848;
        public const int PppoeSession = 0x8864;
        public const int ServiceVlan = 0x88A8;

        /// <summary>Q-in-Q before 802.1ad gave it a number.</summary>
        public const int OldServiceVlan = 0x9100;

        /// <summary>Values below are lengths of an IEEE 802.3 frame, which goes on with LLC.</summary>
        public const int First = 0x0600;
    }

    /// <summary>Walks from the link-layer header to IP or ARP.</summary>
    /// <returns><see cref="DecodeError.None"/> with EtherType and offset (at most the captured length) of the network header.</returns>
    private static DecodeError FindNetworkHeader(ReadOnlySpan<byte> bytes, int linkType, out int etherType, out int offset)
    {
        etherType = 0;
        offset = 0;
        switch (linkType)
        {
            case LinkTypes.Ethernet:
                // Destination 6, source 6, EtherType 2.
                return TakeEtherType(bytes, 12, 14, ref etherType, ref offset);
            case LinkTypes.LinuxSll:
                // Packet type 2, ARPHRD 2, address length 2, address 8, protocol 2.
                return TakeEtherType(bytes, 14, 16, ref etherType, ref offset);
            case LinkTypes.LinuxSll2:
                // Protocol 2, reserved 2, interface 4, ARPHRD 2, packet type 1, address length 1, address 8.
                return TakeEtherType(bytes, 0, 20, ref etherType, ref offset);
            case LinkTypes.Raw or LinkTypes.RawBsd or LinkTypes.RawOpenBsd or LinkTypes.Ipv4 or LinkTypes.Ipv6:
                return ByVersion(bytes, ref etherType, 0);
            case LinkTypes.Null or LinkTypes.Loop:
                return AfterAddressFamily(bytes, ref etherType, ref offset);
            case LinkTypes.Mpls:
                etherType = EtherType.Mpls;
                return SkipShims(bytes, ref etherType, ref offset);
            case LinkTypes.Ppp:
                return AfterPpp(bytes, ref etherType, ref offset);
            default:
                return DecodeError.UnsupportedEncapsulation;
        }
    }

    private static DecodeError TakeEtherType(ReadOnlySpan<byte> bytes, int field, int header, ref int etherType, ref int offset)
    {
        if (bytes.Length < header) return DecodeError.Truncated;
        etherType = BinaryPrimitives.ReadUInt16BigEndian(bytes[field..]);
        offset = header;
        return etherType is EtherType.Ipv4 or EtherType.Ipv6 ? DecodeError.None : SkipShims(bytes, ref etherType, ref offset);
    }

    /// <summary>Skips VLAN tags, LLC/SNAP, PPPoE and MPLS labels in whatever order they come.</summary>
    private static DecodeError SkipShims(ReadOnlySpan<byte> bytes, ref int etherType, ref int offset)
    {
        for (var shim = 0; shim < MaxShims; shim++)
        {
            var rest = bytes[offset..];
            switch (etherType)
            {
                case EtherType.Ipv4 or EtherType.Ipv6 or EtherType.Arp:
                    return DecodeError.None;

                case EtherType.Vlan or EtherType.ServiceVlan or EtherType.OldServiceVlan:
                    // Tag control 2, EtherType 2 (IEEE 802.1Q §9.3).
                    if (rest.Length < 4) return DecodeError.Truncated;
                    etherType = BinaryPrimitives.ReadUInt16BigEndian(rest[2..]);
                    offset += 4;
                    break;

                case EtherType.PppoeSession:
                    // Version and type 1, code 1, session 2, length 2, PPP protocol 2 (RFC 2516 §4).
                    if (rest.Length < 8) return DecodeError.Truncated;
                    offset += 6;
                    return AfterPpp(bytes, ref etherType, ref offset);

                case EtherType.Mpls or EtherType.MplsMulticast:
                    // Label 20 bits, class 3, bottom of stack 1, TTL 8 (RFC 3032 §2.1).
                    if (rest.Length < 4) return DecodeError.Truncated;
                    offset += 4;
                    if ((rest[2] & 1) == 0) break;
                    return BelowMpls(bytes, ref etherType, ref offset);

                case < EtherType.First:
                    // DSAP 0xAA, SSAP 0xAA, control 3, organisation 3 of zeros, EtherType (RFC 1042). Other LLC carries no IP.
                    if (rest.Length < 8) return DecodeError.Truncated;
                    if (BinaryPrimitives.ReadUInt32BigEndian(rest) != 0xAAAA0300 || BinaryPrimitives.ReadUInt16BigEndian(rest[4..]) != 0)
                        return DecodeError.UnsupportedEncapsulation;
                    etherType = BinaryPrimitives.ReadUInt16BigEndian(rest[6..]);
                    offset += 8;
                    break;

                default:
                    return DecodeError.UnsupportedEncapsulation;
            }
        }
        return DecodeError.MalformedPacket;
    }

    /// <summary>MPLS does not say what it carries: the first nibble does (RFC 4928 §3).</summary>
    private static DecodeError BelowMpls(ReadOnlySpan<byte> bytes, ref int etherType, ref int offset)
    {
        if (bytes.Length == offset) return DecodeError.Truncated;
        if (bytes[offset] >> 4 != 0) return ByVersion(bytes, ref etherType, offset);
        // A pseudowire: control word 4 (RFC 4385 §3), then, nearly always, an Ethernet frame (RFC 4448 §4.6).
        if (bytes.Length < offset + 18) return DecodeError.Truncated;
        etherType = BinaryPrimitives.ReadUInt16BigEndian(bytes[(offset + 16)..]);
        offset += 18;
        return etherType is EtherType.Ipv4 or EtherType.Ipv6 or EtherType.Arp ? DecodeError.None : DecodeError.UnsupportedEncapsulation;
    }

    private static DecodeError ByVersion(ReadOnlySpan<byte> bytes, ref int etherType, int offset)
    {
        if (bytes.Length <= offset) return DecodeError.Truncated;
        switch (bytes[offset] >> 4)
        {
            case 4: etherType = EtherType.Ipv4; return DecodeError.None;
            case 6: etherType = EtherType.Ipv6; return DecodeError.None;
            default: return DecodeError.UnsupportedEncapsulation;
        }
    }

    /// <summary>BSD loopback: the address family in 4 octets, in the order of the machine that captured (NULL) or of the network (LOOP).</summary>
    private static DecodeError AfterAddressFamily(ReadOnlySpan<byte> bytes, ref int etherType, ref int offset)
    {
        if (bytes.Length < 4) return DecodeError.Truncated;
        var family = BinaryPrimitives.ReadUInt32BigEndian(bytes);
        // Families are small numbers, so the other order shows.
        if (family > 0xFFFF) family = BinaryPrimitives.ReverseEndianness(family);
        offset = 4;
        switch (family)
        {
            case 2: etherType = EtherType.Ipv4; return DecodeError.None;
            // AF_INET6 of Linux, NetBSD and OpenBSD, FreeBSD, Darwin.
            case 10 or 24 or 28 or 30: etherType = EtherType.Ipv6; return DecodeError.None;
            default: return DecodeError.UnsupportedEncapsulation;
        }
    }

    /// <summary>PPP: optional address and control FF 03, then a protocol of two octets, or one when odd (RFC 1661 §2, RFC 1662 §3.1).</summary>
    private static DecodeError AfterPpp(ReadOnlySpan<byte> bytes, ref int etherType, ref int offset)
    {
        if (bytes.Length < offset + 2) return DecodeError.Truncated;
        if (bytes[offset] == 0xFF && bytes[offset + 1] == 0x03) offset += 2;
        if (bytes.Length < offset + 2) return DecodeError.Truncated;
        var compressed = (bytes[offset] & 1) == 1;
        int protocol = compressed ? bytes[offset] : BinaryPrimitives.ReadUInt16BigEndian(bytes[offset..]);
        offset += compressed ? 1 : 2;
        switch (protocol)
        {
            case 0x0021: etherType = EtherType.Ipv4; return DecodeError.None;
            case 0x0057: etherType = EtherType.Ipv6; return DecodeError.None;
            case 0x0281:
                etherType = EtherType.Mpls;
                return SkipShims(bytes, ref etherType, ref offset);
            default: return DecodeError.UnsupportedEncapsulation;
        }
    }
}
