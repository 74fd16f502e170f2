using Breakwater.Core.Behaviour.Spoofing;
using Breakwater.Core.Net;

namespace Breakwater.Tests.Core.Behaviour.Spoofing;

public class RoutedSpaceTests
{
    [Fact]
    public void A_part_of_the_table_calls_nothing_unrouted()
    {
        var part = new RoutedSpace(Slash8s(1, 100));
        Assert.False(part.KnowsV4);
        Assert.False(part.IsUnrouted(IpAddr.Parse("203.0.113.9")));
    }

    [Fact]
    public void The_same_space_announced_in_pieces_counts_once()
    {
        var pieces = Slash8s(1, 60).SelectMany(p => new[] { p, new Prefix(p.Address, 9), new Prefix(p.Address, 16) });
        Assert.False(new RoutedSpace(pieces).KnowsV4);
    }

    [Fact]
    public void A_default_route_routes_nobody()
    {
        var space = new RoutedSpace([.. Slash8s(1, 115), new Prefix(IpAddr.V4(0u), 0), new Prefix(IpAddr.V4(0u), 1), Prefix.Parse("::/0")]);
        Assert.True(space.IsUnrouted(IpAddr.Parse("120.0.0.1")));
        Assert.False(space.IsUnrouted(IpAddr.Parse("115.0.0.1")));
        Assert.False(space.IsUnrouted(IpAddr.Parse("2001:db8::1")));
    }

    [Fact]
    public void Of_IPv6_the_prefixes_are_counted()
    {
        var space = new RoutedSpace(Enumerable.Range(0, RoutedSpace.MinV6Prefixes).Select(i => new Prefix(new IpAddr(0x2A00_0000_0000_0000 + ((ulong)i << 32), 0), 32)));
        Assert.True(space.IsUnrouted(IpAddr.Parse("2001:db8::1")));
        Assert.False(space.IsUnrouted(IpAddr.Parse("2a00:5::1")));
    }

    private static IEnumerable<Prefix> Slash8s(int from, int to) => Enumerable.Range(from, to - from + 1).Select(i => new Prefix(IpAddr.V4((uint)i << 24), 8));
}
