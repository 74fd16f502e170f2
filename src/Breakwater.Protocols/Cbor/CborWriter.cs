using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Breakwater.Protocols.Cbor;

/// <summary>Writes CBOR with the shortest form of every length and number, and definite lengths only (RFC 8949 §4.2.1, but for the order of keys, which is the caller's).</summary>
public sealed class CborWriter
{
    private readonly ArrayBufferWriter<byte> _output = new(256);

    public ReadOnlySpan<byte> Written => _output.WrittenSpan;

    public byte[] ToArray() => _output.WrittenSpan.ToArray();

    public CborWriter Unsigned(ulong value) => Head(0, value);

    public CborWriter Integer(long value) => value < 0 ? Head(1, (ulong)(-1 - value)) : Head(0, (ulong)value);

    public CborWriter Bytes(ReadOnlySpan<byte> value)
    {
        Head(2, (ulong)value.Length);
        _output.Write(value);
        return this;
    }

    public CborWriter Text(string value)
    {
        Head(3, (ulong)Encoding.UTF8.GetByteCount(value));
        Encoding.UTF8.GetBytes(value, _output);
        return this;
    }

    /// <summary>Begins an array; <paramref name="count"/> items must follow.</summary>
    public CborWriter Array(int count) => Head(4, (ulong)count);

    /// <summary>Begins a map; <paramref name="count"/> pairs of key and value must follow.</summary>
    public CborWriter Map(int count) => Head(5, (ulong)count);

    /// <summary>Tags the item that follows.</summary>
    public CborWriter Tag(ulong number) => Head(6, number);

    public CborWriter Boolean(bool value) => Byte(value ? (byte)0xF5 : (byte)0xF4);

    public CborWriter Null() => Byte(0xF6);

    private CborWriter Head(int major, ulong value)
    {
        var space = _output.GetSpan(9);
        var type = (byte)(major << 5);
        int length;
        switch (value)
        {
            case < 24:
                space[0] = (byte)(type | (byte)value);
                length = 1;
                break;
            case <= byte.MaxValue:
                space[0] = (byte)(type | 24);
                space[1] = (byte)value;
                length = 2;
                break;
            case <= ushort.MaxValue:
                space[0] = (byte)(type | 25);
                BinaryPrimitives.WriteUInt16BigEndian(space[1..], (ushort)value);
                length = 3;
                break;
            case <= uint.MaxValue:
                space[0] = (byte)(type | 26);
                BinaryPrimitives.WriteUInt32BigEndian(space[1..], (uint)value);
                length = 5;
                break;
            default:
                space[0] = (byte)(type | 27);
                BinaryPrimitives.WriteUInt64BigEndian(space[1..], value);
                length = 9;
                break;
        }
        _output.Advance(length);
        return this;
    }

    private CborWriter Byte(byte value)
    {
        _output.GetSpan(1)[0] = value;
        _output.Advance(1);
        return this;
    }
}
