using System.Buffers.Binary;
using Breakwater.Core.Flows;
using Breakwater.Core.Net;
using Breakwater.Protocols.Ipfix;

namespace Breakwater.Tests.Protocols.Ipfix;

/// <summary>An IPFIX file (RFC 5655) with enterprise elements, variable-length fields and biflows.</summary>
public class CesnetVectorTests
{
    [SharedDataFact(FlowVectors.Folder)]
    public void Reads_every_message_and_record_of_the_file()
    {
        var counts = FlowVectors.Json("tshark/example_flows.ipfix.json");
        var file = File.ReadAllBytes(FlowVectors.Path("cesnet/example_flows.ipfix"));
        var exporter = new Exporter(IpAddr.Parse("192.0.2.1"), 1);
        var decoder = new IpfixDecoder(new TemplateOptions(), honoursWithdrawals: true);
        var batch = new FlowBatch();
        int messages = 0, records = 0;
        long packets = 0, bytes = 0;
        for (var at = 0; at < file.Length; messages++)
        {
            var message = file.AsSpan(at, BinaryPrimitives.ReadUInt16BigEndian(file.AsSpan(at + 2)));
            Assert.Equal(DecodeError.None, decoder.Decode(message, exporter, DecoderBench.Now, batch));
            records += decoder.ListRecords(message, exporter).Count;
            Assert.All(batch.Flows.ToArray(), f => Assert.True(f.Packets > 0 && f.End >= f.Start));
            foreach (var flow in batch.Flows)
            {
                if (flow.Flags.HasFlag(FlowFlags.Reverse)) continue;
                packets += flow.Packets;
                bytes += flow.Bytes;
            }
            batch.Clear();
            at += message.Length;
        }

        Assert.Equal((counts.GetProperty("messages").GetInt32(), counts.GetProperty("data_records").GetInt32()), (messages, records));
        Assert.Equal(counts.GetProperty("total_packetDeltaCount").GetInt64(), packets);
        Assert.Equal(counts.GetProperty("total_octetDeltaCount").GetInt64(), bytes);
        Assert.Equal(0, exporter.Errors);
    }
}
