using System.Buffers.Binary;

namespace Breakwater.Tests.Protocols.Net;

/// <summary>Builds packets from the inside out: <c>Ethernet(0x0800, Ipv4("192.0.2.1", "198.51.100.7", 6, Tcp(1234, 80, flags: 2)))</c>.</summary>
internal static class Packets
{
    public static byte[] Ethernet(int etherType, byte[] payload) =>
        [2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, .. U16(etherType), .. payload];

    /// <param name="fragment">Flags and offset word: 0x2000 is "more fragments", the low 13 bits are units of 8 octets.</param>
    /// <param name="totalLength">Null: the true one.</param>
    public static byte[] Ipv4(string from, string to, byte protocol, byte[] payload, int fragment = 0, int? totalLength = null, byte[]? options = null)
    {
        options ??= [];
        byte[] packet =
        [
            (byte)(0x45 + options.Length / 4), 0x28, .. U16(totalLength ?? 20 + options.Length + payload.Length),
            0, 1, .. U16(fragment), 61, protocol, 0, 0,
            .. Address(from), .. Address(to), .. options, .. payload,
        ];
        return packet;
    }

    public static byte[] Ipv6(string from, string to, byte next, byte[] payload, int? payloadLength = null) =>
        [0x62, 0x80, 0, 0, .. U16(payloadLength ?? payload.Length), next, 61, .. Address(from), .. Address(to), .. payload];

    /// <summary>Hop-by-hop, routing, destination options …: next header, length in units of 8 beyond the first 8, content.</summary>
    public static byte[] Extension(byte next, int octets, byte[] payload) =>
        [next, (byte)(octets / 8 - 1), .. new byte[octets - 2], .. payload];

    public static byte[] FragmentHeader(byte next, int offset, bool more, byte[] payload) =>
        [next, 0, .. U16(offset << 3 | (more ? 1 : 0)), 0, 0, 0, 9, .. payload];

    public static byte[] AuthenticationHeader(byte next, byte[] payload) =>
        [next, 4, .. new byte[22], .. payload];

    public static byte[] Tcp(int from, int to, byte flags, int payload = 0) =>
        [.. U16(from), .. U16(to), 0, 0, 0, 1, 0, 0, 0, 2, 0x50, flags, .. new byte[6], .. new byte[payload]];

    public static byte[] Udp(int from, int to, byte[] payload) =>
        [.. U16(from), .. U16(to), .. U16(8 + payload.Length), 0, 0, .. payload];

    public static byte[] U16(int value)
    {
        var bytes = new byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(bytes, (ushort)value);
        return bytes;
    }

    private static byte[] Address(string text) => System.Net.IPAddress.Parse(text).GetAddressBytes();
}
