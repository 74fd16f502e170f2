namespace Breakwater.Protocols.Net;

/// <summary>Link types of capture files that <see cref="PacketParser"/> reads.</summary>
/// <remarks>draft-ietf-opsawg-pcaplinktype §2; 12 and 14 are the BSDs' own numbers for raw IP, met in old files.</remarks>
public static class LinkTypes
{
    public const int Null = 0;
    public const int Ethernet = 1;
    public const int Ppp = 9;
    public const int RawBsd = 12;
    public const int RawOpenBsd = 14;
    public const int Raw = 101;
    public const int Loop = 108;
    public const int LinuxSll = 113;
    public const int Mpls = 219;
    public const int Ipv4 = 228;
    public const int Ipv6 = 229;
    public const int LinuxSll2 = 276;

    /// <summary>False for a link type whose packets <see cref="PacketParser"/> refuses, all of them.</summary>
    public static bool IsDecoded(int linkType) => linkType is
        Null or Ethernet or Ppp or RawBsd or RawOpenBsd or Raw or Loop or LinuxSll or Mpls or Ipv4 or Ipv6 or LinuxSll2;
}
