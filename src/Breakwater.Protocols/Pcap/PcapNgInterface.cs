using System.Buffers.Binary;
using Breakwater.Core.Flows;

namespace Breakwater.Protocols.Pcap;

/// <summary>What an Interface Description Block says that its packets need: link type, snap length, and what a time unit is.</summary>
/// <remarks>draft-ietf-opsawg-pcapng §4.2.</remarks>
internal readonly struct PcapNgInterface
{
    private const ushort EndOfOptions = 0;
    private const ushort TimeResolution = 9;
    private const ushort TimeOffset = 14;

    /// <summary>A time is ticks · multiply / 2^shift / divide nanoseconds since 1970, plus the offset.</summary>
    private readonly ulong _multiply;
    private readonly int _shift;
    private readonly ulong _divide;
    private readonly long _offset;

    /// <param name="body">The block's body: link type 2, reserved 2, snap length 4, options; at least 8 octets.</param>
    /// <param name="swapped">True when the section is big-endian.</param>
    public PcapNgInterface(ReadOnlySpan<byte> body, bool swapped)
    {
        LinkType = U16(body, swapped);
        var snapLength = BinaryPrimitives.ReadUInt32LittleEndian(body[4..]);
        SnapLength = swapped ? BinaryPrimitives.ReverseEndianness(snapLength) : snapLength;
        byte resolution = 6;
        var options = body[8..];
        // Code 2, length 2, value padded to 4 octets; an option that runs over the block ends the list.
        while (options.Length >= 4)
        {
            var code = U16(options, swapped);
            var length = U16(options[2..], swapped);
            if (code == EndOfOptions || options.Length < 4 + length) break;
            var value = options.Slice(4, length);
            if (code == TimeResolution && length == 1) resolution = value[0];
            if (code == TimeOffset && length == 8)
            {
                var seconds = BinaryPrimitives.ReadInt64LittleEndian(value);
                _offset = Saturate((Int128)(swapped ? BinaryPrimitives.ReverseEndianness(seconds) : seconds) * Timestamp.NanosecondsPerSecond);
            }
            options = options[Math.Min(options.Length, 4 + (length + 3 & ~3))..];
        }
        (_multiply, _shift, _divide) = Scale(resolution);
    }

    public int LinkType { get; }

    /// <summary>Octets kept of a packet; 0: no limit.</summary>
    public uint SnapLength { get; }

    public Timestamp TimeOf(ulong ticks)
    {
        var nanoseconds = ((UInt128)ticks * _multiply) >> _shift;
        if (_divide != 1) nanoseconds /= _divide;
        return new Timestamp(Saturate((Int128)nanoseconds + _offset));
    }

    /// <summary>The top bit chooses the base, 10 or 2; the other seven are the negative exponent.</summary>
    private static (ulong Multiply, int Shift, ulong Divide) Scale(byte resolution)
    {
        var exponent = resolution & 0x7F;
        if ((resolution & 0x80) != 0) return ((ulong)Timestamp.NanosecondsPerSecond, exponent, 1);
        return exponent <= 9
            ? (PowerOfTen(9 - exponent), 0, 1)
            // 64 bits of units beyond 10^-28 s do not reach one nanosecond.
            : (1, 0, PowerOfTen(Math.Min(exponent - 9, 19)));
    }

    private static ulong PowerOfTen(int exponent)
    {
        ulong power = 1;
        for (var i = 0; i < exponent; i++) power *= 10;
        return power;
    }

    private static long Saturate(Int128 value) => (long)Int128.Clamp(value, long.MinValue, long.MaxValue);

    private static ushort U16(ReadOnlySpan<byte> bytes, bool swapped) =>
        swapped ? BinaryPrimitives.ReadUInt16BigEndian(bytes) : BinaryPrimitives.ReadUInt16LittleEndian(bytes);
}
