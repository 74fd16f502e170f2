using System.Buffers;
using Breakwater.Core.Flows;
using Breakwater.Protocols.Net;

namespace Breakwater.Protocols.Ipfix;

/// <summary>Decodes IPFIX messages. One decoder serves any number of exporters of one receiver.</summary>
/// <remarks>RFC 7011 §3.1: version, length, export time, sequence number, observation domain; then sets.</remarks>
public sealed class IpfixDecoder : IFlowDecoder, ITemplateMemory
{
    private const ushort Version = 10;
    private const int HeaderLength = 16;

    /// <summary>A jump of more records than this is a restart: at 50 000 records a second it would be 20 s of loss in one piece.</summary>
    private const int SequenceWindow = 1_000_000;

    private readonly SetDecoder _sets;

    /// <param name="honoursWithdrawals">True for messages from a file, TCP or SCTP; over UDP withdrawals must be ignored (RFC 7011 §8.4).</param>
    public IpfixDecoder(TemplateOptions options, bool honoursWithdrawals = false) =>
        _sets = new SetDecoder(TemplateDialect.Ipfix, options, honoursWithdrawals);

    public string Name => "ipfix";

    public bool Recognises(ReadOnlySpan<byte> datagram) => datagram is [0, 10, ..];

    /// <inheritdoc/>
    /// <remarks>A datagram holds one message (RFC 7011 §10.3.3); several in a row, as in a file (RFC 5655 §5), are read too.</remarks>
    public DecodeError Decode(ReadOnlySpan<byte> datagram, Exporter exporter, Timestamp receivedAt, FlowBatch output)
    {
        exporter.Protocol = Name;
        var first = DecodeError.None;
        do
        {
            var error = DecodeMessage(datagram, exporter, receivedAt, output, out var consumed);
            if (first == DecodeError.None) first = error;
            datagram = datagram[consumed..];
        }
        while (Recognises(datagram));
        if (datagram.IsEmpty || first != DecodeError.None) return first;
        return exporter.Counted(DecodeError.InvalidLength);
    }

    private DecodeError DecodeMessage(ReadOnlySpan<byte> bytes, Exporter exporter, Timestamp receivedAt, FlowBatch output, out int consumed)
    {
        consumed = bytes.Length;
        var reader = new WireReader(bytes);
        var version = reader.U16();
        var length = reader.U16();
        var exportSeconds = reader.U32();
        var sequence = reader.U32();
        var domainId = reader.U32();
        if (reader.Failed) return exporter.Counted(DecodeError.Truncated);
        if (version != Version) return exporter.Counted(DecodeError.UnsupportedVersion);
        if (length < HeaderLength) return exporter.Counted(DecodeError.InvalidLength);

        consumed = Math.Min(length, bytes.Length);
        var exportedAt = Timestamp.FromUnixSeconds(exportSeconds);
        if (exportSeconds != 0) exporter.ClockSkew = exportedAt - receivedAt;
        var clock = new ExportClock(exportedAt.Nanoseconds, receivedAt, HasUptime: false, Uptime: 0);
        var domain = _sets.Store.Open(exporter, domainId);
        var error = _sets.Decode(bytes[..consumed], HeaderLength, clock, domain, exporter, output, out var records);
        // The sequence counts data records, of options too, so it can only be followed where all could be counted (§3.1).
        exporter.AddLost(domain.Sequence.Advance(sequence, records ?? 0, exportSeconds, SequenceWindow));
        if (records is null) domain.Sequence.LoseStep();
        return length > bytes.Length && error == DecodeError.None ? exporter.Counted(DecodeError.Truncated) : error;
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
