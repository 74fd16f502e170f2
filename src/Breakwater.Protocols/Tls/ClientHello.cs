using System.Buffers.Binary;
using Breakwater.Protocols.Net;

namespace Breakwater.Protocols.Tls;

/// <summary>A TLS ClientHello as far as the first segment of a stream holds it, as spans into that segment.</summary>
/// <remarks>
/// RFC 8446 §4.1.2 and §4.2, RFC 5246 §7.4.1.2, record layer RFC 8446 §5.1. Lists are those of the wire with the outer length taken off, two octets an item
/// unless said otherwise. What was cut off by capture or by the end of the segment is empty, and <see cref="IsWhole"/> says so.
/// </remarks>
public readonly ref struct ClientHello
{
    private const int RecordHeader = 5, HandshakeHeader = 4;
    private const byte Handshake = 22, ClientHelloType = 1;

    private ClientHello(ReadOnlySpan<byte> body, bool isCaptured)
    {
        var reader = new WireReader(body);
        LegacyVersion = reader.U16();
        reader.Skip(32);
        reader.Skip(reader.U8());
        CipherSuites = reader.Bytes(reader.U16());
        reader.Skip(reader.U8());
        if (reader.Failed) return;
        HasBase = true;
        // TLS 1.2 and earlier may end here.
        if (reader.Remaining == 0)
        {
            IsWhole = isCaptured;
            return;
        }
        int length = reader.U16();
        IsWhole = isCaptured && !reader.Failed && length == reader.Remaining;
        Extensions = reader.Rest[..Math.Min(length, reader.Remaining)];
        for (var rest = Extensions; rest.Length >= 4;)
        {
            // Type 2, length 2, data.
            var type = BinaryPrimitives.ReadUInt16BigEndian(rest);
            int size = BinaryPrimitives.ReadUInt16BigEndian(rest[2..]);
            if (rest.Length - 4 < size)
            {
                IsWhole = false;
                break;
            }
            var data = rest.Slice(4, size);
            switch (type)
            {
                case ExtensionType.ServerName: HasServerName = true; ServerName = FirstName(data); break;
                case ExtensionType.Alpn: Alpn = FirstProtocol(data); break;
                case ExtensionType.SignatureAlgorithms: SignatureAlgorithms = List16(data); break;
                case ExtensionType.SupportedVersions when data.Length > 0: SupportedVersions = data.Slice(1, Math.Min(data[0], data.Length - 1)); break;
            }
            rest = rest[(4 + size)..];
        }
    }

    /// <summary>legacy_version: 0x0303 for TLS 1.2 and, by custom, 1.3.</summary>
    public ushort LegacyVersion { get; }

    public ReadOnlySpan<byte> CipherSuites { get; }

    /// <summary>All extensions, each type 2, length 2, data.</summary>
    public ReadOnlySpan<byte> Extensions { get; }

    /// <summary>True when there is a server_name extension, whatever it holds.</summary>
    public bool HasServerName { get; }

    /// <summary>The first host name of server_name (RFC 6066 §3), as sent.</summary>
    public ReadOnlySpan<byte> ServerName { get; }

    /// <summary>The first protocol of application_layer_protocol_negotiation (RFC 7301 §3.1).</summary>
    public ReadOnlySpan<byte> Alpn { get; }

    /// <summary>supported_versions (RFC 8446 §4.2.1).</summary>
    public ReadOnlySpan<byte> SupportedVersions { get; }

    /// <summary>signature_algorithms (RFC 8446 §4.2.3), in the client's order.</summary>
    public ReadOnlySpan<byte> SignatureAlgorithms { get; }

    /// <summary>True when nothing is missing: a fingerprint can be taken, and absence means something.</summary>
    public bool IsWhole { get; }

    private bool HasBase { get; }

    /// <param name="segment">What a TCP segment carries, from its first octet.</param>
    /// <param name="hello">The ClientHello, whole or in part.</param>
    /// <returns>True when the segment begins with a ClientHello of which at least the cipher suites are there.</returns>
    public static bool TryRead(ReadOnlySpan<byte> segment, out ClientHello hello)
    {
        hello = default;
        // Content type 1, legacy version 2 (0x0301 to 0x0303; 0x0300 of SSL 3), length 2; message type 1, length 3.
        if (segment.Length < RecordHeader + HandshakeHeader || segment[0] != Handshake || segment[1] != 3 || segment[2] > 4) return false;
        int record = BinaryPrimitives.ReadUInt16BigEndian(segment[3..]);
        if (segment[RecordHeader] != ClientHelloType || record < HandshakeHeader) return false;
        var message = segment[6] << 16 | BinaryPrimitives.ReadUInt16BigEndian(segment[7..]);
        var body = segment[(RecordHeader + HandshakeHeader)..];
        // A message may go on in a further record; what this one holds of it ends with it.
        var end = Math.Min(message, record - HandshakeHeader);
        body = body[..Math.Min(end, body.Length)];
        hello = new ClientHello(body, isCaptured: body.Length == message);
        return hello.HasBase;
    }

    /// <summary>List length 2, then type 1 (0 is a host name), length 2, name.</summary>
    private static ReadOnlySpan<byte> FirstName(ReadOnlySpan<byte> data)
    {
        if (data.Length < 5 || data[2] != 0) return default;
        int length = BinaryPrimitives.ReadUInt16BigEndian(data[3..]);
        return length <= data.Length - 5 ? data.Slice(5, length) : default;
    }

    /// <summary>List length 2, then length 1, protocol.</summary>
    private static ReadOnlySpan<byte> FirstProtocol(ReadOnlySpan<byte> data) =>
        data.Length >= 3 && data[2] <= data.Length - 3 ? data.Slice(3, data[2]) : default;

    private static ReadOnlySpan<byte> List16(ReadOnlySpan<byte> data) =>
        data.Length < 2 ? default : data.Slice(2, Math.Min(BinaryPrimitives.ReadUInt16BigEndian(data), data.Length - 2));
}

/// <summary>TLS extensions that we look into (IANA, "TLS ExtensionType Values").</summary>
public static class ExtensionType
{
    public const ushort ServerName = 0;
    public const ushort SignatureAlgorithms = 13;
    public const ushort Alpn = 16;
    public const ushort SupportedVersions = 43;
}
