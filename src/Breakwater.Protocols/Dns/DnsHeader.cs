using System.Buffers.Binary;

namespace Breakwater.Protocols.Dns;

/// <summary>The header of a DNS message: identifier, flags, and how many records of each section follow.</summary>
/// <remarks>RFC 1035 §4.1.1, with the AD and CD bits of RFC 4035 §3.1.6.</remarks>
public readonly record struct DnsHeader(ushort Id, ushort Flags, ushort Questions, ushort Answers, ushort Authorities, ushort Additionals)
{
    public const int Length = 12;

    public bool IsResponse => (Flags & 0x8000) != 0;

    /// <summary>0 query, 4 notify, 5 update.</summary>
    public int Opcode => Flags >> 11 & 0xF;

    /// <summary>The sender cut the message to fit.</summary>
    public bool IsTruncated => (Flags & 0x0200) != 0;

    /// <summary>The lower four bits of the response code.</summary>
    public ushort ResponseCode => (ushort)(Flags & 0xF);

    public static bool TryRead(ReadOnlySpan<byte> message, out DnsHeader header)
    {
        header = default;
        if (message.Length < Length) return false;
        header = new DnsHeader(
            BinaryPrimitives.ReadUInt16BigEndian(message),
            BinaryPrimitives.ReadUInt16BigEndian(message[2..]),
            BinaryPrimitives.ReadUInt16BigEndian(message[4..]),
            BinaryPrimitives.ReadUInt16BigEndian(message[6..]),
            BinaryPrimitives.ReadUInt16BigEndian(message[8..]),
            BinaryPrimitives.ReadUInt16BigEndian(message[10..]));
        return true;
    }
}
