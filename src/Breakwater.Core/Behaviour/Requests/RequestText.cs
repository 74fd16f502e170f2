using System.Text;
using Breakwater.Core.Net;

namespace Breakwater.Core.Behaviour.Requests;

/// <summary>What the words of a request say.</summary>
internal static class RequestText
{
    /// <summary>True for a host that is an address of the Internet and not a name.</summary>
    public static bool IsPublicAddress(ReadOnlySpan<byte> host)
    {
        var colon = host.LastIndexOf((byte)':');
        if (colon > 0 && host.IndexOf((byte)':') == colon) host = host[..colon];
        if (host.Length is < 7 or > 15) return false;
        Span<char> text = stackalloc char[15];
        return host.IndexOfAnyExcept("0123456789."u8) < 0 && Encoding.ASCII.TryGetChars(host, text, out var length) && IpAddr.TryParse(text[..length], out var address) && !Bogons.IsLocal(address);
    }

    /// <summary>True for an agent that says it is one of the browsers that people use. Crawlers, Java and apps that only begin like one do not.</summary>
    public static bool ClaimsBrowser(ReadOnlySpan<byte> agent) =>
        agent.StartsWith("Opera/"u8)
        || (agent.StartsWith("Mozilla/"u8)
            && (Has(agent, "MSIE "u8) || Has(agent, "Trident/"u8) || Has(agent, "Firefox/"u8) || Has(agent, "Chrome/"u8) || Has(agent, "Safari/"u8)));

    private static bool Has(ReadOnlySpan<byte> agent, ReadOnlySpan<byte> token) => agent.IndexOf(token) >= 0;
}
