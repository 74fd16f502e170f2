using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Breakwater.Protocols.Tls;

/// <summary>JA4: a fingerprint of a TLS client that survives shuffled extensions and GREASE.</summary>
/// <remarks>
/// FoxIO, "JA4: TLS Client Fingerprinting" (technical_details/JA4.md; JA4 itself is under the BSD 3-Clause licence, unlike the rest of JA4+).
/// <c>t13d1516h2_8daaf6152771_e5627efa2ab1</c>: transport, version, name or address, number of cipher suites and of extensions, ends of the first ALPN
/// value; hash of the sorted cipher suites; hash of the sorted extensions with the signature algorithms as sent. GREASE (RFC 8701) counts nowhere.
/// </remarks>
public static class Ja4
{
    /// <summary>Octets of a fingerprint: 10, and two hashes of 12 with an underscore before each.</summary>
    public const int Length = 36;

    /// <summary>Items of one list; a ClientHello of more is no client's, and has no fingerprint.</summary>
    private const int MaxItems = 256;

    /// <summary>Four digits and a comma an item; extensions and signature algorithms are hashed together.</summary>
    private const int MaxText = 2 * MaxItems * 5;

    /// <param name="hello">A whole ClientHello, seen over TCP.</param>
    /// <param name="fingerprint">Receives <see cref="Length"/> octets.</param>
    /// <returns>False when the ClientHello was not captured whole, or has lists of more than 256 items.</returns>
    public static bool TryWrite(in ClientHello hello, Span<byte> fingerprint)
    {
        if (!hello.IsWhole) return false;
        Span<ushort> items = stackalloc ushort[MaxItems];
        Span<byte> text = stackalloc byte[MaxText];
        if (!TryTake(hello.CipherSuites, items, out var ciphers)) return false;

        fingerprint[0] = (byte)'t';
        WriteVersion(hello, fingerprint[1..]);
        fingerprint[3] = hello.HasServerName ? (byte)'d' : (byte)'i';
        WriteCount(ciphers, fingerprint[4..]);
        items[..ciphers].Sort();
        WriteHash(text[..WriteList(items[..ciphers], text)], fingerprint[11..]);

        if (!TryTakeExtensions(hello.Extensions, items, out var all, out var hashed)) return false;
        WriteCount(all, fingerprint[6..]);
        WriteAlpn(hello.Alpn, fingerprint[8..]);
        items[..hashed].Sort();
        var length = WriteList(items[..hashed], text);
        if (!TryTake(hello.SignatureAlgorithms, items, out var algorithms)) return false;
        if (algorithms > 0 && length > 0)
        {
            text[length++] = (byte)'_';
            length += WriteList(items[..algorithms], text[length..]);
        }
        WriteHash(text[..length], fingerprint[24..]);
        fingerprint[10] = fingerprint[23] = (byte)'_';
        return true;
    }

    /// <summary>True for the values that clients send to keep servers tolerant: both octets alike, of the form 0x?A (RFC 8701 §2).</summary>
    public static bool IsGrease(ushort value) => (value & 0x0F0F) == 0x0A0A && value >> 8 == (value & 0xFF);

    private static bool TryTake(ReadOnlySpan<byte> list, Span<ushort> items, out int count)
    {
        count = 0;
        for (; list.Length >= 2; list = list[2..])
        {
            var value = BinaryPrimitives.ReadUInt16BigEndian(list);
            if (IsGrease(value)) continue;
            if (count == items.Length) return false;
            items[count++] = value;
        }
        return true;
    }

    /// <summary>Takes the types; server name and ALPN are counted but not hashed, because they change with the server, not with the client.</summary>
    private static bool TryTakeExtensions(ReadOnlySpan<byte> extensions, Span<ushort> items, out int all, out int hashed)
    {
        all = 0;
        hashed = 0;
        while (extensions.Length >= 4)
        {
            var type = BinaryPrimitives.ReadUInt16BigEndian(extensions);
            extensions = extensions[(4 + BinaryPrimitives.ReadUInt16BigEndian(extensions[2..]))..];
            if (IsGrease(type)) continue;
            all++;
            if (type is ExtensionType.ServerName or ExtensionType.Alpn) continue;
            if (hashed == items.Length) return false;
            items[hashed++] = type;
        }
        return true;
    }

    private static void WriteVersion(in ClientHello hello, Span<byte> output)
    {
        var highest = hello.LegacyVersion;
        if (!hello.SupportedVersions.IsEmpty)
        {
            highest = 0;
            for (var list = hello.SupportedVersions; list.Length >= 2; list = list[2..])
            {
                var version = BinaryPrimitives.ReadUInt16BigEndian(list);
                if (!IsGrease(version)) highest = Math.Max(highest, version);
            }
        }
        var text = highest switch
        {
            0x0304 => "13"u8,
            0x0303 => "12"u8,
            0x0302 => "11"u8,
            0x0301 => "10"u8,
            0x0300 => "s3"u8,
            0x0002 => "s2"u8,
            _ => "00"u8,
        };
        text.CopyTo(output);
    }

    private static void WriteCount(int count, Span<byte> output)
    {
        count = Math.Min(count, 99);
        output[0] = (byte)('0' + count / 10);
        output[1] = (byte)('0' + count % 10);
    }

    /// <summary>First and last character of the first protocol; of its hexadecimal form where either is not alphanumeric.</summary>
    private static void WriteAlpn(ReadOnlySpan<byte> alpn, Span<byte> output)
    {
        if (alpn.IsEmpty)
        {
            output[0] = output[1] = (byte)'0';
            return;
        }
        var isPlain = char.IsAsciiLetterOrDigit((char)alpn[0]) && char.IsAsciiLetterOrDigit((char)alpn[^1]);
        output[0] = isPlain ? alpn[0] : Digit(alpn[0] >> 4);
        output[1] = isPlain ? alpn[^1] : Digit(alpn[^1] & 0xF);
    }

    private static int WriteList(ReadOnlySpan<ushort> items, Span<byte> text)
    {
        var length = 0;
        foreach (var item in items)
        {
            if (length > 0) text[length++] = (byte)',';
            for (var shift = 12; shift >= 0; shift -= 4) text[length++] = Digit(item >> shift & 0xF);
        }
        return length;
    }

    /// <summary>The first 12 digits of the text's SHA-256; zeros for no text, which says more than the hash of nothing.</summary>
    private static void WriteHash(ReadOnlySpan<byte> text, Span<byte> output)
    {
        if (text.IsEmpty)
        {
            output[..12].Fill((byte)'0');
            return;
        }
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(text, hash);
        for (var i = 0; i < 6; i++)
        {
            output[2 * i] = Digit(hash[i] >> 4);
            output[2 * i + 1] = Digit(hash[i] & 0xF);
        }
    }

    private static byte Digit(int value) => "0123456789abcdef"u8[value];
}
