using System.Globalization;
using System.Text;
using Breakwater.Core.Net;

namespace Breakwater.Protocols.Hygiene;

/// <summary>A list of routed prefixes: one a line, and what follows a blank is passed over. Also in the form of CAIDA's pfx2as: address, length and origin, apart by tabs.</summary>
public static class RoutedPrefixList
{
    /// <summary>The Internet's table has about 1.3 million prefixes; a list with more is cut off.</summary>
    public const int MaxPrefixes = 4_000_000;

    private const int MaxLine = 256;

    /// <param name="text">UTF-8.</param>
    /// <param name="skipped">Lines that hold no prefix, comments (#) apart, and what did not fit.</param>
    public static IReadOnlyList<Prefix> Read(ReadOnlySpan<byte> text, out long skipped)
    {
        skipped = 0;
        var prefixes = new List<Prefix>();
        Span<char> line = stackalloc char[MaxLine];
        foreach (var range in text.Split((byte)'\n'))
        {
            var octets = text[range].Trim(" \t\r"u8);
            if (octets.IsEmpty || octets[0] == '#') continue;
            if (octets.Length > MaxLine) octets = octets[..MaxLine];
            if (prefixes.Count < MaxPrefixes && Encoding.UTF8.TryGetChars(octets, line, out var length) && TryParse(line[..length], out var prefix)) prefixes.Add(prefix);
            else skipped++;
        }
        return prefixes;
    }

    private static bool TryParse(ReadOnlySpan<char> line, out Prefix prefix)
    {
        var end = line.IndexOfAny(" \t,;|#");
        var first = end < 0 ? line : line[..end];
        prefix = default;
        if (first.Contains('/')) return Prefix.TryParse(first, out prefix);
        if (end < 0 || line[end] != '\t' || !IpAddr.TryParse(first, out var address)) return false;
        var rest = line[(end + 1)..];
        var next = rest.IndexOfAny(" \t");
        if (!int.TryParse(next < 0 ? rest : rest[..next], NumberStyles.None, CultureInfo.InvariantCulture, out var bits) || bits > address.Bits) return false;
        prefix = new Prefix(address, bits);
        return true;
    }
}
