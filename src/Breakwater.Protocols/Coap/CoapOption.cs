using System.Buffers.Binary;
using System.Text;

namespace Breakwater.Protocols.Coap;

/// <summary>One option of a message.</summary>
/// <param name="Number">RFC 7252 §12.2; the constants of <see cref="CoapOptions"/> are those with a meaning here.</param>
/// <param name="Value">Opaque, an unsigned integer or UTF-8 text, as the number's definition says.</param>
public readonly record struct CoapOption(int Number, ReadOnlyMemory<byte> Value)
{
    /// <summary>An option whose format is uint: as few octets as hold the number, none for zero (RFC 7252 §3.2).</summary>
    public static CoapOption Uint(int number, uint value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        return new CoapOption(number, bytes.AsMemory(bytes.AsSpan().IndexOfAnyExcept((byte)0) is var first and >= 0 ? first : 4));
    }

    /// <summary>An option whose format is string.</summary>
    public static CoapOption Text(int number, string value) => new(number, Encoding.UTF8.GetBytes(value));

    /// <summary>A receiver that does not know a critical option must not act on the message (RFC 7252 §5.4.1).</summary>
    public bool IsCritical => (Number & 1) != 0;

    /// <summary>The value as an unsigned integer; false when it is longer than 32 bits. Leading zeros are allowed on receipt.</summary>
    public bool TryUint(out uint value)
    {
        value = 0;
        if (Value.Length > 4) return false;
        foreach (var octet in Value.Span) value = value << 8 | octet;
        return true;
    }
}
