using System.Text;

namespace Breakwater.Fuzz.Corpus;

/// <summary>Good payloads of the protocols that are read beyond the headers.</summary>
public static class PayloadCorpus
{
    public static IEnumerable<byte[]> Dns()
    {
        yield return Header(0x0100, 1, 0, 0, 1).Add(Name("www.example.com")).U16(1, 1).U8(0).U16(41, 1232).U32(0).U16(0).ToArray();
        yield return Header(0x8183, 1, 0, 0, 0).Add(Name("qnkhwxbicujii.net")).U16(1, 1).ToArray();
        // Aliases, addresses, text, mail exchanger, pointer and OPT, with compressed names.
        yield return Header(0x8180, 1, 6, 1, 1).Add(Name("www.example.com")).U16(255, 1)
            .U16(0xC00C, 5, 1).U32(300).U16(6).U8(3).Bytes("cdn"u8.ToArray()).U16(0xC010)
            .U16(0xC02D, 1, 1).U32(60).U16(4).U32(0xC000_0207)
            .U16(0xC02D, 28, 1).U32(60).U16(16).U64(0x2001_0DB8_0000_0000).U64(9)
            .U16(0xC02D, 16, 1).U32(60).U16(13).U8(5).Bytes("hello"u8.ToArray()).U8(6).Bytes(" world"u8.ToArray())
            .U16(0xC010, 15, 1).U32(60).U16(4, 10, 0xC00C)
            .U16(0xC010, 10, 1).U32(60).U16(5).Bytes(1, 2, 3, 4, 5)
            .U16(0xC010, 2, 1).U32(3600).U16(5).U8(2).Bytes("ns"u8.ToArray()).U16(0xC010)
            .U8(0).U16(41, 1232).U32(0x0100_0000).U16(0).ToArray();
    }

    public static IEnumerable<byte[]> MulticastDns()
    {
        yield return Header(0x8400, 0, 2, 0, 0).Add(Name("_hap._tcp.local")).U16(12, 1).U32(4500).U16(9).U8(6).Bytes("Bridge"u8.ToArray()).U16(0xC00C)
            .Add(Name("bridge.local")).U16(1, 0x8001).U32(120).U16(4).U32(0xC000_0214).ToArray();
    }

    public static IEnumerable<byte[]> Dhcp()
    {
        yield return DhcpFixed(1).U8(53, 1, 3, 61, 7, 1, 2, 0, 0, 0, 0, 7, 50, 4, 192, 0, 2, 50, 0, 12, 6).Bytes("kettle"u8.ToArray()).U8(60, 8).Bytes("MSFT 5.0"u8.ToArray()).U8(55, 4, 1, 3, 6, 15, 255).ToArray();
        yield return DhcpFixed(1).U8(53, 1, 8, 50, 4, 192, 0, 2, 50, 12, 3).Bytes("nas"u8.ToArray()).U8(255).ToArray();
        yield return DhcpFixed(1).U8(53, 1, 3, 0, 0, 50, 4, 192, 0, 2, 51, 60, 4).Bytes("udhc"u8.ToArray()).U8(255).ToArray();
        yield return DhcpFixed(2).U8(53, 1, 5, 1, 4, 255, 255, 255, 0, 51, 4, 0, 0, 14, 16, 255).ToArray();
    }

    public static IEnumerable<byte[]> ClientHellos()
    {
        yield return Hello([0x0A0A, 0x1301, 0x1302, 0xC02B], new Wire()
            .U16(0x2A2A, 0).U16(0, 16, 14).U8(0).U16(11).Bytes("example.com"u8.ToArray()).U16(16, 14, 12).U8(2).Bytes("h2"u8.ToArray()).U8(8).Bytes("http/1.1"u8.ToArray())
            .U16(13, 6, 4, 0x0403, 0x0804).U16(43, 5).U8(4).U16(0x0304, 0x0303).U16(51, 2, 0));
        yield return Hello([0x002F, 0x0035], new Wire());
    }

    public static IEnumerable<byte[]> HttpRequests()
    {
        yield return Encoding.ASCII.GetBytes("GET /index.html HTTP/1.1\r\nHost: www.example.com\r\nUser-Agent: Mozilla/5.0\r\n\r\n");
        yield return Encoding.ASCII.GetBytes("POST http://example.com/ HTTP/1.0\r\nContent-Length: 4\r\n\r\nbody");
    }

    public static IEnumerable<byte[]> HttpLogins()
    {
        yield return Encoding.ASCII.GetBytes("GET / HTTP/1.1\r\nAuthorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n\r\n");
        yield return Encoding.ASCII.GetBytes("POST /login HTTP/1.1\r\nHost: a\r\n\r\nuser=a&password=b");
        yield return Encoding.ASCII.GetBytes("HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"a\"\r\n\r\n");
    }

    public static IEnumerable<byte[]> HttpContents()
    {
        var program = new Wire().Bytes("MZ"u8.ToArray()).Zeros(58).Bytes(64, 0, 0, 0).Bytes("PE\0\0"u8.ToArray()).Zeros(20).ToArray();
        yield return program;
        yield return Encoding.ASCII.GetBytes("HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n\r\n").Concat(program).ToArray();
        yield return Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n100\r\n{string.Concat(Enumerable.Repeat("0123456789abcdef", 16))}\r\n");
        yield return Encoding.ASCII.GetBytes("HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\n#!/bin/sh\n");
    }

    public static IEnumerable<byte[]> Chats()
    {
        yield return Encoding.ASCII.GetBytes("NICK [USA|XP|482913]\r\nUSER a 0 * :a\r\n");
        yield return Encoding.ASCII.GetBytes("PASS x\r\nNICK :alice\r\nUSER a 0 * :a\r\n");
        yield return Encoding.ASCII.GetBytes("CAP LS 302\r\nNICK alice\r\n");
    }

    public static IEnumerable<byte[]> Ssdp()
    {
        yield return Encoding.ASCII.GetBytes("M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nUSER-AGENT: Linux UPnP/1.1\r\nST: ssdp:all\r\n\r\n");
        yield return Encoding.ASCII.GetBytes("NOTIFY * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nNT: upnp:rootdevice\r\nSERVER: Linux/3.14 UPnP/1.0\r\n\r\n");
        yield return Encoding.ASCII.GetBytes("HTTP/1.1 200 OK\r\nST: ssdp:all\r\nSERVER: x\r\n\r\n");
    }

    private static Wire Header(int flags, int questions, int answers, int authorities, int additionals) => new Wire().U16(0x1234, flags, questions, answers, authorities, additionals);

    private static Wire Name(string name)
    {
        var wire = new Wire();
        foreach (var label in name.Split('.')) wire.U8(label.Length).Bytes(Encoding.ASCII.GetBytes(label));
        return wire.U8(0);
    }

    private static Wire DhcpFixed(int operation) => new Wire().U8(operation, 1, 6, 0).U32(0x1234_5678).Zeros(4).Zeros(16).Bytes(2, 0, 0, 0, 0, 7).Zeros(10).Zeros(192).Bytes(99, 130, 83, 99);

    private static Wire Body(int[] ciphers, Wire extensions)
    {
        var body = new Wire().U16(0x0303).Zeros(32).U8(0).U16(2 * ciphers.Length).U16(ciphers).U8(1, 0);
        return extensions.Length == 0 ? body : body.U16(extensions.Length).Add(extensions);
    }

    private static byte[] Hello(int[] ciphers, Wire extensions)
    {
        var body = Body(ciphers, extensions);
        return new Wire().U8(22, 3, 1).U16(body.Length + 4).U8(1, 0).U16(body.Length).Add(body).ToArray();
    }
}
