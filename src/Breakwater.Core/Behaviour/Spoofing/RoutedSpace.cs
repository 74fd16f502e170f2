using Breakwater.Core.Net;

namespace Breakwater.Core.Behaviour.Spoofing;

/// <summary>Which addresses anybody routes, by the prefixes of a table without a default route. Immutable: any number of threads may ask it.</summary>
/// <remarks>
/// A part of the table would call the rest of the world forged, so a family is judged only where the table is plausibly whole. For IPv4 that is half of all unicast space (the
/// Internet's table holds about five sixths of it); IPv6 space is mostly empty, so prefixes are counted (the table holds about 200,000).
/// </remarks>
public sealed class RoutedSpace
{
    /// <summary>Prefixes of a whole table of IPv6, at least.</summary>
    public const int MinV6Prefixes = 10_000;

    /// <summary>Wider ones are default routes in parts, and say nothing of who is there: registries hand out /8 and /12, and nobody announces a whole one of IPv6.</summary>
    public const int WidestV4 = 8, WidestV6 = 16;

    /// <summary>224 networks of class /8 are unicast (RFC 1112 §4).</summary>
    private const long HalfOfUnicastV4 = 112L << 24;

    private readonly PrefixTable<bool> _table;

    /// <param name="prefixes">In any order; wider ones than anybody announces are passed over.</param>
    public RoutedSpace(IEnumerable<Prefix> prefixes)
    {
        _table = new PrefixTable<bool>(prefixes.Where(p => p.Length >= (p.IsV4 ? WidestV4 : WidestV6)).Select(p => KeyValuePair.Create(p, true)));
        long covered = 0;
        var around = (Prefix?)null;
        var six = 0;
        foreach (var prefix in _table.Prefixes)
        {
            if (!prefix.IsV4) six++;
            else if (around is not { } outer || !outer.Contains(prefix))
            {
                covered += 1L << (32 - prefix.Length);
                around = prefix;
            }
        }
        KnowsV4 = covered >= HalfOfUnicastV4;
        KnowsV6 = six >= MinV6Prefixes;
    }

    public int Count => _table.Count;

    /// <summary>True when it plausibly holds the whole table of the family.</summary>
    public bool KnowsV4 { get; }
    public bool KnowsV6 { get; }

    /// <summary>True for an address that nobody routes; false also where it is not known.</summary>
    public bool IsUnrouted(in IpAddr address) => (address.IsV4 ? KnowsV4 : KnowsV6) && !_table.Contains(address);
}

/// <summary>The routed space as it is known now. Written by who reads the table, read by detection; thread-safe.</summary>
public sealed class RoutedSpaceBoard
{
    private RoutedSpace? _current;

    /// <summary>Null where no table is known.</summary>
    public RoutedSpace? Current
    {
        get => Volatile.Read(ref _current);
        set => Volatile.Write(ref _current, value);
    }
}
