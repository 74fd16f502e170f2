namespace Breakwater.Tests.Protocols.Ipfix;

/// <summary>One datagram of each protocol with everything in it, kept in <c>tests/data/flows</c>.</summary>
internal static class GoldenExports
{
    public static readonly string[] Protocols = ["netflow5", "netflow9", "ipfix"];

    public static byte[] Build(string protocol) => protocol switch
    {
        "netflow5" => V5(),
        "netflow9" => Complete(MessageBuilder.V9(), 1).Build(),
        _ => Variable(Complete(MessageBuilder.Ipfix(), 149)).Build(),
    };

    public static byte[] Load(string protocol)
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Breakwater.slnx"))) folder = Path.GetDirectoryName(folder)!;
        var text = File.ReadAllText(Path.Combine(folder, "tests", "data", "flows", protocol + ".hex"));
        return Convert.FromHexString(string.Concat(text.Where(c => !char.IsWhiteSpace(c))));
    }

    private static byte[] V5()
    {
        var wire = new WireWriter().U16(5).U16(2).U32(100_000).U32(1_700_000_000).U32(250_000_000).U32(41).U8(1).U8(2).U16(0x4000 | 100);
        wire.Ip("192.0.2.10").Ip("198.51.100.20").U32(0).U16(11).U16(12).U32(5).U32(1500).U32(90_000).U32(99_000)
            .U16(40_000).U16(443).U8(0).U8(0x12).U8(6).U8(0xB8).U16(64500).U16(64501).U8(24).U8(24).U16(0);
        wire.Ip("192.0.2.11").Ip("198.51.100.20").U32(0).U16(11).U16(12).U32(1).U32(84).U32(98_000).U32(98_000)
            .U16(0).U16(0x0800).U8(0).U8(0).U8(1).U8(0).U16(0).U16(0).U8(0).U8(0).U16(0);
        return wire.ToArray();
    }

    private static MessageBuilder Complete(MessageBuilder message, int scope) => message
        .Template(256, (8, 4), (12, 4), (10, 4), (14, 4), (2, 4), (1, 4), (22, 4), (21, 4), (7, 2), (11, 2), (6, 1), (4, 1), (5, 1), (48, 1))
        .OptionsTemplate(300, [(scope, 4)], [(48, 1), (50, 4)])
        .Data(300, r => r.U32(7).U8(1).U32(100))
        .Data(256, r => r.Ip("192.0.2.10").Ip("198.51.100.20").U32(11).U32(12).U32(5).U32(1500).U32(90_000).U32(99_000)
            .U16(40_000).U16(443).U8(0x12).U8(6).U8(0xB8).U8(1));

    private static MessageBuilder Variable(MessageBuilder message) => message
        .Template(257, (27, 16), (82, 65535), (28, 16), (1, 8), (2, 8), new Field(1, 8, 29305), new Field(2, 8, 29305))
        .Data(257, r => r.Ip("2001:db8::1").U8(3).Bytes("eth"u8).Ip("2001:db8::2").U64(9000).U64(6).U64(400).U64(4));
}
