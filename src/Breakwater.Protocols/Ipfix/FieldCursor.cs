using Breakwater.Protocols.Net;

namespace Breakwater.Protocols.Ipfix;

/// <summary>Walks the fields of one record in a set, of fixed or variable length. The general way, for options and for listing.</summary>
internal ref struct FieldCursor(ReadOnlySpan<FieldSpecifier> fields, ReadOnlySpan<byte> bytes)
{
    private readonly ReadOnlySpan<FieldSpecifier> _fields = fields;
    private WireReader _reader = new(bytes);
    private int _next;

    /// <summary>The field that <see cref="MoveNext"/> came to.</summary>
    public FieldSpecifier Field { get; private set; }

    /// <summary>Its octets.</summary>
    public ReadOnlySpan<byte> Value { get; private set; }

    /// <summary>Octets walked so far: after the last field, the record's length.</summary>
    public readonly int Length => _reader.Position;

    /// <summary>True when the record ran past the end of the set.</summary>
    public readonly bool Failed => _reader.Failed;

    public bool MoveNext()
    {
        if (_next == _fields.Length) return false;
        Field = _fields[_next++];
        Value = _reader.Bytes(Field.IsVariable ? VariableLength(ref _reader) : Field.Length);
        return !_reader.Failed;
    }

    /// <summary>RFC 7011 §7: one octet, or 255 and two octets.</summary>
    public static int VariableLength(ref WireReader reader)
    {
        var length = reader.U8();
        return length == byte.MaxValue ? reader.U16() : length;
    }

    /// <summary>The value as an unsigned integer of whatever length (RFC 7011 §6.2); of more than 8 octets the last 8.</summary>
    public static ulong Unsigned(ReadOnlySpan<byte> value)
    {
        var number = 0UL;
        foreach (var octet in value) number = number << 8 | octet;
        return number;
    }
}
