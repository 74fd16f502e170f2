using Breakwater.Core.Net;

namespace Breakwater.Core.Rpki;

/// <summary>All validated ROA payloads that a cache told of, and what they say of a route. Whoever fills it bounds it.</summary>
/// <remarks>RFC 6811. The whole Internet's are about 700,000, which take about 60 MiB.</remarks>
public sealed class RoaTable
{
    private readonly Dictionary<Prefix, Grant[]> _grants = [];

    /// <summary>Prefixes of each length, IPv4 and then IPv6: lengths that nothing has are not looked for.</summary>
    private readonly int[][] _lengths = [new int[33], new int[129]];

    public int Count { get; private set; }

    /// <returns>False when it is there already.</returns>
    public bool Add(in Vrp vrp)
    {
        var grant = new Grant(vrp.As, vrp.MaxLength);
        if (_grants.TryGetValue(vrp.Prefix, out var grants))
        {
            if (Array.IndexOf(grants, grant) >= 0) return false;
            _grants[vrp.Prefix] = [.. grants, grant];
        }
        else
        {
            _grants[vrp.Prefix] = [grant];
            LengthsOf(vrp.Prefix)[vrp.Prefix.Length]++;
        }
        Count++;
        return true;
    }

    /// <returns>False when it was not there.</returns>
    public bool Remove(in Vrp vrp)
    {
        if (!_grants.TryGetValue(vrp.Prefix, out var grants)) return false;
        var at = Array.IndexOf(grants, new Grant(vrp.As, vrp.MaxLength));
        if (at < 0) return false;
        if (grants.Length > 1)
        {
            _grants[vrp.Prefix] = [.. grants[..at], .. grants[(at + 1)..]];
        }
        else
        {
            _grants.Remove(vrp.Prefix);
            LengthsOf(vrp.Prefix)[vrp.Prefix.Length]--;
        }
        Count--;
        return true;
    }

    /// <summary>RFC 6811 §2: valid when any payload that covers the route names its origin and allows its length, invalid when some cover it and none does.</summary>
    /// <param name="route">The announced prefix.</param>
    /// <param name="origin">The AS at the right end of its path; 0 for one that cannot be told, which nothing allows.</param>
    public RouteOrigin Validate(Prefix route, uint origin)
    {
        var covering = new List<Vrp>();
        var valid = false;
        var lengths = LengthsOf(route);
        for (var length = 0; length <= route.Length; length++)
        {
            if (lengths[length] == 0) continue;
            var prefix = new Prefix(route.Address, length);
            if (!_grants.TryGetValue(prefix, out var grants)) continue;
            foreach (var grant in grants)
            {
                covering.Add(new Vrp(prefix, grant.MaxLength, grant.As));
                // RFC 6811 §2: AS 0 matches no route.
                valid |= origin != 0 && grant.As == origin && route.Length <= grant.MaxLength;
            }
        }
        var validity = covering.Count == 0 ? OriginValidity.NotFound : valid ? OriginValidity.Valid : OriginValidity.Invalid;
        return new RouteOrigin(route, origin, validity, covering);
    }

    private int[] LengthsOf(Prefix prefix) => _lengths[prefix.IsV4 ? 0 : 1];

    private readonly record struct Grant(uint As, byte MaxLength);
}
