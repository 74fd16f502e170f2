using System.Buffers;
using Breakwater.Core.Flows;
using Breakwater.Core.Incidents;
using Breakwater.Protocols.Pcap;

namespace Breakwater.Tests.Protocols.Pcap;

public class PcapWriterTests
{
    [Fact]
    public void Writes_the_header_and_each_packet_as_the_draft_says()
    {
        var evidence = new Evidence([], [new EvidencePacket(new Timestamp(1_000_000_007), [0xAA, 0xBB], 60)], 1);
        var file = new ArrayBufferWriter<byte>();

        PcapWriter.Write(file, evidence);

        Assert.Equal(
            "4D3CB2A1" + "02000400" + "0000000000000000" + "00000400" + "01000000" +
            "01000000" + "07000000" + "02000000" + "3C000000" + "AABB",
            Convert.ToHexString(file.WrittenSpan));
    }
}
