using System.Buffers.Text;
using System.Text;

namespace Breakwater.Protocols.Net;

/// <summary>Protocol numbers by the keywords that flow tools write.</summary>
/// <remarks>IANA "Assigned Internet Protocol Numbers"; Argus also names three protocols that it recognises inside UDP.</remarks>
public static class IpProtocolNames
{
    private static readonly (string Name, byte Number)[] _names =
    [
        ("tcp", 6), ("udp", 17), ("icmp", 1), ("ipv6-icmp", 58), ("icmp6", 58), ("igmp", 2), ("gre", 47), ("esp", 50), ("ah", 51),
        ("sctp", 132), ("ipip", 4), ("ipnip", 4), ("ipv4", 4), ("ipv6", 41), ("pim", 103), ("ospf", 89), ("ospfigp", 89), ("eigrp", 88),
        ("vrrp", 112), ("l2tp", 115), ("rsvp", 46), ("dccp", 33), ("udplite", 136), ("ipcomp", 108), ("egp", 8), ("igp", 9),
        ("rtp", 17), ("rtcp", 17), ("udt", 17),
    ];

    /// <param name="text">A keyword in any case, or a number.</param>
    public static bool TryParse(ReadOnlySpan<byte> text, out byte number)
    {
        if (Utf8Parser.TryParse(text, out number, out var used) && used == text.Length) return true;
        foreach (var (name, value) in _names)
        {
            if (!Ascii.EqualsIgnoreCase(text, name)) continue;
            number = value;
            return true;
        }
        number = 0;
        return false;
    }
}
