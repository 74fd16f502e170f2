using Breakwater.Core.Behaviour.Payload;

namespace Breakwater.Protocols.Http;

/// <summary>The head of an HTTP/1.1 message as far as one packet holds it: start line and the header fields that tell who speaks, as spans into it.</summary>
/// <remarks>RFC 9112 §2 to §5. SSDP sends the same over UDP (UPnP Device Architecture 2.0 §1.1.2). Names of header fields are alike in both cases.</remarks>
public readonly ref struct HttpHead
{
    /// <summary>The longest method in use is SSDP's NOTIFY, M-SEARCH or WebDAV's UNSUBSCRIBE; longer tokens are not methods.</summary>
    private const int MaxMethod = 16;

    private HttpHead(ReadOnlySpan<byte> message, ReadOnlySpan<byte> line)
    {
        var space = line.IndexOf((byte)' ');
        Method = line[..space];
        var rest = line[(space + 1)..];
        var second = rest.LastIndexOf((byte)' ');
        Target = second < 0 ? rest : rest[..second];
        while (message.Length > 0)
        {
            var end = message.IndexOf((byte)'\n');
            if (end < 0) return;
            var field = message[..end].TrimEnd((byte)'\r');
            message = message[(end + 1)..];
            if (field.IsEmpty)
            {
                IsWhole = true;
                Body = message;
                return;
            }
            var colon = field.IndexOf((byte)':');
            if (colon <= 0) continue;
            var value = field[(colon + 1)..].Trim(" \t"u8);
            switch (field[..colon])
            {
                case var n when Is(n, "host"u8): Host = value; break;
                case var n when Is(n, "user-agent"u8): UserAgent = value; break;
                case var n when Is(n, "server"u8): Server = value; break;
                case var n when Is(n, "nt"u8) || Is(n, "st"u8): SearchTarget = value; break;
                case var n when Is(n, "accept"u8): Fields |= RequestFields.Accept; break;
                case var n when Is(n, "accept-language"u8): Fields |= RequestFields.AcceptLanguage; break;
                case var n when Is(n, "accept-encoding"u8): Fields |= RequestFields.AcceptEncoding; break;
                case var n when Is(n, "referer"u8): Fields |= RequestFields.Referer; break;
                case var n when Is(n, "content-type"u8): ContentType = value; break;
                case var n when Is(n, "content-encoding"u8): IsEncoded = true; break;
                case var n when Is(n, "transfer-encoding"u8): IsChunked = true; break;
            }
        }
    }

    /// <summary>The method of a request; <c>HTTP/1.1</c> in a response.</summary>
    public ReadOnlySpan<byte> Method { get; }

    /// <summary>The target of a request; the status code in a response.</summary>
    public ReadOnlySpan<byte> Target { get; }

    public ReadOnlySpan<byte> Host { get; }
    public ReadOnlySpan<byte> UserAgent { get; }
    public ReadOnlySpan<byte> Server { get; }

    /// <summary>NT or ST of SSDP: what is announced, or answered to a search.</summary>
    public ReadOnlySpan<byte> SearchTarget { get; }

    /// <summary>Which of the fields that browsers send are there.</summary>
    public RequestFields Fields { get; }

    public ReadOnlySpan<byte> ContentType { get; }

    /// <summary>The content is compressed, or coded otherwise (RFC 9110 §8.4).</summary>
    public bool IsEncoded { get; }

    /// <summary>The content comes in chunks, each after a line with its length (RFC 9112 §7.1).</summary>
    public bool IsChunked { get; }

    /// <summary>What follows the head in the same packet; empty when the head was cut.</summary>
    public ReadOnlySpan<byte> Body { get; }

    /// <summary>True when the empty line after the header fields was seen: what is absent was not sent.</summary>
    public bool IsWhole { get; }

    public bool IsResponse => Method.StartsWith("HTTP/"u8);

    /// <returns>False for what does not begin with a request or status line of HTTP/1.</returns>
    public static bool TryRead(ReadOnlySpan<byte> message, out HttpHead head)
    {
        head = default;
        if (message.Length < 16 || message[0] is < (byte)'A' or > (byte)'Z') return false;
        var method = message[..MaxMethod].IndexOf((byte)' ');
        if (method <= 0) return false;
        foreach (var octet in message[..method])
            if (!char.IsAsciiLetterUpper((char)octet) && octet is not ((byte)'-' or (byte)'/' or (byte)'.' or (byte)'1' or (byte)'0')) return false;
        var end = message.IndexOf((byte)'\n');
        var line = (end < 0 ? message : message[..end]).TrimEnd((byte)'\r');
        // A request ends its first line with the version, a response begins with it. A first line that was cut is still known by its method.
        if (end >= 0 && !line.StartsWith("HTTP/1."u8) && line.LastIndexOf(" HTTP/1."u8) < 0) return false;
        if (end < 0 && !IsCommon(message[..method])) return false;
        head = new HttpHead(end < 0 ? default : message[(end + 1)..], line);
        return true;
    }

    private static bool IsCommon(ReadOnlySpan<byte> method) => method.SequenceEqual("GET"u8) || method.SequenceEqual("POST"u8) || method.SequenceEqual("HEAD"u8) || method.SequenceEqual("PUT"u8);

    private static bool Is(ReadOnlySpan<byte> name, ReadOnlySpan<byte> expected) => System.Text.Ascii.EqualsIgnoreCase(name, expected);
}
