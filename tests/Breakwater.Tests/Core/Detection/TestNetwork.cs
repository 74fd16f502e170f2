using Breakwater.Core.Detection;
using Breakwater.Core.Flows;
using Breakwater.Core.Incidents;
using Breakwater.Core.Net;

namespace Breakwater.Tests.Core.Detection;

/// <summary>A network whose traffic the test writes, watched by the real engine. Time is the test's.</summary>
internal sealed class TestNetwork : IIncidentSink, ITrafficSink, IDisposable
{
    public static readonly IpAddr Victim = IpAddr.Parse("192.0.2.7");

    private readonly DetectionEngine _engine;
    private readonly FlowBatch _batch = new();
    private readonly Dictionary<string, Incident> _incidents = [];
    private readonly Random _random = new(42);
    private Timestamp _now = Timestamp.FromUnixSeconds(1_700_000_000);

    public TestNetwork(Action<DetectionOptions>? configure = null, HostGroupOptions? group = null, string home = "192.0.2.0/24", ITelemetryHealth? health = null)
    {
        var options = new DetectionOptions();
        configure?.Invoke(options);
        IReadOnlyList<KeyValuePair<string, HostGroupOptions>> groups = group is null ? [] : [KeyValuePair.Create("default", group)];
        _engine = new DetectionEngine(new HomeNetwork([Prefix.Parse(home), Prefix.Parse("2001:db8::/32")], groups), options, Detectors(), this, this, health);
    }

    public IReadOnlyCollection<Incident> Incidents => _incidents.Values;
    public List<(Timestamp Time, Incident Incident)> History { get; } = [];
    public List<TrafficSnapshot> Snapshots { get; } = [];
    public List<TrafficRollup> Rollups { get; } = [];
    public DetectionEngine Engine => _engine;
    public Timestamp Now => _now;

    public static IDetector[] Detectors() =>
    [
        new ReflectionDetector(), new SynFloodDetector(), new TcpReflectionDetector(), new UdpFloodDetector(), new IcmpFloodDetector(),
        new FragmentFloodDetector(), new OddTrafficDetector(), new OutboundFloodDetector(), new RateDetector(), new BogonSourceDetector(),
    ];

    /// <summary>The one incident there is, of medium severity or more.</summary>
    public Incident Single() => Assert.Single(Incidents, i => i.Severity >= Severity.Medium);

    /// <summary>Sends packets at an even rate; each call of <paramref name="packet"/> fills in one.</summary>
    public void Send(double packetsPerSecond, double seconds, Action<Random, long, FlowBuilder> packet, ushort exporter = 0, uint sampling = 1)
    {
        var gap = Timestamp.NanosecondsPerSecond / packetsPerSecond;
        var start = _now;
        for (long i = 0; i < (long)(packetsPerSecond * seconds); i++)
        {
            _now = new Timestamp(start.Nanoseconds + (long)(i * gap));
            var builder = new FlowBuilder(_now) { Exporter = exporter, Packets = sampling, Sampled = 1, Single = exporter == 0 };
            packet(_random, i, builder);
            _batch.Add(builder.Build());
            // An exporter's batch has one time of arrival, and does not wait long.
            if (_batch.Count == FlowBatch.HandOver || (exporter != 0 && _batch.Count == 16)) Flush();
        }
        _now = start + TimeSpan.FromSeconds(seconds);
        Flush();
    }

    /// <summary>Two kinds of traffic at once, interleaved in slices of 100 ms.</summary>
    public void SendTogether(double seconds, params (double Rate, Action<Random, long, FlowBuilder> Packet)[] streams)
    {
        for (var slice = 0; slice < seconds * 10; slice++)
        {
            var start = _now;
            foreach (var (rate, packet) in streams)
            {
                _now = start;
                Send(rate, 0.1, packet);
            }
        }
    }

    public void Wait(double seconds)
    {
        for (var i = 0; i < seconds * 10; i++)
        {
            _now += TimeSpan.FromMilliseconds(100);
            _engine.Advance(_now);
        }
    }

    public void Finish() => _engine.Finish();

    public void Publish(Incident incident)
    {
        _incidents[incident.Id] = incident;
        History.Add((_now, incident));
    }

    public void Publish(TrafficSnapshot snapshot) => Snapshots.Add(snapshot);

    public void Publish(IReadOnlyList<TrafficRollup> rollups) => Rollups.AddRange(rollups);

    public void Dispose() => _engine.Dispose();

    private void Flush()
    {
        _batch.ReceivedAt = _now;
        _engine.Observe(_batch);
        _batch.Clear();
    }
}

/// <summary>One flow in the making.</summary>
internal sealed class FlowBuilder(Timestamp time)
{
    public IpAddr From, To = TestNetwork.Victim;
    public byte Protocol = 17, Flags;
    public ushort SourcePort, DestinationPort, Exporter;
    public int Length = 100;
    public uint Packets = 1, Sampled = 1, InputInterface;
    public bool Single = true;
    public FlowFlags Extra;
    public TimeSpan Lasted;

    public Flow Build() => new()
    {
        Source = From,
        Destination = To,
        Protocol = Protocol,
        TcpFlags = Flags,
        SourcePort = SourcePort,
        DestinationPort = DestinationPort,
        Exporter = Exporter,
        Packets = Packets,
        SampledPackets = Sampled,
        Bytes = (long)Length * Packets,
        InputInterface = InputInterface,
        Start = time - Lasted,
        End = time,
        Ttl = 60,
        Flags = Extra | (Single ? FlowFlags.SinglePacket : FlowFlags.None),
    };
}

/// <summary>Kinds of traffic the tests are written in.</summary>
internal static class Packets
{
    /// <summary>One of many addresses outside home.</summary>
    public static IpAddr Remote(int number) => IpAddr.V4(0x0B00_0000u + (uint)number * 7919u % 0x0100_0000u);

    public static Action<Random, long, FlowBuilder> Answers(ushort port, int length, int sources = 500, ushort destinationPort = 4444) => (random, i, p) =>
    {
        p.From = Remote(random.Next(sources));
        p.SourcePort = port;
        p.DestinationPort = destinationPort;
        p.Length = length;
    };

    public static Action<Random, long, FlowBuilder> Syn(ushort port = 443, int length = 40) => (random, i, p) =>
    {
        p.From = Remote(random.Next());
        p.Protocol = 6;
        p.Flags = 2;
        p.SourcePort = (ushort)random.Next(1024, 65536);
        p.DestinationPort = port;
        p.Length = length;
    };

    public static Action<Random, long, FlowBuilder> Tcp(byte flags, ushort sourcePort, int length, int sources = 4000) => (random, i, p) =>
    {
        p.From = Remote(random.Next(sources));
        p.Protocol = 6;
        p.Flags = flags;
        p.SourcePort = sourcePort;
        p.DestinationPort = (ushort)random.Next(1024, 65536);
        p.Length = length;
    };

    public static Action<Random, long, FlowBuilder> Udp(int sources, int length = 600) => (random, i, p) =>
    {
        p.From = Remote(random.Next(sources));
        p.SourcePort = (ushort)random.Next(1024, 65536);
        p.DestinationPort = (ushort)random.Next(1, 65536);
        p.Length = length + random.Next(100);
    };

    public static Action<Random, long, FlowBuilder> Icmp(int sources) => (random, i, p) =>
    {
        p.From = Remote(random.Next(sources));
        p.Protocol = 1;
        p.DestinationPort = 0x0800;
        p.Length = 84;
    };

    /// <summary>Clients of the victim's web server: connections opened, used and closed, both directions.</summary>
    public static Action<Random, long, FlowBuilder> Web(int clients = 40) => (random, i, p) =>
    {
        var connection = i / 10;
        var client = Remote(100_000 + (int)(connection % clients));
        var port = (ushort)(20_000 + connection % 30_000);
        var step = i % 10;
        var inbound = step is 0 or 2 or 3 or 6 or 8;
        p.Protocol = 6;
        p.From = inbound ? client : TestNetwork.Victim;
        p.To = inbound ? TestNetwork.Victim : client;
        p.SourcePort = inbound ? port : (ushort)443;
        p.DestinationPort = inbound ? (ushort)443 : port;
        p.Flags = step switch { 0 => 0x02, 1 => 0x12, 8 => 0x11, 9 => 0x11, 3 or 4 => 0x18, _ => 0x10 };
        p.Length = step is 4 or 5 or 7 ? 1400 : step == 3 ? 500 : 52;
    };
}
