using Breakwater.Core.Flows;
using Breakwater.Protocols.Net;

namespace Breakwater.Protocols.SFlow;

/// <summary>Decodes sFlow version 5: a header with the agent's address, then samples, each with its own length. All in XDR (RFC 4506).</summary>
/// <remarks>
/// "sFlow Version 5", July 2004, §5; discarded packets: "sFlow Dropped Packet Notification Structures", October 2020, §2.
/// Each flow sample is one packet: it becomes one flow of <c>sampling_rate</c> packets. Samples and records of unknown formats
/// are skipped by their length, as §5 demands. A bad sample costs only itself. sFlow carries no absolute time: flows get that of arrival.
/// </remarks>
public sealed class SFlowV5Decoder : IFlowDecoder
{
    private const uint Version = 5;

    private readonly SequenceTracker _sequences = new();

    public string Name => "sflow5";

    public bool Recognises(ReadOnlySpan<byte> datagram) => datagram is [0, 0, 0, (byte)Version, ..];

    public DecodeError Decode(ReadOnlySpan<byte> datagram, Exporter exporter, Timestamp receivedAt, FlowBatch output)
    {
        var reader = new WireReader(datagram);
        var version = reader.U32();
        var agent = reader.Address(out var agentIsValid);
        var subAgent = reader.U32();
        var sequence = reader.U32();
        reader.U32();                       // uptime: ms since boot, of no use without a clock to relate it to
        var samples = reader.U32();
        if (version != Version && !reader.Failed) return Count(DecodeError.UnsupportedVersion, exporter);
        if (!agentIsValid) return Count(DecodeError.InvalidValue, exporter);
        if (reader.Failed) return Count(DecodeError.Truncated, exporter);
        exporter.Protocol = Name;
        exporter.Agent = agent;
        exporter.AddLost(_sequences.Missing(new(exporter.Address, agent, subAgent), sequence));

        var context = new SampleContext(exporter, subAgent, receivedAt, output);
        var first = DecodeError.None;
        for (uint i = 0; i < samples; i++)
        {
            var format = reader.U32();
            var sample = reader.Opaque();
            if (reader.Failed) return Count(DecodeError.Truncated, exporter, first);
            var error = format switch
            {
                SampleFormat.Flow => FlowSample.Decode(sample, expanded: false, context),
                SampleFormat.ExpandedFlow => FlowSample.Decode(sample, expanded: true, context),
                SampleFormat.Discarded => FlowSample.DecodeDiscarded(sample, context),
                SampleFormat.Counters => CountersSample.Decode(sample, expanded: false, context),
                SampleFormat.ExpandedCounters => CountersSample.Decode(sample, expanded: true, context),
                _ => DecodeError.None,
            };
            first = Count(error, exporter, first);
            if (error == DecodeError.TooManyRecords) break;
        }
        return first;
    }

    /// <summary>Counts an error on the exporter, and gives the first of the datagram.</summary>
    private static DecodeError Count(DecodeError error, Exporter exporter, DecodeError first = DecodeError.None)
    {
        exporter.Count(error);
        return first == DecodeError.None ? error : first;
    }
}
