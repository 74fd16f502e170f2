namespace Breakwater.Core.Behaviour.Exposure;

/// <summary>Services that nobody on the Internet should reach at home: clear text, known defaults, or meant for the local network. Closed list.</summary>
/// <remarks>ETSI EN 303 645 §5.6 (minimise exposed attack surfaces); the choice follows what Shadowserver reports as accessible services. Ports: IANA's or the vendor's.</remarks>
public static class ExposedServices
{
    private const byte Tcp = 6, Udp = 17;

    public static IReadOnlyList<ExposedService> All { get; } =
    [
        new(Tcp, 21, "FTP", "passwords in clear text"),
        new(Tcp, 23, "Telnet", "passwords in clear text, and what Mirai's kin try first"),
        new(Tcp, 2323, "Telnet", "passwords in clear text, and what Mirai's kin try first"),
        new(Tcp, 111, "Portmap", "tells everybody what else there is, and amplifies"),
        new(Udp, 111, "Portmap", "tells everybody what else there is, and amplifies"),
        new(Tcp, 135, "Microsoft RPC", "meant for the local network"),
        new(Tcp, 139, "NetBIOS", "meant for the local network"),
        new(Tcp, 445, "SMB", "meant for the local network; worms spread by it"),
        new(Udp, 161, "SNMP", "often known community strings; amplifies"),
        new(Udp, 389, "CLDAP", "meant for the local network; amplifies"),
        new(Tcp, 512, "rexec", "passwords in clear text"),
        new(Tcp, 513, "rlogin", "no passwords to speak of"),
        new(Tcp, 514, "rsh", "no passwords to speak of"),
        new(Tcp, 502, "Modbus", "no authentication; moves machines"),
        new(Udp, 623, "IPMI", "gives away password hashes"),
        new(Tcp, 1883, "MQTT", "clear text, often without passwords"),
        new(Udp, 1900, "UPnP (SSDP)", "meant for the local network; amplifies"),
        new(Tcp, 2375, "Docker", "control of the host without a password"),
        new(Tcp, 3389, "Remote Desktop", "guessed at all day"),
        new(Udp, 3702, "WS-Discovery", "meant for the local network; amplifies"),
        new(Udp, 5353, "mDNS", "meant for the local network; amplifies"),
        new(Tcp, 5555, "Android debug bridge", "control of the device without a password"),
        new(Tcp, 5900, "VNC", "guessed at all day, often without a password"),
        new(Tcp, 6379, "Redis", "no password unless somebody set one"),
        new(Tcp, 7547, "TR-069", "the provider's alone to use"),
        new(Tcp, 9200, "Elasticsearch", "no password unless somebody set one"),
        new(Tcp, 11211, "memcached", "no authentication"),
        new(Udp, 11211, "memcached", "no authentication; amplifies 50,000 times"),
        new(Tcp, 27017, "MongoDB", "no password unless somebody set one"),
        new(Udp, 47808, "BACnet", "no authentication; runs buildings"),
    ];

    private static readonly Dictionary<(byte, ushort), ExposedService> Known = All.ToDictionary(s => (s.Protocol, s.Port));

    public static ExposedService? At(byte protocol, ushort port) => Known.GetValueOrDefault((protocol, port));
}

/// <param name="Protocol">IANA protocol number.</param>
/// <param name="Port">Where it listens.</param>
/// <param name="Service">Name for people.</param>
/// <param name="Why">Why not from outside.</param>
public sealed record ExposedService(byte Protocol, ushort Port, string Service, string Why);
