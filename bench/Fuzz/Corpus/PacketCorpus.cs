using System.Buffers.Binary;

namespace Breakwater.Fuzz.Corpus;

/// <summary>Good Ethernet frames with each header that we look into.</summary>
public static class PacketCorpus
{
    private const int Ipv4 = 0x0800, Ipv6 = 0x86DD, Vlan = 0x8100, Provider = 0x88A8, Mpls = 0x8847, PppoeSession = 0x8864, Arp = 0x0806;
    private const int Icmp = 1, IpInIp = 4, Tcp = 6, Udp = 17, SixInFour = 41, Gre = 47, Authentication = 51, Icmp6 = 58;

    public static byte[] Udp4() => Frame(Ipv4, Ip4(Udp, UdpTo(40_000, new Wire().Zeros(32)))).ToArray();

    public static byte[] Tcp4() => Frame(Ipv4, Ip4(Tcp, TcpSyn())).ToArray();

    public static IEnumerable<byte[]> Frames()
    {
        yield return Udp4();
        yield return Tcp4();
        yield return Frame(Ipv4, Ip4(Icmp, new Wire().U8(8, 0).U16(0, 1, 1).Zeros(16))).ToArray();
        // First and last fragment of one datagram (RFC 791).
        yield return Frame(Ipv4, Ip4(Udp, UdpTo(40_000, new Wire().Zeros(24)), fragment: 0x2000)).ToArray();
        yield return Frame(Ipv4, Ip4(Udp, new Wire().Zeros(24), fragment: 4)).ToArray();
        yield return Frame(Vlan, new Wire().U16(100, Ipv4).Add(Ip4(Udp, UdpTo(53, new Wire().Zeros(8))))).ToArray();
        yield return Frame(Provider, new Wire().U16(7, Vlan, 100, Ipv6).Add(Ip6(Tcp, TcpSyn()))).ToArray();
        yield return Frame(Mpls, new Wire().U32(0x0001_0040, 0x0002_0140).Add(Ip4(Tcp, TcpSyn()))).ToArray();
        var inner = Ip4(Udp, UdpTo(53, new Wire().Zeros(8)));
        // PPPoE (RFC 2516): version and type, code, session, length; then the PPP protocol number.
        yield return Frame(PppoeSession, new Wire().U8(0x11, 0).U16(1, inner.Length + 2, 0x0021).Add(inner)).ToArray();
        yield return Frame(Ipv6, Ip6(Icmp6, new Wire().U8(128, 0).U16(0, 1, 1))).ToArray();
        // Hop-by-hop, destination options, routing, fragment header, then UDP (RFC 8200 §4).
        yield return Frame(Ipv6, Ip6(0, new Wire().U8(60, 0, 1, 4).Zeros(4).U8(43, 0, 1, 4).Zeros(4).U8(44, 0, 0, 0).Zeros(4)
            .U8(Udp, 0).U16(1).U32(99).Add(UdpTo(53, new Wire().Zeros(8))))).ToArray();
        // Authentication header (RFC 4302 §2): length in 32-bit words minus 2.
        yield return Frame(Ipv6, Ip6(Authentication, new Wire().U8(Icmp6, 4).U16(0).U32(1, 1, 0, 0, 0).U8(128, 0).U16(0, 1, 1))).ToArray();
        yield return Frame(Ipv4, Ip4(IpInIp, inner)).ToArray();
        yield return Frame(Ipv4, Ip4(SixInFour, Ip6(Tcp, TcpSyn()))).ToArray();
        // GRE with key and sequence number (RFC 2890).
        yield return Frame(Ipv4, Ip4(Gre, new Wire().U16(0x3000, Ipv4).U32(5, 6).Add(inner))).ToArray();
        yield return Frame(Ipv4, Ip4(Udp, UdpTo(4789, new Wire().U32(0x0800_0000, 0x0000_0100).Add(Frame(Ipv4, inner))))).ToArray();
        // GTP-U (TS 29.281 §5.1): flags, G-PDU, length, TEID.
        yield return Frame(Ipv4, Ip4(Udp, UdpTo(2152, new Wire().U8(0x30, 255).U16(inner.Length).U32(1).Add(inner)))).ToArray();
        yield return Frame(Arp, new Wire().U16(1, Ipv4).U8(6, 4).U16(1).Zeros(6).U32(0xC000_0201).Zeros(6).U32(0xC000_0202)).ToArray();
    }

    /// <summary>A datagram on its way to the port that NetFlow is sent to by custom.</summary>
    public static byte[] Export(byte[] datagram) => Frame(Ipv4, Ip4(Udp, UdpTo(2055, new Wire().Bytes(datagram)))).ToArray();

    /// <summary>Puts a payload behind good headers of IPv4 and UDP (17) or TCP (6), without allocation.</summary>
    /// <returns>Octets of the frame.</returns>
    public static int Wrap(ReadOnlySpan<byte> payload, byte protocol, ushort port, Span<byte> frame)
    {
        var transport = protocol == Udp ? 8 : 20;
        payload = payload[..Math.Min(payload.Length, ushort.MaxValue - 20 - transport)];
        var length = 14 + 20 + transport + payload.Length;
        frame[..(length - payload.Length)].Clear();
        BinaryPrimitives.WriteUInt16BigEndian(frame[12..], Ipv4);
        var packet = frame[14..];
        packet[0] = 0x45;
        packet[9] = protocol;
        BinaryPrimitives.WriteUInt16BigEndian(packet[2..], (ushort)(length - 14));
        BinaryPrimitives.WriteUInt32BigEndian(packet[12..], 0xC000_0201);
        BinaryPrimitives.WriteUInt32BigEndian(packet[16..], 0xC633_6407);
        var segment = packet[20..];
        BinaryPrimitives.WriteUInt16BigEndian(segment, port);
        BinaryPrimitives.WriteUInt16BigEndian(segment[2..], port);
        if (protocol == Udp) BinaryPrimitives.WriteUInt16BigEndian(segment[4..], (ushort)(8 + payload.Length));
        else segment[12] = 0x50;
        payload.CopyTo(segment[transport..]);
        return length;
    }

    private static Wire Frame(int etherType, Wire payload) =>
        new Wire().Bytes(2, 0, 0, 0, 0, 1).Bytes(2, 0, 0, 0, 0, 2).U16(etherType).Add(payload);

    private static Wire Ip4(int protocol, Wire payload, int fragment = 0) =>
        new Wire().U8(0x45, 0).U16(20 + payload.Length, 1, fragment).U8(64, protocol).U16(0).U32(0xC000_0201, 0xC633_6407).Add(payload);

    private static Wire Ip6(int next, Wire payload) =>
        new Wire().U32(0x6000_0000).U16(payload.Length).U8(next, 64).U64(0x2001_0DB8_0000_0000).U64(1).U64(0x2001_0DB8_0000_0000).U64(2).Add(payload);

    private static Wire UdpTo(int port, Wire payload) => new Wire().U16(53, port, 8 + payload.Length, 0).Add(payload);

    private static Wire TcpSyn() => new Wire().U16(50_000, 443).U32(1, 0).U8(0x50, 0x02).U16(64_240, 0, 0);
}
