using Breakwater.Core.Detection;
using Breakwater.Core.Flows;
using Breakwater.Core.Net;

namespace Breakwater.Core.Sharing;

/// <summary>What one feed said when it was read.</summary>
/// <param name="Name">Name of the feed in the configuration.</param>
/// <param name="Reliability">How often it is right, 0 to 1, as configured.</param>
/// <param name="Expires">When all that it said stops to count unless it is read again.</param>
/// <param name="Entries">Its lines.</param>
public sealed record FeedContent(string Name, double Reliability, Timestamp Expires, IReadOnlyList<FeedEntry> Entries);

/// <summary>One feed's word on an address or name.</summary>
/// <param name="Feed">Name of the feed.</param>
/// <param name="Category">What it is said to be.</param>
/// <param name="Port">The port that it is about; 0 for any.</param>
/// <param name="Score">Reliability of the feed times its confidence in the line, 0 to 1.</param>
/// <param name="Seen">When the feed last saw it so.</param>
/// <param name="Until">When the word stops to count.</param>
public sealed record KnownBadClaim(string Feed, FeedCategory Category, ushort Port, double Score, Timestamp? Seen, Timestamp Until);

/// <summary>Addresses and names that others know to be bad, scored by who says so. Immutable: any number of threads may ask it.</summary>
/// <remarks>It raises suspicion. It never is a reason to block by itself: see the guard rail <c>feed-alone</c>.</remarks>
public sealed class KnownBad
{
    /// <summary>However many agree, lists copy from each other.</summary>
    public const double MostCertain = 0.95;

    /// <summary>Wider networks are no finding but a mistake of the list.</summary>
    private const int WidestV4 = 8, WidestV6 = 16;

    private readonly PrefixTable<KnownBadClaim[]> _foreign;
    private readonly PrefixTable<KnownBadClaim[]> _own;
    private readonly Dictionary<string, KnownBadClaim[]> _names;

    /// <param name="feeds">What each feed said.</param>
    /// <param name="home">What is ours: what feeds say of it is kept apart.</param>
    /// <param name="never">Addresses that are never bad, whoever says so.</param>
    public KnownBad(IReadOnlyList<FeedContent> feeds, HomeNetwork? home, IReadOnlyList<Prefix> never)
    {
        var excepted = new PrefixTable<bool>(never.Select(p => KeyValuePair.Create(p, true)));
        var foreign = new Dictionary<Prefix, List<KnownBadClaim>>();
        var own = new Dictionary<Prefix, List<KnownBadClaim>>();
        var names = new Dictionary<string, List<KnownBadClaim>>();
        foreach (var feed in feeds)
        {
            foreach (var entry in feed.Entries)
            {
                var until = entry.Until is { } ends && ends < feed.Expires ? ends : feed.Expires;
                var claim = new KnownBadClaim(feed.Name, entry.Category, entry.Port, Math.Clamp(feed.Reliability * entry.Confidence, 0, 1), entry.Seen, until);
                if (entry.Prefix is not { } prefix) Put(names, entry.Name, claim);
                else if (excepted.Contains(prefix.Address) || !IsPlausible(prefix)) Refused++;
                else if (home is not null && home.GroupOf(prefix.Address) >= 0) Put(own, prefix, claim);
                // A network that holds some of ours would accuse us with its neighbours.
                else if (home is not null && home.Home.Any(prefix.Contains)) Refused++;
                else Put(foreign, prefix, claim);
            }
        }
        _foreign = Table(foreign);
        _own = Table(own);
        _names = names.ToDictionary(n => n.Key, n => n.Value.ToArray());
    }

    public static KnownBad Empty { get; } = new([], null, []);

    /// <summary>Foreign networks and addresses.</summary>
    public int Prefixes => _foreign.Count;

    /// <summary>Our own networks and addresses that others complain of.</summary>
    public int OwnPrefixes => _own.Count;

    public int Names => _names.Count;

    /// <summary>Entries that cannot be true: wider than anybody's, special-purpose, excepted, or around our own.</summary>
    public long Refused { get; }

    /// <summary>True where nothing is known: then nobody needs to ask.</summary>
    public bool IsEmpty => _foreign.Count == 0 && _names.Count == 0;

    /// <summary>What is said of a foreign address now.</summary>
    /// <param name="port">The port that was contacted; 0 where it does not matter.</param>
    public KnownBadVerdict? Find(IpAddr address, ushort port, Timestamp now) => _foreign.TryFind(address, out var claims) ? Verdict(claims, port, now) : null;

    /// <summary>What others say of an address of ours.</summary>
    public KnownBadVerdict? FindOwn(IpAddr address, Timestamp now) => _own.TryFind(address, out var claims) ? Verdict(claims, 0, now) : null;

    /// <summary>What is said of a domain name, or of one above it.</summary>
    /// <param name="name">Lower case, without the last dot.</param>
    public KnownBadVerdict? FindName(ReadOnlySpan<char> name, Timestamp now)
    {
        if (_names.Count == 0) return null;
        var names = _names.GetAlternateLookup<ReadOnlySpan<char>>();
        // The name itself, or the registered one above it: nobody lists a whole top-level domain.
        for (var rest = name; rest.Contains('.'); rest = rest[(rest.IndexOf('.') + 1)..])
            if (names.TryGetValue(rest, out var claims) && Verdict(claims, 0, now) is { } verdict) return verdict;
        return null;
    }

    /// <summary>Everything that others say of our own addresses, for those who look after them.</summary>
    public IEnumerable<(Prefix Prefix, KnownBadVerdict Verdict)> OfOurs(Timestamp now)
    {
        for (var i = 0; i < _own.Count; i++)
            if (Verdict(_own.Values[i], 0, now) is { } verdict) yield return (_own.Prefixes[i], verdict);
    }

    /// <summary>Independent words add up, but never to certainty; of one feed the strongest counts.</summary>
    private static KnownBadVerdict? Verdict(KnownBadClaim[] claims, ushort port, Timestamp now)
    {
        var valid = claims.Where(c => c.Until > now && (c.Port == 0 || port == 0 || c.Port == port)).ToArray();
        if (valid.Length == 0) return null;
        var doubt = 1.0;
        foreach (var strongest in valid.GroupBy(c => c.Feed).Select(g => g.Max(c => c.Score))) doubt *= 1 - strongest;
        return new KnownBadVerdict(Math.Min(MostCertain, 1 - doubt), valid);
    }

    private static bool IsPlausible(Prefix prefix) =>
        prefix.Length >= (prefix.IsV4 ? WidestV4 : WidestV6) && !Bogons.Contains(prefix.Address) && !Bogons.IsLocal(prefix.Address) && !Bogons.OverlapsLocal(prefix);

    private static void Put<TKey>(Dictionary<TKey, List<KnownBadClaim>> claims, TKey key, KnownBadClaim claim) where TKey : notnull
    {
        if (!claims.TryGetValue(key, out var known)) claims[key] = known = [];
        known.Add(claim);
    }

    /// <summary>Each network's claims with those of all networks around it, so that the longest match knows them all.</summary>
    private static PrefixTable<KnownBadClaim[]> Table(Dictionary<Prefix, List<KnownBadClaim>> claims)
    {
        var entries = new List<KeyValuePair<Prefix, KnownBadClaim[]>>();
        var around = new Stack<(Prefix Prefix, KnownBadClaim[] Claims)>();
        foreach (var (prefix, own) in claims.OrderBy(c => c.Key))
        {
            while (around.Count > 0 && !around.Peek().Prefix.Contains(prefix)) around.Pop();
            KnownBadClaim[] all = around.Count > 0 ? [.. own, .. around.Peek().Claims] : [.. own];
            around.Push((prefix, all));
            entries.Add(KeyValuePair.Create(prefix, all));
        }
        return new PrefixTable<KnownBadClaim[]>(entries);
    }
}

/// <summary>What is said of an address or name.</summary>
/// <param name="Score">0 to <see cref="KnownBad.MostCertain"/>.</param>
/// <param name="Claims">Who says what.</param>
public sealed record KnownBadVerdict(double Score, IReadOnlyList<KnownBadClaim> Claims)
{
    /// <summary>"on spamhaus-drop (criminal), on abuse-ch (command-and-control)".</summary>
    public string Because => string.Join(", ", Claims.Take(5).Select(c => $"on {c.Feed} ({c.Category.Name()})").Distinct());
}
