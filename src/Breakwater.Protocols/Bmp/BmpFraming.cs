using Breakwater.Core.Flows;
using Breakwater.Protocols.Net;

namespace Breakwater.Protocols.Bmp;

/// <summary>Types of BMP messages (IANA "BMP Message Types").</summary>
public enum BmpMessageType : byte
{
    RouteMonitoring = 0,
    Statistics = 1,
    PeerDown = 2,
    PeerUp = 3,
    Initiation = 4,
    Termination = 5,
    RouteMirroring = 6,
}

/// <summary>Cuts a stream of bytes into BMP messages: version (8 bits), length of the whole (32), type (8), then the body.</summary>
/// <remarks>RFC 7854 §4.1.</remarks>
public static class BmpFraming
{
    public const int HeaderLength = 6;

    /// <summary>Longest message that is read, in octets: twice what a Peer Up with two extended OPENs needs.</summary>
    public const int MaxLength = 256 * 1024;

    private const byte Version = 3;

    /// <summary>Looks for a message at the beginning of <paramref name="stream"/>.</summary>
    /// <param name="type">When complete; any number, for types that are not known are to be passed over.</param>
    /// <param name="length">Octets of the message, header included, once the header is there; its body begins after <see cref="HeaderLength"/> of them.</param>
    /// <returns><see cref="DecodeError.Truncated"/> while the message has not arrived as a whole; any other error means that no message can follow.</returns>
    public static DecodeError Read(ReadOnlySpan<byte> stream, out BmpMessageType type, out int length)
    {
        type = default;
        length = 0;
        var reader = new WireReader(stream);
        // Said as early as it is known: a stream of garbage must not wait for bytes that never come.
        if (reader.U8() != Version && !reader.Failed) return DecodeError.UnsupportedVersion;
        var claimed = reader.U32();
        type = (BmpMessageType)reader.U8();
        if (reader.Failed) return DecodeError.Truncated;
        if (claimed is < HeaderLength or > MaxLength) return DecodeError.InvalidLength;
        length = (int)claimed;
        return stream.Length < length ? DecodeError.Truncated : DecodeError.None;
    }
}
