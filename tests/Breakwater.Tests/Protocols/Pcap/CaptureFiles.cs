using System.Buffers.Binary;
using Breakwater.Core.Flows;

namespace Breakwater.Tests.Protocols.Pcap;

/// <summary>Writes capture files octet by octet, good and bad ones, in either byte order.</summary>
internal sealed class CaptureFiles(bool bigEndian = false)
{
    private readonly MemoryStream _file = new();

    public byte[] ToArray() => _file.ToArray();

    public CaptureFiles PcapHeader(uint magic = 0xA1B2C3D4, int linkType = 1) =>
        U32(magic).U16(2).U16(4).U32(0).U32(0).U32(262144).U32((uint)linkType);

    public CaptureFiles PcapPacket(uint seconds, uint fraction, byte[] packet, uint? original = null, uint? captured = null) =>
        U32(seconds).U32(fraction).U32(captured ?? (uint)packet.Length).U32(original ?? (uint)packet.Length).Bytes(packet);

    /// <summary>The 24-octet packet header of the modified format.</summary>
    public CaptureFiles ModifiedPcapPacket(uint seconds, uint fraction, byte[] packet) =>
        U32(seconds).U32(fraction).U32((uint)packet.Length).U32((uint)packet.Length).U32(2).U16(0x0800).Bytes([0, 0]).Bytes(packet);

    public CaptureFiles Section() => Block(0x0A0D0D0A, b => b.U32(0x1A2B3C4D).U16(1).U16(0).U32(0xFFFFFFFF).U32(0xFFFFFFFF));

    public CaptureFiles Interface(int linkType = 1, byte? resolution = null, long? offsetSeconds = null, uint snapLength = 0) =>
        Block(1, b =>
        {
            b.U16(linkType).U16(0).U32(snapLength);
            if (resolution is { } r) b.U16(9).U16(1).Bytes([r, 0, 0, 0]);
            if (offsetSeconds is { } s) b.U16(14).U16(8).U64((ulong)s);
            if (resolution is not null || offsetSeconds is not null) b.U16(0).U16(0);
        });

    public CaptureFiles Enhanced(uint number, ulong ticks, byte[] packet, uint? captured = null, byte[]? options = null) =>
        Block(6, b => b.U32(number).U32((uint)(ticks >> 32)).U32((uint)ticks).U32(captured ?? (uint)packet.Length).U32((uint)packet.Length)
            .Padded(packet).Bytes(options ?? []));

    public CaptureFiles Obsolete(int number, ulong ticks, byte[] packet) =>
        Block(2, b => b.U16(number).U16(0).U32((uint)(ticks >> 32)).U32((uint)ticks).U32((uint)packet.Length).U32((uint)packet.Length).Padded(packet));

    public CaptureFiles Simple(byte[] packet, uint? original = null) => Block(3, b => b.U32(original ?? (uint)packet.Length).Padded(packet));

    public CaptureFiles Block(uint type, Action<CaptureFiles> body, uint? length = null, uint? trailing = null)
    {
        var inside = new CaptureFiles(bigEndian);
        body(inside);
        var content = inside.ToArray();
        return U32(type).U32(length ?? (uint)content.Length + 12).Bytes(content).U32(trailing ?? length ?? (uint)content.Length + 12);
    }

    public CaptureFiles U16(int value)
    {
        Span<byte> bytes = stackalloc byte[2];
        if (bigEndian) BinaryPrimitives.WriteUInt16BigEndian(bytes, (ushort)value);
        else BinaryPrimitives.WriteUInt16LittleEndian(bytes, (ushort)value);
        _file.Write(bytes);
        return this;
    }

    public CaptureFiles U32(uint value)
    {
        Span<byte> bytes = stackalloc byte[4];
        if (bigEndian) BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        else BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        _file.Write(bytes);
        return this;
    }

    public CaptureFiles U64(ulong value) => bigEndian ? U32((uint)(value >> 32)).U32((uint)value) : U32((uint)value).U32((uint)(value >> 32));

    public CaptureFiles Bytes(byte[] bytes)
    {
        _file.Write(bytes);
        return this;
    }

    public CaptureFiles Padded(byte[] bytes) => Bytes(bytes).Bytes(new byte[-bytes.Length & 3]);

    /// <summary>All flows of a reader, and with each its packet; fails when a reader never ends.</summary>
    public static List<(Flow Flow, byte[] Packet, int LinkType)> ReadAll(ICaptureReader reader)
    {
        var all = new List<(Flow, byte[], int)>();
        var batch = new FlowBatch();
        while (reader.Read(batch))
        {
            Assert.NotEqual(0, batch.Count);
            for (var i = 0; i < batch.Count; i++) all.Add((batch.Flows[i], batch.PacketOf(i, out _).ToArray(), batch.LinkType));
        }
        Assert.Equal(0, batch.Count);
        Assert.False(reader.Read(batch));
        Assert.InRange(reader.Problems.Count, 0, 20);
        return all;
    }
}
