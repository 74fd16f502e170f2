using System.Buffers.Binary;

namespace Breakwater.Fuzz.Corpus;

/// <summary>Writes good inputs field by field, in network order.</summary>
public sealed class Wire
{
    private readonly List<byte> _bytes = [];

    public int Length => _bytes.Count;

    public Wire U8(params ReadOnlySpan<int> values)
    {
        foreach (var value in values) _bytes.Add((byte)value);
        return this;
    }

    public Wire U16(params ReadOnlySpan<int> values)
    {
        foreach (var value in values)
        {
            _bytes.Add((byte)(value >> 8));
            _bytes.Add((byte)value);
        }
        return this;
    }

    public Wire U32(params ReadOnlySpan<uint> values)
    {
        Span<byte> number = stackalloc byte[4];
        foreach (var value in values)
        {
            BinaryPrimitives.WriteUInt32BigEndian(number, value);
            _bytes.AddRange(number);
        }
        return this;
    }

    public Wire U64(ulong value) => U32((uint)(value >> 32), (uint)value);

    public Wire Bytes(params ReadOnlySpan<byte> bytes)
    {
        _bytes.AddRange(bytes);
        return this;
    }

    public Wire Zeros(int count) => Bytes(new byte[count]);

    public Wire Add(Wire part) => Bytes(part.ToArray());

    /// <summary>A part behind its identifier and its length, which counts these four octets: a NetFlow v9 FlowSet or an IPFIX Set.</summary>
    public Wire Set(int id, Wire content) => U16(id, content.Length + 4).Add(content);

    /// <summary>A part behind a 32-bit type and its length in octets, which counts neither: an sFlow sample or record.</summary>
    public Wire Tagged(uint type, Wire content) => U32(type, (uint)content.Length).Add(content);

    public byte[] ToArray() => [.. _bytes];
}
