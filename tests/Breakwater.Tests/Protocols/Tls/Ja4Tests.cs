using System.Text;
using Breakwater.Protocols.Tls;
using Breakwater.Tests.Protocols.Payloads;

namespace Breakwater.Tests.Protocols.Tls;

public class Ja4Tests
{
    private static string? FingerprintOf(byte[] segment)
    {
        var text = new byte[Ja4.Length];
        return ClientHello.TryRead(segment, out var hello) && Ja4.TryWrite(hello, text) ? Encoding.ASCII.GetString(text) : null;
    }

    [Fact]
    public void Gives_the_example_of_the_specification() =>
        Assert.Equal("t13d1516h2_8daaf6152771_e5627efa2ab1", FingerprintOf(PayloadSamples.ClientHello));

    [Fact]
    public void Hashes_no_underscore_without_signature_algorithms()
    {
        // The specification's second example: the same extensions, no signature algorithms among them that are read.
        int[] types = [0x001B, 0x0000, 0x0033, 0x0010, 0x4469, 0x0017, 0x002D, 0x000D, 0x0005, 0x0023, 0x0012, 0x002B, 0xFF01, 0x000B, 0x000A, 0x0015];
        Assert.EndsWith("_6d807ffa2a79", FingerprintOf(PayloadSamples.Hello("1301", [.. types.Select(t => (t, Array.Empty<byte>()))])));
    }

    [Fact]
    public void Writes_zeros_for_lists_that_are_empty() =>
        Assert.Equal("t12i000000_000000000000_000000000000", FingerprintOf(PayloadSamples.Hello("", [])));

    /// <remarks>The specification's table for ALPN values whose ends are not alphanumeric.</remarks>
    [Theory]
    [InlineData("6832", "h2")]
    [InlineData("687474702f312e31", "h1")]
    [InlineData("68", "hh")]
    [InlineData("ab", "ab")]
    [InlineData("abcd", "ad")]
    [InlineData("30ab", "3b")]
    [InlineData("3031abcd", "3d")]
    [InlineData("30abcd31", "01")]
    [InlineData("", "00")]
    public void Shows_the_ends_of_the_first_alpn_value(string alpn, string expected)
    {
        var value = Convert.FromHexString(alpn);
        Assert.Equal("t12i0101" + expected, FingerprintOf(PayloadSamples.Hello("1301", [(16, [0, (byte)(value.Length + 1), (byte)value.Length, .. value])]))![..10]);
    }

    [Theory]
    [InlineData(0x0304, "13"), InlineData(0x0303, "12"), InlineData(0x0302, "11"), InlineData(0x0301, "10"), InlineData(0x0300, "s3"), InlineData(0x7F1C, "00")]
    public void Takes_the_highest_supported_version(int version, string expected) =>
        Assert.Equal("t" + expected, FingerprintOf(PayloadSamples.Hello("1301", [(43, [4, 0x8A, 0x8A, (byte)(version >> 8), (byte)version])]))![..3]);

    [Fact]
    public void Takes_no_fingerprint_of_part_of_a_hello()
    {
        for (var length = 0; length < PayloadSamples.ClientHello.Length; length++) Assert.Null(FingerprintOf(PayloadSamples.ClientHello[..length]));
    }

    [Fact]
    public void Reads_the_name_before_a_cut()
    {
        Assert.True(ClientHello.TryRead(PayloadSamples.ClientHello.AsSpan(0, 180), out var hello));
        Assert.False(hello.IsWhole);
        Assert.Equal("WWW.Example.com", Encoding.ASCII.GetString(hello.ServerName));
    }

    [Fact]
    public void Refuses_lists_without_end()
    {
        Assert.Null(FingerprintOf(PayloadSamples.Hello(string.Concat(Enumerable.Range(0, 300).Select(i => $"{i:x4}")), [])));
        Assert.Null(FingerprintOf(PayloadSamples.Hello("1301", [.. Enumerable.Range(100, 300).Select(i => (i, Array.Empty<byte>()))])));
    }

    [Theory]
    [InlineData("160301000401000000")]
    [InlineData("150301000401000000")]
    [InlineData("1603010004020000000303")]
    public void Takes_for_a_hello_only_what_is_one(string hex) => Assert.False(ClientHello.TryRead(Convert.FromHexString(hex), out _));

    [Theory]
    [InlineData(0x0A0A, true), InlineData(0xFAFA, true), InlineData(0x1A2A, false), InlineData(0x0A0B, false), InlineData(0x1301, false)]
    public void Knows_grease(int value, bool expected) => Assert.Equal(expected, Ja4.IsGrease((ushort)value));

    [SharedDataFact("captures")]
    public void Finds_the_servers_that_tshark_finds()
    {
        // tshark -r benign-netflix.pcap -T fields -e tls.handshake.extensions_server_name
        var lines = CapturedPayloads.Of("benign-netflix.pcap").Where(l => l.StartsWith("tls ")).ToArray();
        Assert.Contains(lines, l => l.Contains(" api-global.netflix.com "));
        Assert.All(lines, l => Assert.Matches(@"'(t1\d[di]\d{4}..(_[0-9a-f]{12}){2})?' (whole|cut)$", l));
    }
}
