using Breakwater.Core.Flows;
using Breakwater.Core.Net;
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
