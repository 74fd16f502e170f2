using Breakwater.Core.Behaviour.Names;

namespace Breakwater.Core.Behaviour.Requests;

/// <summary>Services that tell a client its own public address, and little else.</summary>
/// <remarks>MITRE ATT&amp;CK T1016: malware asks them to learn whom it infected. So do clients of dynamic DNS, and a few apps.</remarks>
internal static class AddressEchoes
{
    private static readonly NameSet Hosts = new(
        "api.ipify.org", "api64.ipify.org", "ipinfo.io", "ip-api.com", "icanhazip.com", "ipv4.icanhazip.com", "checkip.amazonaws.com", "checkip.dyndns.org", "checkip.dyndns.com",
        "ifconfig.me", "ifconfig.co", "wtfismyip.com", "myexternalip.com", "ident.me", "v4.ident.me", "ipecho.net", "ip.anysrc.net", "api.ip.sb", "api.myip.com", "api.db-ip.com",
        "ipv4bot.whatismyipaddress.com", "bot.whatismyipaddress.com", "whatismyip.akamai.com", "freegeoip.net", "freegeoip.app", "geoiptool.com", "www.showmyipaddress.com");

    /// <param name="host">In lower case, without a port.</param>
    public static bool IsOne(ReadOnlySpan<byte> host) => Hosts.Contains(host);
}
