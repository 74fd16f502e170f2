using System.Buffers;
using System.Buffers.Binary;
using Breakwater.Core.Flows;
using Breakwater.Protocols.Net;

namespace Breakwater.Protocols.Coap;

/// <summary>A CoAP message in one datagram.</summary>
/// <remarks>RFC 7252 §3: version, type, token length; code; message ID; token; options; payload.</remarks>
public static class CoapDatagram
{
    private const int Version = 1;
    private const int HeaderLength = 4;
    internal const int MaxTokenLength = 8;

    /// <summary>Reads a datagram.</summary>
    /// <param name="datagram">The message read points into it.</param>
    /// <param name="message">Null on error, except when only what follows the header is wrong: then it carries type and message ID, so that it can be rejected (RFC 7252 §4.2).</param>
    public static DecodeError Read(ReadOnlyMemory<byte> datagram, out CoapMessage? message)
    {
        message = null;
        var reader = new WireReader(datagram.Span);
        var initial = reader.U8();
        var code = (CoapCode)reader.U8();
        var id = reader.U16();
        if (reader.Failed) return DecodeError.Truncated;
        if (initial >> 6 != Version) return DecodeError.UnsupportedVersion;
        message = new CoapMessage { Type = (CoapType)(initial >> 4 & 3), Code = code, MessageId = id };
        var tokenLength = initial & 0x0F;
        // An Empty message is the four octets and nothing else (RFC 7252 §4.1).
        if (code == CoapCode.Empty) return tokenLength == 0 && reader.Remaining == 0 ? DecodeError.None : DecodeError.InvalidLength;
        if (tokenLength > MaxTokenLength) return DecodeError.InvalidLength;
        reader.Skip(tokenLength);
        if (reader.Failed) return DecodeError.Truncated;
        var error = OptionCoding.Read(datagram[reader.Position..], out var options, out var payload);
        if (error != DecodeError.None) return error;
        message = message with { Token = datagram.Slice(HeaderLength, tokenLength), Options = options, Payload = payload };
        return DecodeError.None;
    }

    /// <exception cref="ArgumentException">The token is longer than 8 octets, or options are out of order.</exception>
    public static byte[] Write(CoapMessage message)
    {
        if (message.Token.Length > MaxTokenLength) throw new ArgumentException("a token has at most 8 octets", nameof(message));
        var output = new ArrayBufferWriter<byte>(64 + message.Payload.Length);
        var header = output.GetSpan(HeaderLength);
        header[0] = (byte)(Version << 6 | (int)message.Type << 4 | message.Token.Length);
        header[1] = (byte)message.Code;
        BinaryPrimitives.WriteUInt16BigEndian(header[2..], message.MessageId);
        output.Advance(HeaderLength);
        output.Write(message.Token.Span);
        OptionCoding.Write(message, output);
        return output.WrittenSpan.ToArray();
    }
}
