using Breakwater.Core.Net;

namespace Breakwater.Core.Simulation.Fleet;

/// <summary>What bots do, as it is described of them.</summary>
internal static class BotHabits
{
    public static Habit Of(FleetBot bot, FleetHost host) => bot.Kind switch
    {
        BotKind.TelnetWorm => TelnetWorm(host),
        BotKind.SlowScanner => SlowScanner(host),
        BotKind.Beacon => Beacon(host),
        BotKind.SpamBot => SpamBot(host),
        BotKind.SshGuesser => SshGuesser(host),
        BotKind.Flooder => Flooder(host),
        _ => throw new ArgumentOutOfRangeException(nameof(bot)),
    };

    /// <summary>Antonakakis et al., "Understanding the Mirai Botnet" (USENIX Security 2017): port 23, one SYN in ten to 2323, ten passwords where somebody answers. Slower here by a hundred.</summary>
    private static Habit TelnetWorm(FleetHost host) => at =>
    {
        var target = SimulatedNetwork.Anybody(host.Random);
        var port = host.Random.Next(10) == 0 ? (ushort)2_323 : (ushort)23;
        switch (host.Random.Next(100))
        {
            case < 2:
                for (var guess = 0; guess < 10; guess++) host.Connect(at + TimeSpan.FromSeconds(2.5 * guess), target, port, host.Between(1.5, 2.2), 60 + host.Random.Next(20), 180 + host.Random.Next(40), turns: 8);
                break;
            case < 12: host.Refusal(at, target, port); break;
            default: host.Silence(at, target, port, tries: 1); break;
        }
        return at + host.ByChance(5);
    };

    private static Habit SlowScanner(FleetHost host)
    {
        ReadOnlyMemory<int> ports = new[] { 445, 3_389, 8_080 };
        var port = (ushort)ports.Span[host.Random.Next(ports.Length)];
        return at =>
        {
            var target = SimulatedNetwork.Anybody(host.Random);
            switch (host.Random.Next(100))
            {
                case < 3: host.Connect(at, target, port, host.Between(0.2, 1), 300, 400); break;
                case < 18: host.Refusal(at, target, port); break;
                default: host.Silence(at, target, port, tries: 2); break;
            }
            return at + host.Between(60, 180);
        };
    }

    /// <summary>A minute less up to 37 %, as attack frameworks' profiles commonly have it, or half a minute more by chance.</summary>
    private static Habit Beacon(FleetHost host)
    {
        var controller = SimulatedNetwork.Anybody(host.Random);
        var (from, to) = host.Random.Next(2) == 0 ? (37.8, 60.0) : (60.0, 95.0);
        return at =>
        {
            var order = host.Random.Next(60) == 0;
            host.Connect(at, controller, 443, host.Between(0.2, 0.5), 1_400 + (order ? (long)host.Spread(8_000, 1) : host.Random.Next(16)), 3_100 + (order ? (long)host.Spread(2_000, 1) : 0));
            return at + host.Between(from, to);
        };
    }

    /// <summary>A batch of messages, each to the mail server of its recipient; then waiting for the next.</summary>
    private static Habit SpamBot(FleetHost host)
    {
        var left = 0;
        return at =>
        {
            if (left == 0)
            {
                left = host.Random.Next(60, 300);
                return at + host.Between(60, 1_200);
            }
            left--;
            var exchanger = host.World.MailExchangers[host.Random.Next(host.World.MailExchangers.Length)];
            switch (host.Random.Next(100))
            {
                case < 10: host.Silence(at, exchanger, 25); break;
                case < 25: host.Refusal(at, exchanger, 25); break;
                default: host.Connect(at, exchanger, 25, host.Between(2, 12), (long)host.Spread(3_500, 0.4), 900, turns: 6); break;
            }
            return at + host.ByChance(6);
        };
    }

    private static Habit SshGuesser(FleetHost host)
    {
        var left = 0;
        var target = IpAddr.None;
        return at =>
        {
            if (left == 0)
            {
                left = host.Random.Next(40, 200);
                target = SimulatedNetwork.Anybody(host.Random);
                return at + host.Between(5, 600);
            }
            left--;
            host.Connect(at, target, 22, host.Between(2.5, 4.5), 2_300 + host.Random.Next(3) * 80, 2_700 + host.Random.Next(120), turns: 9);
            return at + host.Between(3, 8);
        };
    }

    /// <summary>Short packets at what a thing's processor manages, or long ones (Mirai's hold 512 octets) at what a line does.</summary>
    private static Habit Flooder(FleetHost host) => at =>
    {
        var isShort = host.Random.Next(2) == 0;
        host.Flood(at, SimulatedNetwork.Anybody(host.Random), (ushort)(host.Random.Next(2) == 0 ? 80 : host.Random.Next(1_024, 65_535)), host.Between(20, 50),
            isShort ? host.Random.Next(3_000, 12_000) : host.Random.Next(24_000, 40_000), isShort ? host.Random.Next(29, 64) : 540);
        return at + host.Between(600, 2_400);
    };
}
