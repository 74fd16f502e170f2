using System.Buffers.Binary;

namespace Breakwater.Protocols.Dns;

/// <summary>A question (RFC 1035 §4.1.2). The name is in the buffer given to <see cref="DnsReader.TryQuestion"/>.</summary>
public readonly record struct DnsQuestion(int NameLength, ushort Type, ushort Class);

/// <summary>A resource record (RFC 1035 §4.1.3).</summary>
/// <param name="NamePosition">Where in the message the owner's name begins.</param>
/// <param name="Type">RFC 1035 §3.2.2 and later.</param>
/// <param name="Class">1 is the Internet; the top bit is multicast DNS's cache-flush (RFC 6762 §10.2). In an OPT record the sender's UDP payload size.</param>
/// <param name="TimeToLive">Seconds. In an OPT record the extended response code, version and flags (RFC 6891 §6.1.3).</param>
/// <param name="DataPosition">Where in the message the data begins: names in it may point back into the message.</param>
/// <param name="DataLength">Octets of data.</param>
public readonly record struct DnsRecord(int NamePosition, ushort Type, ushort Class, uint TimeToLive, int DataPosition, int DataLength);

/// <summary>A cursor over a DNS message from questions to the additional section. Never throws and allocates nothing.</summary>
/// <remarks>RFC 1035 §4.1. Read as many questions as the header says, then records of all sections in order; the first failure is final.</remarks>
public ref struct DnsReader
{
    private readonly ReadOnlySpan<byte> _message;
    private int _position;

    /// <param name="message">From the header on, without the length octets of TCP.</param>
    public DnsReader(ReadOnlySpan<byte> message)
    {
        _message = message;
        _position = DnsHeader.Length;
        Failed = !DnsHeader.TryRead(message, out var header);
        Header = header;
    }

    public DnsHeader Header { get; }

    /// <summary>True once something was asked for that is not there, or malformed; stays true.</summary>
    public bool Failed { get; private set; }

    /// <param name="name">At least <see cref="DnsName.MaxText"/> octets; receives the name.</param>
    /// <param name="question">The question.</param>
    public bool TryQuestion(Span<byte> name, out DnsQuestion question)
    {
        question = default;
        if (Failed || !DnsName.TryRead(_message, ref _position, name, out var length) || _message.Length - _position < 4) return Fail();
        question = new DnsQuestion(length, U16(_position), U16(_position + 2));
        _position += 4;
        return true;
    }

    public bool TryRecord(out DnsRecord record)
    {
        record = default;
        var name = _position;
        if (Failed || !DnsName.TrySkip(_message, ref _position) || _message.Length - _position < 10) return Fail();
        var at = _position;
        var length = U16(at + 8);
        if (_message.Length - at - 10 < length) return Fail();
        record = new DnsRecord(name, U16(at), U16(at + 2), BinaryPrimitives.ReadUInt32BigEndian(_message[(at + 4)..]), at + 10, length);
        _position = at + 10 + length;
        return true;
    }

    /// <summary>The octets of a record's data.</summary>
    public readonly ReadOnlySpan<byte> DataOf(in DnsRecord record) => _message.Slice(record.DataPosition, record.DataLength);

    /// <summary>Reads the name that a record belongs to.</summary>
    public readonly bool TryOwner(in DnsRecord record, Span<byte> name, out int length)
    {
        var position = record.NamePosition;
        return DnsName.TryRead(_message, ref position, name, out length);
    }

    /// <summary>Reads the name that the data of a CNAME, NS or PTR is, or that follows <paramref name="skip"/> octets of it (2 for MX, 6 for SRV).</summary>
    public readonly bool TryTarget(in DnsRecord record, int skip, Span<byte> name, out int length)
    {
        length = 0;
        var position = record.DataPosition + skip;
        return skip < record.DataLength && DnsName.TryRead(_message, ref position, name, out length) && position <= record.DataPosition + record.DataLength;
    }

    /// <summary>Joins the character strings of a TXT record (RFC 1035 §3.3.14).</summary>
    /// <returns>Octets written, at most the room given.</returns>
    public readonly int CopyText(in DnsRecord record, Span<byte> text)
    {
        var written = 0;
        for (var data = DataOf(record); data.Length > 1;)
        {
            var piece = data.Slice(1, Math.Min(data[0], data.Length - 1));
            data = data[(1 + piece.Length)..];
            piece = piece[..Math.Min(piece.Length, text.Length - written)];
            piece.CopyTo(text[written..]);
            written += piece.Length;
        }
        return written;
    }

    private readonly ushort U16(int at) => BinaryPrimitives.ReadUInt16BigEndian(_message[at..]);

    private bool Fail()
    {
        Failed = true;
        _position = _message.Length;
        return false;
    }
}
