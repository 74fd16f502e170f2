using Breakwater.Core.Flows;
using Breakwater.Core.Net;

namespace Breakwater.Core.Simulation.Fleet;

/// <summary>
/// A network of home hosts at their ordinary work through the day, some of them bots, as the flow records that its meter would give.
/// Seeded and told the time: the same seed and start give the same records, in however many batches they are taken.
/// </summary>
/// <remarks>A thousand hosts have about a million records a day: a few hundred conversations each, which is fewer than people have, of the same kinds.</remarks>
public sealed class SimulatedFleet
{
    private readonly FlowQueue _queue = new();
    private readonly PriorityQueue<Habit, (long Time, int Number)> _agenda = new();
    private readonly FleetWorld _world;
    private readonly Timestamp _start;
    private readonly int _seed;
    private int _habits;

    /// <param name="seed">Anything.</param>
    /// <param name="start">Midnight of its day.</param>
    /// <param name="hosts">Hosts of people and things, up to 2,000; servers come on top.</param>
    /// <param name="bots">How many of them are bots, of all kinds in turn.</param>
    public SimulatedFleet(int seed, Timestamp start, int hosts = 1_000, int bots = 10)
    {
        (_seed, _start, Now) = (seed, start, start);
        _world = new FleetWorld(seed, start);
        Settle(hosts);
        Infect(hosts, bots);
    }

    /// <summary>What the fleet's operator owns.</summary>
    public static Prefix Home { get; } = Prefix.Parse("10.20.0.0/16");

    /// <summary>A host that scans because it is its task.</summary>
    public static IpAddr Scanner => FleetWorld.Scanner;

    /// <summary>Everything before this time has been made.</summary>
    public Timestamp Now { get; private set; }

    public IReadOnlyList<FleetBot> Bots { get; private set; } = [];

    /// <summary>Adds the records that end before a time, in the order of their ends, after those that the last call gave.</summary>
    /// <param name="batch">Receives them behind what it holds; its <see cref="FlowBatch.ReceivedAt"/> becomes the end of the newest.</param>
    /// <param name="until">Up to when.</param>
    /// <returns>False when the batch was full before the time was reached: call again with another.</returns>
    public bool Fill(FlowBatch batch, Timestamp until)
    {
        while (true)
        {
            if (!_queue.MoveTo(batch, until < Now ? until : Now)) return false;
            if (Now >= until) return true;
            if (!_agenda.TryPeek(out var habit, out var next) || next.Time >= until.Nanoseconds)
            {
                Now = until;
                continue;
            }
            Now = new Timestamp(next.Time);
            var again = habit(Now);
            if (again == Timestamp.Max) _agenda.Dequeue();
            else _agenda.DequeueEnqueue(habit, (again.Nanoseconds, next.Number));
        }
    }

    private void Settle(int hosts)
    {
        for (var i = 0; i < hosts; i++)
        {
            var host = NewHost(FleetWorld.Host(i), i);
            if (i % 5 == 4) SettleThing(host, i / 5);
            else SettlePerson(host, i);
        }
        Begin(NewHost(FleetWorld.Resolver, -1), MachineHabits.Resolver);
        Begin(NewHost(FleetWorld.Mail, -2), MachineHabits.MailServer);
        Begin(NewHost(FleetWorld.Web, -3), MachineHabits.WebServer);
        Begin(NewHost(FleetWorld.Monitor, -4), MachineHabits.Monitor);
        Begin(NewHost(FleetWorld.Scanner, -5), MachineHabits.Audit);
    }

    private void SettlePerson(FleetHost host, int number)
    {
        Begin(host, PeopleHabits.Surf);
        Begin(host, MachineHabits.Clock);
        if (number % 2 == 0) Begin(host, PeopleHabits.Mail);
        if (number % 6 == 0) Begin(host, PeopleHabits.Chat);
        if (number % 3 == 0) Begin(host, PeopleHabits.Watch);
        if (number % 3 == 1) Begin(host, MachineHabits.System);
        if (number % 25 == 2) Begin(host, PeopleHabits.Sync);
        if (number % 160 == 3) Begin(host, PeopleHabits.Share);
        if (number % 20 == 5) Begin(host, MachineHabits.Backup);
        if (number % 200 == 6) Begin(host, h => MachineHabits.Fetch(h, _world.Shells[^1]));
        if (number == 11) Begin(host, MachineHabits.Administer);
        // An agent of the operator's own, which waits longer by up to a tenth.
        if (number % 25 == 7) Begin(host, h => MachineHabits.Heartbeat(h, _world.Cloud(3), 443, 300, 0.1));
    }

    /// <summary>Cameras, plugs, thermostats, television sets, of a dozen vendors.</summary>
    private void SettleThing(FleetHost host, int number)
    {
        var cloud = _world.Cloud(4 + number % 20);
        if (number % 2 == 0) Begin(host, MachineHabits.Clock);
        switch (number % 8)
        {
            case 0: Begin(host, h => MachineHabits.Heartbeat(h, cloud, 443, 60)); break;
            case 1 or 2: Begin(host, h => MachineHabits.Heartbeat(h, cloud, 8_883, 300)); break;
            case 3: Begin(host, h => MachineHabits.Heartbeat(h, cloud, 32_100, 120)); break;
            case 4: Begin(host, h => MachineHabits.Heartbeat(h, cloud, 443, 600, 0.2)); break;
            case 5: Begin(host, PeopleHabits.Watch); goto default;
            default: Begin(host, h => MachineHabits.Device(h, cloud)); break;
        }
    }

    private void Infect(int hosts, int bots)
    {
        var random = new Random(_seed);
        var kinds = Enum.GetValues<BotKind>();
        Bots = [.. Enumerable.Range(0, bots).Select(i => new FleetBot(FleetWorld.Host((i * hosts / bots + random.Next(hosts / bots)) % hosts), kinds[i % kinds.Length], _start + TimeSpan.FromHours(1 + 20 * random.NextDouble())))];
        for (var i = 0; i < bots; i++) Add(BotHabits.Of(Bots[i], NewHost(Bots[i].Host, hosts + i)), Bots[i].From);
    }

    private FleetHost NewHost(IpAddr address, int number) => new(address, new Random(_seed * 10_007 + number), _world, _queue);

    /// <summary>Takes up a habit some time within the first quarter of an hour.</summary>
    private void Begin(FleetHost host, Func<FleetHost, Habit> make) => Add(make(host), _start + host.Between(0, 900));

    private void Add(Habit habit, Timestamp first) => _agenda.Enqueue(habit, (first.Nanoseconds, _habits++));
}
