namespace Breakwater.Fuzz.Corpus;

/// <summary>Good IPFIX messages (RFC 7011): fixed and variable length, enterprise and reverse elements, options, withdrawals.</summary>
public static class IpfixCorpus
{
    private const uint ExportTime = 1_700_000_000;
    private const int Enterprise = 0x8000;

    /// <summary>Private enterprise number of the reverse elements (RFC 5103 §6.1).</summary>
    private const uint Reverse = 29_305;

    public static IEnumerable<byte[]> Messages()
    {
        // §3.4.1: addresses, ports, protocol, counters, absolute times in milliseconds, applicationName of variable length.
        var template = new Wire().U16(256, 10).U16(8, 4, 12, 4, 7, 2, 11, 2, 4, 1, 2, 8, 1, 8, 152, 8, 153, 8, 96, 65_535);
        var data = Record("dns").Add(Record(new string('x', 300)));
        // RFC 5103: counters of both directions in one record.
        var both = new Wire().U16(257, 6).U16(8, 4, 12, 4, 2, 4, 1, 4)
            .U16(Enterprise | 2, 4).U32(Reverse).U16(Enterprise | 1, 4).U32(Reverse);
        var bothData = new Wire().U32(0xC000_0201, 0xC633_6407, 10, 4_000, 3, 180);
        // §3.4.2: scope observationDomainId, then packet interval and space (RFC 5477: 305, 306) of selector 302.
        var options = new Wire().U16(400, 4, 1, 149, 4, 302, 8, 305, 4, 306, 4);
        var sampler = new Wire().U32(1).U64(5).U32(1, 999);
        // RFC 7133: a frame cut off behind its first headers (315, 104).
        var frames = new Wire().U16(258, 3).U16(312, 2, 408, 2, 315, 65_535);
        var frame = PacketCorpus.Udp4();
        var frameData = new Wire().U16(1500, 1).U8(frame.Length).Bytes(frame);

        yield return Message(new Wire().Set(2, new Wire().Add(template).Add(both).Add(frames)));
        yield return Message(new Wire().Set(3, options));
        yield return Message(new Wire().Set(400, sampler));
        yield return Message(new Wire().Set(256, data));
        yield return Message(new Wire().Set(257, bothData));
        yield return Message(new Wire().Set(258, frameData));
        yield return Message(new Wire().Set(2, template).Set(3, options).Set(400, sampler).Set(256, data).Set(2, both).Set(257, bothData));
        // §8.1: withdrawal of one template, then of all.
        yield return Message(new Wire().Set(2, new Wire().U16(256, 0)));
        yield return Message(new Wire().Set(2, new Wire().U16(2, 0)));
    }

    private static Wire Record(string application)
    {
        var wire = new Wire().U32(0xC000_0201, 0xC633_6407).U16(53, 40_000).U8(17).U64(10).U64(15_000)
            .U64(ExportTime * 1000UL - 60_000).U64(ExportTime * 1000UL - 1_000);
        // §7: lengths below 255 take one octet, others three.
        if (application.Length < 255) wire.U8(application.Length);
        else wire.U8(255).U16(application.Length);
        return wire.Bytes(System.Text.Encoding.ASCII.GetBytes(application));
    }

    private static byte[] Message(Wire sets) =>
        new Wire().U16(10, sets.Length + 16).U32(ExportTime, 7, 1).Add(sets).ToArray();
}
