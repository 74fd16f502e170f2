using Breakwater.Core.Net;

namespace Breakwater.Protocols.Net;

/// <summary>Reads addresses out of text files without allocating.</summary>
public static class AddressText
{
    /// <summary>"192.0.2.1" or any form of RFC 4291 §2.2: "2001:db8::1", "::ffff:192.0.2.1". No zone, no leading zeros in IPv4.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out IpAddr address)
    {
        address = default;
        if (text.Contains((byte)':')) return TryV6(text, out address);
        if (!TryV4(text, out var bits)) return false;
        address = IpAddr.V4(bits);
        return true;
    }

    private static bool TryV4(ReadOnlySpan<byte> text, out uint bits)
    {
        bits = 0;
        var octets = 0;
        var digits = 0;
        var octet = 0;
        foreach (var c in text)
        {
            if (c == (byte)'.')
            {
                if (digits == 0 || ++octets > 3) return false;
                bits = bits << 8 | (uint)octet;
                octet = digits = 0;
                continue;
            }
            if (c is < (byte)'0' or > (byte)'9' || (digits > 0 && octet == 0)) return false;
            octet = octet * 10 + c - '0';
            digits++;
            if (octet > 255) return false;
        }
        if (octets != 3 || digits == 0) return false;
        bits = bits << 8 | (uint)octet;
        return true;
    }

    private static bool TryV6(ReadOnlySpan<byte> text, out IpAddr address)
    {
        address = default;
        Span<ushort> groups = stackalloc ushort[8];
        var count = 0;
        var gap = -1;
        var at = 0;
        if (text.StartsWith("::"u8))
        {
            gap = 0;
            at = 2;
        }
        while (at < text.Length)
        {
            var length = text[at..].IndexOf((byte)':');
            var group = length < 0 ? text[at..] : text.Slice(at, length);
            if (length < 0 && group.Contains((byte)'.'))
            {
                if (count > 6 || !TryV4(group, out var bits)) return false;
                groups[count++] = (ushort)(bits >> 16);
                groups[count++] = (ushort)bits;
                break;
            }
            if (count == 8 || !TryGroup(group, out groups[count])) return false;
            count++;
            if (length < 0) break;
            at += length + 1;
            if (at == text.Length) return false;
            if (text[at] != (byte)':') continue;
            if (gap >= 0) return false;
            gap = count;
            at++;
        }
        if (gap < 0 ? count != 8 : count == 8) return false;
        if (gap >= 0)
        {
            groups[gap..count].CopyTo(groups[(8 - count + gap)..]);
            groups[gap..(8 - count + gap)].Clear();
        }
        address = new IpAddr(Half(groups), Half(groups[4..]));
        return true;
    }

    private static bool TryGroup(ReadOnlySpan<byte> text, out ushort group)
    {
        group = 0;
        if (text.Length is 0 or > 4) return false;
        foreach (var c in text)
        {
            var digit = char.IsAsciiHexDigit((char)c) ? (c & 0x0F) + (c > (byte)'9' ? 9 : 0) : -1;
            if (digit < 0) return false;
            group = (ushort)(group << 4 | digit);
        }
        return true;
    }

    private static ulong Half(ReadOnlySpan<ushort> groups) =>
        (ulong)groups[0] << 48 | (ulong)groups[1] << 32 | (ulong)groups[2] << 16 | groups[3];
}
