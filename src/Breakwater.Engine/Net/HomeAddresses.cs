using System.Net;
using System.Net.NetworkInformation;
using Breakwater.Core.Net;

namespace Breakwater.Engine.Net;

/// <summary>What is home when the operator said nothing.</summary>
public static class HomeAddresses
{
    /// <summary>
    /// Address space that can only be local: RFC 1918, RFC 6598 (behind a carrier's NAT), RFC 4193 (ULA), RFC 3927 and RFC 4291 §2.5.6 (link-local),
    /// and this machine's loopback, whose packets live capture sees too.
    /// </summary>
    private static readonly Prefix[] Private =
    [
        Prefix.Parse("10.0.0.0/8"), Prefix.Parse("172.16.0.0/12"), Prefix.Parse("192.168.0.0/16"), Prefix.Parse("100.64.0.0/10"),
        Prefix.Parse("169.254.0.0/16"), Prefix.Parse("fc00::/7"), Prefix.Parse("fe80::/10"), Prefix.Parse("127.0.0.0/8"), Prefix.Parse("::1/128"),
    ];

    /// <summary>Private address space, and the addresses of this machine's own interfaces where they lie outside of it.</summary>
    public static IReadOnlyList<Prefix> Default() => With(
        NetworkInterface.GetAllNetworkInterfaces().SelectMany(i => i.GetIPProperties().UnicastAddresses).Select(a => a.Address));

    /// <summary>The addresses at which a listener is reached: its own, or all of this machine's when it listens on all.</summary>
    public static IReadOnlyList<Prefix> Reaching(IPEndPoint listen)
    {
        var all = listen.Address.Equals(IPAddress.Any) || listen.Address.Equals(IPAddress.IPv6Any)
            ? NetworkInterface.GetAllNetworkInterfaces().SelectMany(i => i.GetIPProperties().UnicastAddresses).Select(a => a.Address)
            : [listen.Address];
        return [.. all.Select(a => IpAddr.From(new IPAddress(a.GetAddressBytes()))).Distinct().Select(a => new Prefix(a, a.Bits))];
    }

    internal static IReadOnlyList<Prefix> With(IEnumerable<IPAddress> own)
    {
        var home = new List<Prefix>(Private);
        foreach (var address in own)
        {
            // Without the zone of a link-local address: "fe80::1%eth0".
            var bare = IpAddr.From(new IPAddress(address.GetAddressBytes()));
            if (!home.Exists(h => h.Contains(bare))) home.Add(new Prefix(bare, bare.Bits));
        }
        return home;
    }
}
