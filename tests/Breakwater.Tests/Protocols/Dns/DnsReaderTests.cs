using System.Text;
using Breakwater.Core.Behaviour.Payload;
using Breakwater.Protocols.Dns;
using Breakwater.Tests.Protocols.Payloads;
using FsCheck;
using FsCheck.Fluent;
using static Breakwater.Tests.Protocols.Payloads.PayloadSamples;

namespace Breakwater.Tests.Protocols.Dns;

public class DnsReaderTests
{
    private static string? NameAt(byte[] message, int position, out int after)
    {
        var text = new byte[DnsName.MaxText];
        after = position;
        return DnsName.TryRead(message, ref after, text, out var length) ? Encoding.Latin1.GetString(text, 0, length) : null;
    }

    [Fact]
    public void Reads_the_example_of_the_standard()
    {
        // RFC 1035 §4.1.4: F.ISI.ARPA at 20, FOO.F.ISI.ARPA at 40, ARPA at 64, the root at 92.
        var message = new byte[93];
        ((byte[])[1, .. "F"u8, 3, .. "ISI"u8, 4, .. "ARPA"u8, 0]).CopyTo(message, 20);
        ((byte[])[3, .. "FOO"u8, 0xC0, 20]).CopyTo(message, 40);
        ((byte[])[0xC0, 26]).CopyTo(message, 64);

        Assert.Equal("f.isi.arpa", NameAt(message, 20, out var after));
        Assert.Equal(32, after);
        Assert.Equal("foo.f.isi.arpa", NameAt(message, 40, out after));
        Assert.Equal(46, after);
        Assert.Equal("arpa", NameAt(message, 64, out after));
        Assert.Equal(66, after);
        Assert.Equal("", NameAt(message, 92, out after));
        Assert.Equal(93, after);
    }

    [Fact]
    public void Follows_no_pointer_that_leads_to_itself_ahead_or_in_a_circle()
    {
        Assert.Null(NameAt([0xC0, 0], 0, out _));
        Assert.Null(NameAt([0, 0xC0, 3, 0], 1, out _));
        Assert.Null(NameAt([1, (byte)'a', 0xC0, 4, 0xC0, 0], 4, out _));
        Assert.Null(NameAt([1, (byte)'a', 0xC0, 0], 0, out _));
        // A pointer to a pointer is allowed as long as it goes back.
        Assert.Equal("a", NameAt([1, (byte)'a', 0, 0xC0, 0, 0xC0, 3], 5, out var after));
        Assert.Equal(7, after);
    }

    [Fact]
    public void Reads_names_of_255_octets_and_none_longer()
    {
        byte[] label = [63, .. Enumerable.Repeat((byte)'x', 63)];
        byte[] longest = [.. label, .. label, .. label, 61, .. Enumerable.Repeat((byte)'y', 61), 0];
        Assert.Equal(255, longest.Length);
        Assert.Equal(253, NameAt(longest, 0, out _)!.Length);
        Assert.Null(NameAt([.. label, .. label, .. label, 62, .. Enumerable.Repeat((byte)'y', 62), 0], 0, out _));
        Assert.Null(NameAt([64, .. new byte[64], 0], 0, out _));
    }

    [Fact]
    public void Keeps_a_dot_within_a_label_apart_from_the_dots_between() =>
        Assert.Equal("a b.local", NameAt([3, .. "a.b"u8, 5, .. "local"u8, 0], 0, out _));

    [Fact]
    public void Reads_back_any_name() =>
        Prop.ForAll<byte[][]>(labels =>
        {
            var good = labels.Select(l => l.Where(b => b != '.').Take(63).ToArray()).Where(l => l.Length > 0).Take(4).ToArray();
            byte[] message = [.. good.SelectMany(l => (byte[])[(byte)l.Length, .. l]), 0];
            var expected = string.Join('.', good.Select(l => string.Concat(l.Select(b => b is >= 65 and <= 90 ? (char)(b + 32) : (char)b))));
            return NameAt(message, 0, out var after) == expected && after == message.Length;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Walks_through_every_section()
    {
        var reader = new DnsReader(DnsAnswer);
        var name = new byte[DnsName.MaxText];
        Assert.Equal((true, 0, 1, 4, 1, 1), (reader.Header.IsResponse, reader.Header.Opcode, reader.Header.Questions, reader.Header.Answers, reader.Header.Authorities, reader.Header.Additionals));
        Assert.True(reader.TryQuestion(name, out var question));
        Assert.Equal((15, 255, 1), (question.NameLength, question.Type, question.Class));

        Assert.True(reader.TryRecord(out var alias));
        Assert.True(reader.TryOwner(alias, name, out var length));
        Assert.Equal("www.example.com", Encoding.ASCII.GetString(name, 0, length));
        Assert.True(reader.TryTarget(alias, 0, name, out length));
        Assert.Equal("cdn.example.com", Encoding.ASCII.GetString(name, 0, length));

        ushort[] types = [DnsNames.A, DnsNames.Aaaa, DnsNames.Txt, DnsNames.Ns, DnsNames.Opt];
        foreach (var type in types)
        {
            Assert.True(reader.TryRecord(out var record));
            Assert.Equal(type, record.Type);
        }
        Assert.False(reader.TryRecord(out _));
        Assert.True(reader.Failed);
    }

    [Fact]
    public void Reads_a_mail_exchanger_behind_its_preference()
    {
        byte[] message = [.. DnsHeader(0x8180, 0, 1, 0, 0), .. Name("example.com"), .. Record(15, 60, [0, 10, 4, .. "mail"u8, 0xC0, 12])];
        var reader = new DnsReader(message);
        var name = new byte[DnsName.MaxText];
        Assert.True(reader.TryRecord(out var record));
        Assert.True(reader.TryTarget(record, 2, name, out var length));
        Assert.Equal("mail.example.com", Encoding.ASCII.GetString(name, 0, length));
    }

    [Fact]
    public void Does_not_read_a_name_beyond_the_data_it_is_in()
    {
        byte[] message = [.. DnsHeader(0x8180, 0, 1, 0, 0), 0, .. Record(5, 60, [3, .. "abc"u8]), 0];
        var reader = new DnsReader(message);
        Assert.True(reader.TryRecord(out var record));
        Assert.False(reader.TryTarget(record, 0, new byte[DnsName.MaxText], out _));
        Assert.False(reader.TryTarget(record, 9, new byte[DnsName.MaxText], out _));
    }

    [SharedDataFact("captures")]
    public void Finds_in_a_capture_the_names_that_tshark_finds()
    {
        // tshark 4.0: 65 queries, 10 answers without and 55 with NXDOMAIN.
        var lines = CapturedPayloads.Of("dga-cryptolocker.pcap").Where(l => l.StartsWith("dns ")).ToArray();
        Assert.Equal((65, 10, 55), (lines.Count(l => l.Contains(" query ")), lines.Count(l => l.Contains(" response 0 ")), lines.Count(l => l.Contains(" response 3 "))));
        Assert.Contains(lines, l => l.Contains("response 3 1 qnkhwxbicujii.net answers=0"));
    }
}
