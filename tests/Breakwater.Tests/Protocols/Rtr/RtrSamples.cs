using Breakwater.Core.Net;
using Breakwater.Core.Rpki;
using Breakwater.Protocols.Rtr;

namespace Breakwater.Tests.Protocols.Rtr;

/// <summary>One PDU of each type, written out as RFC 8210 §5 and RFC 6810 §5 draw them.</summary>
internal static class RtrSamples
{
    public static readonly byte[] SerialNotify = Convert.FromHexString("01001234" + "0000000C" + "0000002A");
    public static readonly byte[] SerialQuery = Convert.FromHexString("01011234" + "0000000C" + "0000002A");
    public static readonly byte[] ResetQuery = Convert.FromHexString("01020000" + "00000008");
    public static readonly byte[] CacheResponse = Convert.FromHexString("01031234" + "00000008");
    public static readonly byte[] Ipv4Prefix = Convert.FromHexString("01040000" + "00000014" + "01181A00" + "C6336400" + "0000FBF4");
    public static readonly byte[] Ipv6Prefix = Convert.FromHexString("01060000" + "00000020" + "00203000" + "20010DB8000000000000000000000000" + "0000FBF4");
    public static readonly byte[] EndOfData = Convert.FromHexString("01071234" + "00000018" + "0000002A" + "00000E10" + "00000258" + "00001C20");
    public static readonly byte[] EndOfData0 = Convert.FromHexString("00071234" + "0000000C" + "0000002A");
    public static readonly byte[] CacheReset = Convert.FromHexString("01080000" + "00000008");
    public static readonly byte[] RouterKey = Convert.FromHexString("01090100" + "00000023" + "000102030405060708090A0B0C0D0E0F10111213" + "0000FBF4" + "300102");
    public static readonly byte[] ErrorReport = Convert.FromHexString("010A0002" + "0000001C" + "00000008" + "0102000000000008" + "00000004" + "77616974");

    public static readonly Vrp Four = new(Prefix.Parse("198.51.100.0/24"), 26, 64500);
    public static readonly Vrp Six = new(Prefix.Parse("2001:db8::/32"), 48, 64500);

    public static readonly RtrIntervals Intervals = RtrIntervals.Default;

    public static IReadOnlyList<byte[]> All => [SerialNotify, SerialQuery, ResetQuery, CacheResponse, Ipv4Prefix, Ipv6Prefix, EndOfData, EndOfData0, CacheReset, RouterKey, ErrorReport];
}
