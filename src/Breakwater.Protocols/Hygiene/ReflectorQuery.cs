using System.Buffers.Binary;
using Breakwater.Core.Behaviour.Exposure;

namespace Breakwater.Protocols.Hygiene;

/// <summary>The harmless questions, and what the answers to them say. No sockets here.</summary>
public static class ReflectorQuery
{
    /// <summary>Octets of the longest question.</summary>
    public const int MaxLength = 128;

    /// <summary>example.com, type A, class IN, after RFC 1035 §4.1.2.</summary>
    private static readonly byte[] DnsQuestion = [7, .. "example"u8, 3, .. "com"u8, 0, 0, 1, 0, 1];

    private static ReadOnlySpan<byte> Search => "M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nMAN: \"ssdp:discover\"\r\nMX: 1\r\nST: upnp:rootdevice\r\n\r\n"u8;

    /// <summary>SearchRequest: base object "", scope base, no limits, filter (objectClass=*), attributes "1.1", which are none (RFC 4511 §4.5.1).</summary>
    private static readonly byte[] RootSearch =
        [0x63, 0x25, 0x04, 0, 0x0A, 1, 0, 0x0A, 1, 0, 0x02, 1, 0, 0x02, 1, 0, 0x01, 1, 0, 0x87, 11, .. "objectClass"u8, 0x30, 5, 0x04, 3, .. "1.1"u8];

    /// <summary>GetRequest's error status, error index, and the one variable, 1.3.6.1.2.1.1.1.0 (RFC 3416 §3, RFC 3418 sysDescr).</summary>
    private static readonly byte[] SystemDescription = [0x02, 1, 0, 0x02, 1, 0, 0x30, 14, 0x30, 12, 0x06, 8, 0x2B, 6, 1, 2, 1, 1, 1, 0, 0x05, 0];

    /// <param name="id">Ties the answer to the question, where the protocol has such a number.</param>
    /// <param name="datagram">Receives the question; at least <see cref="MaxLength"/> octets.</param>
    /// <returns>Octets written.</returns>
    public static int Write(ReflectorQuestion question, ushort id, Span<byte> datagram)
    {
        switch (question)
        {
            case ReflectorQuestion.Dns:
                // RFC 1035 §4.1.1: identifier, flags with recursion desired, one question.
                return Put(datagram, [(byte)(id >> 8), (byte)id, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0], DnsQuestion);
            case ReflectorQuestion.Ntp:
                // RFC 9327 §2: version 2, mode 6, opcode 2 (read variables), sequence, status, association 0, offset, count.
                return Put(datagram, [0x16, 2, (byte)(id >> 8), (byte)id, 0, 0, 0, 0, 0, 0, 0, 0], []);
            case ReflectorQuestion.Ssdp:
                return Put(datagram, [], Search);
            case ReflectorQuestion.Memcached:
                // The frame of UDP (memcached's protocol.txt): request identifier, sequence 0, one datagram, reserved.
                return Put(datagram, [(byte)(id >> 8), (byte)id, 0, 0, 0, 1, 0, 0], "version\r\n"u8);
            case ReflectorQuestion.Cldap:
                // RFC 4511 §4.1.1: LDAPMessage with a message identifier from 1 to 127.
                return Put(datagram, [0x30, 0x2A, 0x02, 1, ShortId(id)], RootSearch);
            case ReflectorQuestion.Snmp:
                // RFC 1901 §3: version 1 (2c), community; RFC 3416 §3: GetRequest with its identifier.
                return Put(datagram, [0x30, 41, 0x02, 1, 1, 0x04, 6, .. "public"u8, 0xA0, 28, 0x02, 4, 0, 0, (byte)(id >> 8), (byte)id], SystemDescription);
            default:
                throw new ArgumentOutOfRangeException(nameof(question));
        }
    }

    /// <param name="datagram">What came from the address that was asked.</param>
    /// <returns>What it says; null when it is no answer to this question. Never <see cref="ConfirmationVerdict.Silent"/>.</returns>
    public static ConfirmationVerdict? Read(ReflectorQuestion question, ushort id, ReadOnlySpan<byte> datagram)
    {
        var number = datagram.Length >= 2 ? BinaryPrimitives.ReadUInt16BigEndian(datagram) : (ushort)0;
        return question switch
        {
            // An answer that sends elsewhere, or says that something went wrong, is of no use to an attacker.
            ReflectorQuestion.Dns => datagram.Length < 12 || number != id || (datagram[2] & 0x80) == 0 ? null
                : (datagram[3] & 0x0F) == 0 && (datagram[6] | datagram[7]) != 0 ? ConfirmationVerdict.Answered : ConfirmationVerdict.Refused,
            ReflectorQuestion.Ntp => If(datagram.Length >= 12 && (datagram[0] & 7) == 6 && (datagram[1] & 0x9F) == 0x82 && BinaryPrimitives.ReadUInt16BigEndian(datagram[2..]) == id),
            ReflectorQuestion.Ssdp => If(datagram.StartsWith("HTTP/1.1 200"u8)),
            ReflectorQuestion.Memcached => If(datagram.Length > 8 && number == id && datagram[8..].StartsWith("VERSION "u8)),
            ReflectorQuestion.Cldap => If(IsLdapAnswer(datagram, ShortId(id))),
            ReflectorQuestion.Snmp => If(IsSnmpAnswer(datagram, id)),
            _ => throw new ArgumentOutOfRangeException(nameof(question)),
        };
    }

    private static ConfirmationVerdict? If(bool answered) => answered ? ConfirmationVerdict.Answered : null;

    private static byte ShortId(ushort id) => (byte)(id % 127 + 1);

    private static int Put(Span<byte> datagram, ReadOnlySpan<byte> head, ReadOnlySpan<byte> rest)
    {
        head.CopyTo(datagram);
        rest.CopyTo(datagram[head.Length..]);
        return head.Length + rest.Length;
    }

    /// <summary>A message with our identifier that holds an entry or the end of the search: tags 4 and 5 of the application (RFC 4511 §4.5.2).</summary>
    private static bool IsLdapAnswer(ReadOnlySpan<byte> message, byte id) =>
        Enter(ref message, 0x30) && Take(ref message, 0x02, out var number) && Number(number) == id && message.Length > 0 && message[0] is 0x64 or 0x65;

    /// <summary>A Response (tag 2 of the context, RFC 3416 §3) with our identifier.</summary>
    private static bool IsSnmpAnswer(ReadOnlySpan<byte> message, ushort id) =>
        Enter(ref message, 0x30) && Take(ref message, 0x02, out _) && Take(ref message, 0x04, out _) && Enter(ref message, 0xA2) && Take(ref message, 0x02, out var number) && Number(number) == id;

    private static bool Enter(ref ReadOnlySpan<byte> message, byte tag)
    {
        if (!Length(message, tag, out var at, out _)) return false;
        message = message[at..];
        return true;
    }

    private static bool Take(ref ReadOnlySpan<byte> message, byte tag, out ReadOnlySpan<byte> content)
    {
        content = default;
        if (!Length(message, tag, out var at, out var length) || length > message.Length - at) return false;
        content = message.Slice(at, length);
        message = message[(at + length)..];
        return true;
    }

    /// <summary>X.690 §8.1.3: short form, or long form with up to four octets.</summary>
    private static bool Length(ReadOnlySpan<byte> message, byte tag, out int at, out int length)
    {
        (at, length) = (2, 0);
        if (message.Length < 2 || message[0] != tag) return false;
        if (message[1] < 0x80)
        {
            length = message[1];
            return true;
        }
        var octets = message[1] & 0x7F;
        if (octets is 0 or > 4 || message.Length < 2 + octets) return false;
        long value = 0;
        for (var i = 0; i < octets; i++) value = value << 8 | message[2 + i];
        (at, length) = (2 + octets, (int)Math.Min(int.MaxValue, value));
        return true;
    }

    private static long Number(ReadOnlySpan<byte> content)
    {
        if (content.Length > 8) return -1;
        long value = 0;
        foreach (var octet in content) value = value << 8 | octet;
        return value;
    }
}
