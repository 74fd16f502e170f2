namespace Breakwater.Protocols.Net;

/// <summary>Which ICMP messages answer which, for flow files that tell one direction's type only.</summary>
internal static class IcmpAnswers
{
    private const byte Icmp = 1;
    private const byte Icmpv6 = 58;

    /// <summary>The type sent in answer to a type, and the other way round; -1 for errors and other messages that nobody answers.</summary>
    /// <remarks>RFC 792, RFC 950, RFC 1256; RFC 4443 §4, RFC 2710, RFC 4861 §4, RFC 4620 §4, RFC 6275 §6.5 and §6.6.</remarks>
    public static int To(byte protocol, int type) => (protocol, type) switch
    {
        (Icmp, 8) => 0,
        (Icmp, 0) => 8,
        (Icmp, 10) => 9,
        (Icmp, 9) => 10,
        // Timestamp, information, address mask; then multicast listener, router, neighbour, node information, home agent.
        (Icmp, 13 or 15 or 17) => type + 1,
        (Icmp, 14 or 16 or 18) => type - 1,
        (Icmpv6, 128 or 130 or 133 or 135 or 139 or 144) => type + 1,
        (Icmpv6, 129 or 131 or 134 or 136 or 140 or 145) => type - 1,
        _ => -1,
    };
}
