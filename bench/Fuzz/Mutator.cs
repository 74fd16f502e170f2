using System.Buffers.Binary;

namespace Breakwater.Fuzz;

/// <summary>Damages good inputs the way networks, broken exporters and attackers do. The same seed gives the same inputs.</summary>
/// <remarks>
/// Half of the damage is aimed: lengths and counts of binary protocols sit on even offsets as 16- or 32-bit numbers, and the
/// values that break parsers are few (0, 1, all ones, the input's own length and its neighbours).
/// </remarks>
public sealed class Mutator(int seed, IReadOnlyList<byte[]> corpus, IReadOnlyList<byte[]> tokens)
{
    /// <summary>Longest input made, in octets: the longest UDP datagram.</summary>
    public const int MaxLength = 65_535;

    private readonly Random _random = new(seed);
    private readonly byte[] _buffer = new byte[MaxLength];
    private int _length;

    /// <summary>The next input; valid until the next call. One in sixteen is undamaged, so that templates and good records stay in play.</summary>
    public ReadOnlyMemory<byte> Next()
    {
        var seedInput = corpus[_random.Next(corpus.Count)];
        _length = Math.Min(seedInput.Length, MaxLength);
        seedInput.AsSpan(0, _length).CopyTo(_buffer);
        if (_random.Next(16) != 0)
        {
            // Mostly one wound, so that the parser gets past the header; sometimes many.
            var wounds = 1 + (_random.Next(4) == 0 ? _random.Next(8) : 0);
            for (var i = 0; i < wounds; i++) Damage();
        }
        return _buffer.AsMemory(0, _length);
    }

    private void Damage()
    {
        switch (_random.Next(10))
        {
            case 0: FlipBit(); break;
            case 1: SetByte(); break;
            case 2 or 3: SetNumber16(); break;
            case 4: SetNumber32(); break;
            case 5: _length = _random.Next(_length + 1); break;
            case 6: Splice(); break;
            case 7: Duplicate(); break;
            case 8: Insert(); break;
            default: Delete(); break;
        }
    }

    private void FlipBit()
    {
        if (_length > 0) _buffer[_random.Next(_length)] ^= (byte)(1 << _random.Next(8));
    }

    private void SetByte()
    {
        if (_length > 0) _buffer[_random.Next(_length)] = (byte)_random.Next(256);
    }

    private void SetNumber16()
    {
        if (_length < 2) return;
        var at = _random.Next(_length / 2) * 2;
        var old = BinaryPrimitives.ReadUInt16BigEndian(_buffer.AsSpan(at));
        BinaryPrimitives.WriteUInt16BigEndian(_buffer.AsSpan(at), (ushort)Nasty(old, 16));
    }

    private void SetNumber32()
    {
        if (_length < 4) return;
        var at = _random.Next(_length / 4) * 4;
        var old = BinaryPrimitives.ReadUInt32BigEndian(_buffer.AsSpan(at));
        var value = (uint)Nasty(old, 32);
        if (_random.Next(2) == 0) BinaryPrimitives.WriteUInt32BigEndian(_buffer.AsSpan(at), value);
        else BinaryPrimitives.WriteUInt32LittleEndian(_buffer.AsSpan(at), value);
    }

    private long Nasty(long old, int bits) => _random.Next(12) switch
    {
        0 => 0,
        1 => 1,
        2 => old + 1,
        3 => old - 1,
        4 => (1L << bits) - 1,
        5 => 1L << (bits - 1),
        6 => (1L << (bits - 1)) - 1,
        7 => _length,
        8 => _length + _random.Next(-4, 5),
        9 => old * 2,
        10 => old ^ (1L << _random.Next(bits)),
        _ => _random.NextInt64(1L << bits),
    };

    /// <summary>Goes on with the tail of another good input.</summary>
    private void Splice()
    {
        var other = corpus[_random.Next(corpus.Count)];
        var from = _random.Next(other.Length + 1);
        var at = _random.Next(_length + 1);
        var take = Math.Min(other.Length - from, MaxLength - at);
        other.AsSpan(from, take).CopyTo(_buffer.AsSpan(at));
        _length = at + take;
    }

    /// <summary>Repeats a piece behind itself.</summary>
    private void Duplicate()
    {
        if (_length == 0) return;
        var from = _random.Next(_length);
        var piece = Math.Min(1 + _random.Next(_length - from), MaxLength - _length);
        if (!MakeRoom(from + piece, piece)) return;
        _buffer.AsSpan(from, piece).CopyTo(_buffer.AsSpan(from + piece));
    }

    /// <summary>Puts in a token of the format, or random bytes.</summary>
    private void Insert()
    {
        var at = _random.Next(_length + 1);
        if (tokens.Count > 0 && _random.Next(4) != 0)
        {
            var token = tokens[_random.Next(tokens.Count)];
            if (MakeRoom(at, token.Length)) token.CopyTo(_buffer.AsSpan(at));
            return;
        }
        var count = 1 + _random.Next(16);
        if (MakeRoom(at, count)) _random.NextBytes(_buffer.AsSpan(at, count));
    }

    private void Delete()
    {
        if (_length == 0) return;
        var from = _random.Next(_length);
        var count = 1 + _random.Next(Math.Min(16, _length - from));
        _buffer.AsSpan(from + count, _length - from - count).CopyTo(_buffer.AsSpan(from));
        _length -= count;
    }

    private bool MakeRoom(int at, int count)
    {
        if (at > _length || _length + count > MaxLength) return false;
        _buffer.AsSpan(at, _length - at).CopyTo(_buffer.AsSpan(at + count));
        _length += count;
        return true;
    }
}
