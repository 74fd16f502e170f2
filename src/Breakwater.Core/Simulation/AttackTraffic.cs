using Breakwater.Core.Detection;
using Breakwater.Core.Flows;
using Breakwater.Core.Net;
using static Breakwater.Core.Simulation.SimulatedNetwork;

namespace Breakwater.Core.Simulation;

/// <summary>The packets of one attack, shaped like measured ones: lengths, flags, ports and sources of each vector.</summary>
/// <remarks>Reflectors and bots are records of many packets; forged sources, of which each sends once, are records sampled 1:16.</remarks>
internal sealed class AttackTraffic
{
    private const int PacketsPerRecord = 20;
    private const int SamplingRate = 16;

    private readonly SimulatedAttack _attack;
    private readonly Random _random;
    private readonly FlowQueue _queue;
    private readonly IpAddr[] _senders;
    private readonly ushort _port;
    private readonly double[] _due;

    /// <param name="attack">From the schedule.</param>
    /// <param name="seed">With the attack's number it gives senders and packets.</param>
    /// <param name="queue">Where records go.</param>
    public AttackTraffic(SimulatedAttack attack, int seed, FlowQueue queue)
    {
        _attack = attack;
        _random = new Random(HashOf(seed, attack.Number));
        _queue = queue;
        _senders = [.. Enumerable.Range(0, 400).Select(_ => AnySource())];
        _port = (ushort)_random.Next(1024, 65536);
        _due = new double[attack.Vectors.Count];
    }

    /// <summary>Queues the records of one tick.</summary>
    public void Send(Timestamp time, TimeSpan tick)
    {
        if (!_attack.IsOnAt(time)) return;
        for (var i = 0; i < _due.Length; i++)
        {
            _due[i] += _attack.PacketsPerSecond / _attack.Vectors.Count * tick.TotalSeconds;
            while (_due[i] >= 1)
            {
                var flow = Packet(_attack.Vectors[i]) with { End = time + tick * _random.NextDouble(), Destination = Victim(), Ttl = (byte)_random.Next(40, 64) };
                flow.Bytes = flow.Packets * (flow.Bytes + (_attack.Target.IsV4 ? 0 : 20));
                flow.Start = flow.SampledPackets == 1 ? flow.End : flow.End - TimeSpan.FromMilliseconds(8);
                _queue.Add(flow);
                _due[i] -= flow.Packets;
            }
        }
    }

    /// <summary>A record with the octets of one packet.</summary>
    private Flow Packet(string vector) => vector switch
    {
        Vectors.SynFlood => Sampled(6, 40) with { SourcePort = AnyPort(), DestinationPort = 443, TcpFlags = 0x02 },
        Vectors.SynAckReflection => Sampled(6, 44) with { SourcePort = _random.Next(2) == 0 ? (ushort)80 : (ushort)443, DestinationPort = AnyPort(), TcpFlags = 0x12 },
        Vectors.IcmpFlood => Sent(_attack.Target.IsV4 ? (byte)1 : (byte)58, 1028) with { DestinationPort = (ushort)((_attack.Target.IsV4 ? 8 : 128) << 8) },
        Vectors.UdpFlood => Sent(17, _random.Next(60, 1400)) with { SourcePort = AnyPort(), DestinationPort = AnyPort() },
        "dns-amplification" => Fragmented(53, 0.4),
        "cldap-amplification" => Fragmented(389, 0.5),
        "memcached-amplification" => Sent(17, 1428) with { SourcePort = 11211, DestinationPort = _port },
        "ntp-amplification" => Sent(17, 468) with { SourcePort = 123, DestinationPort = _port },
        _ => throw new InvalidOperationException($"The schedule holds {vector}, which the simulator cannot make"),
    };

    /// <summary>Answers longer than a packet: the first fragment has the ports, the others have none.</summary>
    private Flow Fragmented(ushort port, double firstShare) => _random.NextDouble() < firstShare
        ? Sent(17, 1500) with { SourcePort = port, DestinationPort = _port, Flags = FlowFlags.Fragment }
        : Sent(17, _random.Next(3) == 0 ? _random.Next(100, 1400) : 1500) with { Flags = FlowFlags.Fragment | FlowFlags.LaterFragment };

    private Flow Sent(byte protocol, int length) => new()
    {
        Protocol = protocol,
        Bytes = length,
        Packets = PacketsPerRecord,
        SampledPackets = PacketsPerRecord,
        Source = _senders[_random.Next(_senders.Length)],
    };

    private Flow Sampled(byte protocol, int length) => new()
    {
        Protocol = protocol,
        Bytes = length,
        Packets = SamplingRate,
        SampledPackets = 1,
        Source = AnySource(),
    };

    private IpAddr AnySource() => _attack.Target.IsV4 ? Anybody(_random) : Anybody6(_random);

    private ushort AnyPort() => (ushort)_random.Next(1024, 65536);

    private IpAddr Victim()
    {
        var bits = _attack.Target.Address.Bits - _attack.Target.Length;
        return bits == 0 ? _attack.Target.Address : new IpAddr(_attack.Target.Address.High, _attack.Target.Address.Low + (ulong)_random.NextInt64(1L << bits));
    }

    /// <summary>Unlike <see cref="HashCode"/>, the same in every process.</summary>
    private static int HashOf(int seed, int number) => unchecked((seed * 16_777_619) ^ (number * 0x01E3_5A7B));
}
