using System.Text;
using Breakwater.Core.Flows;
using Breakwater.Protocols.Mail;
using FsCheck;
using FsCheck.Fluent;

namespace Breakwater.Tests.Protocols.Mail;

public class MailTests
{
    private static readonly string[] Headers = ["From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type", "Content-Transfer-Encoding"];

    [Fact]
    public void Writes_headers_and_text()
    {
        var mail = Encoding.ASCII.GetString(Mail("Attack on 192.0.2.7", "Line one\nLine two"));
        Assert.StartsWith("From: a@example.net\r\nTo: b@example.net,\r\n c@example.net\r\nSubject: Attack on 192.0.2.7\r\nDate: Tue, 14 Nov 2023 22:13:20 +0000\r\nMessage-ID: <n-1@example.net>\r\n", mail);
        Assert.EndsWith("\r\n\r\n" + Convert.ToBase64String("Line one\r\nLine two"u8) + "\r\n", mail);
    }

    /// <summary>Whatever a subject and a text hold, there are our headers and no others, short lines, and the text comes out as it went in.</summary>
    [Fact]
    public void No_text_adds_a_header_or_ends_the_mail() => Prop.ForAll<string?, string?>((subject, text) =>
    {
        var mail = Encoding.ASCII.GetString(Mail(subject ?? "", text ?? ""));
        var end = mail.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        var head = mail[..end].Split("\r\n");
        Assert.Equal(Headers, head.Where(l => !l.StartsWith(' ')).Select(l => l[..l.IndexOf(':', StringComparison.Ordinal)]));
        Assert.All(mail.Split("\r\n"), line => Assert.True(line.Length <= 998 && !line.Contains('\r') && !line.Contains('\n')));
        Assert.DoesNotContain(mail.Split("\r\n"), line => line == ".");
        var body = Encoding.UTF8.GetString(Convert.FromBase64String(mail[(end + 4)..].Replace("\r\n", "", StringComparison.Ordinal)));
        Assert.Equal(Encoding.UTF8.GetString(Encoding.UTF8.GetBytes((text ?? "").ReplaceLineEndings("\r\n"))), body);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_long_subject_in_other_letters_is_words_of_whole_characters()
    {
        var subject = string.Concat(Enumerable.Repeat("Überlast 漢字 😀 ", 20));
        var line = Encoding.ASCII.GetString(Mail(subject, "")).Split("\r\nDate:")[0].Split("Subject: ")[1];
        var words = line.Split("\r\n ");
        Assert.All(words, w => Assert.True(w.Length <= 75 && w.StartsWith("=?utf-8?B?", StringComparison.Ordinal) && w.EndsWith("?=", StringComparison.Ordinal)));
        Assert.Equal(subject, string.Concat(words.Select(w => Encoding.UTF8.GetString(Convert.FromBase64String(w[10..^2])))));
    }

    [Fact]
    public void Doubles_a_leading_dot_and_ends_with_one() => Assert.Equal("a\r\n..b\r\n...\r\n.\r\n"u8.ToArray(), SmtpText.Stuff("a\r\n.b\r\n..\r\n"u8));

    /// <summary>Whatever is sent, the end is where it ends, and taking the dots away gives it back.</summary>
    [Fact]
    public void No_message_ends_before_its_end() => Prop.ForAll<string?>(text =>
    {
        var lines = (text ?? "").Replace("\r", "", StringComparison.Ordinal).Split('\n');
        var stuffed = Encoding.UTF8.GetString(SmtpText.Stuff(Encoding.UTF8.GetBytes(string.Join("\r\n", lines) + "\r\n"))).Split("\r\n");
        Assert.Equal(stuffed.Length - 2, Array.IndexOf(stuffed, "."));
        Assert.Equal(lines.Select(l => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(l))), stuffed[..^2].Select(l => l.StartsWith('.') ? l[1..] : l));
    }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData("250 ok", 250, true, "ok")]
    [InlineData("250-SIZE 10", 250, false, "SIZE 10")]
    [InlineData("354", 354, true, "")]
    public void Reads_replies(string line, int code, bool last, string text)
    {
        Assert.True(SmtpText.TryReadLine(line, out var readCode, out var readLast, out var readText));
        Assert.Equal((code, last, text), (readCode, readLast, readText));
    }

    [Theory]
    [InlineData("")]
    [InlineData("25")]
    [InlineData("HTTP/1.1 400")]
    [InlineData("650 no")]
    [InlineData("250ok")]
    public void Takes_nothing_else_for_a_reply(string line) => Assert.False(SmtpText.TryReadLine(line, out _, out _, out _));

    private static byte[] Mail(string subject, string text) =>
        new MailMessage("a@example.net", ["b@example.net", "c@example.net"], subject, text, Timestamp.FromUnixSeconds(1_700_000_000), "n-1", "example.net").Encode();
}
