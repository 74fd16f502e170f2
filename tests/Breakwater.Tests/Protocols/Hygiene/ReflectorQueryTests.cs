using Breakwater.Core.Behaviour.Exposure;
using Breakwater.Protocols.Hygiene;
using FsCheck;
using FsCheck.Fluent;

namespace Breakwater.Tests.Protocols.Hygiene;

public class ReflectorQueryTests
{
    private const ushort Id = 0x1234;

    public static TheoryData<ReflectorQuestion> Questions => [.. Enum.GetValues<ReflectorQuestion>()];

    [Theory]
    [InlineData(ReflectorQuestion.Dns, "1234010000010000000000000765 78616D706C6503636F6D0000010001")]
    [InlineData(ReflectorQuestion.Ntp, "160212340000000000000000")]
    [InlineData(ReflectorQuestion.Memcached, "123400000001000076657273696F6E0D0A")]
    // RFC 3416 §3 by hand: SEQUENCE { version 1, "public", GetRequest { 0x1234, 0, 0, { { 1.3.6.1.2.1.1.1.0, NULL } } } }.
    [InlineData(ReflectorQuestion.Snmp, "3029020101 04067075626C6963 A01C 020400001234 020100 020100 300E 300C 06082B06010201010100 0500")]
    // RFC 4511 by hand: SEQUENCE { messageID, SearchRequest { "", base, never, 0, 0, false, present objectClass, { "1.1" } } }.
    [InlineData(ReflectorQuestion.Cldap, "302A 0201 59 6325 0400 0A0100 0A0100 020100 020100 010100 870B6F626A656374436C617373 30050403312E31")]
    public void Asks_as_the_standard_writes_it(ReflectorQuestion question, string hex) => Assert.Equal(hex.Replace(" ", ""), Convert.ToHexString(Ask(question)));

    [Fact]
    public void Searches_for_root_devices() => Assert.StartsWith("M-SEARCH * HTTP/1.1\r\n", System.Text.Encoding.ASCII.GetString(Ask(ReflectorQuestion.Ssdp)), StringComparison.Ordinal);

    [Theory, MemberData(nameof(Questions))]
    public void Fits_into_the_buffer_and_is_no_answer_to_itself(ReflectorQuestion question)
    {
        var datagram = Ask(question);
        Assert.InRange(datagram.Length, 12, ReflectorQuery.MaxLength);
        Assert.Null(ReflectorQuery.Read(question, Id, datagram));
    }

    [Theory, MemberData(nameof(Questions))]
    public void Knows_an_answer_but_not_one_to_another_question(ReflectorQuestion question)
    {
        Assert.Equal(ConfirmationVerdict.Answered, ReflectorQuery.Read(question, Id, AnswerTo(question)));
        if (question != ReflectorQuestion.Ssdp) Assert.Null(ReflectorQuery.Read(question, Id + 1, AnswerTo(question)));
        Assert.All(Enum.GetValues<ReflectorQuestion>().Where(q => q != question), other => Assert.Null(ReflectorQuery.Read(other, Id, AnswerTo(question))));
    }

    [Theory]
    [InlineData("123481050001000000000000")] // REFUSED
    [InlineData("123481820001000000000000")] // SERVFAIL
    [InlineData("123481800001000000010000")] // sends elsewhere
    public void A_name_server_that_gives_no_answer_refuses(string hex) => Assert.Equal(ConfirmationVerdict.Refused, ReflectorQuery.Read(ReflectorQuestion.Dns, Id, Convert.FromHexString(hex)));

    [Theory, MemberData(nameof(Questions))]
    public void Survives_every_cut_and_every_damage(ReflectorQuestion question)
    {
        var answer = AnswerTo(question);
        for (var length = 0; length < answer.Length; length++) ReflectorQuery.Read(question, Id, answer.AsSpan(0, length));
        for (var i = 0; i < answer.Length; i++)
        {
            var damaged = answer.ToArray();
            for (var value = 0; value < 256; value++)
            {
                damaged[i] = (byte)value;
                ReflectorQuery.Read(question, Id, damaged);
            }
        }
    }

    [Fact]
    public void Survives_anything() =>
        Prop.ForAll<byte[], int>((datagram, which) =>
            ReflectorQuery.Read((ReflectorQuestion)Math.Abs(which % 6), Id, datagram) is not ConfirmationVerdict.Silent).QuickCheckThrowOnFailure();

    internal static byte[] AnswerTo(ReflectorQuestion question, ushort id = Id) => question switch
    {
        ReflectorQuestion.Dns => [(byte)(id >> 8), (byte)id, 0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0, .. Ask(question)[12..], 0xC0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, 1],
        ReflectorQuestion.Ntp => [0x16, 0x82, (byte)(id >> 8), (byte)id, 0, 0, 0, 0, 0, 0, 0, 4, .. "leap"u8],
        ReflectorQuestion.Ssdp => [.. "HTTP/1.1 200 OK\r\nST: upnp:rootdevice\r\n\r\n"u8],
        ReflectorQuestion.Memcached => [(byte)(id >> 8), (byte)id, 0, 0, 0, 1, 0, 0, .. "VERSION 1.6.9\r\n"u8],
        // In the long form, as Microsoft's directories write it.
        ReflectorQuestion.Cldap => [0x30, 0x84, 0, 0, 0, 13, 0x02, 1, (byte)(id % 127 + 1), 0x64, 0x84, 0, 0, 0, 4, 0x04, 0, 0x30, 0],
        _ => [0x30, 42, 0x02, 1, 1, 0x04, 6, .. "public"u8, 0xA2, 29, 0x02, 2, (byte)(id >> 8), (byte)id, 0x02, 1, 0, 0x02, 1, 0, 0x30, 17, 0x30, 15, 0x06, 8, 0x2B, 6, 1, 2, 1, 1, 1, 0, 0x04, 3, .. "box"u8],
    };

    private static byte[] Ask(ReflectorQuestion question)
    {
        var datagram = new byte[ReflectorQuery.MaxLength];
        return datagram[..ReflectorQuery.Write(question, Id, datagram)];
    }
}
