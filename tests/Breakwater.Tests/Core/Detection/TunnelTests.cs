using Breakwater.Core.Detection;
using Breakwater.Core.Flows;
using Breakwater.Core.Incidents;
using Breakwater.Core.Net;

namespace Breakwater.Tests.Core.Detection;

public class TunnelTests
{
    [Fact]
    public void A_flood_of_tunnels_with_invented_insides_hits_the_end_of_the_tunnel()
    {
        var log = new Log();
        using var engine = new DetectionEngine(new HomeNetwork([Prefix.Parse("192.0.2.0/24")], []), new DetectionOptions(), TestNetwork.Detectors(), log, log);
        var random = new Random(1);
        var batch = new FlowBatch();
        for (var i = 0; i < 8_000; i++)
        {
            var time = new Timestamp(1_700_000_000_000_000_000 + i * 50_000L);
            batch.Add(new Flow
            {
                Source = IpAddr.V4((uint)random.Next()),
                Destination = IpAddr.V4((uint)random.Next()),
                Protocol = 17,
                SourcePort = 1,
                DestinationPort = 2,
                Packets = 1,
                SampledPackets = 1,
                Bytes = 512,
                Start = time,
                End = time,
                Flags = FlowFlags.SinglePacket | FlowFlags.Tunnelled,
            });
            batch.AttachTunnel(new Flow
            {
                Source = Packets.Remote(random.Next(500)),
                Destination = TestNetwork.Victim,
                Protocol = 47,
                Packets = 1,
                SampledPackets = 1,
                Bytes = 536,
                Start = time,
                End = time,
                Flags = FlowFlags.SinglePacket,
            });
            if (batch.Count < FlowBatch.HandOver) continue;
            engine.Observe(batch);
            batch.Clear();
        }
        engine.Observe(batch);
        engine.Finish();
        var incident = Assert.Single(log.Incidents.Values);
        Assert.Equal(new Prefix(TestNetwork.Victim, 32), incident.Target);
        Assert.Equal([Vectors.ProtocolFlood], incident.Vectors);
    }

    private sealed class Log : IIncidentSink, ITrafficSink
    {
        public Dictionary<string, Incident> Incidents { get; } = [];
        public void Publish(Incident incident) => Incidents[incident.Id] = incident;
        public void Publish(TrafficSnapshot snapshot) { }
        public void Publish(IReadOnlyList<TrafficRollup> rollups) { }
    }
}
