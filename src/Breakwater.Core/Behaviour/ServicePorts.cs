using System.Runtime.CompilerServices;

namespace Breakwater.Core.Behaviour;

/// <summary>Ports that services listen on: tells who of two ends is the service, where nobody saw the beginning.</summary>
/// <remarks>Below 1024 (RFC 6335 §6, system ports), and registered ports that servers are commonly found at.</remarks>
internal static class ServicePorts
{
    private static readonly ulong[] Known = Bits(
        1080, 1194, 1433, 1434, 1521, 1604, 1723, 1883, 1900, 2049, 2082, 2083, 2086, 2087, 2222, 2323, 2375, 2376, 3074, 3128, 3283, 3306, 3307, 3389, 3478,
        3702, 4369, 4433, 4443, 4444, 4786, 5000, 5060, 5061, 5222, 5353, 5355, 5358, 5432, 5555, 5601, 5672, 5683, 5684, 5800, 5900, 5901, 5938, 5984, 5985, 5986, 6000,
        6379, 6443, 6666, 6667, 7001, 7547, 7777, 8000, 8008, 8009, 8080, 8081, 8086, 8088, 8090, 8118, 8181, 8291, 8333, 8443, 8545, 8728, 8834, 8883, 8888, 9000, 9001,
        9042, 9090, 9092, 9100, 9200, 9300, 9418, 9443, 9527, 10000, 10001, 11211, 15672, 17185, 20000, 25565, 27015, 27017, 32764, 34567, 37215, 37810, 47808, 49152, 52869, 55555);

    /// <summary>True for a port that services are commonly found at.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsKnown(ushort port) => (Known[port >> 6] >> (port & 63) & 1) != 0;

    /// <summary>Ports of Internet Relay Chat: IANA's registry (6665 to 6669, 6697), and from 6660 by custom.</summary>
    public static bool IsIrc(ushort port) => port is (>= 6660 and <= 6669) or 6697;

    /// <summary>How much a port looks like a service's: known before unknown, low before the range that systems give to clients.</summary>
    public static int Rank(ushort port) => port == 0 ? 0 : port < 1024 ? 4 : IsKnown(port) ? 3 : port < 32_768 ? 2 : 1;

    private static ulong[] Bits(params ReadOnlySpan<ushort> registered)
    {
        var bits = new ulong[1024];
        // Port 0 is reserved.
        bits[0] = ~1ul;
        for (var word = 1; word < 16; word++) bits[word] = ~0ul;
        foreach (var port in registered) bits[port >> 6] |= 1ul << (port & 63);
        return bits;
    }
}
