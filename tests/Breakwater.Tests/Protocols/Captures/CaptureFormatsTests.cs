using System.IO.Compression;
using Breakwater.Core.Flows;
using Breakwater.Protocols.Captures;
using Breakwater.Tests.Protocols.Pcap;
using static Breakwater.Tests.Protocols.Net.Packets;

namespace Breakwater.Tests.Protocols.Captures;

public class CaptureFormatsTests
{
    private static readonly byte[] _packet = Ethernet(0x0800, Ipv4("192.0.2.1", "198.51.100.7", 6, Tcp(40000, 443, flags: 2)));
    private static readonly byte[] _pcap = new CaptureFiles().PcapHeader().PcapPacket(1, 0, _packet).PcapPacket(2, 0, _packet).ToArray();
    private static readonly byte[] _pcapng = new CaptureFiles().Section().Interface().Enhanced(0, 1, _packet).ToArray();

    private static byte[] Gzip(params byte[][] members)
    {
        var file = new MemoryStream();
        foreach (var member in members)
            using (var gzip = new GZipStream(file, CompressionLevel.Fastest, leaveOpen: true))
                gzip.Write(member);
        return file.ToArray();
    }

    private static (ICaptureReader Reader, int Flows) Read(byte[] file)
    {
        var reader = CaptureFormats.Open(new MemoryStream(file), "test");
        return (reader, CaptureFiles.ReadAll(reader).Count);
    }

    [Fact]
    public void Recognises_captures_by_content_compressed_or_not()
    {
        Assert.Equal(("pcap", 2), (Read(_pcap).Reader.Format, Read(_pcap).Flows));
        Assert.Equal(("pcap.gz", 2), (Read(Gzip(_pcap)).Reader.Format, Read(Gzip(_pcap)).Flows));
        Assert.Equal(("pcapng", 1), (Read(_pcapng).Reader.Format, Read(_pcapng).Flows));
        Assert.Equal(("pcapng.gz", 1), (Read(Gzip(_pcapng)).Reader.Format, Read(Gzip(_pcapng)).Flows));
        Assert.Equal("pcap", Read(new CaptureFiles(bigEndian: true).PcapHeader().ToArray()).Reader.Format);
        Assert.Equal("pcap", Read(new CaptureFiles(bigEndian: true).PcapHeader(0xA1B23C4D).ToArray()).Reader.Format);
        Assert.Equal("pcapng", Read(new CaptureFiles(bigEndian: true).Section().ToArray()).Reader.Format);
    }

    [Fact]
    public void Reads_on_through_concatenated_gzip_members()
    {
        var (reader, flows) = Read(Gzip(_pcap[..50], _pcap[50..], _pcap[24..]));
        Assert.Equal(4, flows);
        Assert.Empty(reader.Problems);
    }

    [Fact]
    public void Ignores_the_zeros_that_tapes_and_block_copies_put_behind_a_gzip_file()
    {
        var (reader, flows) = Read([.. Gzip(_pcap), .. new byte[512]]);
        Assert.Equal((2, 0), (flows, reader.Problems.Count));
    }

    [Fact]
    public void Reports_a_truncated_gzip_file_and_keeps_what_it_held()
    {
        var file = new CaptureFiles().PcapHeader();
        var random = new Random(1);
        for (var i = 0; i < 2000; i++)
        {
            var payload = new byte[64];
            random.NextBytes(payload);
            file.PcapPacket(1, 0, Ethernet(0x0800, Ipv4("192.0.2.1", "198.51.100.7", 17, Udp(1, 2, payload))));
        }
        var whole = Gzip(file.ToArray());
        var (reader, flows) = Read(whole[..(whole.Length / 2)]);
        Assert.InRange(flows, 500, 1500);
        Assert.Contains(reader.Problems, p => p.StartsWith("gzip content ends at octet", StringComparison.Ordinal));
    }

    [Fact]
    public void Survives_every_truncation_and_corruption_of_a_gzip_file()
    {
        var golden = Gzip(_pcap, _pcapng);
        for (var length = 0; length < golden.Length; length++) ReadOrRefuse(golden[..length]);
        for (var at = 0; at < golden.Length; at++)
            foreach (var value in new byte[] { 0, 0x55, 0xFF, (byte)(golden[at] ^ 1) })
            {
                var bytes = (byte[])golden.Clone();
                bytes[at] = value;
                ReadOrRefuse(bytes);
            }
    }

    private static void ReadOrRefuse(byte[] file)
    {
        try
        {
            Read(file);
        }
        catch (UnknownCaptureFormatException)
        {
            // The one way to refuse a file.
        }
    }

    [Fact]
    public void Reads_an_endless_gzip_file_in_bounded_memory()
    {
        using var reader = CaptureFormats.Open(new EndlessGzip([.. _pcap[..24], .. Enumerable.Repeat(_pcap[24..94], 10_000).SelectMany(b => b)], _pcap[24..94]), "endless");
        var batch = new FlowBatch();
        for (var i = 0; i < 50; i++) Assert.True(reader.Read(batch));
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++) Assert.True(reader.Read(batch));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    [Fact]
    public void Says_what_an_unknown_file_begins_with_and_what_is_understood()
    {
        var refused = Assert.Throws<UnknownCaptureFormatException>(() => Read([0x7F, (byte)'E', (byte)'L', (byte)'F', 2, 1, 1, 0, 0]));
        Assert.Contains("'test' begins with 7f454c4602010100", refused.Message);
        Assert.Contains("pcapng", refused.Message);
        Assert.Contains("'test' is empty", Assert.Throws<UnknownCaptureFormatException>(() => Read([])).Message);
        Assert.Contains("unpacked content", Assert.Throws<UnknownCaptureFormatException>(() => Read(Gzip([1, 2, 3, 4, 5]))).Message);
    }

    [Theory]
    [InlineData("0CA50100", "nfreplay"), InlineData("A50C0001", "nfreplay"), InlineData("28B52FFD", "unzstd"), InlineData("FD377A585A00", "unxz"), InlineData("425A6839", "bunzip2")]
    public void Tells_what_to_do_with_files_it_does_not_read(string hex, string hint) =>
        Assert.Contains(hint, Assert.Throws<UnknownCaptureFormatException>(() => Read(Convert.FromHexString(hex))).Message);

    [Fact]
    public void Closes_the_stream_of_a_file_it_refuses_and_of_a_reader_that_is_closed()
    {
        var stream = new MemoryStream([1, 2, 3, 4]);
        Assert.Throws<UnknownCaptureFormatException>(() => CaptureFormats.Open(stream, "x"));
        Assert.False(stream.CanRead);
        stream = new MemoryStream(Gzip(_pcap));
        CaptureFormats.Open(stream, "x").Dispose();
        Assert.False(stream.CanRead);
    }

    /// <summary>One gzip member that begins with some content, then members that repeat another for ever.</summary>
    private sealed class EndlessGzip(byte[] first, byte[] repeated) : Stream
    {
        private readonly byte[] _again = Gzip([.. Enumerable.Repeat(repeated, 1000).SelectMany(b => b)]);
        private byte[] _current = Gzip(first);
        private int _at;

        public override int Read(Span<byte> buffer)
        {
            if (_at == _current.Length) (_current, _at) = (_again, 0);
            var count = Math.Min(buffer.Length, _current.Length - _at);
            _current.AsSpan(_at, count).CopyTo(buffer);
            _at += count;
            return count;
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));
        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => false;
        public override long Length => throw new NotSupportedException();
        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }
        public override void Flush() { }
        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();
        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
