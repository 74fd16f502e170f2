using Breakwater.Core.Net;

namespace Breakwater.Core.Simulation;

/// <summary>A small home network in the documentation ranges, and addresses of the world outside.</summary>
public static class SimulatedNetwork
{
    /// <summary>What the simulated operator owns.</summary>
    public static IReadOnlyList<Prefix> Home { get; } =
        [Prefix.Parse("192.0.2.0/24"), Prefix.Parse("198.51.100.0/24"), Prefix.Parse("2001:db8::/48")];

    internal static readonly IpAddr Web = IpAddr.Parse("192.0.2.10");
    internal static readonly IpAddr Shop = IpAddr.Parse("192.0.2.11");
    internal static readonly IpAddr Mail = IpAddr.Parse("192.0.2.25");
    internal static readonly IpAddr NameServer = IpAddr.Parse("192.0.2.53");
    internal static readonly IpAddr Games = IpAddr.Parse("198.51.100.20");
    internal static readonly IpAddr Web6 = IpAddr.Parse("2001:db8::80");

    internal static readonly IpAddr[] Resolvers = [IpAddr.Parse("203.0.113.53"), IpAddr.Parse("203.0.113.54")];
    internal static readonly IpAddr[] TimeServers = [IpAddr.Parse("203.0.113.123"), IpAddr.Parse("203.0.113.124")];

    /// <summary>First octets of IPv4 space that is in use by the public, none of it private, shared, test or multicast.</summary>
    private static readonly byte[] PublicOctets =
        [.. Enumerable.Range(1, 222).Where(o => o is not (10 or 100 or 127 or 169 or 172 or 192 or 198 or 203)).Select(o => (byte)o)];

    internal static IpAddr Client(Random random) => random.Next(2) == 0
        ? IpAddr.V4(0xC000_0264 + (uint)random.Next(60))
        : IpAddr.V4(0xC633_6464 + (uint)random.Next(100));

    internal static IpAddr Client6(Random random) => new(0x2001_0DB8_0000_0001, 0x100 + (ulong)random.Next(80));

    /// <summary>Any public IPv4 address: somebody's, or a forged one.</summary>
    internal static IpAddr Anybody(Random random) =>
        IpAddr.V4((uint)PublicOctets[random.Next(PublicOctets.Length)] << 24 | (uint)random.Next(1, 1 << 24));

    /// <summary>An address in 2001:db8::/32 outside the home /48: a documentation range stands in for the IPv6 Internet.</summary>
    internal static IpAddr Anybody6(Random random) =>
        new(0x2001_0DB8_0000_0000 | (ulong)random.NextInt64(1L << 16, 1L << 32), (ulong)random.NextInt64());
}
