using System.Runtime.CompilerServices;

namespace Breakwater.Core.Detection;

/// <summary>What an attack is made of. Closed list: the names are a contract with everybody who reads our JSON.</summary>
public static class Vectors
{
    public const string SynFlood = "syn-flood";
    public const string SynAckReflection = "syn-ack-reflection";
    public const string RstReflection = "rst-reflection";
    public const string AckFlood = "ack-flood";
    public const string TcpFlood = "tcp-flood";
    public const string TcpFlagsFlood = "tcp-flags-flood";
    public const string UdpFlood = "udp-flood";
    public const string UdpReflection = "udp-reflection";
    public const string IcmpFlood = "icmp-flood";
    public const string FragmentFlood = "fragment-flood";
    public const string ProtocolFlood = "protocol-flood";
    public const string LandAttack = "land-attack";
    public const string BogonSources = "bogon-sources";
    public const string HighRate = "high-rate";
    public const string AboveBaseline = "above-baseline";

    /// <summary>UDP services that reflect or amplify, by source port.</summary>
    /// <remarks>
    /// Ports are IANA's or the vendor's. Amplification factors: US-CERT TA14-017A where it gives one. No entry has a minimum size:
    /// measured attacks on BACnet (124 octets) and IKE NAT-T (232) are small; concentration of lengths tells more.
    /// </remarks>
    public static IReadOnlyList<ReflectionService> Reflection { get; } =
    [
        new(17, "qotd-amplification", "QOTD (RFC 865)", 140),
        new(19, "chargen-amplification", "CharGEN (RFC 864)", 359),
        new(53, "dns-amplification", "DNS (RFC 1035)", 54),
        new(69, "tftp-amplification", "TFTP (RFC 1350)", 60),
        new(111, "portmap-amplification", "Portmap (RFC 1833)", 28),
        new(123, "ntp-amplification", "NTP (RFC 5905)", 557),
        new(137, "netbios-amplification", "NetBIOS name service (RFC 1002)", 4),
        new(161, "snmp-amplification", "SNMP (RFC 3416)", 6),
        new(177, "xdmcp-amplification", "XDMCP", 10),
        new(389, "cldap-amplification", "CLDAP (RFC 1798)", 70),
        new(427, "slp-amplification", "SLP (RFC 2608)", 2200),
        new(500, "ike-amplification", "IKE (RFC 7296)", 4),
        new(520, "rip-amplification", "RIPv1 (RFC 1058)", 131),
        new(1194, "openvpn-amplification", "OpenVPN", 60),
        new(1434, "mssql-amplification", "MS SQL browser", 25),
        new(1900, "ssdp-amplification", "SSDP (UPnP)", 31),
        new(3283, "arms-amplification", "Apple remote management (ARMS)", 36),
        new(3389, "rdp-amplification", "RDP over UDP", 86),
        new(3478, "stun-amplification", "STUN (RFC 8489)", 3),
        new(3702, "wsd-amplification", "WS-Discovery", 500),
        new(4500, "ike-amplification", "IKE NAT traversal (RFC 3947)", 4),
        new(5093, "sentinel-amplification", "Sentinel licence manager", 18),
        new(5353, "mdns-amplification", "mDNS (RFC 6762)", 10),
        new(5683, "coap-amplification", "CoAP (RFC 7252)", 34),
        new(6881, "bittorrent-amplification", "BitTorrent DHT", 4),
        new(10001, "ubiquiti-amplification", "Ubiquiti discovery", 35),
        new(10074, "mitel-amplification", "Mitel TP-240 test driver", 220),
        new(11211, "memcached-amplification", "memcached", 51_000),
        new(26000, "quake-amplification", "Quake", 64),
        new(27015, "steam-amplification", "Steam (Source engine query)", 6),
        new(27960, "quake-amplification", "Quake III", 64),
        new(30120, "fivem-amplification", "FiveM", 10),
        new(32414, "plex-amplification", "Plex media server", 5),
        new(37810, "dvr-amplification", "DVR discovery (DHDiscover)", 30),
        new(47808, "bacnet-amplification", "BACnet/IP", 5),
    ];

    private static readonly ReflectionService?[] ByPort = Index();
    private static readonly ulong[] PortBits = Bits();

    /// <summary>The service behind a UDP source port, null for a port outside the table.</summary>
    public static ReflectionService? ReflectionAt(ushort port) => ByPort[port];

    /// <summary>1 for a UDP port in the table, else 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int ReflectionBit(ushort port) => (int)(PortBits[port >> 6] >> (port & 63)) & 1;

    /// <summary>Every name, for documentation and for tests that keep the list closed.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        SynFlood, SynAckReflection, RstReflection, AckFlood, TcpFlood, TcpFlagsFlood, UdpFlood, UdpReflection, IcmpFlood,
        FragmentFlood, ProtocolFlood, LandAttack, BogonSources, HighRate, AboveBaseline,
        .. Reflection.Select(r => r.Vector).Distinct(),
    ];

    private static ulong[] Bits()
    {
        var bits = new ulong[1024];
        foreach (var service in Reflection) bits[service.Port >> 6] |= 1ul << (service.Port & 63);
        return bits;
    }

    private static ReflectionService?[] Index()
    {
        var table = new ReflectionService?[65536];
        foreach (var service in Reflection) table[service.Port] = service;
        return table;
    }
}

/// <param name="Port">UDP source port of the answers.</param>
/// <param name="Vector">Name of the vector.</param>
/// <param name="Service">Name for people.</param>
/// <param name="Amplification">Known bandwidth amplification factor, upper end.</param>
public sealed record ReflectionService(ushort Port, string Vector, string Service, int Amplification);
