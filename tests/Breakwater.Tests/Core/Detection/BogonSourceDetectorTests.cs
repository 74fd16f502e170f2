using Breakwater.Core.Net;

namespace Breakwater.Tests.Core.Detection;

public class BogonSourceDetectorTests
{
    [Theory]
    [InlineData("240.0.0.0/4")]
    [InlineData("127.0.0.0/8")]
    [InlineData("0.0.0.0/8")]
    [InlineData("224.0.0.0/4")]
    public void Names_a_flood_from_special_purpose_space(string sources)
    {
        using var net = new TestNetwork();
        net.Send(5_000, 2, From(Prefix.Parse(sources), Packets.Udp(1)));
        net.Finish();
        var incident = net.Single();
        Assert.Contains("bogon-sources", incident.Vectors);
        Assert.True(incident.ForgedShare > 0.95);
        Assert.Empty(incident.Sources);
        Assert.Empty(incident.SourcePrefixes);
        Assert.Contains("cannot be real", incident.Explanation);
    }

    [Theory]
    [InlineData("10.0.0.0/8")]
    [InlineData("100.64.0.0/10")]
    [InlineData("192.168.0.0/16")]
    public void Names_a_flood_from_private_space_where_home_is_public(string sources)
    {
        using var net = new TestNetwork();
        net.Send(5_000, 2, From(Prefix.Parse(sources), Packets.Syn()));
        net.Finish();
        Assert.Equal(["bogon-sources", "syn-flood"], net.Single().Vectors.Order());
    }

    [Fact]
    public void Names_a_flood_from_special_purpose_IPv6()
    {
        using var net = new TestNetwork();
        net.Send(5_000, 2, (random, i, p) =>
        {
            Packets.Syn()(random, i, p);
            p.From = new IpAddr(0x0100_0000_0000_0000, (ulong)random.NextInt64());
            p.To = IpAddr.Parse("2001:db8::7");
        });
        net.Finish();
        Assert.Equal(["bogon-sources", "syn-flood"], net.Single().Vectors.Order());
    }

    [Fact]
    public void Does_not_wonder_at_private_sources_where_home_is_private()
    {
        using var net = new TestNetwork(home: "192.168.1.0/24");
        net.Send(5_000, 2, (random, i, p) => { From(Prefix.Parse("10.0.0.0/8"), Packets.Syn())(random, i, p); p.To = IpAddr.Parse("192.168.1.7"); });
        net.Finish();
        var incident = net.Single();
        Assert.Equal(["syn-flood"], incident.Vectors);
        Assert.Equal(0, incident.ForgedShare);
        Assert.NotEmpty(incident.Sources);
    }

    [Fact]
    public void Stays_quiet_about_customers_behind_a_carrier_who_ask_the_resolver()
    {
        using var net = new TestNetwork();
        net.SendTogether(20,
            (500, (random, i, p) => { From(Prefix.Parse("100.64.0.0/10"), Packets.Udp(1))(random, i, p); p.DestinationPort = 53; p.Length = 70; }
        ),
            (500, (random, i, p) => { p.From = TestNetwork.Victim; p.To = Random(Prefix.Parse("100.64.0.0/10"), random); p.SourcePort = 53; p.DestinationPort = (ushort)random.Next(1024, 65536); p.Length = 180; }
        ));
        net.Finish();
        Assert.Empty(net.Incidents);
    }

    [Fact]
    public void Stays_quiet_about_DHCP_and_a_few_strays()
    {
        using var net = new TestNetwork();
        net.SendTogether(30,
            (1_000, Packets.Web()),
            (10, (random, i, p) => { p.From = IpAddr.V4(0u); p.SourcePort = 68; p.DestinationPort = 67; p.Length = 328; }
        ),
            (2, From(Prefix.Parse("10.0.0.0/8"), Packets.Tcp(0x10, 443, 40))));
        net.Finish();
        Assert.Empty(net.Incidents);
    }

    [Fact]
    public void Sources_drawn_from_all_of_IPv4_are_forged_and_nobody_is_accused()
    {
        using var net = new TestNetwork();
        net.Send(20_000, 2, From(Prefix.Parse("0.0.0.0/0"), Packets.Syn()));
        net.Finish();
        var incident = net.Single();
        Assert.Equal(["syn-flood"], incident.Vectors);
        Assert.InRange(incident.ForgedShare, 0.07, 0.25);
        Assert.Empty(incident.Sources);
        Assert.Contains("the sources are forged", incident.Explanation);
    }

    [Fact]
    public void Real_amplifiers_beside_a_forged_flood_are_still_named()
    {
        using var net = new TestNetwork();
        net.SendTogether(3, (5_000, From(Prefix.Parse("0.0.0.0/0"), Packets.Syn())), (5_000, Packets.Answers(53, 1400, 50)));
        net.Finish();
        var sources = net.Single().Sources;
        var amplifiers = Enumerable.Range(0, 50).Select(Packets.Remote).ToHashSet();
        Assert.Equal(50, sources.Count);
        Assert.All(sources, s => Assert.Contains(s, amplifiers));
    }

    [Fact]
    public void Own_addresses_by_the_uplink_are_forged()
    {
        using var net = new TestNetwork();
        net.SendTogether(3,
            (4_000, Interface(1, From(Prefix.Parse("192.0.2.0/24"), Packets.Udp(1)))),
            (1_000, Interface(1, Packets.Udp(100))),
            (50, Interface(2, (random, i, p) => { p.From = TestNetwork.Victim; p.To = Packets.Remote(1); p.Protocol = 6; p.Flags = 0x10; p.SourcePort = 443; p.DestinationPort = 50_000; })));
        net.Finish();
        var incident = net.Single();
        Assert.Contains("bogon-sources", incident.Vectors);
        Assert.Contains("our own from outside", incident.Explanation);
    }

    [Fact]
    public void Own_addresses_at_a_tap_that_sees_everything_are_just_neighbours()
    {
        using var net = new TestNetwork();
        net.SendTogether(3,
            (4_000, Interface(1, From(Prefix.Parse("192.0.2.0/24"), Packets.Udp(1)))),
            (1_000, Interface(1, Packets.Udp(100))),
            (50, Interface(1, (random, i, p) => { p.From = TestNetwork.Victim; p.To = Packets.Remote(1); p.Protocol = 6; p.Flags = 0x10; p.SourcePort = 443; p.DestinationPort = 50_000; })));
        net.Finish();
        Assert.Equal(0, net.Single().ForgedShare);
    }

    private static Action<Random, long, FlowBuilder> From(Prefix sources, Action<Random, long, FlowBuilder> packet) => (random, i, p) =>
    {
        packet(random, i, p);
        p.From = Random(sources, random);
    };

    private static Action<Random, long, FlowBuilder> Interface(uint number, Action<Random, long, FlowBuilder> packet) => (random, i, p) =>
    {
        packet(random, i, p);
        p.InputInterface = number;
    };

    private static IpAddr Random(Prefix prefix, Random random) =>
        IpAddr.V4(prefix.Address.V4Bits | (uint)(random.NextInt64() & ((1L << (32 - prefix.Length)) - 1)));
}
