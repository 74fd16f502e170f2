using System.Buffers.Binary;
using System.Runtime.CompilerServices;
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
    private const byte Icmp = 1;

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
        return DecodeRecords(reader.Rest, count, new Rates(engine.Sampling, exporter.Sampling, engineId, announced), clock, exporter, output);
    }

    private static DecodeError DecodeRecords(
        ReadOnlySpan<byte> records, int count, in Rates rates, in ExportClock clock, Exporter exporter, FlowBatch output)
    {
        var packets = 0L;
        var before = output.Count;
        var whole = Math.Min(Math.Min(count, records.Length / RecordLength), FlowBatch.Capacity - before);
        for (var i = 0; i < whole; i++)
        {
            ref var flow = ref output.Next();
            ReadRecord(records.Slice(i * RecordLength, RecordLength), rates, clock, ref flow);
            flow.Exporter = exporter.Number;
            packets += flow.SampledPackets;
        }
        exporter.Flows += whole;
        exporter.SampledPackets += packets;
        if (whole == count) return exporter.Counted(records.Length > count * RecordLength ? DecodeError.InvalidLength : DecodeError.None);
        return exporter.Counted(output.IsFull ? DecodeError.TooManyRecords : DecodeError.Truncated);
    }

    /// <remarks>Offsets of table B-4: of one slice of known length, so that the compiler checks the bounds once.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void ReadRecord(ReadOnlySpan<byte> record, in Rates rates, in ExportClock clock, ref Flow flow)
    {
        // 8: next hop, 36: padding, from 40: autonomous systems, mask lengths, padding.
        flow.Source = IpAddr.V4(BinaryPrimitives.ReadUInt32BigEndian(record));
        flow.Destination = IpAddr.V4(BinaryPrimitives.ReadUInt32BigEndian(record[4..]));
        flow.InputInterface = BinaryPrimitives.ReadUInt16BigEndian(record[12..]);
        flow.OutputInterface = BinaryPrimitives.ReadUInt16BigEndian(record[14..]);
        var packets = BinaryPrimitives.ReadUInt32BigEndian(record[16..]);
        var bytes = BinaryPrimitives.ReadUInt32BigEndian(record[20..]);
        var start = clock.AtUptime(BinaryPrimitives.ReadUInt32BigEndian(record[24..]));
        var end = clock.AtUptime(BinaryPrimitives.ReadUInt32BigEndian(record[28..]));
        flow.Start = new Timestamp(start);
        flow.End = new Timestamp(Math.Max(start, end));
        flow.Protocol = record[38];
        flow.SourcePort = flow.Protocol == Icmp ? (ushort)0 : BinaryPrimitives.ReadUInt16BigEndian(record[32..]);
        flow.DestinationPort = BinaryPrimitives.ReadUInt16BigEndian(record[34..]);
        flow.TcpFlags = record[37];
        flow.Tos = record[39];
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
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public uint Of(uint input)
        {
            var rate = cache.Find(table, engine, null, input, out var isKnown);
            return isKnown ? rate : announced;
        }
    }
}
