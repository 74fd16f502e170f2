using Breakwater.Core.Flows;
using Breakwater.Protocols.Net;

namespace Breakwater.Protocols.Ipfix;

/// <summary>Decodes IPFIX messages. One decoder serves any number of exporters of one receiver.</summary>
/// <remarks>RFC 7011 §3.1: version, length, export time, sequence number, observation domain; then sets.</remarks>
public sealed class IpfixDecoder : IFlowDecoder
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

    public DecodeError Decode(ReadOnlySpan<byte> datagram, Exporter exporter, Timestamp receivedAt, FlowBatch output)
    {
        exporter.Protocol = Name;
        var reader = new WireReader(datagram);
        var version = reader.U16();
        var length = reader.U16();
        var exportSeconds = reader.U32();
        var sequence = reader.U32();
        var domainId = reader.U32();
        if (reader.Failed) return exporter.Counted(DecodeError.Truncated);
        if (version != Version) return exporter.Counted(DecodeError.UnsupportedVersion);
        if (length < HeaderLength) return exporter.Counted(DecodeError.InvalidLength);

        var exportedAt = Timestamp.FromUnixSeconds(exportSeconds);
        if (exportSeconds != 0) exporter.ClockSkew = exportedAt - receivedAt;
        var clock = new ExportClock(exportedAt.Nanoseconds, receivedAt, HasUptime: false, Uptime: 0);
        var domain = _sets.Store.Open(exporter, domainId);
        var message = datagram[..Math.Min(length, datagram.Length)];
        var error = _sets.Decode(message, HeaderLength, clock, domain, exporter, output, out var records);
        // The sequence counts data records, of options too, so it can only be followed where all could be counted (§3.1).
        exporter.AddLost(domain.Sequence.Advance(sequence, records ?? 0, exportSeconds, SequenceWindow));
        if (records is null) domain.Sequence.LoseStep();
        if (length == datagram.Length || error != DecodeError.None) return error;
        return exporter.Counted(length > datagram.Length ? DecodeError.Truncated : DecodeError.InvalidLength);
    }
}
