using Breakwater.Core.Net;

namespace Breakwater.Core.Behaviour.Payload;

/// <summary>Something that a host said about itself, in its own words: an asset's name, maker or kind.</summary>
public readonly ref struct FactObservation
{
    public required IpAddr Host { get; init; }
    public required FactKind Kind { get; init; }

    /// <summary>As sent; not to be trusted, and of any octets.</summary>
    public required ReadOnlySpan<byte> Value { get; init; }
}

/// <summary>What a fact is about. Closed list; the names outsiders see are in <see cref="FactNames"/>.</summary>
public enum FactKind : byte
{
    /// <summary>Host name by DHCP (option 12, RFC 2132 §3.14).</summary>
    DhcpName,

    /// <summary>Vendor class by DHCP (option 60, RFC 2132 §9.13).</summary>
    DhcpVendor,

    /// <summary>The DHCP options that the host asks for, in its order: the fingerprint of its DHCP client (option 55, RFC 2132 §9.8).</summary>
    DhcpFingerprint,

    /// <summary>Client identifier by DHCP, in hexadecimal (option 61, RFC 2132 §9.14).</summary>
    DhcpClientId,

    /// <summary>Hardware address by DHCP (chaddr, RFC 2131 §2).</summary>
    HardwareAddress,

    /// <summary>Host name by multicast DNS (RFC 6762 §3).</summary>
    MulticastName,

    /// <summary>A service that the host offers, by DNS-SD (RFC 6763 §4.1).</summary>
    Service,

    /// <summary>Operating system and product by SSDP's SERVER header (UPnP Device Architecture 2.0 §1.2.2).</summary>
    UpnpServer,

    /// <summary>Device or service type by SSDP's NT or ST header (UPnP Device Architecture 2.0 §1.2.2).</summary>
    UpnpType,

    /// <summary>JA4 fingerprint of a TLS client.</summary>
    Ja4,

    /// <summary>User agent of an HTTP client (RFC 9110 §10.1.5).</summary>
    UserAgent,
}

/// <summary>Names of <see cref="FactKind"/>, part of the API.</summary>
public static class FactNames
{
    public static string NameOf(FactKind kind) => kind switch
    {
        FactKind.DhcpName => "dhcp-name",
        FactKind.DhcpVendor => "dhcp-vendor",
        FactKind.DhcpFingerprint => "dhcp-fingerprint",
        FactKind.DhcpClientId => "dhcp-client-id",
        FactKind.HardwareAddress => "hardware-address",
        FactKind.MulticastName => "multicast-name",
        FactKind.Service => "service",
        FactKind.UpnpServer => "upnp-server",
        FactKind.UpnpType => "upnp-type",
        FactKind.Ja4 => "ja4",
        FactKind.UserAgent => "user-agent",
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };
}
