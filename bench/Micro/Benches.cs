using Breakwater.Core.Behaviour;
using Breakwater.Core.Detection;
using Breakwater.Core.Flows;
using Breakwater.Core.Incidents;
using Breakwater.Core.Net;
using Breakwater.Engine;
using Breakwater.Fuzz.Corpus;
using Breakwater.Protocols.Ipfix;
using Breakwater.Protocols.Net;
using Breakwater.Protocols.NetFlow;

namespace Breakwater.Micro;

/// <summary>The steps that every record or packet goes through.</summary>
internal static class Benches
{
    public static IReadOnlyList<Bench> All { get; } =
    [
        new("decode-netflow5", "record", () => Decode(new NetFlowV5Decoder(), [], ExportLoad.NetFlow5(10_000))),
        new("decode-netflow9", "record", () => Decode(new NetFlowV9Decoder(new TemplateOptions()), ExportLoad.NetFlow9Template(), ExportLoad.NetFlow9(10_000))),
        new("decode-ipfix", "record", () => Decode(new IpfixDecoder(new TemplateOptions()), ExportLoad.IpfixTemplate(), ExportLoad.Ipfix(10_000))),
        new("parse-packet", "packet", ParsePackets),
        new("pipeline-netflow9-10k", "record", () => Pipeline(new NetFlowV9Decoder(new TemplateOptions()), ExportLoad.NetFlow9Template(), ExportLoad.NetFlow9(10_000))),
        // An operator's: with thresholds of its own, ordinary hosts are not taken apart.
        new("pipeline-netflow9-10k-limits", "record", () => Pipeline(new NetFlowV9Decoder(new TemplateOptions()), ExportLoad.NetFlow9Template(), ExportLoad.NetFlow9(10_000), ownThresholds: true)),
        new("pipeline-netflow9-1m-limits", "record", () => Pipeline(new NetFlowV9Decoder(new TemplateOptions()), ExportLoad.NetFlow9Template(), ExportLoad.NetFlow9(1_000_000), ownThresholds: true)),
        new("pipeline-netflow9-1m", "record", () => Pipeline(new NetFlowV9Decoder(new TemplateOptions()), ExportLoad.NetFlow9Template(), ExportLoad.NetFlow9(1_000_000))),
        new("pipeline-ipfix-10k", "record", () => Pipeline(new IpfixDecoder(new TemplateOptions()), ExportLoad.IpfixTemplate(), ExportLoad.Ipfix(10_000))),
        // What watching single hosts costs beside metering: as many records of conversations that begin and end, and packets of such that last.
        new("meter-conversations", "record", () => Conversations(packets: 1, (_, _) => null)),
        new("follow-conversations", "record", () => Conversations(packets: 1, FollowOnly)),
        new("behave-conversations", "record", () => Conversations(packets: 1, Behave)),
        new("meter-packets", "packet", () => Conversations(packets: 20, (_, _) => null)),
        new("follow-packets", "packet", () => Conversations(packets: 20, FollowOnly)),
        new("behave-packets", "packet", () => Conversations(packets: 20, Behave)),
    ];

    private static Func<long> Decode(IFlowDecoder decoder, byte[] template, byte[][] datagrams)
    {
        var exporter = new Exporter(IpAddr.V4(0xC000_0201), 1);
        var batch = new FlowBatch();
        var now = Timestamp.FromUnixSeconds(1_700_000_000);
        if (template.Length > 0) decoder.Decode(template, exporter, now, batch);
        return () =>
        {
            long records = 0;
            foreach (var datagram in datagrams)
            {
                if (batch.Count >= FlowBatch.HandOver) batch.Clear();
                var before = batch.Count;
                decoder.Decode(datagram, exporter, now, batch);
                records += batch.Count - before;
            }
            return records > 0 ? records : throw new InvalidOperationException($"{decoder.Name} decoded nothing: {exporter.Errors} errors");
        };
    }

    /// <summary>Decoding, metering and every detector, on one thread, at a million records a second of the traffic's time.</summary>
    private static Func<long> Pipeline(IFlowDecoder decoder, byte[] template, byte[][] datagrams, bool ownThresholds = false)
    {
        var exporter = new Exporter(IpAddr.V4(0xC000_0201), 1);
        var batch = new FlowBatch();
        var now = Timestamp.FromUnixSeconds(1_700_000_000);
        decoder.Decode(template, exporter, now, batch);
        var home = new HomeNetwork([new Prefix(IpAddr.V4(ExportLoad.FirstHost), 12)], ownThresholds ? [new("default", new HostGroupOptions())] : []);
        var engine = new DetectionEngine(home, new DetectionOptions(), Detectors(), new Nobody(), new Nobody());
        return () =>
        {
            long records = 0;
            foreach (var datagram in datagrams)
            {
                decoder.Decode(datagram, exporter, now, batch);
                if (batch.Count < FlowBatch.HandOver) continue;
                records += batch.Count;
                now += TimeSpan.FromMicroseconds(batch.Count);
                batch.ReceivedAt = now;
                engine.Observe(batch);
                batch.Clear();
            }
            return records;
        };
    }

    /// <summary>Metering with an operator's thresholds, and where wanted every behaviour beside it: 10,000 clients and 65,536 servers, a hundred thousand flows a second of the traffic's time.</summary>
    /// <param name="packets">Flows of each side of a conversation: 1 for records, more for packets.</param>
    /// <param name="watching">What watches single hosts; null for nobody.</param>
    private static Func<long> Conversations(int packets, Func<HomeNetwork, Nobody, BehaviourEngine?> watching)
    {
        var home = new HomeNetwork([new Prefix(IpAddr.V4(ExportLoad.FirstHost), 12)], [new("default", new HostGroupOptions())]);
        var engine = new DetectionEngine(home, new DetectionOptions(), Composition.Default.CreateDetectors(), new Nobody(), new Nobody(), behaviour: watching(home, new Nobody()));
        var now = Timestamp.FromUnixSeconds(1_700_000_000);
        var batches = Enumerable.Range(0, 1_024).Select(_ => new FlowBatch()).ToArray();
        var talks = new ConversationLoad(packets);
        foreach (var batch in batches)
            while (batch.Count < FlowBatch.HandOver) talks.AddTo(batch);
        return () =>
        {
            long flows = 0;
            foreach (var batch in batches)
            {
                // Other servers each time round, or every pair would call by a clock.
                ConversationLoad.MoveOn(batch);
                now += TimeSpan.FromMicroseconds(10 * batch.Count);
                batch.ReceivedAt = now;
                engine.Observe(batch);
                flows += batch.Count;
            }
            return flows;
        };
    }

    private static BehaviourEngine? Behave(HomeNetwork home, Nobody nobody) => Composition.Default.CreateBehaviour(new BehaviourOptions(), home, nobody);

    /// <summary>Conversations are made of flows, and nobody hears of them.</summary>
    private static BehaviourEngine FollowOnly(HomeNetwork home, Nobody nobody) => new(home, new BehaviourOptions(), [], [], nobody);

    private static IReadOnlyList<IDetector> Detectors() =>
    [
        new RateDetector(), new SynFloodDetector(), new TcpReflectionDetector(), new ReflectionDetector(), new UdpFloodDetector(),
        new IcmpFloodDetector(), new FragmentFloodDetector(), new OddTrafficDetector(),
    ];

    private sealed class Nobody : IIncidentSink, ITrafficSink
    {
        public void Publish(Incident incident) { }

        public void Publish(TrafficSnapshot traffic) { }

        public void Publish(IReadOnlyList<TrafficRollup> minute) { }
    }

    private static Func<long> ParsePackets()
    {
        byte[][] frames = [PacketCorpus.Tcp4(), PacketCorpus.Udp4()];
        return () =>
        {
            for (var i = 0; i < 100_000; i++)
            {
                Flow flow = default;
                var frame = frames[i & 1];
                if (!PacketParser.TryParse(frame, LinkTypes.Ethernet, frame.Length, ref flow, out _)) throw new InvalidOperationException("not parsed");
            }
            return 100_000;
        };
    }
}
