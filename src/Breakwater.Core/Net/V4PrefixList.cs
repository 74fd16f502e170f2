using System.Runtime.CompilerServices;

namespace Breakwater.Core.Net;

/// <summary>Longest match among a handful of IPv4 prefixes: compares them all.</summary>
internal sealed class V4PrefixList
{
    // Shorter prefixes first: the last match is the longest.
    private readonly Entry[] _entries;

    /// <param name="prefixes">All IPv4.</param>
    public V4PrefixList(NumberedPrefix[] prefixes) =>
        _entries = [.. prefixes.OrderBy(p => p.Prefix.Length).Select(p => new Entry(p.Prefix.Address.V4Bits, (uint)(-1L << (32 - p.Prefix.Length)), p.Number))];

    /// <remarks>By arithmetic instead of branches: whether an address is home is a coin toss, and a wrong guess costs more than six comparisons.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Find(uint address)
    {
        var found = -1;
        foreach (ref readonly var entry in _entries.AsSpan())
        {
            // All ones when a bit differs, else zero.
            var keep = (int)(-(long)((address ^ entry.Value) & entry.Mask) >> 32);
            found = (found & keep) | (entry.Number & ~keep);
        }
        return found;
    }

    private readonly record struct Entry(uint Value, uint Mask, int Number);
}
