using Breakwater.Core.Flows;
using Breakwater.Core.Net;
using Breakwater.Protocols.Net;
using static Breakwater.Tests.Protocols.Net.Packets;

namespace Breakwater.Tests.Protocols.Net;

public class PacketParserTests
{
    private const byte Syn = 2;
    private static readonly byte[] _ipv4Tcp = Ipv4("192.0.2.1", "198.51.100.7", 6, Tcp(40000, 443, Syn));
    private static readonly byte[] _ipv6Udp = Ipv6("2001:db8::1", "2001:db8:1::2", 17, Udp(5353, 53, [1, 2, 3]));

    private static Flow Parse(byte[] bytes, int linkType = LinkTypes.Ethernet, int? originalLength = null)
    {
        var flow = new Flow();
        Assert.True(PacketParser.TryParse(bytes, linkType, originalLength ?? bytes.Length, ref flow, out var error), error.ToString());
        Assert.Equal((flow.Flags & FlowFlags.Malformed) != 0 ? DecodeError.MalformedPacket : DecodeError.None, error);
        return flow;
    }

    private static DecodeError Refuse(byte[] bytes, int linkType = LinkTypes.Ethernet, int? originalLength = null)
    {
        var flow = new Flow();
        Assert.False(PacketParser.TryParse(bytes, linkType, originalLength ?? bytes.Length, ref flow, out var error));
        return error;
    }

    private static void IsTheTcpPacket(Flow flow)
    {
        Assert.Equal(IpAddr.Parse("192.0.2.1"), flow.Source);
        Assert.Equal(IpAddr.Parse("198.51.100.7"), flow.Destination);
        Assert.Equal((6, 40000, 443, Syn), (flow.Protocol, flow.SourcePort, flow.DestinationPort, flow.TcpFlags));
        Assert.Equal((40L, 0x28, 61), (flow.Bytes, flow.Tos, flow.Ttl));
        Assert.Equal((1L, 1u), (flow.Packets, flow.SampledPackets));
    }

    [Fact]
    public void Reads_a_tcp_packet_over_ethernet()
    {
        var flow = Parse(Ethernet(0x0800, _ipv4Tcp));
        IsTheTcpPacket(flow);
        Assert.Equal(FlowFlags.SinglePacket, flow.Flags);
    }

    [Fact]
    public void Reads_a_udp_packet_over_ipv6()
    {
        var flow = Parse(Ethernet(0x86DD, _ipv6Udp));
        Assert.Equal(IpAddr.Parse("2001:db8::1"), flow.Source);
        Assert.Equal(IpAddr.Parse("2001:db8:1::2"), flow.Destination);
        Assert.Equal((17, 5353, 53), (flow.Protocol, flow.SourcePort, flow.DestinationPort));
        Assert.Equal((51L, 0x28, 61), (flow.Bytes, flow.Tos, flow.Ttl));
        Assert.Equal(FlowFlags.SinglePacket, flow.Flags);
    }

    public static TheoryData<string, int, byte[]> LinkLayers => new()
    {
        { "802.1Q", LinkTypes.Ethernet, Ethernet(0x8100, [0, 5, .. U16(0x0800), .. _ipv4Tcp]) },
        { "802.1ad with 802.1Q", LinkTypes.Ethernet, Ethernet(0x88A8, [0, 5, .. U16(0x8100), 0, 7, .. U16(0x0800), .. _ipv4Tcp]) },
        { "LLC/SNAP", LinkTypes.Ethernet, Ethernet(48, [0xAA, 0xAA, 3, 0, 0, 0, .. U16(0x0800), .. _ipv4Tcp]) },
        { "MPLS, two labels", LinkTypes.Ethernet, Ethernet(0x8847, [0, 1, 0x00, 64, 0, 2, 0x01, 64, .. _ipv4Tcp]) },
        { "MPLS pseudowire", LinkTypes.Ethernet, Ethernet(0x8847, [0, 2, 0x01, 64, 0, 0, 0, 0, .. Ethernet(0x0800, _ipv4Tcp)]) },
        { "MPLS without a frame", LinkTypes.Mpls, [0, 1, 0x00, 64, 0, 2, 0x01, 64, .. _ipv4Tcp] },
        { "MPLS, explicit null", LinkTypes.Mpls, [0, 0, 0x01, 64, .. _ipv4Tcp] },
        { "PPPoE", LinkTypes.Ethernet, Ethernet(0x8864, [0x11, 0, 0, 1, 0, 42, 0x00, 0x21, .. _ipv4Tcp]) },
        { "PPP", LinkTypes.Ppp, [0xFF, 3, 0x00, 0x21, .. _ipv4Tcp] },
        { "PPP, compressed protocol", LinkTypes.Ppp, [0x21, .. _ipv4Tcp] },
        { "Linux cooked", LinkTypes.LinuxSll, [0, 0, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0, .. U16(0x0800), .. _ipv4Tcp] },
        { "Linux cooked with a VLAN tag", LinkTypes.LinuxSll, [0, 0, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0, .. U16(0x8100), 0, 5, .. U16(0x0800), .. _ipv4Tcp] },
        { "Linux cooked 2", LinkTypes.LinuxSll2, [.. U16(0x0800), 0, 0, 0, 0, 0, 2, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0, .. _ipv4Tcp] },
        { "loopback, little-endian", LinkTypes.Null, [2, 0, 0, 0, .. _ipv4Tcp] },
        { "loopback, big-endian", LinkTypes.Null, [0, 0, 0, 2, .. _ipv4Tcp] },
        { "OpenBSD loopback", LinkTypes.Loop, [0, 0, 0, 2, .. _ipv4Tcp] },
        { "raw", LinkTypes.Raw, _ipv4Tcp },
        { "raw, old BSD number", LinkTypes.RawBsd, _ipv4Tcp },
        { "raw, old OpenBSD number", LinkTypes.RawOpenBsd, _ipv4Tcp },
        { "IPv4", LinkTypes.Ipv4, _ipv4Tcp },
    };

    [Theory, MemberData(nameof(LinkLayers))]
    public void Finds_ip_behind_every_link_layer(string name, int linkType, byte[] bytes)
    {
        Assert.NotEmpty(name);
        IsTheTcpPacket(Parse(bytes, linkType));
    }

    [Theory]
    [InlineData(10), InlineData(24), InlineData(28), InlineData(30)]
    public void Knows_every_systems_number_for_ipv6_on_loopback(byte family) =>
        Assert.Equal(17, Parse([family, 0, 0, 0, .. _ipv6Udp], LinkTypes.Null).Protocol);

    [Fact]
    public void Refuses_link_layers_and_payloads_it_does_not_know()
    {
        Assert.Equal(DecodeError.UnsupportedEncapsulation, Refuse(Ethernet(0x88CC, new byte[40])));
        Assert.Equal(DecodeError.UnsupportedEncapsulation, Refuse(_ipv4Tcp, linkType: 105));
        Assert.Equal(DecodeError.UnsupportedEncapsulation, Refuse(Ethernet(38, [0x42, 0x42, 3, .. new byte[35]])));
    }

    [Fact]
    public void Gives_up_on_endless_tags()
    {
        byte[] tags = [.. Enumerable.Repeat<byte[]>([0, 1, 0x81, 0x00], 400).SelectMany(t => t)];
        Assert.Equal(DecodeError.MalformedPacket, Refuse(Ethernet(0x8100, tags)));
    }

    [Fact]
    public void Skips_ipv4_options()
    {
        var flow = Parse(Ethernet(0x0800, Ipv4("192.0.2.1", "198.51.100.7", 6, Tcp(40000, 443, Syn), options: [1, 1, 1, 1, 1, 1, 1, 0])));
        Assert.Equal((40000, 443, Syn, 48L), (flow.SourcePort, flow.DestinationPort, flow.TcpFlags, flow.Bytes));
    }

    [Fact]
    public void Does_not_take_ethernet_padding_for_payload()
    {
        var flow = Parse(Ethernet(0x0800, [.. Ipv4("192.0.2.1", "198.51.100.7", 17, [0, 7]), .. Enumerable.Repeat((byte)0xEE, 30)]));
        Assert.Equal((0, 0, 22L), (flow.SourcePort, flow.DestinationPort, flow.Bytes));
        Assert.Equal(FlowFlags.SinglePacket | FlowFlags.Malformed, flow.Flags);
    }

    [Fact]
    public void Takes_the_frame_length_when_a_segmenting_card_wrote_zero()
    {
        Assert.Equal(60, Parse(Ethernet(0x0800, Ipv4("192.0.2.1", "198.51.100.7", 6, Tcp(1, 2, 16, payload: 20), totalLength: 0))).Bytes);
        Assert.Equal(43, Parse(Ethernet(0x86DD, Ipv6("2001:db8::1", "2001:db8::2", 17, Udp(1, 2, [])[..3], payloadLength: 0))).Bytes);
        Assert.Equal(9000 - 14, Parse(Ethernet(0x0800, Ipv4("192.0.2.1", "198.51.100.7", 6, Tcp(1, 2, 16), totalLength: 0)), originalLength: 9000).Bytes);
    }

    [Theory]
    [InlineData(41), InlineData(65535), InlineData(19)]
    public void Does_not_believe_a_length_that_the_frame_contradicts(int totalLength)
    {
        var flow = Parse(Ethernet(0x0800, Ipv4("192.0.2.1", "198.51.100.7", 6, Tcp(1, 2, 16), totalLength: totalLength)));
        Assert.Equal(40, flow.Bytes);
        Assert.Equal(FlowFlags.SinglePacket | FlowFlags.Malformed, flow.Flags);
    }

    [Fact]
    public void Believes_the_header_when_nobody_wrote_the_frame_length_down()
    {
        var flow = Parse(Ipv4("192.0.2.1", "198.51.100.7", 6, Tcp(1, 2, 16), totalLength: 1500), LinkTypes.Raw, originalLength: 0);
        Assert.Equal((1500L, FlowFlags.SinglePacket), (flow.Bytes, flow.Flags));
        Assert.Equal(40, Parse(Ipv4("192.0.2.1", "198.51.100.7", 6, Tcp(1, 2, 16), totalLength: 0), LinkTypes.Raw, originalLength: 0).Bytes);
    }

    [Fact]
    public void Keeps_addresses_of_a_packet_snapped_inside_its_tcp_header()
    {
        var whole = Ethernet(0x0800, _ipv4Tcp);
        var flow = Parse(whole[..36], originalLength: whole.Length);
        Assert.Equal((IpAddr.Parse("192.0.2.1"), 6, 0, 40L), (flow.Source, flow.Protocol, flow.SourcePort, flow.Bytes));
        Assert.Equal(FlowFlags.SinglePacket, flow.Flags);
        flow = Parse(whole[..38], originalLength: whole.Length);
        Assert.Equal((40000, 443, 0), (flow.SourcePort, flow.DestinationPort, flow.TcpFlags));
    }

    [Fact]
    public void Tells_a_snapped_packet_from_a_short_one()
    {
        var whole = Ethernet(0x0800, _ipv4Tcp);
        Assert.Equal(DecodeError.Truncated, Refuse(whole[..30], originalLength: whole.Length));
        Assert.Equal(DecodeError.MalformedPacket, Refuse(whole[..30]));
        Assert.Equal(DecodeError.Truncated, Refuse(whole[..13], originalLength: whole.Length));
        Assert.Equal(DecodeError.MalformedPacket, Refuse(whole[..13]));
    }

    [Fact]
    public void First_fragments_have_ports_and_later_ones_none()
    {
        var first = Parse(Ethernet(0x0800, Ipv4("192.0.2.1", "198.51.100.7", 17, Udp(53, 4444, new byte[16]), fragment: 0x2000)));
        Assert.Equal((53, FlowFlags.SinglePacket | FlowFlags.Fragment), (first.SourcePort, first.Flags));
        var later = Parse(Ethernet(0x0800, Ipv4("192.0.2.1", "198.51.100.7", 17, Udp(53, 4444, new byte[16]), fragment: 185)));
        Assert.Equal((0, 17, FlowFlags.SinglePacket | FlowFlags.Fragment | FlowFlags.LaterFragment), (later.SourcePort, later.Protocol, later.Flags));
    }

    [Fact]
    public void First_fragments_of_ipv6_have_ports_and_later_ones_none()
    {
        Flow Fragment(int offset, bool more) => Parse(Ethernet(0x86DD,
            Ipv6("2001:db8::1", "2001:db8::2", 44, FragmentHeader(17, offset, more, Udp(53, 4444, new byte[16])))));
        Assert.Equal((53, FlowFlags.SinglePacket | FlowFlags.Fragment), (Fragment(0, true).SourcePort, Fragment(0, true).Flags));
        var later = FlowFlags.SinglePacket | FlowFlags.Fragment | FlowFlags.LaterFragment;
        Assert.Equal((0, 17, later), (Fragment(185, true).SourcePort, Fragment(185, true).Protocol, Fragment(185, true).Flags));
        Assert.Equal(later, Fragment(185, false).Flags);
        Assert.Equal((53, FlowFlags.SinglePacket), (Fragment(0, false).SourcePort, Fragment(0, false).Flags));
    }

    [Fact]
    public void Passes_ipv6_extension_headers()
    {
        var flow = Parse(Ethernet(0x86DD, Ipv6("2001:db8::1", "2001:db8::2", 0,
            Extension(43, 8, Extension(60, 24, Extension(6, 16, Tcp(40000, 443, Syn)))))));
        Assert.Equal((6, 40000, 443, Syn), (flow.Protocol, flow.SourcePort, flow.DestinationPort, flow.TcpFlags));
        Assert.Equal(FlowFlags.SinglePacket | FlowFlags.ExtensionHeaders, flow.Flags);
    }

    [Fact]
    public void Passes_an_authentication_header_in_both_families()
    {
        var six = Parse(Ethernet(0x86DD, Ipv6("2001:db8::1", "2001:db8::2", 51, AuthenticationHeader(58, [128, 0, 0, 0, 0, 0, 0, 0]))));
        Assert.Equal((58, 128 * 256, FlowFlags.SinglePacket | FlowFlags.AuthenticationHeader), (six.Protocol, six.DestinationPort, six.Flags));
        var four = Parse(Ethernet(0x0800, Ipv4("192.0.2.1", "198.51.100.7", 51, AuthenticationHeader(6, Tcp(1, 2, Syn)))));
        Assert.Equal((6, 2, FlowFlags.SinglePacket | FlowFlags.AuthenticationHeader), (four.Protocol, four.DestinationPort, four.Flags));
    }

    [Fact]
    public void Gives_up_on_endless_extension_headers_but_keeps_the_addresses()
    {
        var payload = Tcp(1, 2, Syn);
        for (var i = 0; i < 100; i++) payload = Extension(i == 0 ? (byte)6 : (byte)60, 8, payload);
        var flow = Parse(Ethernet(0x86DD, Ipv6("2001:db8::1", "2001:db8::2", 60, payload)));
        Assert.Equal((IpAddr.Parse("2001:db8::1"), 0), (flow.Source, flow.DestinationPort));
        Assert.Equal(FlowFlags.SinglePacket | FlowFlags.ExtensionHeaders | FlowFlags.Malformed, flow.Flags);
    }

    [Fact]
    public void Puts_icmp_type_and_code_where_netflow_puts_them()
    {
        Assert.Equal(3 * 256 + 1, Parse(Ethernet(0x0800, Ipv4("192.0.2.1", "198.51.100.7", 1, [3, 1, 0, 0, 0, 0, 0, 0]))).DestinationPort);
        Assert.Equal(129 * 256, Parse(Ethernet(0x86DD, Ipv6("2001:db8::1", "2001:db8::2", 58, [129, 0, 0, 0, 0, 0, 0, 0]))).DestinationPort);
    }

    [Theory]
    [InlineData(33), InlineData(132), InlineData(136)]
    public void Reads_the_ports_of_dccp_sctp_and_udp_lite(byte protocol)
    {
        var flow = Parse(Ethernet(0x0800, Ipv4("192.0.2.1", "198.51.100.7", protocol, Udp(7000, 36412, new byte[8]))));
        Assert.Equal((7000, 36412, 0), (flow.SourcePort, flow.DestinationPort, flow.TcpFlags));
    }

    [Fact]
    public void Reads_no_ports_out_of_encrypted_payload()
    {
        var flow = Parse(Ethernet(0x0800, Ipv4("192.0.2.1", "198.51.100.7", 50, new byte[] { 9, 9, 9, 9, 9, 9, 9, 9 })));
        Assert.Equal((50, 0, 0), (flow.Protocol, flow.SourcePort, flow.DestinationPort));
    }

    [Fact]
    public void Reads_arp_as_a_flow_between_protocol_addresses()
    {
        byte[] arp = [0, 1, 8, 0, 6, 4, 0, 1, 2, 0, 0, 0, 0, 2, 192, 0, 2, 9, 0, 0, 0, 0, 0, 0, 192, 0, 2, 10];
        var flow = Parse(Ethernet(0x0806, [.. arp, .. new byte[18]]));
        Assert.Equal((IpAddr.Parse("192.0.2.9"), IpAddr.Parse("192.0.2.10")), (flow.Source, flow.Destination));
        Assert.Equal((0, 28L, FlowFlags.SinglePacket | FlowFlags.Arp), (flow.Protocol, flow.Bytes, flow.Flags));
    }

    [Fact]
    public void A_tcp_header_that_cannot_be_one_is_malformed()
    {
        var tooShortOffset = Tcp(1, 2, Syn);
        tooShortOffset[12] = 0x40;
        Assert.NotEqual(FlowFlags.None, Parse(Ethernet(0x0800, Ipv4("192.0.2.1", "198.51.100.7", 6, tooShortOffset))).Flags & FlowFlags.Malformed);
        Assert.NotEqual(FlowFlags.None, Parse(Ethernet(0x0800, Ipv4("192.0.2.1", "198.51.100.7", 6, Tcp(1, 2, Syn)[..12]))).Flags & FlowFlags.Malformed);
    }

    [Fact]
    public void Allocates_nothing_once_warm()
    {
        byte[][] packets = [.. PacketParserTunnelTests.Golden.Select(g => g.Bytes)];
        var flow = new Flow();
        void ParseAll()
        {
            foreach (var packet in packets)
            {
                flow = default;
                PacketParser.TryParse(packet, LinkTypes.Ethernet, packet.Length, ref flow, out _);
            }
        }
        Assert.Equal(0, Allocations.Least(() => () =>
        {
            for (var i = 0; i < 1000; i++) ParseAll();
        }));
    }
}
