using System.Text;
using System.Text.Unicode;
using Breakwater.Protocols.Net;

namespace Breakwater.Protocols.Cbor;

/// <summary>A cursor over untrusted CBOR. Never throws: what is not there, or is of another type than asked for, sets <see cref="Failed"/> and yields nothing.</summary>
/// <remarks>
/// RFC 8949 §3. Integers, definite byte and text strings, arrays and maps of definite and indefinite length, tags, booleans and null; floating-point numbers
/// and other simple values can only be skipped. Strings in chunks (§3.2.3) are refused: no protocol here sends them, and they would need copying.
/// </remarks>
public ref struct CborReader(ReadOnlySpan<byte> bytes)
{
    /// <summary>Nesting deeper than this is refused, so that a few octets cannot exhaust the stack.</summary>
    public const int MaxDepth = 32;

    private const int Indefinite = 31;
    private const byte Break = 0xFF;

    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private WireReader _wire = new(bytes);
    private bool _failed;

    /// <summary>True once anything was asked for that is not there; stays true.</summary>
    public readonly bool Failed => _failed || _wire.Failed;

    /// <summary>Octets consumed so far.</summary>
    public readonly int Position => _wire.Position;

    /// <summary>True when every octet was consumed and nothing failed.</summary>
    public readonly bool AtEnd => !Failed && _wire.Remaining == 0;

    /// <summary>The type of the next item; the cursor stays.</summary>
    public readonly CborType Peek()
    {
        if (Failed || _wire.Remaining == 0) return CborType.None;
        var initial = _bytes[_wire.Position];
        return (initial >> 5) switch
        {
            0 => CborType.Unsigned,
            1 => CborType.Negative,
            2 => CborType.Bytes,
            3 => CborType.Text,
            4 => CborType.Array,
            5 => CborType.Map,
            6 => CborType.Tag,
            _ => initial switch { 0xF4 or 0xF5 => CborType.Boolean, 0xF6 => CborType.Null, Break => CborType.Break, _ => CborType.Other },
        };
    }

    /// <summary>An integer of major type 0.</summary>
    public ulong Unsigned() => Peek() == CborType.Unsigned && Head(out _, out var value) ? value : Fail();

    /// <summary>An integer of major type 0 or 1 that fits in 64 bits with a sign.</summary>
    public long Integer()
    {
        var negative = Peek() == CborType.Negative;
        if (!negative && Peek() != CborType.Unsigned || !Head(out _, out var value) || value > long.MaxValue) return (long)Fail();
        return negative ? -1 - (long)value : (long)value;
    }

    /// <summary>A byte string, not copied.</summary>
    public ReadOnlySpan<byte> Bytes() => String(CborType.Bytes);

    /// <summary>A text string; fails when it is not valid UTF-8 (RFC 8949 §3.1).</summary>
    public string Text()
    {
        var text = String(CborType.Text);
        if (Utf8.IsValid(text)) return Encoding.UTF8.GetString(text);
        Fail();
        return "";
    }

    public bool Boolean()
    {
        if (Peek() != CborType.Boolean) return Fail() != 0;
        return _wire.U8() == 0xF5;
    }

    public void Null()
    {
        if (Peek() == CborType.Null) _wire.Skip(1);
        else Fail();
    }

    /// <summary>The number of a tag; its content comes next.</summary>
    public ulong Tag() => Peek() == CborType.Tag && Head(out _, out var value) ? value : Fail();

    /// <summary>Enters an array.</summary>
    /// <returns>How many items are to come, for <see cref="Next"/>; -1 when only a stop code ends it.</returns>
    public int Array() => Container(CborType.Array);

    /// <summary>Enters a map.</summary>
    /// <returns>How many pairs are to come, for <see cref="Next"/>; -1 when only a stop code ends it.</returns>
    public int Map() => Container(CborType.Map);

    /// <summary>True when an array has another item, or a map another pair; counts it. Consumes the stop code at the end of an indefinite length.</summary>
    /// <param name="remaining">What <see cref="Array"/> or <see cref="Map"/> returned.</param>
    public bool Next(ref int remaining)
    {
        if (Failed) return false;
        if (remaining >= 0) return remaining-- > 0;
        if (Peek() != CborType.Break) return Peek() != CborType.None || Fail() != 0;
        _wire.Skip(1);
        return false;
    }

    /// <summary>Moves past the next item, whatever it is.</summary>
    public void Skip() => Skip(0);

    private void Skip(int depth)
    {
        if (depth > MaxDepth)
        {
            Fail();
            return;
        }
        switch (Peek())
        {
            case CborType.Unsigned or CborType.Negative:
                Head(out _, out _);
                break;
            case CborType.Bytes or CborType.Text:
                String(Peek());
                break;
            case CborType.Array:
                for (var left = Array(); Next(ref left);) Skip(depth + 1);
                break;
            case CborType.Map:
                for (var left = Map(); Next(ref left);)
                {
                    Skip(depth + 1);
                    Skip(depth + 1);
                }
                break;
            case CborType.Tag:
                Tag();
                Skip(depth + 1);
                break;
            case CborType.Boolean or CborType.Null or CborType.Other:
                Head(out _, out _);
                break;
            default:
                Fail();
                break;
        }
    }

    private ReadOnlySpan<byte> String(CborType type)
    {
        if (Peek() != type || !Head(out var info, out var length) || info == Indefinite || length > (ulong)_wire.Remaining)
        {
            Fail();
            return default;
        }
        return _wire.Bytes((int)length);
    }

    private int Container(CborType type)
    {
        if (Peek() != type || !Head(out var info, out var count)) return (int)Fail();
        if (info == Indefinite) return -1;
        // An item takes at least one octet: a count that the rest cannot hold would only be found out later, one item at a time.
        return count <= (ulong)_wire.Remaining / (type == CborType.Map ? 2u : 1u) ? (int)count : (int)Fail();
    }

    /// <summary>RFC 8949 §3: the low five bits of the first octet are the argument, or say how many octets of it follow.</summary>
    private bool Head(out int info, out ulong value)
    {
        var initial = _wire.U8();
        info = initial & 0x1F;
        value = info switch
        {
            < 24 => (ulong)info,
            24 => _wire.U8(),
            25 => _wire.U16(),
            26 => _wire.U32(),
            27 => _wire.U64(),
            // Indefinite length has a meaning for strings, arrays and maps only.
            Indefinite when initial >> 5 is >= 2 and <= 5 => 0,
            _ => Fail(),
        };
        return !Failed;
    }

    private ulong Fail()
    {
        _failed = true;
        return 0;
    }
}
