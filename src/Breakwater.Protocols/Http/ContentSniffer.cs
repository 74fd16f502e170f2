using System.Buffers;
using System.Buffers.Binary;
using Breakwater.Core.Behaviour.Payload;

namespace Breakwater.Protocols.Http;

/// <summary>Says by its first octets what content is: programs, scripts, ciphertext, printable codes.</summary>
/// <remarks>Programs: Microsoft PE format, "MS-DOS stub" and "signature"; System V ABI, "ELF identification".</remarks>
public static class ContentSniffer
{
    /// <summary>Octets that are looked at, at most.</summary>
    public const int MaxOctets = 256;

    /// <summary>Fewer octets are no sample.</summary>
    private const int MinCipher = 32;

    /// <summary>A key, a token or a hash is shorter.</summary>
    private const int MinEncoded = MaxOctets;

    private const int MsDosHeader = 64, AddressOfSignature = 0x3C;

    /// <summary>Real programs have their signature behind the stub and the linker's mark, within the first kilobyte.</summary>
    private const int LastSignature = 1_024;

    private static readonly SearchValues<byte> Hexadecimal = SearchValues.Create("0123456789abcdefABCDEF"u8);
    private static readonly SearchValues<byte> Base64 = SearchValues.Create("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ+/-_="u8);

    /// <param name="content">From its first octet on.</param>
    /// <param name="octets">How many of it were looked at.</param>
    public static ContentKind KindOf(ReadOnlySpan<byte> content, out int octets)
    {
        octets = Math.Min(content.Length, MaxOctets);
        if (IsProgram(content)) return ContentKind.Program;
        content = content[..octets];
        if (content.StartsWith("#!/"u8)) return ContentKind.Script;
        return IsEncoded(content) ? ContentKind.Encoded : IsCipher(content) ? ContentKind.Cipher : ContentKind.Other;
    }

    /// <summary>The content of a message, behind the line that says how long the first chunk is (RFC 9112 §7.1).</summary>
    public static ReadOnlySpan<byte> FirstChunk(ReadOnlySpan<byte> body)
    {
        var digits = body.IndexOfAnyExcept(Hexadecimal);
        if (digits is <= 0 or > 8) return body;
        var end = body.IndexOf("\r\n"u8);
        return end < digits ? body : body[(end + 2)..];
    }

    /// <summary>True for the beginning of a program, also when it is the beginning of a packet only: 'MZ' alone would be found in one random packet of 65,536.</summary>
    public static bool IsProgram(ReadOnlySpan<byte> content)
    {
        if (content.StartsWith((ReadOnlySpan<byte>)[0x7F, 0x45, 0x4C, 0x46])) return content.Length >= 16 && content[4] is 1 or 2 && content[5] is 1 or 2 && content[6] == 1;
        if (!content.StartsWith("MZ"u8) || content.Length < MsDosHeader) return false;
        var signature = BinaryPrimitives.ReadUInt32LittleEndian(content[AddressOfSignature..]);
        if (signature is < 4 or > LastSignature || signature % 4 != 0) return false;
        return signature + 4 > content.Length || content[(int)signature..].StartsWith("PE\0\0"u8);
    }

    private static bool IsEncoded(ReadOnlySpan<byte> content)
    {
        if (content.Length < MinEncoded || content.ContainsAnyExcept(Base64)) return false;
        // A long word, or one octet over and over, is no code.
        var digits = 0;
        foreach (var octet in content)
            if (char.IsAsciiDigit((char)octet)) digits++;
        return digits * 12 > content.Length && Distinct(content) >= 12;
    }

    /// <summary>Text has no control characters, and whatever has structure has octets that come again and again: random is what has a tenth of the former, half of its octets above 127, and nearly as many different ones as chance gives.</summary>
    private static bool IsCipher(ReadOnlySpan<byte> content)
    {
        if (content.Length < MinCipher || IsKnownFormat(content)) return false;
        var (control, high) = (0, 0);
        foreach (var octet in content)
        {
            if (octet >= 0x80) high++;
            else if (octet is < 0x20 and not ((byte)'\t' or (byte)'\n' or (byte)'\r') or 0x7F) control++;
        }
        // By chance 0.117 and 0.5: in 32 octets, 4 ± 2 and 16 ± 3.
        if (control * 25 < content.Length || control * 4 > content.Length || high * 10 < content.Length * 3 || high * 10 > content.Length * 7) return false;
        return Distinct(content) >= 0.85 * 256 * (1 - Math.Exp(-content.Length / 256.0));
    }

    private static int Distinct(ReadOnlySpan<byte> content)
    {
        Span<ulong> seen = stackalloc ulong[4];
        seen.Clear();
        foreach (var octet in content) seen[octet >> 6] |= 1UL << octet;
        return System.Numerics.BitOperations.PopCount(seen[0]) + System.Numerics.BitOperations.PopCount(seen[1]) + System.Numerics.BitOperations.PopCount(seen[2]) + System.Numerics.BitOperations.PopCount(seen[3]);
    }

    /// <summary>Compressed formats that look as if drawn by lot: pictures, sounds, films, archives, fonts.</summary>
    private static bool IsKnownFormat(ReadOnlySpan<byte> content) =>
        content.StartsWith("GIF8"u8) || content.StartsWith((ReadOnlySpan<byte>)[0x89, 0x50, 0x4E, 0x47]) || content.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF])
        || content.StartsWith("RIFF"u8) || content.StartsWith((ReadOnlySpan<byte>)[0x1F, 0x8B]) || IsZlib(content) || content.StartsWith("PK"u8) || content.StartsWith("Rar!"u8)
        || content.StartsWith("7z"u8) || content.StartsWith("BZh"u8) || content.StartsWith((ReadOnlySpan<byte>)[0xFD, 0x37, 0x7A, 0x58]) || content.StartsWith((ReadOnlySpan<byte>)[0x28, 0xB5, 0x2F, 0xFD])
        || content.StartsWith("MSCF"u8) || content.StartsWith("%PDF"u8) || content.StartsWith("CWS"u8) || content.StartsWith("ZWS"u8) || content.StartsWith("FLV"u8) || content.StartsWith("ID3"u8)
        || content.StartsWith("OggS"u8) || content.StartsWith("wOF"u8) || content[4..].StartsWith("ftyp"u8) || content.StartsWith((ReadOnlySpan<byte>)[0x1A, 0x45, 0xDF, 0xA3])
        || (content[0] == 0xFF && content[1] >= 0xE0) || content[0] == 0x47;

    /// <summary>RFC 1950 §2.2: method 8, window of 32 KiB, and both octets together a multiple of 31.</summary>
    private static bool IsZlib(ReadOnlySpan<byte> content) => content[0] == 0x78 && (content[0] << 8 | content[1]) % 31 == 0;
}
