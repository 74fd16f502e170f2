using System.Text;

namespace Breakwater.Protocols.Mail;

/// <summary>The text of SMTP (RFC 5321): replies, and what stands between DATA and its end.</summary>
public static class SmtpText
{
    /// <summary>A message as DATA sends it: a dot in front of each line that begins with one, and the final dot (§4.5.2).</summary>
    /// <param name="message">With CRLF line ends.</param>
    public static byte[] Stuff(ReadOnlySpan<byte> message)
    {
        var output = new List<byte>(message.Length + 16);
        var lineStart = true;
        foreach (var octet in message)
        {
            if (lineStart && octet == '.') output.Add((byte)'.');
            output.Add(octet);
            lineStart = octet == '\n';
        }
        if (!lineStart) output.AddRange("\r\n"u8);
        output.AddRange(".\r\n"u8);
        return [.. output];
    }

    /// <summary>Reads one line of a reply: three digits, then a space or nothing at the last line and "-" before more (§4.2.1).</summary>
    /// <returns>False for what is no reply.</returns>
    public static bool TryReadLine(string line, out int code, out bool last, out string text)
    {
        (code, last, text) = (0, true, "");
        if (line.Length < 3 || line.AsSpan(0, 3).ContainsAnyExceptInRange('0', '9') || line[0] is < '2' or > '5') return false;
        code = (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
        if (line.Length == 3) return true;
        if (line[3] is not (' ' or '-')) return false;
        last = line[3] == ' ';
        text = line[4..];
        return true;
    }

    /// <summary>The initial response of AUTH PLAIN (RFC 4616 §2): no authorization identity, the name, the password.</summary>
    public static string Plain(string user, string password) => Convert.ToBase64String(Encoding.UTF8.GetBytes($"\0{user}\0{password}"));
}
