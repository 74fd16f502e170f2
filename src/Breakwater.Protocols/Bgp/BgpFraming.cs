using System.Buffers.Binary;

namespace Breakwater.Protocols.Bgp;

/// <summary>Types of BGP messages (IANA "BGP Message Types").</summary>
public enum BgpMessageType : byte { Open = 1, Update = 2, Notification = 3, Keepalive = 4, RouteRefresh = 5 }

/// <summary>What stands at the beginning of a stream of bytes.</summary>
public enum BgpFrameStatus : byte
{
    /// <summary>The message has not arrived as a whole.</summary>
    Incomplete,

    /// <summary>A message of a known type with a length that its type may have.</summary>
    Complete,

    /// <summary>No message can follow: the session has to end.</summary>
    Broken,
}

/// <summary>Cuts a stream of bytes into BGP messages: 16 octets of ones, length of the whole (16 bits), type (8 bits), then the body.</summary>
/// <remarks>RFC 4271 §4.1 (header), §6.1 (errors); RFC 8654 (messages of more than 4,096 octets).</remarks>
public static class BgpFraming
{
    public const int HeaderLength = 19;

    /// <summary>Longest message unless both sides can do extended ones.</summary>
    public const int MaxLength = 4096;

    /// <summary>Longest message between speakers of RFC 8654.</summary>
    public const int MaxExtendedLength = 65_535;

    private static readonly byte[] KeepaliveMessage = NewKeepalive();

    /// <summary>A whole KEEPALIVE: nothing but the header (RFC 4271 §4.4).</summary>
    public static ReadOnlyMemory<byte> Keepalive => KeepaliveMessage;

    /// <summary>Looks for a message at the beginning of <paramref name="stream"/>.</summary>
    /// <param name="extended">True when both sides announced extended messages; OPEN and KEEPALIVE never are (RFC 8654 §4).</param>
    /// <param name="type">Type of the message, when complete.</param>
    /// <param name="length">Octets of the message, header included, when complete; its body begins after <see cref="HeaderLength"/> of them.</param>
    /// <param name="error">What to tell the peer, when broken.</param>
    public static BgpFrameStatus Read(ReadOnlySpan<byte> stream, bool extended, out BgpMessageType type, out int length, out BgpNotification? error)
    {
        type = default;
        length = 0;
        error = null;
        // Said as early as it is known: a stream of garbage must not wait for bytes that never come.
        if (stream[..Math.Min(stream.Length, 16)].ContainsAnyExcept((byte)0xFF)) return Broken(BgpErrorSubcode.NotSynchronized, default, out error);
        if (stream.Length < HeaderLength) return BgpFrameStatus.Incomplete;
        var claimed = BinaryPrimitives.ReadUInt16BigEndian(stream[16..]);
        type = (BgpMessageType)stream[18];
        var most = extended && type is not (BgpMessageType.Open or BgpMessageType.Keepalive) ? MaxExtendedLength : MaxLength;
        if (claimed < HeaderLength || claimed > most) return Broken(BgpErrorSubcode.BadMessageLength, stream.Slice(16, 2), out error);
        if (ShortestLength(type) is not { } least) return Broken(BgpErrorSubcode.BadMessageType, stream.Slice(18, 1), out error);
        if (claimed < least || (type == BgpMessageType.Keepalive && claimed != least)) return Broken(BgpErrorSubcode.BadMessageLength, stream.Slice(16, 2), out error);
        if (stream.Length < claimed) return BgpFrameStatus.Incomplete;
        length = claimed;
        return BgpFrameStatus.Complete;
    }

    /// <summary>Writes the header of a message of <paramref name="length"/> octets, header included.</summary>
    public static void WriteHeader(Span<byte> message, BgpMessageType type, int length)
    {
        message[..16].Fill(0xFF);
        BinaryPrimitives.WriteUInt16BigEndian(message[16..], checked((ushort)length));
        message[18] = (byte)type;
    }

    /// <summary>Shortest message of a type; null for a type that does not exist (RFC 4271 §6.1).</summary>
    private static int? ShortestLength(BgpMessageType type) => type switch
    {
        BgpMessageType.Open => 29,
        BgpMessageType.Update => 23,
        BgpMessageType.Notification => 21,
        BgpMessageType.Keepalive => HeaderLength,
        // A refresh of another length than 23 is an error of its own kind (RFC 7313 §5), told by its reader.
        BgpMessageType.RouteRefresh => HeaderLength,
        _ => null,
    };

    private static BgpFrameStatus Broken(byte subcode, ReadOnlySpan<byte> data, out BgpNotification error)
    {
        error = new BgpNotification(BgpErrorCode.MessageHeader, subcode, data.ToArray());
        return BgpFrameStatus.Broken;
    }

    private static byte[] NewKeepalive()
    {
        var message = new byte[HeaderLength];
        WriteHeader(message, BgpMessageType.Keepalive, HeaderLength);
        return message;
    }
}
