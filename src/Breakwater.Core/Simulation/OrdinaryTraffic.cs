using Breakwater.Core.Flows;
using Breakwater.Core.Net;
using static Breakwater.Core.Simulation.SimulatedNetwork;

namespace Breakwater.Core.Simulation;

/// <summary>People at work: pages served and fetched, names, time, mail, calls, shells, some of it over IPv6, and a little of the noise that every network receives.</summary>
internal sealed class OrdinaryTraffic
{
    private const byte Syn = 0x02, SynAck = 0x12, Ack = 0x10, PshAck = 0x18, FinAck = 0x11, RstAck = 0x14;

    private readonly Random _random;
    private readonly FlowQueue _queue;

    /// <summary>Conversations a second of each kind, in the middle of the day's range.</summary>
    private readonly Activity[] _activities = Activities();

    public OrdinaryTraffic(Random random, FlowQueue queue)
    {
        _random = random;
        _queue = queue;
    }

    /// <summary>Begins the conversations of one tick; their later packets wait in the queue.</summary>
    public void Begin(Timestamp time, TimeSpan tick)
    {
        var pace = Pace(time) * tick.TotalSeconds;
        foreach (var activity in _activities)
        {
            activity.Due += activity.PerSecond * pace * (0.5 + _random.NextDouble());
            for (; activity.Due >= 1; activity.Due--) activity.Begin(this, time + tick * _random.NextDouble());
        }
    }

    private static Activity[] Activities() =>
    [
        new(20, static (t, at) => t.Fetch(at, Anybody(t._random), t._random.Next(3) == 0 ? Shop : Web)),
        new(7, static (t, at) => t.Fetch(at, Anybody6(t._random), Web6)),
        new(25, static (t, at) => t.Fetch(at, Client(t._random), Anybody(t._random))),
        new(8, static (t, at) => t.Fetch(at, Client6(t._random), Anybody6(t._random))),
        new(10, static (t, at) => t.Quic(at, Client(t._random), Anybody(t._random))),
        new(3, static (t, at) => t.Quic(at, Client6(t._random), Anybody6(t._random))),
        new(40, static (t, at) => t.Ask(at, Client(t._random), Resolvers[t._random.Next(2)], 53, 66, t._random.Next(90, 320))),
        new(12, static (t, at) => t.Ask(at, Anybody(t._random), NameServer, 53, 70, t._random.Next(100, 260))),
        new(2, static (t, at) => t.Time(at)),
        new(1, static (t, at) => t.Deliver(at)),
        new(0.3, static (t, at) => t.Shell(at)),
        new(1, static (t, at) => t.Ping(at)),
        new(2, static (t, at) => t.Probe(at)),
    ];

    /// <summary>The day's swing by a third, and a smaller one of some minutes.</summary>
    private static double Pace(Timestamp time) =>
        1 + 0.33 * Math.Sin(2 * Math.PI * (time.Seconds / 86_400 - 0.375)) + 0.1 * Math.Sin(2 * Math.PI * time.Seconds / 420);

    private void Fetch(Timestamp at, IpAddr client, IpAddr server)
    {
        var talk = Open(at, client, server, _random.Next(5) == 0 ? (ushort)80 : (ushort)443, out var now, out var roundTrip);
        talk.Ask(now, _random.Next(1, 3), _random.Next(250, 900), PshAck);
        now += roundTrip;
        var packets = (int)Math.Min(400, 3 / Math.Pow(1 - _random.NextDouble(), 0.8));
        while (packets > 0)
        {
            var burst = Math.Min(packets, _random.Next(4, 24));
            talk.Answer(now, burst, _random.Next(1300, 1501), burst < packets ? Ack : PshAck);
            talk.Ask(now + roundTrip / 2, Math.Max(1, burst / 2), 52, Ack);
            packets -= burst;
            now += TimeSpan.FromMilliseconds(_random.Next(20, 90));
        }
        Close(talk, now, roundTrip);
    }

    private void Deliver(Timestamp at)
    {
        var talk = Open(at, Anybody(_random), Mail, 25, out var now, out var roundTrip);
        talk.Answer(now, 1, 90, PshAck);
        for (var line = 0; line < 4; line++, now += roundTrip)
        {
            talk.Ask(now, 1, _random.Next(60, 110), PshAck);
            talk.Answer(now + roundTrip / 2, 1, _random.Next(60, 120), PshAck);
        }
        talk.Ask(now, _random.Next(2, 30), _random.Next(900, 1501), PshAck);
        talk.Answer(now + roundTrip / 2, _random.Next(1, 10), 52, Ack);
        Close(talk, now + roundTrip, roundTrip);
    }

    private void Shell(Timestamp at)
    {
        var talk = Open(at, Anybody(_random), Web, 22, out var now, out var roundTrip);
        for (var key = 0; key < 20; key++, now += TimeSpan.FromMilliseconds(_random.Next(80, 400)))
        {
            talk.Ask(now, 1, 88, PshAck);
            talk.Answer(now + roundTrip / 2, 1, _random.Next(88, 300), PshAck);
        }
        Close(talk, now, roundTrip);
    }

    private void Quic(Timestamp at, IpAddr client, IpAddr server)
    {
        var talk = new Conversation(_queue, 17, client, server, Ephemeral(), 443);
        var roundTrip = RoundTrip();
        talk.Ask(at, 2, 1280, 0);
        talk.Answer(at + roundTrip / 2, 3, 1280, 0);
        var now = at + roundTrip;
        for (var burst = _random.Next(1, 8); burst > 0; burst--, now += TimeSpan.FromMilliseconds(_random.Next(20, 90)))
        {
            talk.Answer(now, _random.Next(3, 20), _random.Next(1200, 1281), 0);
            talk.Ask(now + roundTrip / 2, _random.Next(1, 6), _random.Next(60, 90), 0);
        }
    }

    private void Ask(Timestamp at, IpAddr client, IpAddr server, ushort port, int question, int answer)
    {
        var talk = new Conversation(_queue, 17, client, server, Ephemeral(), port);
        talk.Ask(at, 1, question, 0);
        talk.Answer(at + RoundTrip() / 2, 1, answer, 0);
    }

    private void Time(Timestamp at)
    {
        var talk = new Conversation(_queue, 17, Client(_random), TimeServers[_random.Next(2)], 123, 123);
        talk.Ask(at, 1, 76, 0);
        talk.Answer(at + RoundTrip() / 2, 1, 76, 0);
    }

    private void Ping(Timestamp at)
    {
        var (client, server) = (Client(_random), Anybody(_random));
        if (_random.Next(2) == 0) (client, server) = (Anybody(_random), Web);
        // NetFlow's way: the destination port is type·256 + code; 8 asks, 0 answers (RFC 792).
        new Conversation(_queue, 1, client, server, 0, 8 << 8).Ask(at, 1, 84, 0);
        new Conversation(_queue, 1, server, client, 0, 0).Ask(at + RoundTrip() / 2, 1, 84, 0);
    }

    /// <summary>Background radiation: a lone SYN from somebody to anybody, seldom refused.</summary>
    private void Probe(Timestamp at)
    {
        var talk = new Conversation(_queue, 6, Anybody(_random), IpAddr.V4(0xC000_0200 + (uint)_random.Next(256)), Ephemeral(), OneOf(23, 445, 8080, 3389, 2323));
        talk.Ask(at, 1, 44, Syn);
        if (_random.Next(3) == 0) talk.Answer(at + TimeSpan.FromMilliseconds(1), 1, 40, RstAck);
    }

    private Conversation Open(Timestamp at, IpAddr client, IpAddr server, ushort port, out Timestamp now, out TimeSpan roundTrip)
    {
        roundTrip = RoundTrip();
        var talk = new Conversation(_queue, 6, client, server, Ephemeral(), port);
        talk.Ask(at, 1, 60, Syn);
        talk.Answer(at + roundTrip / 2, 1, 60, SynAck);
        now = at + roundTrip;
        talk.Ask(now, 1, 52, Ack);
        now += TimeSpan.FromMilliseconds(1);
        return talk;
    }

    private void Close(Conversation talk, Timestamp now, TimeSpan roundTrip)
    {
        if (_random.Next(20) == 0)
        {
            talk.Ask(now, 1, 40, RstAck);
            return;
        }
        talk.Answer(now, 1, 52, FinAck);
        talk.Ask(now + roundTrip / 2, 1, 52, FinAck);
        talk.Answer(now + roundTrip, 1, 52, Ack);
    }

    private TimeSpan RoundTrip() => TimeSpan.FromMilliseconds(_random.Next(8, 160));
    private ushort Ephemeral() => (ushort)_random.Next(32_768, 61_000);
    private ushort OneOf(params ReadOnlySpan<ushort> ports) => ports[_random.Next(ports.Length)];

    private sealed class Activity(double perSecond, Action<OrdinaryTraffic, Timestamp> begin)
    {
        public double PerSecond { get; } = perSecond;
        public Action<OrdinaryTraffic, Timestamp> Begin { get; } = begin;

        /// <summary>Conversations owed, with their fraction.</summary>
        public double Due { get; set; }
    }
}
