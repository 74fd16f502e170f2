namespace Breakwater.Core.Net;

/// <summary>Addresses that cannot be the source of traffic from the Internet.</summary>
/// <remarks>
/// IANA special-purpose registries (RFC 6890): entries not globally reachable. Private space (RFC 1918, ULA), link-local and
/// shared space (RFC 6598) are left out: behind a gateway they are the neighbours. Documentation ranges are left out as
/// well: laboratories use them.
/// </remarks>
public static class Bogons
{
    private static readonly PrefixTable<bool> Table = new(new[]
    {
        "0.0.0.0/8",        // RFC 791, "this network"
        "127.0.0.0/8",      // RFC 1122, loopback
        "192.0.0.0/24",     // RFC 6890, IETF protocol assignments
        "224.0.0.0/4",      // RFC 5771, multicast: never a source
        "240.0.0.0/4",      // RFC 1112, reserved, and limited broadcast
        "::1/128",          // RFC 4291, loopback
        "100::/64",         // RFC 6666, discard only
        "5f00::/16",        // RFC 9602, segment routing SIDs
        "ff00::/8",         // RFC 4291, multicast: never a source
    }.Select(text => KeyValuePair.Create(Prefix.Parse(text), true)));

    /// <summary>Private, shared, unique local and link-local space: real inside a network, never across the Internet. An impossible source where nothing of it is home.</summary>
    public static IReadOnlyList<Prefix> Local { get; } =
    [
        Prefix.Parse("10.0.0.0/8"), Prefix.Parse("172.16.0.0/12"), Prefix.Parse("192.168.0.0/16"), // RFC 1918
        Prefix.Parse("100.64.0.0/10"),  // RFC 6598, shared by carriers
        Prefix.Parse("169.254.0.0/16"), // RFC 3927, link-local
        Prefix.Parse("fc00::/7"),       // RFC 4193, unique local
        Prefix.Parse("fe80::/10"),      // RFC 4291, link-local
    ];

    /// <summary>Multicast and limited broadcast: many receivers, so never one victim.</summary>
    public static IReadOnlyList<Prefix> MulticastAndBroadcast { get; } =
    [
        Prefix.Parse("224.0.0.0/4"),        // RFC 5771
        Prefix.Parse("255.255.255.255/32"), // RFC 919
        Prefix.Parse("ff00::/8"),           // RFC 4291
    ];

    private static readonly PrefixTable<bool> LocalTable = new(Local.Select(prefix => KeyValuePair.Create(prefix, true)));

    public static bool Contains(IpAddr address) => Table.Find(address) >= 0;

    /// <summary>True for 127.0.0.0/8 (RFC 1122 §3.2.1.3) and ::1 (RFC 4291 §2.5.3).</summary>
    public static bool IsLoopback(in IpAddr address) => address.IsV4 ? address.V4Bits >> 24 == 127 : address is { High: 0, Low: 1 };

    /// <summary>True for what lies in <see cref="Local"/>.</summary>
    public static bool IsLocal(IpAddr address) => LocalTable.Find(address) >= 0;

    /// <summary>True when a prefix holds some of <see cref="Local"/>, or lies in it.</summary>
    public static bool OverlapsLocal(Prefix prefix) => LocalTable.Contains(prefix.Address) || Local.Any(prefix.Contains);

    /// <summary>True for what lies in <see cref="MulticastAndBroadcast"/>; asked for each flow.</summary>
    public static bool IsMulticastOrBroadcast(in IpAddr address) =>
        address.IsV4 ? address.V4Bits >> 28 == 0xE || address.V4Bits == uint.MaxValue : address.High >> 56 == 0xFF;
}
