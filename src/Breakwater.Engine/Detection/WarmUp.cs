using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Breakwater.Core.Behaviour;
using Breakwater.Core.Behaviour.Beacons;
using Breakwater.Core.Detection;
using Breakwater.Core.Flows;
using Breakwater.Core.Incidents;
using Breakwater.Core.Metering;
using Breakwater.Core.Net;
using Breakwater.Core.Simulation;
using Breakwater.Engine.Flows;
using Microsoft.Extensions.Logging.Abstractions;

namespace Breakwater.Engine.Detection;

/// <summary>Lets the hot path see an attack before the first real one does: code that has never run is compiled while the flood comes in.</summary>
internal static class WarmUp
{
    /// <summary>The simulator's first attack begins after twelve seconds.</summary>
    private static readonly TimeSpan Length = TimeSpan.FromSeconds(14);

    /// <summary>Plays a few simulated seconds through an engine that is thrown away; takes some tenths of a second.</summary>
    /// <param name="behaviours">Whether hosts' behaviour will be watched as well.</param>
    public static void Run(Composition composition, bool behaviours)
    {
        var start = Timestamp.FromUnixSeconds(0);
        var simulator = new TrafficSimulator(seed: 1, start);
        var limits = new RateLimits { PacketsPerSecond = 5_000 };
        var home = new HomeNetwork(SimulatedNetwork.Home, [KeyValuePair.Create("default", new HostGroupOptions { Inbound = limits, Outbound = limits })]);
        var nobody = new Nobody();
        var small = new BehaviourOptions { Enabled = behaviours, MaxContacts = 16_384, MaxPairs = 65_536, MaxHosts = 1_024, Beacon = new BeaconOptions { MaxPairs = 1_024 } };
        using var engine = new DetectionEngine(
            home, new DetectionOptions { MaxHosts = 1_000, MaxWatched = 16 }, composition.CreateDetectors(), nobody, nobody, behaviour: composition.CreateBehaviour(small, home, nobody));
        var batch = new FlowBatch();
        for (var now = start; now < start + Length; now += TimeSpan.FromMilliseconds(100))
        {
            while (!simulator.Fill(batch, now)) Hand(engine, batch, now);
            Hand(engine, batch, now);
        }
        engine.Finish();
    }

    /// <summary>Sends a few thousand made-up records of each templated and fixed format through a receiver, a queue and a detection loop that are thrown away.</summary>
    /// <remarks>By a loopback socket on a port that is free, so that the calls into the kernel are linked as well. Takes some hundredths of a second.</remarks>
    /// <param name="decoders">Thrown away, too.</param>
    public static void Run(IReadOnlyList<IFlowDecoder> decoders, IReadOnlyList<IDetector> detectors, TimeProvider time)
    {
        var queue = new BatchQueue(4);
        var home = new HomeNetwork([new Prefix(IpAddr.V4(0u), 0)], []);
        using var engine = new DetectionEngine(home, new DetectionOptions { MaxHosts = 1_000, MaxWatched = 16 }, detectors, new Nobody(), new Nobody());
        using var loop = new DetectionLoop(queue, engine, time);
        using var receiver = new FlowReceiver(
            new IPEndPoint(IPAddress.Loopback, 0), receiveBuffer: 1 << 20, decoders, new ExporterTable(1, []), queue, time, NullLogger.Instance);
        try
        {
            receiver.Start();
            loop.Start();
            using var sender = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            sender.Connect(receiver.EndPoint);
            foreach (var datagram in (byte[][])[NetFlow5(), Templated(version: 9, header: 20, templateSet: 0), Templated(version: 10, header: 16, templateSet: 2)])
                for (var i = 0; i < 200; i++) sender.Send(datagram);
        }
        catch (Exception refused) when (refused is IOException or SocketException)
        {
            // No loopback, no warming up: the first datagrams will be a little slower.
        }
        receiver.Dispose();
        queue.Complete();
        loop.Ended.Wait();
    }

    /// <summary>Header of 24 octets, 30 records of 48.</summary>
    private static byte[] NetFlow5()
    {
        var datagram = new byte[24 + 30 * 48];
        BinaryPrimitives.WriteUInt16BigEndian(datagram, 5);
        BinaryPrimitives.WriteUInt16BigEndian(datagram.AsSpan(2), 30);
        for (var record = 0; record < 30; record++) datagram[24 + record * 48 + 38] = 6;
        return datagram;
    }

    /// <summary>A message of NetFlow v9 (RFC 3954 §5) or IPFIX (RFC 7011 §3): one template of the usual fields, then 30 records of it.</summary>
    private static byte[] Templated(ushort version, int header, ushort templateSet)
    {
        // Addresses, ports, protocol, flags, TOS, octets, packets, interfaces, and times by system uptime: element, length.
        ReadOnlySpan<ushort> fields = [8, 4, 12, 4, 7, 2, 11, 2, 4, 1, 6, 1, 5, 1, 1, 4, 2, 4, 10, 4, 14, 4, 22, 4, 21, 4];
        var record = 0;
        for (var i = 1; i < fields.Length; i += 2) record += fields[i];
        var datagram = new byte[header + 8 + fields.Length * 2 + 4 + 30 * record];
        var rest = datagram.AsSpan();
        BinaryPrimitives.WriteUInt16BigEndian(rest, version);
        BinaryPrimitives.WriteUInt16BigEndian(rest[2..], version == 10 ? (ushort)datagram.Length : (ushort)31);
        rest = rest[header..];
        BinaryPrimitives.WriteUInt16BigEndian(rest, templateSet);
        BinaryPrimitives.WriteUInt16BigEndian(rest[2..], (ushort)(8 + fields.Length * 2));
        BinaryPrimitives.WriteUInt16BigEndian(rest[4..], 256);
        BinaryPrimitives.WriteUInt16BigEndian(rest[6..], (ushort)(fields.Length / 2));
        rest = rest[8..];
        foreach (var field in fields)
        {
            BinaryPrimitives.WriteUInt16BigEndian(rest, field);
            rest = rest[2..];
        }
        BinaryPrimitives.WriteUInt16BigEndian(rest, 256);
        BinaryPrimitives.WriteUInt16BigEndian(rest[2..], (ushort)(4 + 30 * record));
        return datagram;
    }

    private static void Hand(DetectionEngine engine, FlowBatch batch, Timestamp now)
    {
        batch.ReceivedAt = now;
        engine.Observe(batch);
        batch.Clear();
    }

    private sealed class Nobody : IIncidentSink, ITrafficSink
    {
        public void Publish(Incident incident)
        {
        }

        public void Publish(TrafficSnapshot snapshot)
        {
        }

        public void Publish(IReadOnlyList<TrafficRollup> rollups)
        {
        }
    }
}
