using Breakwater.Core.Flows;
using Breakwater.Core.Net;

namespace Breakwater.Core.Simulation.Fleet;

/// <summary>Whom the hosts of a fleet talk to: the servers of their own network, and sites, clouds and strangers outside. Fixed by its seed.</summary>
internal sealed class FleetWorld
{
    private const int Sites = 4_000;
    private const int Shared = 150;
    private const int Vendors = 14;

    private readonly IpAddr[] _sites;
    private readonly IpAddr[] _shared;
    private readonly IpAddr[] _vendors;

    /// <param name="start">When its day begins.</param>
    public FleetWorld(int seed, Timestamp start)
    {
        var random = new Random(seed);
        Start = start;
        _shared = Some(Shared);
        // A third of all sites is served by those that serve many.
        _sites = [.. Some(Sites).Select((own, i) => i % 3 == 0 ? _shared[random.Next(Shared)] : own)];
        _vendors = Some(Vendors * 2);
        MailProviders = Some(4);
        MailExchangers = Some(2_500);
        TimeServers = Some(8);
        ChatServers = Some(5);
        VideoServers = Some(30);
        SystemVendors = Some(3);
        Shells = [.. Enumerable.Range(0, 30).Select(i => Server(40 + i)), .. Some(10)];

        IpAddr[] Some(int count) => [.. Enumerable.Range(0, count).Select(_ => SimulatedNetwork.Anybody(random))];
    }

    public Timestamp Start { get; }

    public IpAddr[] MailProviders { get; }
    public IpAddr[] MailExchangers { get; }
    public IpAddr[] TimeServers { get; }
    public IpAddr[] ChatServers { get; }
    public IpAddr[] VideoServers { get; }

    /// <summary>Updates, telemetry, and whether the Internet is there: one of each operating system's vendor.</summary>
    public IpAddr[] SystemVendors { get; }

    /// <summary>What the administrator logs in to.</summary>
    public IpAddr[] Shells { get; }

    public static readonly IpAddr Resolver = Server(53), Mail = Server(25), Web = Server(80), Backup = Server(20), Monitor = Server(161), Scanner = Server(200);

    /// <summary>A server of the network's own.</summary>
    public static IpAddr Server(int number) => IpAddr.V4(0x0A14_0800u + (uint)number);

    /// <summary>A person's or a thing's host, from 0; a thousand find room below the servers.</summary>
    public static IpAddr Host(int number) => IpAddr.V4(0x0A14_0000u + 10 + (uint)number);

    /// <summary>A site, the popular ones more often: Zipf's law.</summary>
    public int Site(Random random) => (int)Math.Exp(random.NextDouble() * Math.Log(Sites)) - 1;

    public IpAddr AddressOf(int site) => _sites[site];

    /// <summary>One of those that serve scripts, fonts and advertisements to all sites.</summary>
    public IpAddr Embedded(Random random) => _shared[(int)Math.Exp(random.NextDouble() * Math.Log(Shared)) - 1];

    /// <summary>The cloud of a vendor of things.</summary>
    public IpAddr Cloud(int vendor) => _vendors[vendor % _vendors.Length];

    /// <summary>The uplink is down for three minutes in the afternoon.</summary>
    public bool IsDown(Timestamp at) => (at - Start).TotalHours is > 14.2 and < 14.25;

    /// <summary>How lively people are: 0 asleep to 1 in the evening.</summary>
    public double Wake(Timestamp at)
    {
        var hour = (at - Start).TotalHours % 24;
        return hour is < 6.5 or > 23.5 ? 0.02 : 0.55 + 0.45 * Math.Sin(2 * Math.PI * (hour - 13) / 24);
    }
}
