using System.Text;
using Breakwater.Core.Behaviour.Payload;
using Breakwater.Protocols.Http;

namespace Breakwater.Tests.Protocols.Http;

public class HttpHeadTests
{
    private static string? Read(string message) => HttpHead.TryRead(Encoding.Latin1.GetBytes(message), out var head)
        ? $"{Text(head.Method)} {Text(head.Target)} host={Text(head.Host)} agent={Text(head.UserAgent)} {(head.IsWhole ? "whole" : "cut")}"
        : null;

    private static string Text(ReadOnlySpan<byte> octets) => Encoding.Latin1.GetString(octets);

    [Theory]
    [InlineData("POST /gate.php HTTP/1.0\r\nHost: 203.0.113.5\r\n\r\nbody", "POST /gate.php host=203.0.113.5 agent= whole")]
    [InlineData("GET / HTTP/1.1\nHOST:a.example\nUser-Agent:\t x\t\n\n", "GET / host=a.example agent=x whole")]
    [InlineData("GET /a b HTTP/1.1\r\nbroken line\r\n: empty\r\nUser-Agent: y\r\n", "GET /a b host= agent=y cut")]
    [InlineData("GET /very/long/target/that/was/cut", "GET /very/long/target/that/was/cut host= agent= cut")]
    [InlineData("HTTP/1.1 200 OK\r\nServer: x\r\n\r\n", "HTTP/1.1 200 host= agent= whole")]
    public void Reads_start_line_and_fields(string message, string expected) => Assert.Equal(expected, Read(message));

    [Fact]
    public void Says_which_fields_of_browsers_are_there_and_what_follows_the_head()
    {
        var request = "POST / HTTP/1.1\r\naccept: */*\r\nACCEPT-LANGUAGE: en\r\nAccept-Encoding: gzip\r\nReferer: http://a.example/\r\nContent-Type: text/plain\r\n\r\nbody"u8;
        Assert.True(HttpHead.TryRead(request, out var head));
        Assert.Equal(RequestFields.Accept | RequestFields.AcceptLanguage | RequestFields.AcceptEncoding | RequestFields.Referer, head.Fields);
        Assert.Equal("text/plain", Text(head.ContentType));
        Assert.Equal("body", Text(head.Body));
        Assert.False(head.IsChunked || head.IsEncoded);
        Assert.True(HttpHead.TryRead("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n"u8, out head));
        Assert.True(head.IsChunked && head.IsEncoded && head.Body.IsEmpty && head.Fields == RequestFields.None);
    }

    [Theory]
    [InlineData("")]
    [InlineData("get / HTTP/1.1\r\n\r\n   ")]
    [InlineData("SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n")]
    [InlineData("GET / SOMETHING/1.1\r\n\r\n")]
    [InlineData("NOTAMETHODATALLXXXX / HTTP/1.1\r\n\r\n")]
    [InlineData("220 mail.example.com ESMTP ready\r\n")]
    [InlineData("EHLO mail.example.com\r\n        ")]
    public void Refuses_what_is_no_http(string message) => Assert.Null(Read(message));
}
