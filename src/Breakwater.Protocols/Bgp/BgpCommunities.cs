using System.Globalization;
using Breakwater.Core.Net;

namespace Breakwater.Protocols.Bgp;

/// <summary>A community: 32 bits, by custom an AS number and a number of its own.</summary>
/// <remarks>RFC 1997; IANA "BGP Well-known Communities".</remarks>
public readonly record struct BgpCommunity(uint Value)
{
    /// <summary>Not beyond the AS (or confederation) of the receiver.</summary>
    public static BgpCommunity NoExport => new(0xFFFF_FF01);

    /// <summary>To nobody at all.</summary>
    public static BgpCommunity NoAdvertise => new(0xFFFF_FF02);

    /// <summary>Drop what goes to this prefix (RFC 7999 §5).</summary>
    public static BgpCommunity Blackhole => new(0xFFFF_029A);

    /// <summary>Reads "64500:666", "no-export", "no-advertise" or "blackhole".</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out BgpCommunity community)
    {
        community = text switch
        {
            "no-export" => NoExport,
            "no-advertise" => NoAdvertise,
            "blackhole" => Blackhole,
            _ => default,
        };
        if (community != default) return true;
        var colon = text.IndexOf(':');
        if (colon < 0
            || !ushort.TryParse(text[..colon], NumberStyles.None, CultureInfo.InvariantCulture, out var high)
            || !ushort.TryParse(text[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var low)) return false;
        community = new BgpCommunity((uint)high << 16 | low);
        return true;
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Value >> 16}:{Value & 0xFFFF}");
}

/// <summary>A large community: three numbers of 32 bits, the first an AS number (RFC 8092 §3).</summary>
public readonly record struct BgpLargeCommunity(uint Administrator, uint Data1, uint Data2)
{
    /// <summary>Reads "4200000000:1:2".</summary>
    public static bool TryParse(string text, out BgpLargeCommunity community)
    {
        community = default;
        var parts = text.Split(':');
        if (parts.Length != 3) return false;
        Span<uint> numbers = stackalloc uint[3];
        for (var i = 0; i < 3; i++)
            if (!uint.TryParse(parts[i], NumberStyles.None, CultureInfo.InvariantCulture, out numbers[i])) return false;
        community = new BgpLargeCommunity(numbers[0], numbers[1], numbers[2]);
        return true;
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Administrator}:{Data1}:{Data2}");
}

/// <summary>An extended community: type, subtype and six octets, as one number (RFC 4360 §2).</summary>
public readonly record struct BgpExtendedCommunity(ulong Value)
{
    /// <summary>Type and subtype: 0x8006 is traffic-rate-bytes.</summary>
    public ushort Type => (ushort)(Value >> 48);

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"0x{Value:x16}");
}

/// <summary>An extended community with an IPv6 address: type and subtype, address, two octets (RFC 5701 §2).</summary>
public readonly record struct BgpIpv6ExtendedCommunity(ushort Type, IpAddr Address, ushort Local);
