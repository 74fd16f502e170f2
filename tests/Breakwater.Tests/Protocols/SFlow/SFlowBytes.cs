using System.Buffers.Binary;
using Breakwater.Core.Net;

namespace Breakwater.Tests.Protocols.SFlow;

/// <summary>Writes sFlow datagrams in the order of the standard's structures.</summary>
internal static class SFlowBytes
{
    public static readonly byte[] UdpPacket = Net.Packets.Ethernet(0x0800, Net.Packets.Ipv4("192.0.2.1", "198.51.100.7", 17, Net.Packets.Udp(53, 40000, new byte[100])));

    public static byte[] Datagram(uint sequence, params byte[][] samples) => Datagram(sequence, subAgent: 0, samples);

    public static byte[] Datagram(uint sequence, uint subAgent, params byte[][] samples) =>
        [.. Integers(5, 1, 0xC0000263, subAgent, sequence, 60_000, (uint)samples.Length), .. samples.SelectMany(s => s)];

    public static byte[] FlowSample(uint rate, uint input, uint output, params byte[][] records) =>
        Opaque(1, [.. Integers(1, 7, rate, 1000, 0, input, output, (uint)records.Length), .. records.SelectMany(r => r)]);

    public static byte[] ExpandedFlowSample(uint rate, (uint Format, uint Value) input, (uint Format, uint Value) output, params byte[][] records) =>
        Opaque(3, [.. Integers(1, 0, 7, rate, 1000, 0, input.Format, input.Value, output.Format, output.Value, (uint)records.Length), .. records.SelectMany(r => r)]);

    public static byte[] Discarded(uint reason, params byte[][] records) =>
        Opaque(5, [.. Integers(1, 0, 7, 0, 3, 4, reason, (uint)records.Length), .. records.SelectMany(r => r)]);

    public static byte[] Counters(uint ifIndex, ulong inOctets, ulong outOctets) =>
        Opaque(2, [.. Integers(1, ifIndex, 1), .. Opaque(1,
        [
            .. Integers(ifIndex, 6, 0, 1_000_000_000, 1, 3, (uint)(inOctets >> 32), (uint)inOctets, 11, 12, 13, 14, 15, 16),
            .. Integers((uint)(outOctets >> 32), (uint)outOctets, 21, 22, 23, 24, 25, 0),
        ])]);

    public static byte[] Header(uint protocol, byte[] packet, uint stripped = 4, uint? frameLength = null) =>
        Opaque(1, [.. Integers(protocol, frameLength ?? (uint)packet.Length + stripped, stripped), .. Length(packet)]);

    public static byte[] Ipv4(uint length, uint protocol, string source, string destination, uint sourcePort, uint destinationPort, uint tcpFlags, uint tos) =>
        Opaque(3, Integers(length, protocol, IpAddr.Parse(source).V4Bits, IpAddr.Parse(destination).V4Bits, sourcePort, destinationPort, tcpFlags, tos));

    public static byte[] Ipv6(uint length, uint protocol, string source, string destination, uint sourcePort, uint destinationPort, uint tcpFlags, uint priority) =>
        Opaque(4, [.. Integers(length, protocol), .. Bytes(source), .. Bytes(destination), .. Integers(sourcePort, destinationPort, tcpFlags, priority)]);

    /// <summary>A format, then opaque data with its length and padding.</summary>
    public static byte[] Opaque(uint format, byte[] content) => [.. Integers(format), .. Length(content)];

    public static byte[] Integers(params uint[] values)
    {
        var bytes = new byte[values.Length * 4];
        for (var i = 0; i < values.Length; i++) BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(i * 4), values[i]);
        return bytes;
    }

    private static byte[] Length(byte[] content) => [.. Integers((uint)content.Length), .. content, .. new byte[-content.Length & 3]];

    private static byte[] Bytes(string address)
    {
        var bytes = new byte[16];
        IpAddr.Parse(address).WriteTo(bytes);
        return bytes;
    }
}
