using System.Buffers.Binary;

namespace Breakwater.Fuzz.Corpus;

/// <summary>Real export datagrams: raw files, and UDP payloads out of captures.</summary>
public static class ExportDatagrams
{
    private const int MaxPerCapture = 64;

    /// <summary>Every datagram among the captured data whose first two octets are the version number; sFlow's 32-bit version starts with 0.</summary>
    public static IEnumerable<byte[]> OfVersion(ushort version)
    {
        var raw = SharedData.Files("vectors/flow", Mutator.MaxLength, ".dat", ".bin", ".ipfix");
        var captured = SharedData.Files("vectors/flow", 1 << 20, ".pcap").SelectMany(UdpPayloads);
        return raw.Concat(captured).Where(d => d.Length >= 4 && BinaryPrimitives.ReadUInt16BigEndian(d) == version);
    }

    /// <summary>Payloads of unfragmented UDP over IP over Ethernet in a little-endian pcap file; anything else is passed over.</summary>
    private static IEnumerable<byte[]> UdpPayloads(byte[] file)
    {
        const int FileHeader = 24, PacketHeader = 16, Ethernet = 14;
        if (file.Length < FileHeader || BinaryPrimitives.ReadUInt32LittleEndian(file) is not (0xA1B2C3D4 or 0xA1B23C4D)) yield break;
        var found = 0;
        for (var at = FileHeader; at + PacketHeader <= file.Length && found < MaxPerCapture;)
        {
            var captured = BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(at + 8));
            at += PacketHeader;
            if (captured < 0 || at + captured > file.Length) yield break;
            var packet = file.AsMemory(at, captured);
            at += captured;
            if (packet.Length < Ethernet + 28) continue;
            var etherType = BinaryPrimitives.ReadUInt16BigEndian(packet.Span[12..]);
            var ip = packet[Ethernet..];
            var header = etherType switch { 0x0800 => (ip.Span[0] & 15) * 4, 0x86DD => 40, _ => 0 };
            var protocol = etherType == 0x0800 ? ip.Span[9] : ip.Span[6];
            if (header == 0 || protocol != 17 || ip.Length < header + 8) continue;
            found++;
            yield return ip[(header + 8)..].ToArray();
        }
    }
}
