using System.Buffers;
using System.Buffers.Binary;
using Breakwater.Core.Flows;
using Breakwater.Protocols.Net;

namespace Breakwater.Protocols.Coap;

/// <summary>Options and payload, the part of a message that is the same over datagrams and streams.</summary>
/// <remarks>RFC 7252 §3.1: each option is told by the difference of its number to the one before it.</remarks>
internal static class OptionCoding
{
    private const byte PayloadMarker = 0xFF;

    /// <summary>More options than this make a message invalid: a DOTS request has about ten.</summary>
    public const int MaxOptions = 256;

    /// <param name="bytes">Everything after the token; the result points into it.</param>
    public static DecodeError Read(ReadOnlyMemory<byte> bytes, out IReadOnlyList<CoapOption> options, out ReadOnlyMemory<byte> payload)
    {
        var list = new List<CoapOption>();
        options = list;
        payload = default;
        var reader = new WireReader(bytes.Span);
        var number = 0;
        while (reader.Remaining > 0)
        {
            var initial = reader.U8();
            if (initial == PayloadMarker)
            {
                payload = bytes[reader.Position..];
                // A marker without a payload is a message format error (RFC 7252 §3).
                return payload.IsEmpty ? DecodeError.InvalidLength : DecodeError.None;
            }
            var delta = Extended(initial >> 4, ref reader);
            var length = Extended(initial & 0x0F, ref reader);
            if (delta < 0 || length < 0) return DecodeError.InvalidValue;
            number += delta;
            if (number > ushort.MaxValue) return DecodeError.InvalidValue;
            var start = reader.Position;
            reader.Skip(length);
            if (reader.Failed) return DecodeError.Truncated;
            if (list.Count == MaxOptions) return DecodeError.TooManyRecords;
            list.Add(new CoapOption(number, bytes.Slice(start, length)));
        }
        return DecodeError.None;
    }

    /// <exception cref="ArgumentException">Options are not in ascending order, or one does not fit.</exception>
    public static void Write(CoapMessage message, IBufferWriter<byte> output)
    {
        var number = 0;
        foreach (var option in message.Options)
        {
            if (option.Number < number || option.Number > ushort.MaxValue || option.Value.Length > ushort.MaxValue)
                throw new ArgumentException("options must be in ascending order of number and fit the format", nameof(message));
            WriteOne(option.Number - number, option.Value.Span, output);
            number = option.Number;
        }
        if (message.Payload.IsEmpty) return;
        output.Write([PayloadMarker]);
        output.Write(message.Payload.Span);
    }

    private static void WriteOne(int delta, ReadOnlySpan<byte> value, IBufferWriter<byte> output)
    {
        var space = output.GetSpan(5);
        space[0] = (byte)(Nibble(delta) << 4 | Nibble(value.Length));
        var at = 1 + WriteExtended(delta, space[1..]);
        at += WriteExtended(value.Length, space[at..]);
        output.Advance(at);
        output.Write(value);
    }

    private static int Nibble(int value) => value switch { < 13 => value, < 269 => 13, _ => 14 };

    private static int WriteExtended(int value, Span<byte> space)
    {
        switch (value)
        {
            case < 13:
                return 0;
            case < 269:
                space[0] = (byte)(value - 13);
                return 1;
            default:
                BinaryPrimitives.WriteUInt16BigEndian(space, (ushort)(value - 269));
                return 2;
        }
    }

    /// <summary>A nibble of 13 or 14 is continued in one or two octets; -1 for 15, which is reserved.</summary>
    private static int Extended(int nibble, ref WireReader reader) => nibble switch
    {
        < 13 => nibble,
        13 => reader.U8() + 13,
        14 => reader.U16() + 269,
        _ => -1,
    };
}
