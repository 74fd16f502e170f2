using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Breakwater.Protocols.Net;

/// <summary>A cursor over untrusted bytes. Never throws: past the end it yields zeros, moves to the end and sets <see cref="Failed"/>.</summary>
/// <remarks>Network order unless the name says otherwise. So a decoder reads a whole record, checks once, and looks like the table in the standard.</remarks>
public ref struct WireReader(ReadOnlySpan<byte> bytes)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;

    /// <summary>Bytes consumed so far, at most the length of the input.</summary>
    public int Position { get; private set; }

    /// <summary>True once anything was asked for that is not there; stays true.</summary>
    public bool Failed { get; private set; }

    public readonly int Remaining => _bytes.Length - Position;

    /// <summary>Everything not yet consumed; the cursor stays.</summary>
    public readonly ReadOnlySpan<byte> Rest => _bytes[Position..];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public byte U8() => Take(1) is [var value] ? value : (byte)0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ushort U16() => BinaryPrimitives.TryReadUInt16BigEndian(Take(2), out var value) ? value : (ushort)0;

    /// <summary>24 bits, as in MPLS labels, VXLAN network identifiers and MAC prefixes.</summary>
    public uint U24() => Take(3) is [var a, var b, var c] ? (uint)(a << 16 | b << 8 | c) : 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint U32() => BinaryPrimitives.TryReadUInt32BigEndian(Take(4), out var value) ? value : 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong U64() => BinaryPrimitives.TryReadUInt64BigEndian(Take(8), out var value) ? value : 0;

    public ushort U16LittleEndian() => BinaryPrimitives.ReverseEndianness(U16());

    public uint U32LittleEndian() => BinaryPrimitives.ReverseEndianness(U32());

    public ulong U64LittleEndian() => BinaryPrimitives.ReverseEndianness(U64());

    /// <summary>The next <paramref name="count"/> bytes, not copied; empty when fewer are left or <paramref name="count"/> is negative.</summary>
    public ReadOnlySpan<byte> Bytes(int count) => Take(count);

    /// <summary>Moves past <paramref name="count"/> bytes; fails when fewer are left or <paramref name="count"/> is negative.</summary>
    public void Skip(int count) => Take(count);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ReadOnlySpan<byte> Take(int count)
    {
        // As unsigned, a negative count is larger than any remainder.
        if ((uint)count > (uint)(_bytes.Length - Position)) return Fail();
        var taken = _bytes.Slice(Position, count);
        Position += count;
        return taken;
    }

    private ReadOnlySpan<byte> Fail()
    {
        Failed = true;
        Position = _bytes.Length;
        return default;
    }
}
