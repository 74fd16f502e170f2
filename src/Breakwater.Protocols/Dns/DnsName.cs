namespace Breakwater.Protocols.Dns;

/// <summary>Domain names in DNS messages.</summary>
/// <remarks>
/// RFC 1035 §3.1 (labels of 1 to 63 octets, 255 octets in all) and §4.1.4 (compression: a pointer to a prior occurrence). Each pointer must lead before
/// everything read so far, so a loop cannot be.
/// </remarks>
public static class DnsName
{
    /// <summary>Octets of the longest name as text: 255 on the wire less the first length octet and the root.</summary>
    public const int MaxText = 253;

    private const int MaxWire = 255;

    /// <summary>Reads the name at <paramref name="position"/> and moves behind it.</summary>
    /// <param name="message">The whole message, from its header.</param>
    /// <param name="position">Where the name begins; on success behind it, where the message goes on.</param>
    /// <param name="text">At least <see cref="MaxText"/> octets; receives the labels, ASCII letters in lower case, with dots between. A dot within a label becomes a space, which no other part of a text is.</param>
    /// <param name="length">Octets written; 0 for the root.</param>
    /// <returns>False when the name runs past the end, is too long, or is compressed against the rules.</returns>
    public static bool TryRead(ReadOnlySpan<byte> message, ref int position, Span<byte> text, out int length)
    {
        length = 0;
        var at = position;
        var lowest = position;
        var after = -1;
        var wire = 0;
        while ((uint)at < (uint)message.Length)
        {
            int label = message[at++];
            if (label == 0)
            {
                position = after >= 0 ? after : at;
                return true;
            }
            if (label >= 0xC0)
            {
                if (at >= message.Length) return false;
                if (after < 0) after = at + 1;
                at = (label & 0x3F) << 8 | message[at];
                if (at >= lowest) return false;
                lowest = at;
                continue;
            }
            // 01 and 10 were given to label types that nobody uses (RFC 6891 §5).
            wire += label + 1;
            if (label > 63 || wire + 1 > MaxWire || label > message.Length - at) return false;
            if (length > 0) text[length++] = (byte)'.';
            foreach (var octet in message.Slice(at, label)) text[length++] = Fold(octet);
            at += label;
        }
        return false;
    }

    /// <summary>Moves behind the name at <paramref name="position"/> without following it.</summary>
    public static bool TrySkip(ReadOnlySpan<byte> message, ref int position)
    {
        for (var at = position; (uint)at < (uint)message.Length;)
        {
            int label = message[at++];
            if (label is > 0 and < 64)
            {
                at += label;
                continue;
            }
            if (label >= 0xC0) at++;
            if (at > message.Length || label is >= 64 and < 0xC0) return false;
            position = at;
            return true;
        }
        return false;
    }

    /// <remarks>RFC 4343 §3: only ASCII letters are alike in both cases.</remarks>
    private static byte Fold(byte octet) => octet switch
    {
        >= (byte)'A' and <= (byte)'Z' => (byte)(octet | 0x20),
        (byte)'.' => (byte)' ',
        _ => octet,
    };
}
