using System.Buffers;
using System.Buffers.Binary;
using Breakwater.Core.Flows;
using Breakwater.Protocols.Net;

namespace Breakwater.Protocols.Coap;

/// <summary>A CoAP message in a stream of octets.</summary>
/// <remarks>RFC 8323 §3.2: length of options and payload, token length; extended length; code; token; options; payload. No type, no message ID, no version.</remarks>
public static class CoapFrame
{
    /// <summary>Looks how long the frame at the start of the bytes is.</summary>
    /// <param name="length">Octets of the whole frame, header included; 0 while too few have arrived to tell.</param>
    /// <param name="maxLength">A longer frame is refused before it arrives.</param>
    public static DecodeError Measure(ReadOnlySpan<byte> bytes, int maxLength, out int length)
    {
        length = 0;
        var header = new WireReader(bytes);
        var (tokenLength, body) = Head(ref header);
        if (header.Failed) return DecodeError.None;
        if (tokenLength > CoapDatagram.MaxTokenLength) return DecodeError.InvalidLength;
        var whole = header.Position + 1 + tokenLength + body;
        if (whole > maxLength) return DecodeError.InvalidLength;
        length = (int)whole;
        return DecodeError.None;
    }

    /// <summary>Reads one whole frame; the message points into it.</summary>
    public static DecodeError Read(ReadOnlyMemory<byte> frame, out CoapMessage? message)
    {
        message = null;
        var reader = new WireReader(frame.Span);
        var (tokenLength, body) = Head(ref reader);
        var code = (CoapCode)reader.U8();
        if (tokenLength > CoapDatagram.MaxTokenLength) return DecodeError.InvalidLength;
        var token = reader.Position;
        reader.Skip(tokenLength);
        if (reader.Failed) return DecodeError.Truncated;
        if (reader.Remaining != body) return reader.Remaining < body ? DecodeError.Truncated : DecodeError.InvalidLength;
        var error = OptionCoding.Read(frame[reader.Position..], out var options, out var payload);
        if (error != DecodeError.None) return error;
        message = new CoapMessage { Code = code, Token = frame.Slice(token, tokenLength), Options = options, Payload = payload };
        return DecodeError.None;
    }

    /// <exception cref="ArgumentException">The token is longer than 8 octets, or options are out of order.</exception>
    public static byte[] Write(CoapMessage message)
    {
        if (message.Token.Length > CoapDatagram.MaxTokenLength) throw new ArgumentException("a token has at most 8 octets", nameof(message));
        var body = new ArrayBufferWriter<byte>(64 + message.Payload.Length);
        OptionCoding.Write(message, body);
        var length = body.WrittenCount;
        var output = new ArrayBufferWriter<byte>(length + 16);
        var header = output.GetSpan(6);
        var (nibble, extended) = length switch { < 13 => (length, 0), < 269 => (13, 1), < 65_805 => (14, 2), _ => (15, 4) };
        header[0] = (byte)(nibble << 4 | message.Token.Length);
        switch (extended)
        {
            case 1: header[1] = (byte)(length - 13); break;
            case 2: BinaryPrimitives.WriteUInt16BigEndian(header[1..], (ushort)(length - 269)); break;
            case 4: BinaryPrimitives.WriteUInt32BigEndian(header[1..], (uint)length - 65_805); break;
            default: break;
        }
        header[1 + extended] = (byte)message.Code;
        output.Advance(2 + extended);
        output.Write(message.Token.Span);
        output.Write(body.WrittenSpan);
        return output.WrittenSpan.ToArray();
    }

    private static (int TokenLength, long Body) Head(ref WireReader reader)
    {
        var initial = reader.U8();
        long body = initial >> 4;
        body = body switch { 13 => reader.U8() + 13L, 14 => reader.U16() + 269L, 15 => reader.U32() + 65_805L, _ => body };
        return (initial & 0x0F, body);
    }
}
