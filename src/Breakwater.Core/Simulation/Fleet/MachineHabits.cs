using Breakwater.Core.Flows;
using Breakwater.Core.Net;

namespace Breakwater.Core.Simulation.Fleet;

/// <summary>What machines do by themselves: by timers, mostly, and therefore as regularly as bots.</summary>
internal static class MachineHabits
{
    /// <summary>Asks for the time every 17 minutes (RFC 5905: 2^10 seconds).</summary>
    public static Habit Clock(FleetHost host)
    {
        var server = host.World.TimeServers[host.Random.Next(host.World.TimeServers.Length)];
        return at =>
        {
            host.Exchange(at, server, 123, TimeSpan.FromMilliseconds(30), 48, 48, from: 123);
            return at + TimeSpan.FromSeconds(1_024);
        };
    }

    /// <summary>An operating system's own: is the Internet there, every five minutes; telemetry, every half hour or so; updates, every few hours.</summary>
    public static Habit System(FleetHost host)
    {
        var vendor = host.World.SystemVendors[host.Random.Next(host.World.SystemVendors.Length)];
        var count = 0;
        return at =>
        {
            host.Connect(at, vendor, 80, TimeSpan.FromMilliseconds(120), 90, 180);
            if (++count % 6 == 0) host.Connect(at + host.Between(0, 200), vendor, 443, host.Between(0.4, 3), (long)host.Spread(5_000, 0.8), 4_600);
            if (count % 48 == 0) host.Connect(at + host.Between(0, 250), vendor, 443, host.Between(1, 100), 3_000, (long)host.Spread(300_000, 2));
            return at + TimeSpan.FromSeconds(300);
        };
    }

    /// <summary>A thing that tells its vendor's cloud that it is alive: exactly by its timer, always the same.</summary>
    /// <param name="every">Seconds.</param>
    /// <param name="jitter">Share of the time by which it may wait longer, so that not all come at once.</param>
    public static Habit Heartbeat(FleetHost host, IpAddr cloud, ushort port, double every, double jitter = 0)
    {
        var (sent, received) = (host.Random.Next(200, 1_200), host.Random.Next(150, 4_000));
        return at =>
        {
            if (port is 443 or 8_883) host.Connect(at, cloud, port, TimeSpan.FromSeconds(0.3), sent, received);
            else host.Exchange(at, cloud, port, TimeSpan.FromSeconds(0.1), sent, received);
            return at + TimeSpan.FromSeconds(every * (1 + jitter * host.Random.NextDouble()) + 0.02 * host.Random.NextDouble());
        };
    }

    /// <summary>One connection for hours, kept alive (MQTT); sometimes somebody opens the app and looks.</summary>
    public static Habit Device(FleetHost host, IpAddr cloud) => at =>
    {
        var lasts = TimeSpan.FromHours(1) + host.ByChance(7_200);
        host.Connect(at, cloud, 8_883, lasts, (long)lasts.TotalSeconds * 2, (long)lasts.TotalSeconds * 2);
        if (host.Random.Next(3) == 0) host.Connect(at + host.Between(10, 3_000), cloud, 443, host.Between(5, 300), (long)host.Spread(100_000, 2), (long)host.Spread(20_000, 1));
        return at + lasts + host.Between(1, 30);
    };

    /// <summary>Once in the night everything that changed goes to the backup server.</summary>
    public static Habit Backup(FleetHost host)
    {
        var night = host.World.Start + TimeSpan.FromHours(1) + host.Between(0, 10_000);
        return at =>
        {
            if (at < night) return night;
            for (var volume = 0; volume < 4; volume++) host.Connect(at + TimeSpan.FromMinutes(8 * volume), FleetWorld.Backup, 22, host.Between(60, 400), (long)host.Spread(200e6, 1), 3_000_000);
            return Timestamp.Max;
        };
    }

    /// <summary>Fetches a repository by SSH every five minutes: nothing new, mostly.</summary>
    public static Habit Fetch(FleetHost host, IpAddr server) => at =>
    {
        host.Connect(at, server, 22, host.Between(0.8, 1.4), 3_900, host.Random.Next(12) == 0 ? (long)host.Spread(200_000, 1) : 4_300, turns: 14);
        return at + TimeSpan.FromSeconds(300);
    };

    /// <summary>Works on forty machines by SSH in the day, and lets a program go through all of them every two hours.</summary>
    public static Habit Administer(FleetHost host)
    {
        var round = 0;
        return at =>
        {
            var shells = host.World.Shells;
            if (round > 0)
            {
                host.Connect(at, shells[^round--], 22, host.Between(3, 25), (long)host.Spread(90_000, 0.5), (long)host.Spread(25_000, 0.5), turns: 40);
                return at + (round > 0 ? host.Between(2, 12) : host.ByChance(900));
            }
            if (host.Random.Next(9) == 0)
            {
                round = shells.Length;
                return at + TimeSpan.FromSeconds(1);
            }
            if (host.World.Wake(at) > 0.1)
            {
                var shell = shells[host.Random.Next(shells.Length)];
                // A key that is not there, or a word mistyped, now and then.
                if (host.Random.Next(6) == 0) host.Connect(at, shell, 22, host.Between(2, 9), 2_600, 3_100, turns: 10);
                host.Connect(at + TimeSpan.FromSeconds(12), shell, 22, host.Between(60, 2_400), (long)host.Spread(30_000, 1), (long)host.Spread(120_000, 1.2), turns: host.Random.Next(60, 900));
            }
            return at + host.ByChance(900);
        };
    }

    /// <summary>Looks every five minutes whether each server and its services are there; two are not, and nobody has told it.</summary>
    public static Habit Monitor(FleetHost host) => at =>
    {
        for (var i = 0; i < 30; i++)
        {
            var (server, when) = (FleetWorld.Server(40 + i), at + TimeSpan.FromSeconds(i));
            if (i < 2)
            {
                host.Ping(when, server, answered: false);
                host.Silence(when, server, 443, tries: 2);
                continue;
            }
            host.Ping(when, server);
            host.Exchange(when, server, 161, TimeSpan.FromMilliseconds(5), 80, 120);
            host.Connect(when, server, i % 3 == 0 ? (ushort)22 : (ushort)443, TimeSpan.FromMilliseconds(80), 40, 60, turns: 1);
            if (i == 7) host.Refusal(when, server, 8_080);
        }
        return at + TimeSpan.FromSeconds(300);
    };

    /// <summary>Finds the names for everybody by asking all over the world; some servers are gone.</summary>
    public static Habit Resolver(FleetHost host) => at =>
    {
        var server = SimulatedNetwork.Anybody(host.Random);
        host.Exchange(at, server, 53, TimeSpan.FromMilliseconds(80), 50, host.Random.Next(100) < 4 ? 0 : host.Random.Next(80, 600));
        if (host.Random.Next(40) == 0) host.Connect(at + TimeSpan.FromSeconds(0.2), server, 53, TimeSpan.FromMilliseconds(90), 60, 1_900);
        return at + host.ByChance(8);
    };

    /// <summary>Takes mail from the world and delivers its own people's; some exchangers are gone or refuse.</summary>
    public static Habit MailServer(FleetHost host) => at =>
    {
        if (host.Random.Next(3) > 0) host.Serve(at, host.World.MailExchangers[host.Random.Next(host.World.MailExchangers.Length)], 25, host.Between(1, 9), (long)host.Spread(40_000, 1.4), 1_200, turns: 6);
        else
        {
            var to = host.World.MailExchangers[host.Random.Next(host.World.MailExchangers.Length)];
            switch (host.Random.Next(30))
            {
                case 0: host.Silence(at, to, 25); break;
                case 1: host.Refusal(at, to, 25); break;
                default: host.Connect(at, to, 25, host.Between(1, 9), (long)host.Spread(40_000, 1.4), 1_200, turns: 6); break;
            }
        }
        return at + host.ByChance(12 / host.World.Wake(at));
    };

    /// <summary>A small site that the world looks at.</summary>
    public static Habit WebServer(FleetHost host) => at =>
    {
        host.Serve(at, SimulatedNetwork.Anybody(host.Random), 443, host.Between(0.3, 60), (long)host.Spread(1_500, 0.6), (long)host.Spread(30_000, 1.3));
        return at + host.ByChance(30 / host.World.Wake(at));
    };

    /// <summary>Looks in the night for services that should not be there, as it was told to: whoever watches has to be told too.</summary>
    public static Habit Audit(FleetHost host)
    {
        ReadOnlyMemory<int> ports = new[] { 21, 22, 23, 80, 139, 443, 445, 1433, 3306, 3389, 5432, 5900, 6379, 8080, 9200 };
        var (target, begins) = (0, host.World.Start + TimeSpan.FromHours(2));
        return at =>
        {
            if (at < begins) return begins;
            foreach (var port in ports.Span) host.Refusal(at + host.Between(0, 4), FleetWorld.Host(target), (ushort)port);
            return ++target < 200 ? at + TimeSpan.FromSeconds(5) : Timestamp.Max;
        };
    }
}
