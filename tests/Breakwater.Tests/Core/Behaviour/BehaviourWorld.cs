using Breakwater.Core.Behaviour;
using Breakwater.Core.Detection;
using Breakwater.Core.Flows;
using Breakwater.Core.Incidents;
using Breakwater.Core.Net;

namespace Breakwater.Tests.Core.Behaviour;

/// <summary>A network whose conversations the test writes, watched by the real engine with the behaviours under test. Time is the test's.</summary>
internal sealed class BehaviourWorld : IIncidentSink, IDisposable
{
    public const byte Syn = 0x02, SynAck = 0x12, Ack = 0x10, PshAck = 0x18, FinAck = 0x11, RstAck = 0x14;

    private readonly FlowBatch _batch = new();
    private readonly Dictionary<string, Incident> _incidents = [];

    /// <param name="make">Makes the behaviours of their options.</param>
    public BehaviourWorld(Func<BehaviourOptions, HomeNetwork, IReadOnlyList<IBehaviour>> make, Action<BehaviourOptions>? configure = null)
    {
        configure?.Invoke(Options);
        var home = new HomeNetwork([Prefix.Parse("192.0.2.0/24"), Prefix.Parse("2001:db8::/32")], []);
        Engine = new BehaviourEngine(home, Options, make(Options, home), [], this);
    }

    public BehaviourOptions Options { get; } = new() { MaxContacts = 65_536, MaxPairs = 262_144, MaxHosts = 65_536 };
    public BehaviourEngine Engine { get; }
    public Timestamp Now { get; private set; } = Timestamp.FromUnixSeconds(1_700_000_000);
    public IReadOnlyCollection<Incident> Incidents => _incidents.Values;
    public int Published { get; private set; }

    /// <summary>Incidents of medium severity or more.</summary>
    public IEnumerable<Incident> Alarms => Incidents.Where(i => i.Severity >= Severity.Medium);

    public static IpAddr Host(int number) => IpAddr.V4(0xC000_0200u + (uint)number);
    public static IpAddr Remote(int number) => IpAddr.V4(0xCB00_7100u + (uint)number);

    /// <summary>One packet, or a record of several.</summary>
    public void Packet(IpAddr from, IpAddr to, byte protocol, ushort source, ushort destination, byte flags = 0, int length = 60, long packets = 1, uint sampled = 0, FlowFlags extra = FlowFlags.SinglePacket, double lasted = 0)
    {
        _batch.Add(new Flow
        {
            Source = from,
            Destination = to,
            Protocol = protocol,
            SourcePort = source,
            DestinationPort = destination,
            TcpFlags = flags,
            Packets = packets,
            SampledPackets = sampled == 0 ? (uint)packets : sampled,
            Bytes = length * packets,
            Start = Now - TimeSpan.FromSeconds(lasted),
            End = Now,
            Flags = packets == 1 ? extra : extra & ~FlowFlags.SinglePacket,
        });
        if (_batch.IsFull) Flush();
    }

    /// <summary>A SYN that nobody answers.</summary>
    public void Try(IpAddr from, IpAddr to, ushort port, ushort source = 40_000) => Packet(from, to, 6, source, port, Syn, 44);

    /// <summary>A SYN that is refused.</summary>
    public void Refused(IpAddr from, IpAddr to, ushort port, ushort source = 40_000)
    {
        Try(from, to, port, source);
        Packet(to, from, 6, port, source, RstAck, 40);
    }

    /// <summary>A whole TCP connection: so many segments of so many octets from each side.</summary>
    public void Connect(IpAddr from, IpAddr to, ushort port, ushort source, int requests = 4, int request = 200, int answers = 5, int answer = 500)
    {
        Packet(from, to, 6, source, port, Syn);
        Packet(to, from, 6, port, source, SynAck);
        for (var i = 0; i < requests; i++) Packet(from, to, 6, source, port, PshAck, request);
        for (var i = 0; i < answers; i++) Packet(to, from, 6, port, source, PshAck, answer);
        Packet(from, to, 6, source, port, FinAck, 52);
        Packet(to, from, 6, port, source, FinAck, 52);
    }

    public void Wait(double seconds)
    {
        Flush();
        Now += TimeSpan.FromSeconds(seconds);
        Engine.Advance(Now);
    }

    /// <summary>Ends the capture.</summary>
    public void Finish()
    {
        Flush();
        Engine.Finish();
    }

    public void Publish(Incident incident)
    {
        _incidents[incident.Id] = incident;
        Published++;
    }

    public void Dispose() => Engine.Dispose();

    /// <summary>What is waiting passes unseen.</summary>
    public void Miss()
    {
        _batch.ReceivedAt = Now;
        Engine.Miss(_batch);
        _batch.Clear();
    }

    public void Flush()
    {
        _batch.ReceivedAt = Now;
        Engine.Observe(_batch);
        _batch.Clear();
    }
}
