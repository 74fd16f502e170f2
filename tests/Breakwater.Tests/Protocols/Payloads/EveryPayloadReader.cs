using Breakwater.Core.Behaviour;
using Breakwater.Core.Flows;
using Breakwater.Engine;
using Breakwater.Protocols.Net;
using FsCheck;
using FsCheck.Fluent;

namespace Breakwater.Tests.Protocols.Payloads;

/// <summary>What holds for every payload reader in the composition, the one added next year included.</summary>
public class EveryPayloadReader
{
    private readonly IPayloadReader[] _readers = [.. Composition.Default.CreatePayloadReaders()];
    private readonly RecordingSink _sink = new();

    public static TheoryData<string> Frames => [.. PayloadSamples.Frames.Select(f => f.Name)];

    private static byte[] FrameOf(string name) => PayloadSamples.Frames.Single(f => f.Name == name).Frame;

    private IReadOnlyList<string> Read(ReadOnlySpan<byte> frame, int originalLength = 0)
    {
        _sink.Lines.Clear();
        ReadInto(_sink, frame, originalLength);
        return _sink.Lines;
    }

    private void ReadInto(IObservationSink sink, ReadOnlySpan<byte> frame, int originalLength = 0)
    {
        var flow = new Flow();
        if (!PacketParser.TryParse(frame, LinkTypes.Ethernet, originalLength, ref flow, out _)) return;
        foreach (var reader in _readers)
            if (reader.Wants(flow)) reader.Read(flow, frame, LinkTypes.Ethernet, sink);
    }

    [Theory]
    [InlineData("dns query", "dns 192.0.2.1>198.51.100.7 query 1 www.example.com answers=0 ttl=0 [] ''")]
    [InlineData("dns answer", "dns 198.51.100.7>192.0.2.1 response 16 255 www.example.com answers=4 ttl=60 [192.0.2.7 2001:db8::9] 'hello world'")]
    [InlineData("dns over tcp", "dns 192.0.2.1>198.51.100.7 query 1 www.example.com answers=0 ttl=0 [] ''")]
    [InlineData("two over tcp", "dns 192.0.2.1>198.51.100.7 query 1 www.example.com answers=0 ttl=0 [] ''")]
    [InlineData("dns in gre", "dns 192.0.2.1>198.51.100.7 query 1 www.example.com answers=0 ttl=0 [] ''")]
    [InlineData("mdns", "service 192.0.2.1 _hap._tcp", "multicast-name 192.0.2.1 philips-hue")]
    [InlineData("dhcp", "dhcp-name 192.0.2.50 kettle", "dhcp-vendor 192.0.2.50 MSFT 5.0", "dhcp-fingerprint 192.0.2.50 1,3,6,15", "dhcp-client-id 192.0.2.50 01020000000007", "hardware-address 192.0.2.50 02:00:00:00:00:07")]
    [InlineData("tls", "tls 192.0.2.1>198.51.100.7 443 www.example.com h2  't13d1516h2_8daaf6152771_e5627efa2ab1' whole")]
    [InlineData("http", "http 192.0.2.1>198.51.100.7 80 www.example.com GET /index.html?q=1 'Mozilla/5.0 (X11)' whole")]
    [InlineData("http unauthorized", "WebAnswer { Status = 401, Length = 104 }")]
    [InlineData("http content", "WebAnswer { Status = 200, Length = 355 }", "content 192.0.2.1>198.51.100.7 Program 'image/png' 256")]
    [InlineData("irc", "nickname 192.0.2.1 alice")]
    [InlineData("echo", "echo 192.0.2.1>198.51.100.7 request 7 3 68")]
    [InlineData("echo over ipv6", "echo 2001:db8::1>2001:db8::2 reply 7 3 88")]
    [InlineData("ssdp", "upnp-server 192.0.2.1 Linux/3.14 UPnP/1.0 Bridge/1.16", "upnp-type 192.0.2.1 upnp:rootdevice")]
    public void Tells_what_the_packet_says(string frame, params string[] expected) => Assert.Equal(expected, Read(FrameOf(frame)));

    [Theory, MemberData(nameof(Frames))]
    public void Survives_every_cut(string name)
    {
        var frame = FrameOf(name);
        for (var length = 0; length < frame.Length; length++) Read(frame.AsSpan(0, length).ToArray(), frame.Length);
        Assert.NotEmpty(Read(frame));
    }

    [Theory, MemberData(nameof(Frames))]
    public void Survives_every_corruption_of_one_octet(string name)
    {
        var frame = FrameOf(name);
        var damaged = frame.ToArray();
        for (var i = 0; i < frame.Length; i++)
        {
            for (var value = 0; value < 256; value++)
            {
                damaged[i] = (byte)value;
                Read(damaged);
            }
            damaged[i] = frame[i];
        }
        Assert.NotEmpty(Read(damaged));
    }

    [Fact]
    public void Survives_any_payload_on_its_ports() =>
        Prop.ForAll<byte[], int, bool>((payload, which, udp) =>
        {
            int port = new[] { 53, 67, 80, 443, 1900, 5353 }[Math.Abs(which % 6)];
            Read(udp ? PayloadSamples.UdpFrame(port, port, payload) : PayloadSamples.TcpFrame(40_000, port, payload));
            Read(PayloadSamples.TcpFrame(80, 40_000, [.. "HTTP/1.1 200 OK\r\n\r\n"u8, .. payload]));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Allocates_nothing_once_warm()
    {
        var sink = new RecordingSink(countOnly: true);
        byte[][] frames = [.. PayloadSamples.Frames.Select(f => f.Frame)];
        Assert.Equal(0, Allocations.Least(() => () =>
        {
            for (var i = 0; i < 200; i++)
                foreach (var frame in frames) ReadInto(sink, frame);
        }));
        Assert.NotEqual(0, sink.Count);
    }
}
