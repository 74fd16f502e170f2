using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace Breakwater.Fuzz.Corpus;

/// <summary>Good capture and flow files of a few records each, and the beginnings of real ones.</summary>
public static class CaptureCorpus
{
    /// <summary>Largest real capture taken: larger ones say the same again, slowly.</summary>
    private const int Small = 16 << 10;

    /// <summary>Octets taken of a real flow file: its header and about a hundred lines.</summary>
    private const int Head = 12 << 10;

    private const uint Seconds = 1_700_000_000;

    public static IEnumerable<byte[]> Pcap() =>
    [
        PcapFile(0xA1B2_C3D4, bigEndian: false), PcapFile(0xA1B2_C3D4, bigEndian: true), PcapFile(0xA1B2_3C4D, bigEndian: false),
        Gzip(PcapFile(0xA1B2_C3D4, bigEndian: false)),
        .. SharedData.Files("captures", Small, ".pcap"),
    ];

    public static IEnumerable<byte[]> PcapNg() => [PcapNgFile(), .. SharedData.Files("captures", Small, ".pcapng")];

    /// <summary>Captures of export datagrams: one of each protocol, and real ones.</summary>
    public static IEnumerable<byte[]> Exports() =>
    [
        .. new[] { [NetFlowCorpus.Version5(3)], NetFlowCorpus.Version9(), IpfixCorpus.Messages(), SflowCorpus.Datagrams() }
            .Select(datagrams => PcapFile(0xA1B2_C3D4, bigEndian: false, datagrams.Select(PacketCorpus.Export))),
        .. SharedData.Files("vectors/flow", Small, ".pcap"),
    ];

    public static IEnumerable<byte[]> Zeek()
    {
        const string Tsv = "#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n#path\tconn\n"
            + "#fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\tservice\tduration\torig_bytes\tresp_bytes\tconn_state\tmissed_bytes\thistory\torig_pkts\torig_ip_bytes\tresp_pkts\tresp_ip_bytes\n"
            + "#types\ttime\tstring\taddr\tport\taddr\tport\tenum\tstring\tinterval\tcount\tcount\tstring\tcount\tstring\tcount\tcount\tcount\tcount\n"
            + "1700000000.123456\tC1\t192.0.2.1\t50000\t198.51.100.7\t443\ttcp\tssl\t1.5\t1000\t20000\tSF\t0\tShADadFf\t10\t1520\t20\t21000\n"
            + "1700000001.000000\tC2\t2001:db8::1\t5353\tff02::fb\t5353\tudp\tdns\t-\t-\t-\tS0\t0\tD\t1\t73\t0\t0\n"
            + "#close\t2023-11-14-22-13-21\n";
        const string Json = "{\"ts\":1700000000.5,\"uid\":\"C1\",\"id.orig_h\":\"192.0.2.1\",\"id.orig_p\":50000,\"id.resp_h\":\"198.51.100.7\",\"id.resp_p\":443,"
            + "\"proto\":\"tcp\",\"duration\":1.5,\"orig_bytes\":1000,\"resp_bytes\":20000,\"conn_state\":\"SF\",\"history\":\"ShADadFf\",\"orig_pkts\":10,\"orig_ip_bytes\":1520,\"resp_pkts\":20,\"resp_ip_bytes\":21000}\n"
            + "{\"ts\":\"2023-11-14T22:13:20.5Z\",\"id.orig_h\":\"2001:db8::1\",\"id.orig_p\":1,\"id.resp_h\":\"2001:db8::2\",\"id.resp_p\":3,\"proto\":\"icmp\",\"orig_pkts\":1,\"resp_pkts\":0}\n";
        return [Encoding.UTF8.GetBytes(Tsv), Encoding.UTF8.GetBytes(Json), .. SharedData.Lines("captures", Head, "conn.log")];
    }

    public static IEnumerable<byte[]> Argus()
    {
        const string Csv = "StartTime,Dur,Proto,SrcAddr,Sport,Dir,DstAddr,Dport,State,sTos,dTos,TotPkts,TotBytes,SrcBytes,Label\n"
            + "2018/09/27 22:40:52.362768,193.831726,tcp,192.0.2.1,52893,  <?>,198.51.100.12,22,CON,16,16,35,3766,1224,flow=x\n"
            + "2018/09/27 22:40:53.000000,0.000000,icmp,192.0.2.1,0x0008,   ->,198.51.100.12,0x1c4b,ECO,0,,1,98,98,\n"
            + "2018/09/27 22:40:54.000000,1.000000,udp,2001:db8::1,53,  <->,2001:db8::2,40000,CON,0,0,2,300,100,\n";
        return [Encoding.UTF8.GetBytes(Csv), .. SharedData.Lines("captures", Head, ".binetflow")];
    }

    /// <summary>draft-ietf-opsawg-pcap §4 and §5: in the order of either kind of machine.</summary>
    private static byte[] PcapFile(uint magic, bool bigEndian) => PcapFile(magic, bigEndian, PacketCorpus.Frames());

    private static byte[] PcapFile(uint magic, bool bigEndian, IEnumerable<byte[]> frames)
    {
        var file = new List<byte>();
        Numbers32(file, bigEndian, magic, bigEndian ? 0x0002_0004u : 0x0004_0002u, 0, 0, 65_535, 1);
        foreach (var frame in frames)
        {
            Numbers32(file, bigEndian, Seconds, 123_456, (uint)frame.Length, (uint)frame.Length);
            file.AddRange(frame);
        }
        return [.. file];
    }

    /// <summary>draft-ietf-opsawg-pcapng §4: section, interface with time resolution, enhanced, simple, obsolete and statistics blocks.</summary>
    private static byte[] PcapNgFile()
    {
        var file = new List<byte>();
        Block(file, 0x0A0D_0D0A, [0x4D, 0x3C, 0x2B, 0x1A, 1, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255]);
        // if_tsresol (9): nanoseconds; if_tsoffset (14): an hour; end of options.
        Block(file, 1, [1, 0, 0, 0, 0, 0, 4, 0, 9, 0, 1, 0, 9, 0, 0, 0, 14, 0, 8, 0, 0x10, 0x0E, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        var kind = 0;
        foreach (var frame in PacketCorpus.Frames())
        {
            var body = new List<byte>();
            var length = (uint)frame.Length;
            switch (kind++ % 3)
            {
                case 0: Numbers32(body, false, 0, 0x1797_0000, kind == 1 ? 0u : 1_000u, length, length); break;
                case 1: Numbers32(body, false, length); break;
                default: Numbers32(body, false, 0, 0x1797_0000, 2_000, length, length); break;
            }
            body.AddRange(frame);
            body.AddRange(new byte[(4 - frame.Length % 4) % 4]);
            Block(file, (uint)((kind - 1) % 3) switch { 0 => 6u, 1 => 3u, _ => 2u }, [.. body]);
        }
        Block(file, 5, [0, 0, 0, 0, 0, 0, 0x97, 0x17, 0, 0, 0, 0]);
        return [.. file];
    }

    private static void Block(List<byte> file, uint type, byte[] body)
    {
        var length = (uint)body.Length + 12;
        Numbers32(file, false, type, length);
        file.AddRange(body);
        Numbers32(file, false, length);
    }

    private static void Numbers32(List<byte> file, bool bigEndian, params ReadOnlySpan<uint> numbers)
    {
        Span<byte> bytes = stackalloc byte[4];
        foreach (var number in numbers)
        {
            if (bigEndian) BinaryPrimitives.WriteUInt32BigEndian(bytes, number);
            else BinaryPrimitives.WriteUInt32LittleEndian(bytes, number);
            file.AddRange(bytes);
        }
    }

    private static byte[] Gzip(byte[] content)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest)) gzip.Write(content);
        return packed.ToArray();
    }
}
