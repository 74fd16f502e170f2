namespace Breakwater.Fuzz.Corpus;

/// <summary>Good NetFlow datagrams: version 5 (Cisco, tables B-3 and B-4) and version 9 (RFC 3954).</summary>
public static class NetFlowCorpus
{
    private const uint ExportTime = 1_700_000_000;
    private const uint UpTime = 3_600_000;

    /// <param name="records">Records in the datagram, 1 to 30.</param>
    /// <param name="sampling">Two bits of mode, fourteen of interval.</param>
    public static byte[] Version5(int records, int sampling = 0)
    {
        var wire = new Wire().U16(5, records).U32(UpTime, ExportTime, 500_000, 1).U8(1, 2).U16(sampling);
        for (var i = 0; i < records; i++)
        {
            wire.U32(0xC000_0201 + (uint)i, 0xC633_6407, 0).U16(1, 2).U32(10, 15_000, UpTime - 60_000, UpTime - 1_000)
                .U16(53, 40_000 + i).U8(0, 0x18, i % 2 == 0 ? 17 : 6, 0).U16(64_500, 64_501).U8(24, 24).U16(0);
        }
        return wire.ToArray();
    }

    /// <summary>Template, options template, sampler table and data in one datagram each, and all in one.</summary>
    public static IEnumerable<byte[]> Version9()
    {
        // RFC 3954 §5.2: template 256 with addresses, ports, protocol, flags, counters, times, interfaces and sampler.
        int[] fields = [8, 4, 12, 4, 7, 2, 11, 2, 4, 1, 6, 1, 2, 4, 1, 4, 22, 4, 21, 4, 10, 4, 14, 4, 48, 2];
        var template = new Wire().U16(256, fields.Length / 2).U16(fields);
        int[] six = [27, 16, 28, 16, 7, 2, 11, 2, 4, 1, 2, 8, 1, 8, 22, 4, 21, 4, 58, 2];
        var template6 = new Wire().U16(257, six.Length / 2).U16(six);
        // §6.1: scope System (1) of 4 octets, then samplerId, mode and interval (IE 48, 49, 50).
        var options = new Wire().U16(300, 4, 12, 1, 4, 48, 2, 49, 1, 50, 4).Zeros(2);
        var sampler = new Wire().U32(0).U16(7).U8(2).U32(1000).Zeros(1);
        var data = Record4(0xC000_0201).Add(Record4(0xC000_0202)).Zeros(3);
        var data6 = new Wire().U64(0x2001_0DB8_0000_0000).U64(1).U64(0x2001_0DB8_0000_0000).U64(2)
            .U16(443, 50_000).U8(17).U64(100).U64(120_000).U32(UpTime - 5_000, UpTime).U16(12).Zeros(1);

        yield return Datagram9(1, new Wire().Set(0, new Wire().Add(template).Add(template6)));
        yield return Datagram9(1, new Wire().Set(1, options));
        yield return Datagram9(1, new Wire().Set(300, sampler));
        yield return Datagram9(1, new Wire().Set(256, data));
        yield return Datagram9(2, new Wire().Set(256, data));
        yield return Datagram9(6, new Wire().Set(0, template).Set(0, template6).Set(1, options).Set(300, sampler).Set(256, data).Set(257, data6));
    }

    private static Wire Record4(uint source) => new Wire().U32(source, 0xC633_6407).U16(53, 40_000).U8(17, 0)
        .U32(10, 15_000, UpTime - 60_000, UpTime - 1_000, 1, 2).U16(7);

    private static byte[] Datagram9(int records, Wire sets) =>
        new Wire().U16(9, records).U32(UpTime, ExportTime, 42, 1).Add(sets).ToArray();
}
