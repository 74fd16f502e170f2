using System.Globalization;
using System.Text;

namespace Breakwater.Protocols.Syslog;

/// <summary>Writes messages of RFC 5424, and frames them for TCP.</summary>
/// <remarks>
/// §6: <c>&lt;PRI&gt;1 TIMESTAMP HOSTNAME APP-NAME PROCID MSGID STRUCTURED-DATA MSG</c>. Header fields are printable US-ASCII without
/// spaces and cut to the lengths of §6; what else stands in them becomes "_", an empty one "-". Text is UTF-8 behind a byte order mark.
/// </remarks>
public static class SyslogEncoder
{
    /// <summary>Octets that every receiver should take (§6.1).</summary>
    public const int RecommendedLength = 2048;

    /// <summary>Longest SD-NAME (§6).</summary>
    private const int MaxName = 32;

    /// <param name="maxLength">Octets that the message may have; the text is cut to fit, then the structured data is left out.</param>
    public static byte[] Encode(SyslogMessage message, int maxLength = RecommendedLength)
    {
        var header = Header(message);
        var structured = Structured(message);
        // Cut inside an element, a receiver could read no more of it: all or nothing.
        if (header.Length + Encoding.UTF8.GetByteCount(structured) + 1 > maxLength) structured = "-";
        var head = Encoding.UTF8.GetBytes(header + structured);
        var text = Encoding.UTF8.GetBytes(OneLine(message.Text));
        // A byte order mark alone says nothing.
        var room = maxLength - head.Length - 4;
        if (text.Length == 0 || room <= 0) return head.Length <= maxLength ? head : head[..maxLength];
        return [.. head, (byte)' ', 0xEF, 0xBB, 0xBF, .. text.AsSpan(0, Fitting(text, room))];
    }

    /// <summary>One frame on a stream: the length in decimal digits, a space, the message (RFC 6587 §3.4.1, RFC 5425 §4.3).</summary>
    public static byte[] Frame(byte[] message) => [.. Encoding.ASCII.GetBytes(message.Length.ToString(CultureInfo.InvariantCulture)), (byte)' ', .. message];

    private static string Header(SyslogMessage message) => string.Create(
        CultureInfo.InvariantCulture,
        $"<{((int)message.Facility * 8) + (int)message.Severity}>1 {message.Time} {Field(message.HostName, 255)} {Field(message.AppName, 48)} {Field(message.ProcId, 128)} {Field(message.MsgId, 32)} ");

    private static string Structured(SyslogMessage message)
    {
        if (message.StructuredId.Length == 0) return "-";
        var text = new StringBuilder("[").Append(Name(message.StructuredId));
        foreach (var (name, value) in message.Parameters)
        {
            text.Append(' ').Append(Name(name)).Append("=\"");
            // §6.3.3: only these three must be escaped; control characters are allowed, but some receivers end the line there.
            foreach (var letter in value)
            {
                if (letter is '"' or '\\' or ']') text.Append('\\');
                text.Append(char.IsControl(letter) ? ' ' : letter);
            }
            text.Append('"');
        }
        return text.Append(']').ToString();
    }

    private static string Field(string text, int max) => text.Length == 0 ? "-" : Printable(text, max, "");

    /// <summary>SD-NAME has no '=', ']' or '"' (§6.3.2).</summary>
    private static string Name(string text) => text.Length == 0 ? "_" : Printable(text, MaxName, "=]\"");

    private static string Printable(string text, int max, string without) =>
        string.Create(Math.Min(text.Length, max), (text, without), static (output, from) =>
        {
            for (var i = 0; i < output.Length; i++)
                output[i] = from.text[i] is > ' ' and < '\x7F' and var letter && !from.without.Contains(letter) ? letter : '_';
        });

    private static string OneLine(string text) => string.Create(text.Length, text, static (output, from) =>
    {
        for (var i = 0; i < output.Length; i++) output[i] = char.IsControl(from[i]) ? ' ' : from[i];
    });

    /// <summary>Octets of the text that fit without cutting a character in two.</summary>
    private static int Fitting(byte[] text, int room)
    {
        if (text.Length <= room) return text.Length;
        while (room > 0 && (text[room] & 0xC0) == 0x80) room--;
        return room;
    }
}
