namespace Breakwater.Core.Net;

/// <summary>Guesses which addresses are home from who talks with whom: for captures that come without a word.</summary>
/// <remarks>
/// Private, shared and link-local space is home wherever it takes part. What is left without a home end is explained by
/// the fewest prefixes that stand at one end of nearly everything. Bounded, and the same for the same traffic.
/// </remarks>
public sealed class HomeInference
{
    /// <summary>Prefixes besides private space that a guess may hold.</summary>
    private const int MaxPrefixes = 8;

    private static readonly Prefix[] Everything = [Prefix.Parse("0.0.0.0/0"), Prefix.Parse("::/0")];

    private readonly PrefixTable<int> _local = new(Bogons.Local.Select((p, i) => KeyValuePair.Create(p, i)));
    private readonly long[] _localFlows = new long[Bogons.Local.Count];
    private readonly List<(Prefix Source, Prefix Destination)> _pairs = [];
    private long _flows;
    private long _foreign;
    private long _skip;

    /// <summary>Conversations without a private end that are remembered; more are thinned out.</summary>
    private const int MaxPairs = 65_536;

    public void Observe(in IpAddr source, in IpAddr destination)
    {
        if (Bogons.IsMulticastOrBroadcast(destination) || source.IsNone || destination.IsNone) return;
        _flows++;
        var from = _local.Find(source);
        var to = _local.Find(destination);
        if (from >= 0) _localFlows[_local.Values[from]]++;
        if (to >= 0 && to != from) _localFlows[_local.Values[to]]++;
        if (from >= 0 || to >= 0) return;
        _foreign++;
        var pair = (Prefix.Of(source, source.IsV4 ? 24 : 64), Prefix.Of(destination, destination.IsV4 ? 24 : 64));
        if (_pairs.Count < MaxPairs) _pairs.Add(pair);
        else _pairs[(int)(_skip++ % MaxPairs)] = pair;
    }

    /// <summary>The guess, in ascending order. Everything, where no prefixes stand out: then each address may be the target.</summary>
    public IReadOnlyList<Prefix> Guess()
    {
        var home = new List<Prefix>();
        // A single stray packet from private space does not make it home.
        for (var i = 0; i < Bogons.Local.Count; i++)
            if (_localFlows[i] > 0 && _localFlows[i] * 100 >= _flows) home.Add(Bogons.Local[i]);

        if (_foreign * 10 > _flows)
        {
            var left = _pairs.ToList();
            var enough = left.Count / 10;
            while (left.Count > enough && home.Count < Bogons.Local.Count + MaxPrefixes)
            {
                if (Best(left) is not { } best) break;
                home.Add(best);
                left.RemoveAll(p => p.Source == best || p.Destination == best);
            }
            if (left.Count * 2 > _pairs.Count) return Everything;
        }
        if (home.Count == 0) return Everything;
        home.Sort();
        return home;
    }

    /// <summary>The prefix at an end of most conversations; of two at all ends, the one that receives.</summary>
    private static Prefix? Best(List<(Prefix Source, Prefix Destination)> left)
    {
        var ends = new Dictionary<Prefix, (long Any, long To)>();
        foreach (var (source, destination) in left)
        {
            var to = ends.GetValueOrDefault(destination);
            ends[destination] = (to.Any + 1, to.To + 1);
            if (source == destination) continue;
            var from = ends.GetValueOrDefault(source);
            ends[source] = (from.Any + 1, from.To);
        }
        var best = ends.OrderByDescending(e => e.Value.Any).ThenByDescending(e => e.Value.To).ThenBy(e => e.Key).First();
        return best.Value.Any * 5 >= left.Count ? best.Key : null;
    }
}
