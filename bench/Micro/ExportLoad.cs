using Breakwater.Fuzz.Corpus;

namespace Breakwater.Micro;

/// <summary>Export datagrams as routers send them, 1,400 octets or so each, about ordinary traffic to home hosts in random order.</summary>
internal static class ExportLoad
{
    /// <summary>First home host: 100.64.0.0.</summary>
    public const uint FirstHost = 0x6440_0000;

    private const uint ExportTime = 1_700_000_000;
    private const uint UpTime = 3_600_000;
    private const int Datagrams = 4096;

    public static byte[][] NetFlow5(int hosts) => Make(hosts, 30, (random, records) =>
    {
        var wire = new Wire().U16(5, records).U32(UpTime, ExportTime, 500_000, 1).U8(1, 2).U16(0);
        for (var i = 0; i < records; i++)
        {
            wire.U32(Remote(random), Home(random, hosts), 0).U16(1, 2).U32(10, 15_000, UpTime - 60_000, UpTime - 1_000)
                .U16(443, random.Next(1024, 65_536)).U8(0, 0x18, 6, 0).U16(64_500, 64_501).U8(24, 24).U16(0);
        }
        return wire;
    });

    public static byte[] NetFlow9Template() =>
        new Wire().U16(9, 1).U32(UpTime, ExportTime, 1, 1).Set(0, Template(22, 21)).ToArray();

    public static byte[][] NetFlow9(int hosts) => Make(hosts, 34, (random, records) =>
        new Wire().U16(9, records).U32(UpTime, ExportTime, 1, 1).Set(256, Records(random, hosts, records, UpTime - 60_000, UpTime - 1_000)));

    public static byte[] IpfixTemplate() => Message(new Wire().Set(2, Template(150, 151)));

    public static byte[][] Ipfix(int hosts) => Make(hosts, 34, (random, records) =>
        new Wire().Bytes(Message(new Wire().Set(256, Records(random, hosts, records, ExportTime - 60, ExportTime - 1)))));

    /// <summary>Addresses, ports, protocol, flags, TOS, counters, times (elements named by the caller), interfaces.</summary>
    private static Wire Template(int first, int last)
    {
        int[] fields = [8, 4, 12, 4, 7, 2, 11, 2, 4, 1, 6, 1, 5, 1, 2, 4, 1, 4, first, 4, last, 4, 10, 4, 14, 4];
        return new Wire().U16(256, fields.Length / 2).U16(fields);
    }

    private static Wire Records(Random random, int hosts, int records, uint first, uint last)
    {
        var wire = new Wire();
        for (var i = 0; i < records; i++)
            wire.U32(Remote(random), Home(random, hosts)).U16(443, random.Next(1024, 65_536)).U8(6, 0x18, 0).U32(10, 15_000, first, last, 1, 2);
        return wire;
    }

    private static byte[] Message(Wire sets) => new Wire().U16(10, sets.Length + 16).U32(ExportTime, 1, 1).Add(sets).ToArray();

    private static byte[][] Make(int hosts, int records, Func<Random, int, Wire> datagram)
    {
        var random = new Random(hosts);
        // As many records as hosts at least, so that every host has its turn.
        var count = Math.Max(Datagrams, hosts / records);
        return [.. Enumerable.Range(0, count).Select(_ => datagram(random, records).ToArray())];
    }

    private static uint Home(Random random, int hosts) => FirstHost + (uint)random.Next(hosts);

    private static uint Remote(Random random) => (uint)random.NextInt64(0x0100_0000, 0x6000_0000);
}
