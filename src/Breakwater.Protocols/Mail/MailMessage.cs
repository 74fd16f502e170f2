using System.Globalization;
using System.Text;
using Breakwater.Core.Flows;

namespace Breakwater.Protocols.Mail;

/// <summary>A plain text mail of RFC 5322 and RFC 2045. Any text may be given: nothing in it can add a header or end the message.</summary>
/// <param name="From">Address of the sender.</param>
/// <param name="To">Addresses of the receivers.</param>
/// <param name="MessageId">Left side of the Message-ID; the same notice sent again has the same.</param>
/// <param name="Domain">Right side of the Message-ID.</param>
public sealed record MailMessage(string From, IReadOnlyList<string> To, string Subject, string Text, Timestamp Time, string MessageId, string Domain)
{
    /// <summary>Octets of text in one encoded word: 42 in base64 are 56 characters, and with the frame at most 75 (RFC 2047 §2).</summary>
    private const int EncodedWord = 42;

    /// <summary>Headers and body with CRLF line ends, ready for <see cref="SmtpText.Stuff"/>.</summary>
    public byte[] Encode()
    {
        var mail = new StringBuilder();
        Header(mail, "From", Plain(From));
        Header(mail, "To", string.Join(",\r\n ", To.Select(Plain)));
        Header(mail, "Subject", Subject.All(c => c is >= ' ' and < '\x7F') && Subject.Length <= 60 ? Subject : Words(Subject));
        // RFC 5322 §3.3.
        Header(mail, "Date", Time.ToDateTimeOffset().ToString("ddd, dd MMM yyyy HH:mm:ss +0000", CultureInfo.InvariantCulture));
        Header(mail, "Message-ID", $"<{Atom(MessageId)}@{Atom(Domain)}>");
        // RFC 3834 §5: nobody's holiday notice is to answer.
        Header(mail, "Auto-Submitted", "auto-generated");
        Header(mail, "MIME-Version", "1.0");
        Header(mail, "Content-Type", "text/plain; charset=utf-8");
        // RFC 2045 §6.8: whatever the text, its lines are short and hold no line that SMTP takes for its own.
        Header(mail, "Content-Transfer-Encoding", "base64");
        mail.Append("\r\n");
        var body = Convert.ToBase64String(Encoding.UTF8.GetBytes(Text.ReplaceLineEndings("\r\n")));
        for (var at = 0; at < body.Length; at += 76) mail.Append(body, at, Math.Min(76, body.Length - at)).Append("\r\n");
        return Encoding.ASCII.GetBytes(mail.ToString());
    }

    private static void Header(StringBuilder mail, string name, string value) => mail.Append(name).Append(": ").Append(value).Append("\r\n");

    private static string Plain(string address) => new([.. address.Where(c => c is > ' ' and < '\x7F')]);

    private static string Atom(string text) => new([.. text.Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_' ? c : '-')]);

    /// <summary>RFC 2047 §4.1: each word holds whole characters.</summary>
    private static string Words(string text)
    {
        var words = new List<string>();
        var word = new List<byte>();
        Span<byte> utf8 = stackalloc byte[4];
        foreach (var rune in text.EnumerateRunes())
        {
            var letter = utf8[..(Rune.IsControl(rune) ? new Rune(' ') : rune).EncodeToUtf8(utf8)];
            if (word.Count + letter.Length > EncodedWord) Flush();
            word.AddRange(letter);
        }
        Flush();
        return string.Join("\r\n ", words);

        void Flush()
        {
            if (word.Count > 0) words.Add($"=?utf-8?B?{Convert.ToBase64String([.. word])}?=");
            word.Clear();
        }
    }
}
