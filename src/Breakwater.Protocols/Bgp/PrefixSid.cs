using Breakwater.Protocols.Net;

namespace Breakwater.Protocols.Bgp;

/// <summary>Tells a well-formed BGP Prefix-SID attribute from a malformed one, whose routes have to be taken as withdrawn. What it says is of no use to us.</summary>
/// <remarks>RFC 8669 §3, §6 (types 1 and 3); RFC 9252 §2, §3, §7 (types 5 and 6): type (8 bits), length (16), value, in three layers.</remarks>
internal static class PrefixSid
{
    private const int SidInformationLength = 21;
    private const int SidStructureLength = 6;

    /// <summary>Bits of a SID that may be moved into a label (RFC 9252 §4).</summary>
    private const int MaxTransposition = 20;

    public static bool IsWellFormed(ReadOnlySpan<byte> value) => EveryTlv(value, static (type, content) => type switch
    {
        1 => content.Length == 7,
        3 => content.Length >= 8 && (content.Length - 2) % 6 == 0,
        5 or 6 => content.Length >= 1 && EveryTlv(content[1..], IsWellFormedService),
        _ => true,
    });

    private static bool IsWellFormedService(byte type, ReadOnlySpan<byte> content) =>
        type != 1 || (content.Length >= SidInformationLength && EveryTlv(content[SidInformationLength..], IsWellFormedStructure));

    /// <summary>Lengths of block, node, function and argument, then length and offset of what is transposed: all in bits.</summary>
    private static bool IsWellFormedStructure(byte type, ReadOnlySpan<byte> content)
    {
        if (type != 1) return true;
        if (content.Length != SidStructureLength) return false;
        var total = content[0] + content[1] + content[2] + content[3];
        return total <= 128 && content[4] <= MaxTransposition && content[4] + content[5] <= total;
    }

    private delegate bool IsTlv(byte type, ReadOnlySpan<byte> content);

    private static bool EveryTlv(ReadOnlySpan<byte> bytes, IsTlv isWellFormed)
    {
        var reader = new WireReader(bytes);
        while (reader.Remaining > 0)
        {
            var type = reader.U8();
            var content = reader.Bytes(reader.U16());
            if (reader.Failed || !isWellFormed(type, content)) return false;
        }
        return true;
    }
}
