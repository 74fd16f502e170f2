using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Breakwater.Protocols.Ipfix;

/// <summary>Where one field of a record lies, ready to be read without a branch whatever its length.</summary>
/// <remarks>
/// Exporters send the same element in 1 to 8 bytes (reduced-size encoding, RFC 7011 §6.2). A slot loads the 8 bytes that
/// <em>end</em> with the field and masks off those before it: there are always 8 bytes before a record, since a set header
/// and a message header precede it. An absent field is mask 0, so it reads as 0 without a test.
/// </remarks>
internal readonly struct FieldSlot
{
    /// <summary>Bytes that must precede the record in every window handed to <see cref="Read"/>.</summary>
    public const int Lead = 8;

    private readonly int _end;
    private readonly ulong _mask;

    /// <param name="offset">First byte of the field, from the record's first byte.</param>
    /// <param name="length">Length of the field; of more than 8 bytes the last 8 are read.</param>
    public FieldSlot(int offset, int length)
    {
        _end = offset + length;
        _mask = length >= 8 ? ulong.MaxValue : (1UL << (8 * length)) - 1;
    }

    /// <summary>True when the template has the field, with a length.</summary>
    public bool IsPresent => _mask != 0;

    /// <param name="window">The record with the <see cref="Lead"/> bytes before it.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong Read(ReadOnlySpan<byte> window) => BinaryPrimitives.ReadUInt64BigEndian(window.Slice(_end, sizeof(ulong))) & _mask;
}
