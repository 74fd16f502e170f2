using Breakwater.Core.Flows;
using Breakwater.Protocols.Net;

namespace Breakwater.Protocols.SFlow;

/// <summary>One sampled or discarded packet: where it was taken, at what rate, and records that describe it.</summary>
/// <remarks>sFlow v5 §5, flow_sample (format 1) and flow_sample_expanded (format 3); discarded_packet (format 5).</remarks>
internal static class FlowSample
{
    /// <summary>Interface formats: the two most significant bits of a compact interface, a field of its own in an expanded one.</summary>
    private const uint SingleInterface = 0;
    private const uint PacketDiscarded = 1;

    /// <summary>As a single interface: none, because the device itself sent or received the packet.</summary>
    private const uint NoInterface = 0x3FFF_FFFF;

    public static DecodeError Decode(ReadOnlySpan<byte> sample, bool expanded, in SampleContext context)
    {
        var reader = new WireReader(sample);
        reader.U32();                                   // sequence_number of the source; the datagram's own tells of loss
        var (sourceType, sourceIndex) = Source(ref reader, expanded);
        var samplingRate = reader.U32();
        reader.U32();                                   // sample_pool
        reader.U32();                                   // drops
        var input = Interface(ref reader, expanded, out _);
        var output = Interface(ref reader, expanded, out var outputFormat);
        if (reader.Failed) return DecodeError.Truncated;

        var sampling = context.Exporter.Sampling;
        var announced = samplingRate == 0 || sampling.Announce(context.SubAgent, SamplingScope.Interface, sourceType << 24 | sourceIndex, samplingRate);
        var rate = sampling.InterfaceOverrides.TryGetValue(input, out var ofInterface) ? ofInterface
            : sampling.Override != 0 ? sampling.Override
            : samplingRate;

        var flow = new Flow { InputInterface = input, OutputInterface = output };
        var error = Records(ref reader, ref flow, out var described);
        if (described)
        {
            // 0 stands for "unknown" in every integer of sFlow.
            if (rate == 0) flow.Flags |= FlowFlags.SamplingUnknown;
            if (outputFormat == PacketDiscarded) flow.Flags |= FlowFlags.Dropped;
            if (!Add(ref flow, Math.Max(rate, 1), context)) return DecodeError.TooManyRecords;
        }
        return error != DecodeError.None ? error : announced ? DecodeError.None : DecodeError.TableFull;
    }

    /// <summary>A packet that the device dropped, told one by one: the rate is 1.</summary>
    public static DecodeError DecodeDiscarded(ReadOnlySpan<byte> sample, in SampleContext context)
    {
        var reader = new WireReader(sample);
        reader.U32();                                   // sequence_number
        Source(ref reader, expanded: true);
        reader.U32();                                   // drops: notifications lost in the agent
        var input = reader.U32();
        var output = reader.U32();
        reader.U32();                                   // reason
        if (reader.Failed) return DecodeError.Truncated;
        var flow = new Flow { InputInterface = input, OutputInterface = output };
        var error = Records(ref reader, ref flow, out var described);
        flow.Flags |= FlowFlags.Dropped;
        return !described || Add(ref flow, 1, context) ? error : DecodeError.TooManyRecords;
    }

    /// <summary>sflow_data_source: type in the first octet and index in three, or two integers when expanded.</summary>
    public static (uint Type, uint Index) Source(ref WireReader reader, bool expanded)
    {
        var first = reader.U32();
        return expanded ? (first, reader.U32()) : (first >> 24, first & 0xFF_FFFF);
    }

    /// <summary>The ifIndex of a single interface, 0 for unknown, none, several or "discarded".</summary>
    private static uint Interface(ref WireReader reader, bool expanded, out uint format)
    {
        var first = reader.U32();
        format = expanded ? first : first >> 30;
        var value = expanded ? reader.U32() : first & 0x3FFF_FFFF;
        // Agents write the "none" of the compact form into the expanded one too, and some write all ones.
        return format == SingleInterface && value is not (NoInterface or uint.MaxValue) ? value : 0;
    }

    /// <summary>Reads the records of a sample into one flow. The packet's own header is believed before the agent's summary of it.</summary>
    /// <param name="described">True when some record gave addresses.</param>
    private static DecodeError Records(ref WireReader reader, ref Flow flow, out bool described)
    {
        described = false;
        var fromHeader = false;
        var aboutPacket = false;
        var first = DecodeError.None;
        var records = reader.U32();
        for (uint i = 0; i < records; i++)
        {
            var format = reader.U32();
            var record = reader.Opaque();
            if (reader.Failed) return first == DecodeError.None ? DecodeError.Truncated : first;
            var error = DecodeError.None;
            switch (format)
            {
                case RecordFormat.SampledHeader:
                    error = SampledPacket.Header(record, ref flow, ref fromHeader);
                    described |= fromHeader;
                    break;
                case RecordFormat.SampledIpv4 or RecordFormat.SampledIpv6 when !fromHeader:
                    error = SampledPacket.Summary(record, format == RecordFormat.SampledIpv6, ref flow, ref described);
                    break;
                case RecordFormat.SampledEthernet:
                    error = SampledPacket.EthernetFrame(record);
                    break;
                default:
                    error = ExtendedRecord.Check(format, record);
                    break;
            }
            aboutPacket |= format is RecordFormat.SampledHeader or RecordFormat.SampledEthernet or RecordFormat.SampledIpv4 or RecordFormat.SampledIpv6;
            if (first == DecodeError.None) first = error;
        }
        if (reader.Failed) return DecodeError.Truncated;
        // "A flow_sample must contain packet header information."
        return first == DecodeError.None && !aboutPacket ? DecodeError.MalformedPacket : first;
    }

    private static bool Add(ref Flow flow, uint rate, in SampleContext context)
    {
        flow.Packets = rate;
        flow.Bytes *= rate;
        flow.SampledPackets = 1;
        flow.Start = flow.End = context.ReceivedAt;
        flow.Exporter = context.Exporter.Number;
        if (!context.Output.Add(flow)) return false;
        context.Exporter.Flows++;
        context.Exporter.SampledPackets++;
        return true;
    }
}
