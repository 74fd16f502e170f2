using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using Breakwater.Core.Behaviour.Payload;
using Breakwater.Protocols.Http;
using Breakwater.Tests.Protocols.Payloads;

namespace Breakwater.Tests.Protocols.Http;

public class ContentSnifferTests
{
    private static ContentKind KindOf(ReadOnlySpan<byte> content) => ContentSniffer.KindOf(content, out _);

    [Fact]
    public void Knows_programs_and_scripts()
    {
        Assert.Equal(ContentKind.Program, KindOf(PayloadSamples.WindowsProgram(0x80, 512)));
        // Live capture keeps the beginning: the signature lies behind it.
        Assert.Equal(ContentKind.Program, KindOf(PayloadSamples.WindowsProgram(0x118, 512).AsSpan(0, 190)));
        Assert.Equal(ContentKind.Program, KindOf([0x7F, .. "ELF"u8, 1, 2, 1, 0, .. new byte[60]]));
        Assert.Equal(ContentKind.Script, KindOf("#!/bin/sh\ncd /tmp\n"u8));
    }

    [Fact]
    public void A_word_that_begins_like_a_program_is_none()
    {
        Assert.Equal(ContentKind.Other, KindOf(Encoding.ASCII.GetBytes("MZ is how programs begin, and this is a sentence that goes on for more than sixty-four letters.")));
        var noSignature = PayloadSamples.WindowsProgram(0x80, 512);
        noSignature[0x80] = (byte)'N';
        Assert.Equal(ContentKind.Other, KindOf(noSignature));
    }

    /// <summary>AES of zeros is as good as chance.</summary>
    [Theory]
    [InlineData(40)]
    [InlineData(64)]
    [InlineData(128)]
    [InlineData(1_400)]
    public void Knows_ciphertext_of_any_length(int length)
    {
        var known = Enumerable.Range(0, 200).Count(seed => KindOf(Ciphertext(seed, length)) == ContentKind.Cipher);
        Assert.True(known >= (length < 64 ? 150 : 190), $"{known} of 200");
    }

    [Fact]
    public void Knows_a_code_of_digits_and_letters()
    {
        Assert.Equal(ContentKind.Encoded, KindOf(Encoding.ASCII.GetBytes(Convert.ToHexString(Ciphertext(1, 200)))));
        Assert.Equal(ContentKind.Encoded, KindOf(Encoding.ASCII.GetBytes(Convert.ToBase64String(Ciphertext(1, 300)))));
    }

    public static TheoryData<string> Ordinary =>
    [
        "<!DOCTYPE html><html><head><title>A page</title></head><body>With words in it, as pages have.</body></html>" + new string(' ', 200),
        "{\"token\":\"" + new string('a', 40) + "\",\"expires\":3600}",
        new string('a', 400),
        "5f4dcc3b5aa765d61d8327deb882cf995f4dcc3b5aa765d61d8327deb882cf99",
        string.Concat(Enumerable.Repeat("Ünïcödé wörds – ", 30)),
        string.Concat(Enumerable.Repeat("網路流量看起來像這樣。", 20)),
    ];

    [Theory, MemberData(nameof(Ordinary))]
    public void Pages_are_nothing_to_take_note_of(string page)
    {
        Assert.Equal(ContentKind.Other, KindOf(Encoding.UTF8.GetBytes(page)));
        Assert.Equal(ContentKind.Other, KindOf(Encoding.Unicode.GetBytes(page)));
        // Old pages in one octet a letter, or two: no control characters either.
        Assert.Equal(ContentKind.Other, KindOf(Encoding.Latin1.GetBytes(page)));
    }

    [Fact]
    public void Compressed_formats_are_known_by_their_first_octets()
    {
        using var output = new MemoryStream();
        using (var zlib = new ZLibStream(output, CompressionLevel.Optimal)) zlib.Write(Ciphertext(1, 400));
        Assert.Equal(ContentKind.Other, KindOf(output.ToArray()));
        Assert.Equal(ContentKind.Other, KindOf([0x89, 0x50, 0x4E, 0x47, .. Ciphertext(2, 400)]));
        Assert.Equal(ContentKind.Other, KindOf([0xFF, 0xD8, 0xFF, .. Ciphertext(2, 400)]));
        Assert.Equal(ContentKind.Other, KindOf([.. "GIF89a"u8, .. Ciphertext(2, 400)]));
    }

    [Theory]
    [InlineData("2c\r\nabc", "abc")]
    [InlineData("1e304;name=value\r\nabc", "abc")]
    [InlineData("no chunk", "no chunk")]
    [InlineData("abcdef", "abcdef")]
    [InlineData("", "")]
    public void Content_begins_behind_the_length_of_its_first_chunk(string body, string content) =>
        Assert.Equal(content, Encoding.ASCII.GetString(ContentSniffer.FirstChunk(Encoding.ASCII.GetBytes(body))));

    private static byte[] Ciphertext(int seed, int length)
    {
        using var aes = Aes.Create();
        aes.Key = [.. BitConverter.GetBytes(seed), .. new byte[28]];
        return aes.EncryptCbc(new byte[length], new byte[16])[..length];
    }
}
