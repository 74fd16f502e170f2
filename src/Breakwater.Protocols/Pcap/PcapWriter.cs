using System.Buffers;
using System.Buffers.Binary;
using Breakwater.Core.Flows;
using Breakwater.Core.Incidents;

namespace Breakwater.Protocols.Pcap;

/// <summary>Writes packets as a pcap file with nanoseconds, in little-endian order.</summary>
/// <remarks>draft-ietf-opsawg-pcap §4 (file header, magic A1B23C4D) and §5 (packet record).</remarks>
public static class PcapWriter
{
    private const int SnapLength = 262_144;

    public static void Write(IBufferWriter<byte> output, Evidence evidence)
    {
        var header = output.GetSpan(24);
        BinaryPrimitives.WriteUInt32LittleEndian(header, 0xA1B2_3C4D);
        BinaryPrimitives.WriteUInt16LittleEndian(header[4..], 2);
        BinaryPrimitives.WriteUInt16LittleEndian(header[6..], 4);
        BinaryPrimitives.WriteUInt64LittleEndian(header[8..], 0);
        BinaryPrimitives.WriteUInt32LittleEndian(header[16..], SnapLength);
        BinaryPrimitives.WriteUInt32LittleEndian(header[20..], (uint)evidence.LinkType);
        output.Advance(24);
        foreach (var packet in evidence.Packets) WriteRecord(output, packet);
    }

    private static void WriteRecord(IBufferWriter<byte> output, EvidencePacket packet)
    {
        // The field is unsigned: a moment before 1970 cannot be written.
        var time = Math.Max(0, packet.Time.Nanoseconds);
        var record = output.GetSpan(16 + packet.Bytes.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(record, (uint)(time / Timestamp.NanosecondsPerSecond));
        BinaryPrimitives.WriteUInt32LittleEndian(record[4..], (uint)(time % Timestamp.NanosecondsPerSecond));
        BinaryPrimitives.WriteUInt32LittleEndian(record[8..], (uint)packet.Bytes.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(record[12..], (uint)Math.Max(packet.OriginalLength, packet.Bytes.Length));
        packet.Bytes.CopyTo(record[16..]);
        output.Advance(16 + packet.Bytes.Length);
    }
}
