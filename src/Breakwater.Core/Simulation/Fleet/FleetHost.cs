using Breakwater.Core.Flows;
using Breakwater.Core.Net;

namespace Breakwater.Core.Simulation.Fleet;

/// <summary>Does something, and says when it wants to do it again.</summary>
internal delegate Timestamp Habit(Timestamp at);

/// <summary>One host of the fleet: its address, its dice, and the ways in which it talks, as the records that a meter would give of them.</summary>
internal sealed class FleetHost(IpAddr address, Random random, FleetWorld world, FlowQueue queue)
{
    private const byte Tcp = 6, Udp = 17, Icmp = 1;
    private const byte Fin = 1, Syn = 2, Rst = 4, Psh = 8, Ack = 16;

    /// <summary>The meter tells of what goes on for longer in pieces.</summary>
    private static readonly TimeSpan ActiveTimeout = TimeSpan.FromMinutes(2);

    private readonly Dictionary<int, Timestamp> _names = [];
    private ushort _port = (ushort)random.Next(32_768, 60_000);

    public IpAddr Address { get; } = address;
    public Random Random { get; } = random;
    public FleetWorld World { get; } = world;

    /// <summary>A TCP connection that both ends take part in.</summary>
    /// <param name="lasts">From the first to the last packet.</param>
    /// <param name="sent">Octets of content from this host.</param>
    /// <param name="received">Octets of content to this host.</param>
    /// <param name="turns">Times that one asks and the other answers, a packet each at least.</param>
    public void Connect(Timestamp at, IpAddr server, ushort port, TimeSpan lasts, long sent, long received, int turns = 2)
    {
        if (IsCutOff(at, server))
        {
            Silence(at, server, port);
            return;
        }
        Talk(at, Address, server, Tcp, NextPort(), port, lasts, sent, received, turns);
    }

    /// <summary>A UDP exchange.</summary>
    /// <inheritdoc cref="Connect"/>
    public void Exchange(Timestamp at, IpAddr server, ushort port, TimeSpan lasts, long sent, long received, ushort from = 0)
    {
        if (IsCutOff(at, server)) received = 0;
        Talk(at, Address, server, Udp, from == 0 ? NextPort() : from, port, lasts, sent, received, 1);
    }

    /// <summary>A TCP connection that nobody answers: three SYN in three seconds.</summary>
    public void Silence(Timestamp at, IpAddr server, ushort port, int tries = 3) =>
        Send(at, at + TimeSpan.FromSeconds(tries - 1), Address, server, Tcp, NextPort(), port, Syn, tries, 60 * tries);

    /// <summary>A TCP connection that is refused.</summary>
    public void Refusal(Timestamp at, IpAddr server, ushort port)
    {
        var from = NextPort();
        Send(at, at, Address, server, Tcp, from, port, Syn, 1, 60);
        Send(at + RoundTrip(), at + RoundTrip(), server, Address, Tcp, port, from, Rst | Ack, 1, 40);
    }

    public void Ping(Timestamp at, IpAddr target, bool answered = true)
    {
        // NetFlow's way: the destination port is type·256 + code; 8 asks, 0 answers (RFC 792).
        Send(at, at, Address, target, Icmp, 0, 8 << 8, 0, 1, 84);
        if (answered) Send(at + RoundTrip(), at + RoundTrip(), target, Address, Icmp, 0, 0, 0, 1, 84);
    }

    /// <summary>Somebody else's connection to this host.</summary>
    /// <param name="received">Octets of content to this host.</param>
    /// <param name="sent">Octets of content from this host.</param>
    /// <inheritdoc cref="Connect"/>
    public void Serve(Timestamp at, IpAddr client, ushort port, TimeSpan lasts, long received, long sent, int turns = 2) =>
        Talk(at, client, Address, Tcp, (ushort)Random.Next(32_768, 61_000), port, lasts, received, sent, turns);

    /// <summary>Packets of one length that nobody answers, all to one port.</summary>
    public void Flood(Timestamp at, IpAddr victim, ushort port, TimeSpan lasts, double packetsPerSecond, int length)
    {
        var from = NextPort();
        Pieces(at, lasts, (start, end, share, _, _) =>
        {
            var packets = (long)(packetsPerSecond * lasts.TotalSeconds * share);
            Send(start, end, Address, victim, Udp, from, port, 0, packets, packets * length);
        });
    }

    /// <summary>Asks for a site's address, unless the answer is still known.</summary>
    public void Resolve(Timestamp at, int site)
    {
        if (_names.TryGetValue(site, out var until) && at < until) return;
        if (_names.Count > 500) _names.Clear();
        _names[site] = at + TimeSpan.FromSeconds(Random.Next(5, 60) * 60);
        Exchange(at, FleetWorld.Resolver, 53, TimeSpan.FromMilliseconds(Random.Next(1, 120)), 32 + site % 20, Random.Next(60, 260));
    }

    public TimeSpan Between(double fromSeconds, double toSeconds) => TimeSpan.FromSeconds(fromSeconds + (toSeconds - fromSeconds) * Random.NextDouble());

    /// <summary>Waiting time for something that comes by chance.</summary>
    public TimeSpan ByChance(double meanSeconds) => TimeSpan.FromSeconds(Math.Min(86_400, -meanSeconds * Math.Log(1 - Random.NextDouble())));

    /// <summary>Many small, few large: log-normal.</summary>
    public double Spread(double median, double sigma)
    {
        var normal = Math.Sqrt(-2 * Math.Log(1 - Random.NextDouble())) * Math.Cos(2 * Math.PI * Random.NextDouble());
        return median * Math.Exp(sigma * normal);
    }

    private bool IsCutOff(Timestamp at, IpAddr server) => World.IsDown(at) && !SimulatedFleet.Home.Contains(server);

    private void Talk(Timestamp at, IpAddr client, IpAddr server, byte protocol, ushort from, ushort port, TimeSpan lasts, long sent, long received, int turns)
    {
        // Over TCP three packets open, two close, and every other segment is acknowledged.
        var (overhead, full) = protocol == Tcp ? (52, 1_448) : (28, 1_250);
        var up = turns + sent / full + (protocol == Tcp ? 3 + received / full / 2 : 0);
        var down = protocol == Tcp ? 2 + turns + received / full + sent / full / 2 : received > 0 ? turns + received / full : 0;
        Pieces(at, lasts, (start, end, share, first, last) =>
        {
            Part(client, server, from, port, up, sent + up * overhead);
            if (down > 0) Part(server, client, port, from, down, received + down * overhead);

            void Part(IpAddr source, IpAddr destination, ushort sourcePort, ushort destinationPort, long packets, long octets) =>
                Send(start, end, source, destination, protocol, sourcePort, destinationPort, Flags(protocol, first, last), Math.Max(1, (long)(packets * share)), Math.Max(overhead, (long)(octets * share)));
        });
    }

    private static byte Flags(byte protocol, bool first, bool last) => protocol != Tcp ? (byte)0 : (byte)(Psh | Ack | (first ? Syn : 0) | (last ? Fin : 0));

    private static void Pieces(Timestamp at, TimeSpan lasts, Action<Timestamp, Timestamp, double, bool, bool> tell)
    {
        var pieces = (int)(lasts / ActiveTimeout) + 1;
        var length = lasts / pieces;
        for (var i = 0; i < pieces; i++) tell(at + length * i, at + length * (i + 1), 1.0 / pieces, i == 0, i == pieces - 1);
    }

    private void Send(Timestamp start, Timestamp end, IpAddr from, IpAddr to, byte protocol, ushort fromPort, ushort toPort, byte flags, long packets, long octets) => queue.Add(new Flow
    {
        Source = from,
        Destination = to,
        SourcePort = fromPort,
        DestinationPort = toPort,
        Protocol = protocol,
        TcpFlags = flags,
        Packets = packets,
        SampledPackets = (uint)packets,
        Bytes = octets,
        Start = start,
        End = end,
        Ttl = 63,
    });

    private TimeSpan RoundTrip() => TimeSpan.FromMilliseconds(20);

    private ushort NextPort() => _port = _port >= 60_998 ? (ushort)32_768 : (ushort)(_port + 1);
}
