namespace Breakwater.Protocols.Bgp;

/// <summary>An address family and its subsequent identifier: what kind of routes a session carries.</summary>
/// <remarks>RFC 4760 §3, §6; code points from the IANA registries "Address Family Numbers" and "SAFI Values".</remarks>
/// <param name="Afi">1 for IPv4, 2 for IPv6.</param>
/// <param name="Safi">1 unicast, 128 labelled VPN, 133 flow specification, 134 flow specification for VPNs.</param>
public readonly record struct BgpFamily(ushort Afi, byte Safi)
{
    internal const ushort Ipv4 = 1;
    internal const ushort Ipv6 = 2;
    internal const byte Unicast = 1;
    internal const byte Multicast = 2;
    internal const byte LabelledVpn = 128;
    internal const byte FlowSpec = 133;
    internal const byte FlowSpecVpn = 134;

    public static BgpFamily Ipv4Unicast => new(Ipv4, Unicast);
    public static BgpFamily Ipv6Unicast => new(Ipv6, Unicast);
    public static BgpFamily Ipv4FlowSpec => new(Ipv4, FlowSpec);
    public static BgpFamily Ipv6FlowSpec => new(Ipv6, FlowSpec);

    /// <summary>Flow specifications of IPv4 or IPv6, with or without a route distinguisher.</summary>
    public bool IsFlowSpec => Safi is FlowSpec or FlowSpecVpn && IsIp;

    /// <summary>Routes are prefixes and nothing else.</summary>
    internal bool HasPrefixes => Safi is Unicast or Multicast && IsIp;

    internal bool IsIp => Afi is Ipv4 or Ipv6;

    /// <summary>Longest prefix of the family, in bits.</summary>
    internal int AddressBits => Afi == Ipv4 ? 32 : 128;

    /// <summary>"ipv4-unicast", "ipv6-flowspec"; "25/70" for a family without a name here.</summary>
    public override string ToString() => (Afi, Safi) switch
    {
        (Ipv4, Unicast) => "ipv4-unicast",
        (Ipv6, Unicast) => "ipv6-unicast",
        (Ipv4, FlowSpec) => "ipv4-flowspec",
        (Ipv6, FlowSpec) => "ipv6-flowspec",
        _ => $"{Afi}/{Safi}",
    };
}
