namespace Breakwater.Fuzz.Corpus;

/// <summary>Good sFlow version 5 datagrams (sflow_version_5.txt, section 5): flow, expanded flow, counter and discard samples.</summary>
public static class SflowCorpus
{
    private const uint Ethernet = 1, Ipv4 = 11;

    public static IEnumerable<byte[]> Datagrams()
    {
        var raw = new Wire().Tagged(1, Header(Ethernet, PacketCorpus.Tcp4()));
        var rawIp = new Wire().Tagged(1, Header(Ipv4, PacketCorpus.Udp4()[14..]));
        var sampledIp = new Wire().Tagged(3, new Wire().U32(1500, 17, 0xC000_0201, 0xC633_6407, 53, 40_000, 0, 0));
        var router = new Wire().Tagged(1001, new Wire().U32(10, 0, 20, 0)).Tagged(1002, new Wire().U32(1, 0xC000_02FE, 24, 24));
        var gateway = new Wire().Tagged(1003, new Wire().U32(1, 0xC000_02FE, 64_500, 64_501, 64_502, 1, 2, 2, 64_503, 64_504, 0, 100));

        yield return Datagram(1, new Wire().Tagged(1, FlowSample(1, raw)));
        yield return Datagram(1, new Wire().Tagged(1, FlowSample(1, rawIp)));
        yield return Datagram(2, new Wire().Tagged(1, FlowSample(3, new Wire().Add(raw).Add(router))).Tagged(1, FlowSample(2, new Wire().Add(sampledIp).Add(gateway))));
        yield return Datagram(1, new Wire().Tagged(3, new Wire().U32(5, 0, 1, 1000, 5_000_000, 0, 0, 1, 0, 2, 1).Add(raw)));
        yield return Datagram(1, new Wire().Tagged(2, new Wire().U32(5, 1, 1).Tagged(1, Counters())));
        yield return Datagram(1, new Wire().Tagged(4, new Wire().U32(5, 0, 1, 1).Tagged(1, Counters())));
        // sFlow Dropped Packet Notification Structures: sequence, source, drops, input, output, reason, records.
        yield return Datagram(1, new Wire().Tagged(5, new Wire().U32(5, 0, 1, 0, 1, 2, 256, 1).Add(raw)));
    }

    private static Wire FlowSample(uint records, Wire content) =>
        new Wire().U32(5, 1, 1000, 5_000_000, 0, 1, 2, records).Add(content);

    /// <summary>Raw header record: protocol, frame length, octets stripped, header padded to four octets (XDR opaque).</summary>
    private static Wire Header(uint protocol, byte[] packet) =>
        new Wire().U32(protocol, (uint)packet.Length + 4, 4, (uint)packet.Length).Bytes(packet).Zeros((4 - packet.Length % 4) % 4);

    private static Wire Counters()
    {
        var wire = new Wire().U32(1, 6).U64(1_000_000_000).U32(1, 3).U64(123_456).U32(1, 2, 3, 4, 5, 6);
        return wire.U64(654_321).U32(1, 2, 3, 4, 5, 6);
    }

    private static byte[] Datagram(uint samples, Wire content) =>
        new Wire().U32(5, 1, 0xC000_02FE, 0, 77, 3_600_000, samples).Add(content).ToArray();
}
