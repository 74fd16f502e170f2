namespace Breakwater.Core.Flows;

/// <summary>Turns one datagram of an export protocol into flows. Sans-I/O: told the exporter and the time, keeps only protocol state.</summary>
/// <remarks>
/// Owned by one receiver thread, so no locks. Never throws, whatever the bytes. Good records before a bad one stay in the
/// batch. Allocates nothing once templates are known. All state is bounded by the decoder's options.
/// Of the exporter's health the receiver keeps FirstSeen, LastSeen, Datagrams and Octets, the decoder everything else,
/// Protocol and Flows included.
/// </remarks>
public interface IFlowDecoder
{
    /// <summary>Short name for metrics and the CLI: <c>netflow5</c>, <c>netflow9</c>, <c>ipfix</c>, <c>sflow5</c>.</summary>
    string Name { get; }

    /// <summary>True when the first bytes are those of this protocol and version; any flow port takes any protocol.</summary>
    bool Recognises(ReadOnlySpan<byte> datagram);

    /// <summary>Decodes one datagram, appends its flows, and keeps <paramref name="exporter"/>'s health counters.</summary>
    /// <param name="datagram">The UDP payload.</param>
    /// <param name="exporter">Where it came from; its counters and sampling table are updated.</param>
    /// <param name="receivedAt">When it arrived; for clock skew and for records that carry no absolute time.</param>
    /// <param name="output">Receives the flows, counts already scaled by sampling.</param>
    /// <returns>The first error met, <see cref="DecodeError.None"/> for none; every error was counted on the exporter.</returns>
    DecodeError Decode(ReadOnlySpan<byte> datagram, Exporter exporter, Timestamp receivedAt, FlowBatch output);
}
