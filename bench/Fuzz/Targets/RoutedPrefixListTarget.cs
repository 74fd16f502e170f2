using Breakwater.Core.Behaviour.Spoofing;
using Breakwater.Protocols.Hygiene;

namespace Breakwater.Fuzz.Targets;

/// <summary>Lists of routed prefixes, and the space that is made of them.</summary>
public sealed class RoutedPrefixListTarget : IFuzzTarget
{
    public string Name => "routed-prefixes";

    public IReadOnlyList<byte[]> Corpus { get; } = [[.. "192.0.2.0/24\n2001:db8::/32 via fe80::1\n# no\n198.51.100.0\t24\t64500\n"u8]];

    public IReadOnlyList<byte[]> Tokens { get; } = [[.. "/0"u8], [.. "/32"u8], [.. "\t"u8], [.. "::"u8], [.. "\n"u8], [.. "64500_64501,64502"u8]];

    public string Feed(ReadOnlyMemory<byte> input)
    {
        var prefixes = RoutedPrefixList.Read(input.Span, out var skipped);
        var space = new RoutedSpace(prefixes);
        if (space.Count > prefixes.Count) throw new InvalidOperationException("more prefixes than lines");
        foreach (var prefix in prefixes)
            if (space.IsUnrouted(prefix.Address) && prefix.Length >= (prefix.IsV4 ? RoutedSpace.WidestV4 : RoutedSpace.WidestV6)) throw new InvalidOperationException($"{prefix} is not routed");
        return skipped > 0 ? "skipped" : "None";
    }
}
