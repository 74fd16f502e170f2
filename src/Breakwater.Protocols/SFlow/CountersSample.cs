using Breakwater.Core.Flows;
using Breakwater.Protocols.Net;

namespace Breakwater.Protocols.SFlow;

/// <summary>Counters polled for one source; of them, those of interfaces are kept.</summary>
/// <remarks>sFlow v5 §5, counters_sample (format 2), counters_sample_expanded (format 4), if_counters (counter_format 1).</remarks>
internal static class CountersSample
{
    private const uint InterfaceFormat = 1;
    private const uint OperationallyUp = 2;

    public static DecodeError Decode(ReadOnlySpan<byte> sample, bool expanded, in SampleContext context)
    {
        var reader = new WireReader(sample);
        reader.U32();                                   // sequence_number
        FlowSample.Source(ref reader, expanded);
        var records = reader.U32();
        for (uint i = 0; i < records; i++)
        {
            var format = reader.U32();
            var record = reader.Opaque();
            if (reader.Failed) break;
            if (format != InterfaceFormat) continue;
            if (!TryInterface(record, context.ReceivedAt, out var counters)) return DecodeError.InvalidLength;
            if (!context.Exporter.Interfaces.Update(counters)) return DecodeError.TableFull;
        }
        return reader.Failed ? DecodeError.Truncated : DecodeError.None;
    }

    private static bool TryInterface(ReadOnlySpan<byte> record, Timestamp receivedAt, out InterfaceCounters counters)
    {
        var reader = new WireReader(record);
        var index = reader.U32();
        reader.U32();                                   // ifType
        var speed = reader.U64();
        reader.U32();                                   // ifDirection
        var status = reader.U32();
        var inOctets = reader.U64();
        var inUnicast = reader.U32();
        var inMulticast = reader.U32();
        var inBroadcast = reader.U32();
        var inDiscards = reader.U32();
        var inErrors = reader.U32();
        reader.U32();                                   // ifInUnknownProtos
        var outOctets = reader.U64();
        var outUnicast = reader.U32();
        var outMulticast = reader.U32();
        var outBroadcast = reader.U32();
        var outDiscards = reader.U32();
        var outErrors = reader.U32();
        reader.U32();                                   // ifPromiscuousMode
        counters = new InterfaceCounters(
            index, speed, (status & OperationallyUp) != 0, receivedAt,
            inOctets, inUnicast, inMulticast, inBroadcast, inDiscards, inErrors,
            outOctets, outUnicast, outMulticast, outBroadcast, outDiscards, outErrors);
        return !reader.Failed;
    }
}
