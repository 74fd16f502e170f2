using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Breakwater.Core.Net;

/// <summary>Longest-prefix match over IPv4 and IPv6 prefixes. Immutable once built, so any number of threads may ask it.</summary>
/// <remarks>
/// Few prefixes of a family are compared one by one, longest first: a home network has three, and they stay in one cache
/// line. Many IPv4 prefixes become a 16-8-8 table (three loads at worst), many IPv6 prefixes sorted disjoint ranges.
/// The families never mix: ::/0 does not hold an IPv4 address.
/// </remarks>
public sealed class PrefixTable<T>
{
    /// <summary>Up to this many prefixes of one family, comparing them all beats the loads of a table.</summary>
    private const int Few = 6;

    private readonly T[] _values;
    private readonly V4PrefixList? _few4;
    private readonly V6PrefixList? _few6;
    private readonly V4PrefixTable? _many4;
    private readonly V6PrefixRanges? _many6;

    /// <param name="entries">Prefixes in any order; of two equal ones the later counts.</param>
    public PrefixTable(IEnumerable<KeyValuePair<Prefix, T>> entries)
    {
        var byPrefix = new Dictionary<Prefix, T>();
        foreach (var (prefix, value) in entries) byPrefix[prefix] = value;
        var sorted = byPrefix.OrderBy(e => e.Key).ToArray();
        _values = [.. sorted.Select(e => e.Value)];
        Prefixes = [.. sorted.Select(e => e.Key)];

        var numbered = Prefixes.Select((prefix, number) => new NumberedPrefix(prefix, number)).ToArray();
        var four = numbered.Where(n => n.Prefix.IsV4).ToArray();
        var six = numbered.Where(n => !n.Prefix.IsV4).ToArray();
        if (four.Length <= Few) _few4 = new V4PrefixList(four);
        else _many4 = new V4PrefixTable(four);
        if (six.Length <= Few) _few6 = new V6PrefixList(six);
        else _many6 = new V6PrefixRanges(six);
    }

    /// <summary>The prefixes in ascending order, each once; <see cref="Find"/> gives an index into it.</summary>
    public IReadOnlyList<Prefix> Prefixes { get; }

    public int Count => _values.Length;

    /// <summary>The values, in the order of <see cref="Prefixes"/>.</summary>
    public IReadOnlyList<T> Values => _values;

    /// <summary>Index into <see cref="Prefixes"/> of the longest prefix that holds the address; -1 when none does.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Find(IpAddr address) => address.IsV4 && _few4 is { } few ? few.Find(address.V4Bits) : FindOther(address);

    private int FindOther(IpAddr address) =>
        address.IsV4 ? _many4!.Find(address.V4Bits) : _few6 is not null ? _few6.Find(address) : _many6!.Find(address);

    /// <summary>The value of the longest prefix that holds the address.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryFind(IpAddr address, [MaybeNullWhen(false)] out T value)
    {
        var found = Find(address);
        value = found < 0 ? default : _values[found];
        return found >= 0;
    }

    /// <summary>True when any prefix holds the address.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Contains(IpAddr address) => Find(address) >= 0;
}

/// <param name="Prefix">A prefix.</param>
/// <param name="Number">Its index in the table that is being built.</param>
internal readonly record struct NumberedPrefix(Prefix Prefix, int Number);
