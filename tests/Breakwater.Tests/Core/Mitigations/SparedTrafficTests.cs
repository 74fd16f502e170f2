using Breakwater.Core.Flows;
using Breakwater.Core.Mitigations;
using Breakwater.Core.Net;

namespace Breakwater.Tests.Core.Mitigations;

public class SparedTrafficTests
{
    private static readonly Prefix Victim = Prefix.Parse("192.0.2.7/32");
    private static readonly TrafficMatch Syn = new() { Destination = Victim, Protocols = [6], TcpFlags = 0x02, TcpFlagsMask = 0x12 };

    private readonly SyntheticAttacks _world = new(Victim, seed: 12);

    [Fact]
    public void Who_drops_the_packet_that_opens_a_connection_drops_the_connection()
    {
        Flow[] flows = [_world.Tcp(40_000, 443, 0x02, 60), .. Enumerable.Range(0, 99).Select(_ => _world.Tcp(40_000, 443, 0x10, 1500))];
        Assert.Equal(0.01, flows.ShareOf(Syn), 6);
        Assert.Equal(0.5, new SparedTraffic(flows).LossBy(Syn), 2);
        Assert.Equal(0, new SparedTraffic(flows).LossBy(Syn with { PacketLengths = [40] }));
    }

    [Theory]
    [InlineData(40_000, 443, 0.5)]
    [InlineData(443, 40_000, 0)]
    public void A_record_of_a_whole_connection_was_opened_by_a_SYN_of_the_client(int from, int to, double loss)
    {
        var record = _world.Tcp((ushort)from, (ushort)to, 0x1B, 600) with { Packets = 20, Bytes = 12_000, Flags = FlowFlags.None };
        Assert.Equal(loss, new SparedTraffic([record]).LossBy(Syn), 6);
    }

    [Fact]
    public void Traffic_without_connections_weighs_what_it_weighs()
    {
        Flow[] flows = [_world.Udp(53, 40_000, 100), _world.Udp(443, 40_000, 1200), _world.Icmp(8, 84), _world.Tcp(443, 40_000, 0x10, 1500)];
        Assert.Equal(0.25, new SparedTraffic(flows).LossBy(new TrafficMatch { Destination = Victim, Protocols = [1] }));
    }
}
