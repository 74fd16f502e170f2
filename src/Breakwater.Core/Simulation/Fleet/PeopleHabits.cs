using Breakwater.Core.Flows;

namespace Breakwater.Core.Simulation.Fleet;

/// <summary>What people do with their machines.</summary>
internal static class PeopleHabits
{
    /// <summary>Sessions of pages with time to read between them; names first, several connections a page, some over QUIC, a few in vain.</summary>
    public static Habit Surf(FleetHost host)
    {
        var pages = 0;
        var site = 0;
        return at =>
        {
            if (pages == 0)
            {
                pages = (int)Math.Clamp(host.Spread(7, 0.8), 1, 60);
                // Awake, a person sits down every hour and a half.
                return at + host.ByChance(5_400 / host.World.Wake(at));
            }
            if (host.Random.Next(3) == 0) site = host.World.Site(host.Random);
            Page(host, at, site);
            return at + (--pages == 0 ? TimeSpan.FromSeconds(1) : TimeSpan.FromSeconds(Math.Clamp(host.Spread(25, 1), 2, 900)));
        };
    }

    /// <summary>Looks for mail every few minutes as long as the machine is awake.</summary>
    public static Habit Mail(FleetHost host)
    {
        var provider = host.World.MailProviders[host.Random.Next(host.World.MailProviders.Length)];
        var every = TimeSpan.FromMinutes(host.Random.Next(2) == 0 ? 10 : 15);
        return at =>
        {
            if (host.World.Wake(at) > 0.1)
            {
                var news = host.Random.Next(8) == 0;
                host.Connect(at, provider, 993, host.Between(0.3, 4), 900 + host.Random.Next(40), news ? (long)host.Spread(40_000, 1.5) : 3_900);
                if (host.Random.Next(25) == 0) host.Connect(at + TimeSpan.FromSeconds(20), provider, 587, host.Between(1, 6), (long)host.Spread(30_000, 1.5), 2_000);
            }
            return at + every + host.Between(-2, 2);
        };
    }

    /// <summary>One connection all day long, in which a little is said every minute.</summary>
    public static Habit Chat(FleetHost host)
    {
        var server = host.World.ChatServers[host.Random.Next(host.World.ChatServers.Length)];
        return at =>
        {
            var lasts = TimeSpan.FromHours(0.4) + host.ByChance(3_600);
            if (host.World.Wake(at) > 0.1) host.Connect(at, server, 443, lasts, (long)(lasts.TotalSeconds * host.Spread(12, 0.4)), (long)(lasts.TotalSeconds * host.Spread(30, 0.6)));
            return at + lasts + host.Between(2, 900);
        };
    }

    /// <summary>A film in the evening, by long connections and large answers.</summary>
    public static Habit Watch(FleetHost host)
    {
        var left = TimeSpan.Zero;
        return at =>
        {
            if (left <= TimeSpan.Zero)
            {
                left = host.Between(1_200, 6_000);
                return at + host.ByChance(30_000 / host.World.Wake(at));
            }
            var lasts = host.Between(180, 600);
            left -= lasts;
            host.Connect(at, host.World.VideoServers[host.Random.Next(host.World.VideoServers.Length)], 443, lasts, (long)lasts.TotalSeconds * 3_000, (long)(lasts.TotalSeconds * 500_000));
            return at + lasts;
        };
    }

    /// <summary>Asks a server to tell when something changes; it answers after a minute that nothing did, or earlier that something did.</summary>
    public static Habit Sync(FleetHost host)
    {
        var cloud = host.World.Cloud(host.Random.Next(2));
        return at =>
        {
            if (host.World.Wake(at) < 0.3) return at + TimeSpan.FromMinutes(10);
            var changed = host.Random.Next(15) == 0;
            var lasts = changed ? host.Between(1, 60) : host.Between(60, 64);
            host.Connect(at, cloud, 443, lasts, 1_150, 4_300);
            if (changed) host.Connect(at + lasts, cloud, 443, host.Between(1, 9), (long)host.Spread(3_000, 1), (long)host.Spread(60_000, 1.5));
            return at + lasts + TimeSpan.FromMilliseconds(host.Random.Next(50, 600));
        };
    }

    /// <summary>Shares files with strangers: many have gone, and their ports have nothing in common.</summary>
    public static Habit Share(FleetHost host)
    {
        var until = Timestamp.Min;
        return at =>
        {
            if (at >= until)
            {
                var begins = at + host.ByChance(20_000 / host.World.Wake(at));
                until = begins + host.Between(3_600, 12_000);
                return begins;
            }
            var peer = SimulatedNetwork.Anybody(host.Random);
            // Two ports are what clients listen on by default; most people's are any.
            var port = host.Random.Next(10) switch { 0 => 6_881, 1 => 51_413, _ => host.Random.Next(1_025, 65_535) };
            host.Exchange(at, peer, (ushort)port, TimeSpan.FromSeconds(0.2), 100, host.Random.Next(100) < 45 ? 0 : 300, from: 51_413);
            if (host.Random.Next(3) == 0)
            {
                if (host.Random.Next(100) < 45) host.Silence(at, peer, (ushort)port);
                else if (host.Random.Next(100) < 25) host.Refusal(at, peer, (ushort)port);
                else host.Connect(at, peer, (ushort)port, host.Between(2, 600), (long)host.Spread(40_000, 2), (long)host.Spread(400_000, 2));
            }
            return at + host.ByChance(6);
        };
    }

    private static void Page(FleetHost host, Timestamp at, int site)
    {
        host.Resolve(at, site);
        var connections = host.Random.Next(2, 6);
        for (var i = 0; i < connections; i++)
        {
            var begins = at + host.Between(0.1, 2.5);
            var server = i == 0 ? host.World.AddressOf(site) : host.World.Embedded(host.Random);
            if (i > 0 && host.Random.Next(4) == 0) host.Resolve(begins - TimeSpan.FromSeconds(0.1), 100_000 + host.Random.Next(400));
            var (sent, received) = ((long)host.Spread(1_800, 0.7), (long)host.Spread(25_000, 1.6));
            switch (host.Random.Next(1_000))
            {
                case < 8: host.Silence(begins, server, 443); break;
                case < 12: host.Refusal(begins, server, 443); break;
                case < 60: host.Connect(begins, server, 80, host.Between(0.2, 20), sent, received); break;
                case < 350: host.Exchange(begins, server, 443, host.Between(0.5, 40), sent + 1_200, received + 3_600); break;
                default: host.Connect(begins, server, 443, host.Between(0.5, 115), sent + 600, received + 4_000); break;
            }
        }
    }
}
