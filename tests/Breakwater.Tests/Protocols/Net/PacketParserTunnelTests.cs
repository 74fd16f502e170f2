using Breakwater.Core.Flows;
using Breakwater.Core.Net;
using Breakwater.Protocols.Net;
using FsCheck;
using FsCheck.Fluent;
using static Breakwater.Tests.Protocols.Net.Packets;

namespace Breakwater.Tests.Protocols.Net;

public class PacketParserTunnelTests
{
    private static readonly byte[] _inner = Ipv4("192.0.2.1", "198.51.100.7", 6, Tcp(40000, 443, flags: 18));
    private static readonly byte[] _innerSix = Ipv6("2001:db8::1", "2001:db8:1::2", 17, Udp(5353, 53, [1, 2, 3]));

    private static byte[] Outer(byte protocol, byte[] payload) => Ethernet(0x0800, Ipv4("203.0.113.1", "203.0.113.2", protocol, payload));

    private static byte[] Vxlan(byte[] frame) => Outer(17, Udp(50000, 4789, [8, 0, 0, 0, 0, 0, 42, 0, .. frame]));

    /// <summary>Packets that together take every path of the parser.</summary>
    internal static IReadOnlyList<(string Name, byte[] Bytes)> Golden { get; } =
    [
        ("plain", Ethernet(0x0800, _inner)),
        ("VLAN, IPv6", Ethernet(0x8100, [0, 5, .. U16(0x86DD), .. _innerSix])),
        ("MPLS pseudowire", Ethernet(0x8847, [0, 2, 0x01, 64, 0, 0, 0, 0, .. Ethernet(0x0800, _inner)])),
        ("PPPoE", Ethernet(0x8864, [0x11, 0, 0, 1, 0, 42, 0x00, 0x21, .. _inner])),
        ("SNAP", Ethernet(48, [0xAA, 0xAA, 3, 0, 0, 0, .. U16(0x0800), .. _inner])),
        ("ARP", Ethernet(0x0806, [0, 1, 8, 0, 6, 4, 0, 1, 2, 0, 0, 0, 0, 2, 192, 0, 2, 9, 0, 0, 0, 0, 0, 0, 192, 0, 2, 10])),
        ("extension headers", Ethernet(0x86DD, Ipv6("2001:db8::1", "2001:db8::2", 0, Extension(51, 16,
            AuthenticationHeader(44, FragmentHeader(6, 0, true, Tcp(1, 2, 2))))))),
        ("IP in IP", Outer(4, _inner)),
        ("6in4", Outer(41, _innerSix)),
        ("GRE", Outer(47, [0, 0, .. U16(0x0800), .. _inner])),
        ("GRE with checksum, key, sequence", Outer(47, [0xB0, 0, .. U16(0x0800), .. new byte[12], .. _inner])),
        ("GRE, bridged", Outer(47, [0, 0, .. U16(0x6558), .. Ethernet(0x0800, _inner)])),
        ("VXLAN", Vxlan(Ethernet(0x0800, _inner))),
        ("VXLAN with an inner VLAN tag", Vxlan(Ethernet(0x8100, [0, 9, .. U16(0x0800), .. _inner]))),
        ("GTP-U", Outer(17, Udp(2152, 2152, [0x30, 255, .. U16(_inner.Length), 0, 0, 0, 7, .. _inner]))),
        ("GTP-U with a PDU session container", Outer(17, Udp(2152, 2152, [0x34, 255, .. U16(_inner.Length + 8), 0, 0, 0, 7, 0, 0, 0, 0x85, 1, 0x10, 9, 0, .. _inner]))),
    ];

    public static TheoryData<string> Tunnels => [.. Golden.Skip(7).Where(g => g.Name != "6in4").Select(g => g.Name)];

    private static byte[] Named(string name) => Golden.Single(g => g.Name == name).Bytes;

    private static Flow Parse(byte[] bytes, int? originalLength = null)
    {
        var flow = new Flow();
        Assert.True(PacketParser.TryParse(bytes, LinkTypes.Ethernet, originalLength ?? bytes.Length, ref flow, out _));
        return flow;
    }

    [Theory, MemberData(nameof(Tunnels))]
    public void Shows_the_packet_inside(string tunnel)
    {
        var flow = Parse(Named(tunnel));
        Assert.Equal((IpAddr.Parse("192.0.2.1"), IpAddr.Parse("198.51.100.7")), (flow.Source, flow.Destination));
        Assert.Equal((6, 40000, 443, 18, 40L), (flow.Protocol, flow.SourcePort, flow.DestinationPort, flow.TcpFlags, flow.Bytes));
        Assert.Equal(FlowFlags.SinglePacket | FlowFlags.Tunnelled, flow.Flags);
        Assert.Equal((1L, 1u), (flow.Packets, flow.SampledPackets));
    }

    [Fact]
    public void Shows_ipv6_inside_ipv4()
    {
        var flow = Parse(Named("6in4"));
        Assert.Equal((IpAddr.Parse("2001:db8::1"), 17, 53, 51L), (flow.Source, flow.Protocol, flow.DestinationPort, flow.Bytes));
        Assert.Equal(FlowFlags.SinglePacket | FlowFlags.Tunnelled, flow.Flags);
    }

    private static void IsOuter(Flow flow, byte protocol)
    {
        Assert.Equal((IpAddr.Parse("203.0.113.1"), IpAddr.Parse("203.0.113.2"), protocol), (flow.Source, flow.Destination, flow.Protocol));
        Assert.Equal(FlowFlags.None, flow.Flags & (FlowFlags.Tunnelled | FlowFlags.Malformed));
    }

    [Fact]
    public void Keeps_the_outer_packet_when_the_inner_one_is_cut()
    {
        var whole = Named("IP in IP");
        IsOuter(Parse(whole[..(14 + 20 + 19)], originalLength: whole.Length), 4);
        whole = Named("VXLAN");
        IsOuter(Parse(whole[..(14 + 20 + 8 + 8 + 14 + 10)], originalLength: whole.Length), 17);
    }

    [Fact]
    public void Keeps_the_outer_packet_when_the_inner_one_makes_no_sense()
    {
        IsOuter(Parse(Outer(4, [0x99, .. _inner[1..]])), 4);
        IsOuter(Parse(Outer(4, Ipv4("192.0.2.1", "198.51.100.7", 6, Tcp(1, 2, 2), totalLength: 1400))), 4);
        IsOuter(Parse(Vxlan(new byte[60])), 17);
        IsOuter(Parse(Outer(47, [0x40, 0, .. U16(0x0800), .. _inner])), 47);
        IsOuter(Parse(Outer(17, Udp(9, 2152, [0x30, 1, 0, 0, 0, 0, 0, 0, .. _inner]))), 17);
    }

    [Fact]
    public void Opens_one_level_only()
    {
        var flow = Parse(Outer(4, Ipv4("192.0.2.1", "198.51.100.7", 4, _innerSix)));
        Assert.Equal((IpAddr.Parse("192.0.2.1"), 4), (flow.Source, flow.Protocol));
    }

    [Fact]
    public void Leaves_a_fragment_of_a_tunnel_packet_closed() =>
        IsOuter(Parse(Ethernet(0x0800, Ipv4("203.0.113.1", "203.0.113.2", 4, _inner, fragment: 0x2000))), 4);

    [Fact]
    public void Survives_every_truncation_of_every_golden_packet()
    {
        foreach (var (_, bytes) in Golden)
            for (var length = 0; length <= bytes.Length; length++)
            {
                var snapped = new Flow();
                if (PacketParser.TryParse(bytes.AsSpan(0, length), LinkTypes.Ethernet, bytes.Length, ref snapped, out _))
                    Assert.Equal(FlowFlags.None, snapped.Flags & FlowFlags.Malformed);
                var ended = new Flow();
                if (PacketParser.TryParse(bytes.AsSpan(0, length), LinkTypes.Ethernet, length, ref ended, out _))
                    Assert.InRange(ended.Bytes, 1, length);
            }
    }

    [Fact]
    public void Survives_every_single_byte_corruption_of_every_golden_packet()
    {
        foreach (var (_, golden) in Golden)
            for (var at = 0; at < golden.Length; at++)
                for (var value = 0; value < 256; value++)
                {
                    var bytes = (byte[])golden.Clone();
                    bytes[at] = (byte)value;
                    IsSane(bytes, LinkTypes.Ethernet);
                }
    }

    [Fact]
    public void Survives_any_bytes_of_any_link_type()
    {
        int[] linkTypes = [0, 1, 9, 12, 101, 108, 113, 228, 229, 276, 999];
        Prop.ForAll<byte[], byte, int>((bytes, which, length) =>
        {
            var flow = new Flow();
            PacketParser.TryParse(bytes, linkTypes[which % linkTypes.Length], length, ref flow, out _);
            IsSane(bytes, linkTypes[which % linkTypes.Length]);
        }).QuickCheckThrowOnFailure();
    }

    private static void IsSane(byte[] bytes, int linkType)
    {
        var flow = new Flow();
        var parsed = PacketParser.TryParse(bytes, linkType, bytes.Length, ref flow, out var error);
        if (!parsed)
        {
            // A length of 0 means "not known", so no bytes at all may have been cut off.
            Assert.True(error is DecodeError.MalformedPacket or DecodeError.UnsupportedEncapsulation || bytes.Length == 0, error.ToString());
            return;
        }
        Assert.InRange(flow.Bytes, 1, bytes.Length);
        Assert.Equal((flow.Flags & FlowFlags.Malformed) != 0, error == DecodeError.MalformedPacket);
        if ((flow.Flags & FlowFlags.LaterFragment) != 0) Assert.Equal(0, flow.SourcePort | flow.DestinationPort | flow.TcpFlags);
    }
}
