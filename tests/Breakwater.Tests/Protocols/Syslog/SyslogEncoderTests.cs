using System.Text;
using System.Text.RegularExpressions;
using Breakwater.Core.Flows;
using Breakwater.Protocols.Syslog;
using FsCheck;
using FsCheck.Fluent;

namespace Breakwater.Tests.Protocols.Syslog;

public partial class SyslogEncoderTests
{
    private static readonly SyslogMessage Sample = new()
    {
        Facility = SyslogFacility.Local4,
        Severity = SyslogSeverity.Notice,
        Time = Timestamp.FromUnixMilliseconds(1_065_910_455_003),
        HostName = "mymachine.example.com",
        AppName = "evntslog",
        MsgId = "ID47",
        StructuredId = "exampleSDID@32473",
        Parameters = [new("iut", "3"), new("eventSource", "Application"), new("eventID", "1011")],
        Text = "An application event log entry...",
    };

    /// <summary>RFC 5424 §6.5, example 3, with microseconds.</summary>
    [Fact]
    public void Writes_the_example_of_the_standard() => Assert.Equal(
        "<165>1 2003-10-11T22:14:15.003000Z mymachine.example.com evntslog - ID47 [exampleSDID@32473 iut=\"3\" eventSource=\"Application\" eventID=\"1011\"] \uFEFFAn application event log entry...",
        Encoding.UTF8.GetString(SyslogEncoder.Encode(Sample)));

    [Fact]
    public void Escapes_what_would_end_a_value_and_makes_one_line_of_the_text() => Assert.Equal(
        "<165>1 2003-10-11T22:14:15.003000Z - a_b - ID47 [x iut=\"\\\"\\]\\\\ \"] \uFEFFtwo lines",
        Encoding.UTF8.GetString(SyslogEncoder.Encode(Sample with { HostName = "", AppName = "a b", StructuredId = "x", Parameters = [new("iut", "\"]\\\n")], Text = "two\nlines" })));

    [Fact]
    public void Frames_with_the_length_in_octets() => Assert.Equal("5 abcde"u8.ToArray(), SyslogEncoder.Frame("abcde"u8.ToArray()));

    /// <summary>Whatever the text, one message stays one message of the standard's form, whole characters, no longer than allowed.</summary>
    [Fact]
    public void Any_text_makes_a_message_that_fits() => Prop.ForAll<string?, string?, int>((text, value, length) =>
    {
        var max = 480 + (Math.Abs(length % 500));
        var message = Sample with { HostName = text ?? "", AppName = value ?? "", MsgId = text ?? "", StructuredId = value ?? "", Parameters = [new(text ?? "", value ?? "")], Text = text + value };
        var octets = SyslogEncoder.Encode(message, max);
        Assert.True(octets.Length <= max);
        var read = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(octets);
        Assert.Matches(Form(), read);
        Assert.DoesNotContain(read, char.IsControl);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_text_too_long_is_cut_between_characters()
    {
        for (var max = 480; max < 490; max++)
        {
            var octets = SyslogEncoder.Encode(Sample with { Text = string.Concat(Enumerable.Repeat("aé漢😀", 200)) }, max);
            Assert.InRange(octets.Length, max - 4, max);
            new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(octets);
        }
    }

    [GeneratedRegex("^<\\d{1,3}>1 \\S+ [!-~]{1,255} [!-~]{1,48} [!-~]{1,128} [!-~]{1,32} (-|\\[[!#-<>-\\\\^-~]{1,32}( [!#-<>-\\\\^-~]{1,32}=\"([^\"\\\\\\]]|\\\\[\"\\\\\\]])*\")*\\])( \uFEFF.*)?$", RegexOptions.Singleline)]
    private static partial Regex Form();
}
