using System.Buffers.Binary;
using System.IO.Compression;
using Breakwater.Core.Flows;
using Breakwater.Protocols.Argus;
using Breakwater.Protocols.Pcap;
using Breakwater.Protocols.Zeek;

namespace Breakwater.Protocols.Captures;

/// <summary>Recognises capture and flow files by their first octets, never by their names.</summary>
public static class CaptureFormats
{
    /// <summary>For messages to people.</summary>
    public const string Understood = "pcap, pcapng, Zeek conn.log (TSV or JSON), Argus binetflow CSV, and gzip of any of these";

    /// <summary>Octets looked at: enough for the header line of a flow file with many columns.</summary>
    private const int HeadOctets = 4096;

    /// <summary>Opens a reader for whatever the stream holds.</summary>
    /// <param name="stream">Read from its current position; need not be seekable. The reader closes it.</param>
    /// <param name="name">For messages only.</param>
    /// <exception cref="UnknownCaptureFormatException">The content is of no format understood; the stream has been closed.</exception>
    /// <exception cref="IOException">The stream failed; it has been closed.</exception>
    public static ICaptureReader Open(Stream stream, string name)
    {
        ArgumentNullException.ThrowIfNull(stream);
        try
        {
            var head = ReadHead(stream);
            Stream content = new PrefixedStream(head, stream);
            var compressed = IsGzip(head);
            if (compressed)
            {
                // GZipStream goes on with the next member where one ends, as gzip does (RFC 1952 §2.2).
                var unpacked = new GZipStream(content, CompressionMode.Decompress);
                head = ReadHead(unpacked);
                content = new PrefixedStream(head, unpacked);
            }
            return Recognise(content, head, compressed) ?? throw new UnknownCaptureFormatException(Explain(head, compressed, name));
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    private static ICaptureReader? Recognise(Stream content, ReadOnlySpan<byte> head, bool compressed)
    {
        if (head.Length < 4) return null;
        var magic = BinaryPrimitives.ReadUInt32LittleEndian(head);
        if (magic == PcapNgReader.SectionHeader) return new PcapNgReader(content) { Compressed = compressed };
        if (PcapReader.IsMagic(magic) || PcapReader.IsMagic(BinaryPrimitives.ReverseEndianness(magic)))
            return new PcapReader(content) { Compressed = compressed };
        var lineEnd = head.IndexOf((byte)'\n');
        var line = lineEnd < 0 ? head : head[..lineEnd];
        if (line.StartsWith("#separator "u8) || line.StartsWith("#fields"u8) || IsZeekJson(line))
            return new ZeekConnReader(content) { Compressed = compressed };
        if (line is [.., (byte)'\r']) line = line[..^1];
        return ArgusReader.IsHeader(line) ? new ArgusReader(content) { Compressed = compressed } : null;
    }

    private static bool IsZeekJson(ReadOnlySpan<byte> line) => line is [(byte)'{', ..] && line.IndexOf("\"id.orig_h\""u8) >= 0;

    private static byte[] ReadHead(Stream stream)
    {
        var head = new byte[HeadOctets];
        var length = 0;
        try
        {
            while (length < head.Length && stream.Read(head, length, head.Length - length) is var read and > 0) length += read;
        }
        catch (InvalidDataException)
        {
            // Damaged gzip: what came before may still be recognised, and its reader meets the damage again.
        }
        return head[..length];
    }

    private static bool IsGzip(ReadOnlySpan<byte> head) => head.StartsWith((ReadOnlySpan<byte>)[0x1F, 0x8B]);

    private static string Explain(ReadOnlySpan<byte> head, bool compressed, string name)
    {
        var what = compressed ? $"the unpacked content of '{name}'" : $"'{name}'";
        if (head.IsEmpty) return $"{what} is empty";
        return Hint(head) is { } hint
            ? $"{what} is {hint}"
            : $"{what} begins with {Convert.ToHexStringLower(head[..Math.Min(head.Length, 8)])}: not a format that can be read. Understood: {Understood}";
    }

    /// <summary>What to do about files that people have and we do not read.</summary>
    private static string? Hint(ReadOnlySpan<byte> head)
    {
        if (IsGzip(head)) return "gzip inside gzip: unpack it once";
        // nfdump's magic is 0xA50C in the order of the machine that wrote it.
        if (head.StartsWith((ReadOnlySpan<byte>)[0x0C, 0xA5]) || head.StartsWith((ReadOnlySpan<byte>)[0xA5, 0x0C]))
            return "an nfdump file: only nfdump reads its format; replay it with 'nfreplay -r FILE -H 127.0.0.1 -p 2055' into the flow port of 'serve'";
        if (head.StartsWith((ReadOnlySpan<byte>)[0x28, 0xB5, 0x2F, 0xFD])) return "compressed with zstd: unpack it with 'unzstd' first";
        if (head.StartsWith((ReadOnlySpan<byte>)[0xFD, (byte)'7', (byte)'z', (byte)'X', (byte)'Z'])) return "compressed with xz: unpack it with 'unxz' first";
        return head.StartsWith("BZh"u8) ? "compressed with bzip2: unpack it with 'bunzip2' first" : null;
    }
}
