using System.Text;
using Breakwater.Core.Behaviour;
using Breakwater.Core.Flows;
using Breakwater.Engine;
using Breakwater.Protocols.Fingerprints;
using Breakwater.Protocols.Net;
using Breakwater.Tests.Protocols.Net;

namespace Breakwater.Tests.Protocols.Fingerprints;

public class ReaderTests
{
    [Fact]
    public void A_SYN_with_the_destinations_address_for_a_sequence_number_is_Mirais()
    {
        Assert.Equal(new SynFingerprint(SynTool.Mirai), Assert.Single(Heard(new SynFingerprintReader(), Mirai())));
        var other = Mirai();
        other[14 + 20 + 7] ^= 1;
        Assert.Empty(Heard(new SynFingerprintReader(), other));
    }

    [Fact]
    public void A_server_that_greets_as_SSH_or_VNC_is_known_by_it()
    {
        Assert.Equal(new ServiceBanner(BannerService.Ssh), Assert.Single(Heard(new BannerReader(), Greeting("SSH-2.0-OpenSSH_9.6\r\n"))));
        Assert.Equal(new ServiceBanner(BannerService.Vnc), Assert.Single(Heard(new BannerReader(), Greeting("RFB 003.008\n"))));
        Assert.Empty(Heard(new BannerReader(), Greeting("220 mail.example ESMTP\r\n")));
    }

    [Fact]
    public void Two_pings_with_the_same_data_have_the_same_content_and_others_not()
    {
        var asked = (EchoMessage)Assert.Single(Heard(new EchoReader(), Echo(8, "abcdefgh")));
        var same = (EchoMessage)Assert.Single(Heard(new EchoReader(), Echo(0, "abcdefgh")));
        var other = (EchoMessage)Assert.Single(Heard(new EchoReader(), Echo(0, "abcdefgX")));
        Assert.Equal((false, true), (asked.IsAnswer, same.IsAnswer));
        Assert.Equal((asked.Content, asked.Length, asked.Identifier, asked.Sequence), (same.Content, same.Length, same.Identifier, same.Sequence));
        Assert.NotEqual(asked.Content, other.Content);
    }

    [Fact]
    public void The_padding_of_a_short_frame_is_no_content()
    {
        byte[] padded = [.. Echo(8, ""), .. new byte[18]];
        var (plain, long_) = ((EchoMessage)Heard(new EchoReader(), Echo(8, ""))[0], (EchoMessage)Heard(new EchoReader(), padded)[0]);
        Assert.Equal(plain.Content, long_.Content);
    }

    [Fact]
    public void Content_is_found_behind_IPv6_extension_headers()
    {
        var packet = Packets.Ethernet(0x86DD, Packets.Ipv6("2001:db8::1", "2001:db8::2", 60, Packets.Extension(58, 8, [128, 0, 0, 0, 0, 1, 0, 2, 1, 2, 3])));
        Assert.Single(Heard(new EchoReader(), packet));
    }

    public static TheoryData<string> Readers => [.. Composition.Default.PayloadReaders];

    /// <summary>What holds for every reader in the composition, the one added next year included.</summary>
    [Theory, MemberData(nameof(Readers))]
    public void Never_throws_whatever_the_bytes_and_wherever_they_end(string name)
    {
        var reader = Composition.Default.CreatePayloadReaders().Single(r => r.Name == name);
        foreach (var packet in new[] { Mirai(), Greeting("SSH-2.0-OpenSSH_9.6\r\n"), Echo(8, "abcdefgh"), Packets.Ethernet(0x0800, Packets.Ipv4("192.0.2.1", "198.51.100.7", 17, Packets.Udp(4000, 53, new byte[40]))) })
        {
            for (var length = 0; length <= packet.Length; length++) Heard(reader, packet[..length]);
            for (var at = 0; at < packet.Length; at++)
            {
                var damaged = packet.ToArray();
                foreach (var value in (byte[])[0, 0xFF, (byte)(damaged[at] ^ 0x80), (byte)(damaged[at] + 1)])
                {
                    damaged[at] = value;
                    Heard(reader, damaged);
                }
            }
        }
    }

    private static byte[] Mirai()
    {
        var segment = Packets.Tcp(40_000, 23, flags: 2);
        byte[] address = [198, 51, 100, 7];
        address.CopyTo(segment, 4);
        return Packets.Ethernet(0x0800, Packets.Ipv4("192.0.2.1", "198.51.100.7", 6, segment));
    }

    private static byte[] Greeting(string line) =>
        Packets.Ethernet(0x0800, Packets.Ipv4("198.51.100.7", "192.0.2.1", 6, [.. Packets.Tcp(902, 40_000, flags: 0x18), .. Encoding.ASCII.GetBytes(line)]));

    private static byte[] Echo(byte type, string data) =>
        Packets.Ethernet(0x0800, Packets.Ipv4("192.0.2.1", "198.51.100.7", 1, [type, 0, 0, 0, 0, 7, 0, 9, .. Encoding.ASCII.GetBytes(data)]));

    private static List<object> Heard(IPayloadReader reader, byte[] packet)
    {
        var sink = new Sink();
        var flow = new Flow();
        if (!PacketParser.TryParse(packet, LinkTypes.Ethernet, packet.Length, ref flow, out _)) flow = new Flow { Protocol = 6, TcpFlags = 2, Packets = 1 };
        if (reader.Wants(flow)) reader.Read(flow, packet, LinkTypes.Ethernet, sink);
        return sink.Heard;
    }

    private sealed class Sink : IObservationSink
    {
        public List<object> Heard { get; } = [];

        public void Take<T>(in Flow flow, in T observation) where T : allows ref struct
        {
            if (typeof(T) == typeof(SynFingerprint)) Heard.Add(Unref<T, SynFingerprint>(observation));
            else if (typeof(T) == typeof(ServiceBanner)) Heard.Add(Unref<T, ServiceBanner>(observation));
            else if (typeof(T) == typeof(EchoMessage)) Heard.Add(Unref<T, EchoMessage>(observation));
        }

        private static TTo Unref<T, TTo>(in T observation) where T : allows ref struct where TTo : struct =>
            System.Runtime.CompilerServices.Unsafe.As<T, TTo>(ref System.Runtime.CompilerServices.Unsafe.AsRef(in observation));
    }
}
