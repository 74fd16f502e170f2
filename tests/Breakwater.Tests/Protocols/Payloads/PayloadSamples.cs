using System.Text;
using static Breakwater.Tests.Protocols.Net.Packets;

namespace Breakwater.Tests.Protocols.Payloads;

/// <summary>Good payloads of each protocol that is read, and the frames that carry them.</summary>
internal static class PayloadSamples
{
    /// <summary>Query for the address of WWW.Example.com, with EDNS (RFC 6891 §6.1.2).</summary>
    public static byte[] DnsQuery { get; } = [.. DnsHeader(0x0100, 1, 0, 0, 1), .. Name("WWW.Example.com"), .. U16(1), .. U16(1), 0, .. U16(41), .. U16(1232), 0, 0, 0, 0, .. U16(0)];

    /// <summary>An answer with a chain of aliases, both kinds of address and a text, names compressed (RFC 1035 §4.1.4).</summary>
    public static byte[] DnsAnswer { get; } =
    [
        .. DnsHeader(0x8180, 1, 4, 1, 1), .. Name("www.example.com"), .. U16(255), .. U16(1),
        // www.example.com CNAME cdn.example.com, the tail pointing at "example.com" in the question.
        0xC0, 12, .. Record(5, 300, [3, .. "cdn"u8, 0xC0, 16]),
        0xC0, 0x2D, .. Record(1, 60, [192, 0, 2, 7]),
        0xC0, 0x2D, .. Record(28, 120, [0x20, 1, 0x0D, 0xB8, .. new byte[11], 9]),
        0xC0, 0x2D, .. Record(16, 90, [5, .. "hello"u8, 6, .. " world"u8]),
        0xC0, 16, .. Record(2, 3600, [2, .. "ns"u8, 0xC0, 16]),
        // OPT: extended response code 1 in the top octet of the time to live.
        0, .. U16(41), .. U16(1232), 1, 0, 0, 0, .. U16(0),
    ];

    public static byte[] DnsNoSuchName { get; } = [.. DnsHeader(0x8183, 1, 0, 0, 0), .. Name("qnkhwxbicujii.net"), .. U16(1), .. U16(1)];

    /// <summary>A response in which a device tells its address and its service (RFC 6762 §6, RFC 6763 §4).</summary>
    public static byte[] MulticastDns { get; } =
    [
        .. DnsHeader(0x8400, 0, 2, 0, 1),
        .. Name("_hap._tcp.local"), .. Record(12, 4500, [6, .. "Bridge"u8, 0xC0, 12]),
        .. Name("Philips-hue.local"), .. Record(1, 120, [192, 0, 2, 20], 0x8001),
        .. Name("Bridge._hap._tcp.local"), .. Record(16, 4500, [5, .. "md=X1"u8], 0x8001),
    ];

    /// <summary>A DHCPREQUEST of a client that selects 192.0.2.50 (RFC 2131 §4.3.2).</summary>
    public static byte[] DhcpRequest { get; } =
    [
        1, 1, 6, 0, 0x12, 0x34, 0x56, 0x78, .. new byte[4], .. new byte[16],
        2, 0, 0, 0, 0, 7, .. new byte[10], .. new byte[64], .. new byte[128], 99, 130, 83, 99,
        53, 1, 3, 61, 7, 1, 2, 0, 0, 0, 0, 7, 50, 4, 192, 0, 2, 50, 0, 12, 6, .. "kettle"u8, 60, 8, .. "MSFT 5.0"u8, 55, 4, 1, 3, 6, 15, 255,
    ];

    /// <summary>The ClientHello that FoxIO's JA4 specification takes as its example, with GREASE in every list.</summary>
    public static byte[] ClientHello { get; } = Hello(
        "0a0a 1301 1302 1303 c02b c02f c02c c030 cca9 cca8 c013 c014 009c 009d 002f 0035",
        [
            (0x2A2A, []), (0x001B, [2, 0, 2]), (0x0000, [0, 18, 0, 0, 15, .. "WWW.Example.com"u8]), (0x0033, [0, 2, 0x3A, 0x3A]),
            (0x0010, [0, 12, 2, .. "h2"u8, 8, .. "http/1.1"u8]), (0x4469, [0, 3, 2, .. "h2"u8]), (0x0017, []), (0x002D, [1, 1]),
            (0x000D, [0, 16, .. Words("0403 0804 0401 0503 0805 0501 0806 0601")]), (0x0005, [1, 0, 0, 0, 0]), (0x0023, []), (0x0012, []),
            (0x002B, [7, 0x1A, 0x1A, 3, 4, 3, 3, 3]), (0xFF01, [0]), (0x000B, [1, 0]), (0x000A, [0, 4, 0x4A, 0x4A, 0, 29]), (0x0015, new byte[20]), (0x5A5A, [0]),
        ]);

    public static byte[] HttpRequest { get; } = Encoding.ASCII.GetBytes("GET /index.html?q=1 HTTP/1.1\r\nHost: WWW.Example.com\r\nuser-agent:  Mozilla/5.0 (X11)\r\nAccept: */*\r\n\r\n");

    /// <summary>RFC 7617 §2's example of a name and password.</summary>
    public static byte[] HttpLogin { get; } = Encoding.ASCII.GetBytes("GET / HTTP/1.1\r\nAuthorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n\r\n");

    public static byte[] HttpUnauthorized { get; } = Encoding.ASCII.GetBytes("HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"a\"\r\n\r\n");

    /// <summary>A program of Windows under the label of a picture: the MS-DOS header, and the signature where it says.</summary>
    public static byte[] HttpProgram { get; } = [.. "HTTP/1.1 200 OK\r\nServer: nginx\r\nContent-Type: image/png\r\n\r\n"u8, .. WindowsProgram(128, 256)];

    public static byte[] Ssdp { get; } = Encoding.ASCII.GetBytes("NOTIFY * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nNT: upnp:rootdevice\r\nNTS: ssdp:alive\r\nSERVER: Linux/3.14 UPnP/1.0 Bridge/1.16\r\n\r\n");

    /// <summary>Frames with everything that is read, each with its name.</summary>
    public static IReadOnlyList<(string Name, byte[] Frame)> Frames { get; } =
    [
        ("dns query", UdpFrame(40_000, 53, DnsQuery)),
        ("dns answer", UdpFrame(53, 40_000, DnsAnswer)),
        ("dns over tcp", TcpFrame(40_000, 53, [.. U16(DnsQuery.Length), .. DnsQuery])),
        ("two over tcp", TcpFrame(40_000, 53, [.. U16(DnsQuery.Length), .. DnsQuery, .. U16(DnsQuery.Length), .. DnsQuery])),
        ("mdns", UdpFrame(5353, 5353, MulticastDns)),
        ("dhcp", UdpFrame(68, 67, DhcpRequest)),
        ("tls", TcpFrame(40_000, 443, ClientHello)),
        ("http", TcpFrame(40_000, 80, HttpRequest)),
        ("http login", TcpFrame(40_000, 80, HttpLogin)),
        ("http unauthorized", TcpFrame(80, 40_000, HttpUnauthorized)),
        ("http content", TcpFrame(80, 40_000, HttpProgram)),
        ("irc", TcpFrame(40_000, 6667, Encoding.ASCII.GetBytes("PASS x\r\nNICK :alice\r\nUSER a 0 * :a\r\n"))),
        ("ssdp", UdpFrame(1900, 1900, Ssdp)),
        ("echo", Ethernet(0x0800, Ipv4("192.0.2.1", "198.51.100.7", 1, [8, 0, 0, 0, .. U16(7), .. U16(3), .. new byte[40]]))),
        ("echo over ipv6", Ethernet(0x86DD, Ipv6("2001:db8::1", "2001:db8::2", 58, [129, 0, 0, 0, .. U16(7), .. U16(3), .. new byte[40]]))),
        ("dns in gre", Ethernet(0x0800, Ipv4("203.0.113.1", "203.0.113.2", 47, [0, 0, .. U16(0x0800), .. Ipv4("192.0.2.1", "198.51.100.7", 17, Udp(40_000, 53, DnsQuery))]))),
    ];

    /// <param name="signature">Where the signature is.</param>
    public static byte[] WindowsProgram(int signature, int length)
    {
        var program = new byte[length];
        "MZ"u8.CopyTo(program);
        BitConverter.TryWriteBytes(program.AsSpan(0x3C), signature);
        "PE"u8.CopyTo(program.AsSpan(signature));
        return program;
    }

    public static byte[] UdpFrame(int from, int to, byte[] payload) => Ethernet(0x0800, Ipv4("192.0.2.1", "198.51.100.7", 17, Udp(from, to, payload)));

    public static byte[] TcpFrame(int from, int to, byte[] payload) => Ethernet(0x0800, Ipv4("192.0.2.1", "198.51.100.7", 6, [.. Tcp(from, to, 0x18), .. payload]));

    public static byte[] DnsHeader(int flags, int questions, int answers, int authorities, int additionals) =>
        [0x12, 0x34, .. U16(flags), .. U16(questions), .. U16(answers), .. U16(authorities), .. U16(additionals)];

    /// <summary>An uncompressed name (RFC 1035 §3.1).</summary>
    public static byte[] Name(string text) => [.. text.Split('.').SelectMany(l => (byte[])[(byte)l.Length, .. Encoding.Latin1.GetBytes(l)]), 0];

    /// <summary>What follows the name of a record.</summary>
    public static byte[] Record(int type, int timeToLive, byte[] data, int @class = 1) => [.. U16(type), .. U16(@class), 0, 0, .. U16(timeToLive), .. U16(data.Length), .. data];

    public static byte[] Hello(string ciphers, (int Type, byte[] Data)[] extensions)
    {
        byte[] list = [.. extensions.SelectMany(e => (byte[])[.. U16(e.Type), .. U16(e.Data.Length), .. e.Data])];
        byte[] body = [3, 3, .. new byte[32], 32, .. new byte[32], .. U16(Words(ciphers).Length), .. Words(ciphers), 1, 0, .. U16(list.Length), .. list];
        return [22, 3, 1, .. U16(body.Length + 4), 1, 0, .. U16(body.Length), .. body];
    }

    private static byte[] Words(string hex) => Convert.FromHexString(hex.Replace(" ", ""));
}
