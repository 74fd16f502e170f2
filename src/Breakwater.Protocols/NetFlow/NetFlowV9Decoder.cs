using System.Buffers;
using Breakwater.Core.Flows;
using Breakwater.Protocols.Ipfix;
using Breakwater.Protocols.Net;

namespace Breakwater.Protocols.NetFlow;

/// <summary>Decodes NetFlow version 9. One decoder serves any number of exporters of one receiver.</summary>
/// <remarks>RFC 3954 §5.1: version, count, uptime, seconds, sequence number, source identifier; then FlowSets.</remarks>
public sealed class NetFlowV9Decoder(TemplateOptions options) : IFlowDecoder, ITemplateMemory
{
    private const ushort Version = 9;
    private const int HeaderLength = 20;

    /// <summary>A jump of more datagrams than this is a restart of the exporter.</summary>
    private const int SequenceWindow = 50_000;

    private readonly SetDecoder _sets = new(TemplateDialect.NetFlowV9, options, honoursWithdrawals: false);

    public string Name => "netflow9";

    public bool Recognises(ReadOnlySpan<byte> datagram) => datagram is [0, 9, ..];

    public DecodeError Decode(ReadOnlySpan<byte> datagram, Exporter exporter, Timestamp receivedAt, FlowBatch output)
    {
        exporter.Protocol = Name;
        var reader = new WireReader(datagram);
        var version = reader.U16();
        reader.Skip(2); // records of all kinds; many exporters count otherwise, and the sets' own lengths are enough
        var uptime = reader.U32();
        var exportSeconds = reader.U32();
        var sequence = reader.U32();
        var sourceId = reader.U32();
        if (reader.Failed) return exporter.Counted(DecodeError.Truncated);
        if (version != Version) return exporter.Counted(DecodeError.UnsupportedVersion);

        var exportedAt = Timestamp.FromUnixSeconds(exportSeconds);
        if (exportSeconds != 0) exporter.ClockSkew = exportedAt - receivedAt;
        var clock = new ExportClock(exportedAt.Nanoseconds, receivedAt, HasUptime: true, uptime);
        var domain = _sets.Store.Open(exporter, sourceId);
        exporter.AddLost(domain.Sequence.Advance(sequence, 1, exportSeconds, SequenceWindow));
        return _sets.Decode(datagram, HeaderLength, clock, domain, exporter, output, out _);
    }

    public void Export(IBufferWriter<byte> output) => _sets.Export(output);

    public int Import(ReadOnlySpan<byte> saved) => _sets.Import(saved);

    public IReadOnlyList<DataRecord> ListRecords(ReadOnlySpan<byte> datagram, Exporter exporter)
    {
        var reader = new WireReader(datagram);
        reader.Skip(HeaderLength - 4);
        return RecordLister.List(datagram, HeaderLength, _sets.Store.Find(exporter.Address, reader.U32()));
    }
}
