using Breakwater.Core.Flows;
using Breakwater.Core.Net;
using Breakwater.Protocols.Ipfix;
using Breakwater.Protocols.Net;

namespace Breakwater.Protocols.NetFlow;

/// <summary>Decodes NetFlow version 5: a 24-byte header, then up to 30 records of 48 bytes, all in network order.</summary>
/// <remarks>Cisco, "NetFlow Export Datagram Format", tables B-3 (header) and B-4 (record).</remarks>
public sealed class NetFlowV5Decoder : IFlowDecoder
{
    private const ushort Version = 5;
    private const int RecordLength = 48;
    private const int MaxRecords = 30;

    /// <summary>A jump of more flows than this is a restart of the exporter.</summary>
    private const int SequenceWindow = 1_000_000;

    /// <summary>Engines (line cards) whose sequence is followed, over all exporters: half a kilobyte each, and forged datagrams can name them all.</summary>
    private const int MaxEngines = 8_192;

    private readonly Dictionary<(IpAddr Exporter, ushort Engine), Engine> _engines = [];
    private (Exporter? Exporter, ushort Id, Engine Engine) _last;

    public string Name => "netflow5";

    public bool Recognises(ReadOnlySpan<byte> datagram) => datagram is [0, 5, ..];

    public DecodeError Decode(ReadOnlySpan<byte> datagram, Exporter exporter, Timestamp receivedAt, FlowBatch output)
    {
        exporter.Protocol = Name;
        var reader = new WireReader(datagram);
        var version = reader.U16();
        var count = reader.U16();
        var uptime = reader.U32();       // ms since the exporter booted
        var exportSeconds = reader.U32();
        var exportNanoseconds = reader.U32();
        var sequence = reader.U32();     // flows exported before this datagram
        var engineId = reader.U16();     // engine type and engine number
        var sampling = reader.U16();     // 2 bits mode, 14 bits interval
        if (reader.Failed) return exporter.Counted(DecodeError.Truncated);
        if (version != Version) return exporter.Counted(DecodeError.UnsupportedVersion);
        if (count is 0 or > MaxRecords) return exporter.Counted(DecodeError.InvalidLength);

        var exportedAt = Timestamp.FromUnixSeconds(exportSeconds);
        if (exportNanoseconds < Timestamp.NanosecondsPerSecond) exportedAt = new Timestamp(exportedAt.Nanoseconds + exportNanoseconds);
        if (exportSeconds != 0) exporter.ClockSkew = exportedAt - receivedAt;
        var clock = new ExportClock(exportedAt.Nanoseconds, receivedAt, HasUptime: true, uptime);
        var engine = Find(exporter, engineId);
        exporter.AddLost(engine.Sequence.Advance(sequence, count, exportedAt.Nanoseconds, SequenceWindow));

        // An interval of 0 is how version 5 says "not sampled": the header always has the field.
        var announced = Math.Max(1u, sampling & 0x3FFFu);
        exporter.Sampling.Announce(engineId, SamplingScope.Domain, 0, announced);
        return DecodeRecords(ref reader, count, new Rates(engine.Sampling, exporter.Sampling, engineId, announced), clock, exporter, output);
    }

    private static DecodeError DecodeRecords(
        ref WireReader reader, int count, in Rates rates, in ExportClock clock, Exporter exporter, FlowBatch output)
    {
        var packets = 0L;
        var error = DecodeError.None;
        var before = output.Count;
        for (var i = 0; i < count && error == DecodeError.None; i++)
        {
            if (output.IsFull) error = DecodeError.TooManyRecords;
            else if (reader.Remaining < RecordLength) error = DecodeError.Truncated;
            else
            {
                ref var flow = ref output.Next();
                ReadRecord(new WireReader(reader.Bytes(RecordLength)), rates, clock, ref flow);
                flow.Exporter = exporter.Number;
                packets += flow.SampledPackets;
            }
        }
        exporter.Flows += output.Count - before;
        exporter.SampledPackets += packets;
        if (error == DecodeError.None && reader.Remaining > 0) error = DecodeError.InvalidLength;
        return exporter.Counted(error);
    }

    private static void ReadRecord(WireReader reader, in Rates rates, in ExportClock clock, ref Flow flow)
    {
        flow.Source = IpAddr.V4(reader.U32());
        flow.Destination = IpAddr.V4(reader.U32());
        reader.Skip(4); // next hop
        flow.InputInterface = reader.U16();
        flow.OutputInterface = reader.U16();
        var packets = reader.U32();
        var bytes = reader.U32();
        flow.Start = new Timestamp(clock.AtUptime(reader.U32()));
        flow.End = new Timestamp(clock.AtUptime(reader.U32()));
        flow.SourcePort = reader.U16();
        flow.DestinationPort = reader.U16();
        reader.Skip(1); // padding
        flow.TcpFlags = reader.U8();
        flow.Protocol = reader.U8();
        flow.Tos = reader.U8();
        // Autonomous systems, mask lengths and padding follow.

        if (flow.End < flow.Start) flow.End = flow.Start;
        if (flow.Protocol == 1) flow.SourcePort = 0;
        var rate = rates.Of(flow.InputInterface);
        flow.SampledPackets = packets;
        flow.Packets = SamplingArithmetic.Scale(packets, rate);
        flow.Bytes = SamplingArithmetic.Scale(bytes, rate);
    }

    private Engine Find(Exporter exporter, ushort id)
    {
        if (_last.Exporter == exporter && _last.Id == id) return _last.Engine;
        if (!_engines.TryGetValue((exporter.Address, id), out var engine))
        {
            // Forgetting sequences costs one unseen gap each; it takes an attack to get here.
            if (_engines.Count >= MaxEngines) _engines.Clear();
            engine = new Engine();
            _engines.Add((exporter.Address, id), engine);
        }
        _last = (exporter, id, engine);
        return engine;
    }

    private sealed class Engine
    {
        public SequenceTracker Sequence;
        public SamplingCache Sampling { get; } = new();
    }

    /// <summary>Sampling rates of one datagram: the header's, unless the operator overrides it.</summary>
    private readonly ref struct Rates(SamplingCache cache, SamplingTable table, uint engine, uint announced)
    {
        public uint Of(uint input)
        {
            var rate = cache.Find(table, engine, null, input, out var isKnown);
            return isKnown ? rate : announced;
        }
    }
}
