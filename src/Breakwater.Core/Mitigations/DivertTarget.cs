using System.Globalization;
using Breakwater.Core.Net;

namespace Breakwater.Core.Mitigations;

/// <summary>Where diverted traffic goes: a scrubber's address, or the VRF that imports a route target. Exactly one is set.</summary>
/// <param name="Name">Its name in the configuration: nothing else can be diverted to.</param>
/// <param name="NextHop">Redirect to IP (draft-ietf-idr-flowspec-redirect-ip), or the next hop of a diverting route.</param>
/// <param name="RouteTarget">rt-redirect, RFC 8955 §7.4.</param>
public sealed record DivertTarget(string Name, IpAddr? NextHop, RouteTarget? RouteTarget);

/// <summary>A route target: an AS number or an IPv4 address, and a number of its own.</summary>
/// <remarks>RFC 4360 §3.1, §3.2 (two-octet AS, four-octet value; IPv4 address, two-octet value); RFC 5668 (four-octet AS, two-octet value).</remarks>
/// <param name="Administrator">AS number, or IPv4 address in host order.</param>
/// <param name="Value">Assigned number: up to 2³²−1 with a two-octet AS number, else up to 65535.</param>
/// <param name="IsAddress">True when the administrator is an IPv4 address.</param>
public readonly record struct RouteTarget(uint Administrator, uint Value, bool IsAddress)
{
    /// <summary>Reads "64500:100", "4200000000:100" or "192.0.2.1:100".</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out RouteTarget target)
    {
        target = default;
        var colon = text.LastIndexOf(':');
        if (colon < 0 || !uint.TryParse(text[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var value)) return false;
        if (text[..colon].Contains('.'))
        {
            if (!IpAddr.TryParse(text[..colon], out var address) || !address.IsV4 || value > ushort.MaxValue) return false;
            target = new RouteTarget(address.V4Bits, value, true);
            return true;
        }
        if (!uint.TryParse(text[..colon], NumberStyles.None, CultureInfo.InvariantCulture, out var asNumber)) return false;
        if (asNumber > ushort.MaxValue && value > ushort.MaxValue) return false;
        target = new RouteTarget(asNumber, value, false);
        return true;
    }

    public override string ToString() => IsAddress
        ? string.Create(CultureInfo.InvariantCulture, $"{IpAddr.V4(Administrator)}:{Value}")
        : string.Create(CultureInfo.InvariantCulture, $"{Administrator}:{Value}");
}
