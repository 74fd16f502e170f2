using Breakwater.Core.Detection;
using Breakwater.Core.Flows;
using Breakwater.Core.Net;

namespace Breakwater.Tests.Core.Mitigations;

/// <summary>Seeded packets of every vector, shaped like the ones measured in real captures, and what a small server receives otherwise.</summary>
internal sealed class SyntheticAttacks(Prefix target, int seed)
{
    private const int Packets = 500;
    private readonly Random _random = new(seed);

    public List<Flow> Of(string vector) => vector switch
    {
        Vectors.SynFlood => Many(() => Tcp(AnyPort(), 443, 0x02, 40)),
        Vectors.SynAckReflection => Many(() => Tcp(OneOf<ushort>(80, 443), AnyPort(), 0x12, 44)),
        Vectors.RstReflection => Many(() => Tcp(OneOf<ushort>(80, 443), AnyPort(), 0x14, 40)),
        Vectors.AckFlood => Many(() => Tcp(AnyPort(), AnyPort(), 0x10, 40)),
        Vectors.TcpFlood => Many(() => Tcp(AnyPort(), 443, OneOf<byte>(0x02, 0x10, 0x18, 0x04), _random.Next(40, 45))),
        Vectors.TcpFlagsFlood => Many(() => Tcp(AnyPort(), AnyPort(), 0x29, 40)),
        Vectors.UdpFlood => Many(() => Udp(AnyPort(), AnyPort(), _random.Next(29, 1400))),
        Vectors.UdpReflection => Many(() => Udp(17_185, AnyPort(), _random.Next(200, 260))),
        Vectors.IcmpFlood => Many(() => Icmp(target.IsV4 ? 8 : 128, 1028)),
        Vectors.FragmentFlood => Many(() => Fragment(17, _random.Next(100, 1500))),
        Vectors.ProtocolFlood => Many(() => Packet(99, 200)),
        Vectors.LandAttack => Many(() => Tcp(139, 139, 0x02, 40) with { Source = Host() }),
        Vectors.BogonSources => Many(() => Udp(AnyPort(), 443, 512) with { Source = target.IsV4 ? IpAddr.V4(0x0A00_0000 + (uint)_random.Next(1 << 24)) : new IpAddr(0xFC00UL << 48, (ulong)_random.NextInt64()) }),
        Vectors.HighRate or Vectors.AboveBaseline => [.. Many(() => Udp(AnyPort(), 5000, 1200)).Take(300), .. Many(() => Tcp(AnyPort(), 5000, 0x18, 1000)).Take(200)],
        _ => Reflection(Vectors.Reflection.First(r => r.Vector == vector)),
    };

    /// <summary>Web and mail served, pages fetched, names and time asked for, some pings: mostly TCP.</summary>
    public List<Flow> Ordinary(int packets = 600) => [.. Enumerable.Range(0, packets).Select(_ => _random.Next(100) switch
    {
        < 4 => Tcp(AnyPort(), OneOf<ushort>(80, 443), 0x02, OneOf(52, 60)),
        < 40 => Tcp(AnyPort(), OneOf<ushort>(80, 443, 25), 0x10, _random.Next(52, 700)),
        < 80 => Tcp(443, AnyPort(), 0x10, OneOf(52, 1500)),
        < 83 => Tcp(443, AnyPort(), 0x12, 60),
        < 95 => Udp(443, AnyPort(), _random.Next(60, 1300)),
        < 98 => Udp(53, AnyPort(), _random.Next(80, 400)),
        < 99 => Udp(123, 123, 76),
        _ => Icmp(target.IsV4 ? 0 : 129, 84),
    })];

    private List<Flow> Reflection(ReflectionService service) => service.Amplification switch
    {
        // Answers longer than a packet come in fragments, and only the first has ports.
        >= 50 when service.Port is 53 or 389 or 11211 => Many(() => _random.Next(5) < 3
            ? Fragment(17, OneOf(1500, _random.Next(100, 1400)))
            : Udp(service.Port, AnyPort(), 1500) with { Flags = FlowFlags.Fragment | FlowFlags.SinglePacket }),
        _ => Many(() => Udp(service.Port, OneOf(AnyPort(), (ushort)80), OneOf(200 + service.Amplification % 700, 480))),
    };

    public Flow Tcp(ushort from, ushort to, byte flags, int length) => Packet(6, length) with { SourcePort = from, DestinationPort = to, TcpFlags = flags };
    public Flow Udp(ushort from, ushort to, int length) => Packet(17, length) with { SourcePort = from, DestinationPort = to };
    public Flow Icmp(int type, int length) => Packet((byte)(target.IsV4 ? 1 : 58), length) with { DestinationPort = (ushort)(type << 8) };
    public Flow Fragment(byte protocol, int length) => Packet(protocol, length) with { Flags = FlowFlags.Fragment | FlowFlags.LaterFragment | FlowFlags.SinglePacket };

    private Flow Packet(byte protocol, int length) => new()
    {
        Source = target.IsV4 ? IpAddr.V4((uint)_random.NextInt64(1L << 32)) : new IpAddr(0x2001_0DB8_0000_0000 | (ulong)_random.NextInt64(1L << 32), (ulong)_random.NextInt64()),
        Destination = Host(),
        Protocol = protocol,
        Packets = 1,
        SampledPackets = 1,
        Bytes = length,
        Start = Timestamp.FromUnixSeconds(1_700_000_000) + TimeSpan.FromMilliseconds(_random.Next(10_000)),
        End = Timestamp.FromUnixSeconds(1_700_000_010),
        Flags = FlowFlags.SinglePacket,
    };

    /// <summary>The target itself, or one of 256 hosts in it.</summary>
    private IpAddr Host() => target.IsHost ? target.Address : new IpAddr(target.Address.High, target.Address.Low + (ulong)_random.Next(256));

    private ushort AnyPort() => (ushort)_random.Next(1024, 65536);
    private T OneOf<T>(params ReadOnlySpan<T> values) => values[_random.Next(values.Length)];
    private static List<Flow> Many(Func<Flow> packet) => [.. Enumerable.Range(0, Packets).Select(_ => packet())];
}
