using Breakwater.Core.Flows;
using Breakwater.Core.Incidents;
using Breakwater.Core.Net;

namespace Breakwater.Core.Behaviour;

/// <summary>All that speaks against one host, and the stories told of it. Signs about many hosts at once make a case of the home prefix they are about.</summary>
internal sealed class HostCase(CaseKey key, string hostGroup, double prior)
{
    /// <summary>The odds that any given host of ours is infected before anything is known: one in a thousand.</summary>
    public static readonly double PriorOfOurs = Math.Log(0.001 / 0.999);

    /// <summary>The same for whoever calls a host of a home that was guessed: half of it, for to be called, also by a clock, is what servers are there for.</summary>
    public static readonly double PriorOfCallers = PriorOfOurs - Math.Log(2);

    /// <summary>For who is not ours: no story is told of an infection.</summary>
    public const double NotOurs = double.NegativeInfinity;

    /// <summary>What habits add together at most. They come together in cheap devices, which have them all for one reason: how they were made.</summary>
    public const double MaxHabits = 5;

    /// <summary>Signs kept of one host.</summary>
    public const int MaxSigns = 32;

    private readonly Dictionary<(string Name, int Service), Sign> _signs = [];
    private readonly SortedDictionary<IncidentKind, CaseStory> _stories = [];
    private TimeSpan _halfLife = TimeSpan.FromHours(24);

    public CaseKey Key => key;
    public bool IsDirty { get; private set; }

    /// <summary>Time of the newest sign.</summary>
    public Timestamp LastSeen { get; private set; } = Timestamp.Min;

    /// <summary>The most certain sign of each name, by name.</summary>
    public IReadOnlyList<KeyValuePair<string, double>> Signs =>
        [.. _signs.Values.GroupBy(s => s.Name).OrderBy(g => g.Key, StringComparer.Ordinal).Select(g => KeyValuePair.Create(g.Key, g.Max(s => s.Confidence)))];

    public IEnumerable<CaseStory> Stories => _stories.Values;

    public void Add(Sign sign)
    {
        // Who guesses at a thousand servers needs no thousand signs: the oldest makes room.
        if (_signs.Count >= MaxSigns && !_signs.ContainsKey((sign.Name, sign.Service))) _signs.Remove(_signs.MinBy(s => s.Value.To).Key);
        _signs[(sign.Name, sign.Service)] = sign;
        if (sign.To > LastSeen) LastSeen = sign.To;
        IsDirty = true;
    }

    /// <summary>Continues a story that a former run left open; its signs are known by their findings alone.</summary>
    public void Resume(Incident incident)
    {
        _stories[incident.Kind] = new CaseStory(incident);
        if (incident.LastSeen > LastSeen) LastSeen = incident.LastSeen;
    }

    /// <summary>Takes back what may be done now.</summary>
    public void Except(IReadOnlyList<BehaviourException> exceptions, Timestamp now, IIncidentSink incidents)
    {
        foreach (var (id, sign) in _signs.ToArray())
            if (IsExcepted(sign.Name)) _signs.Remove(id);
        foreach (var story in _stories.Values.ToArray())
        {
            if (!story.Current.Vectors.Any(IsExcepted)) continue;
            if (story.Current.Vectors.All(IsExcepted))
            {
                story.Withdraw();
                _stories.Remove(story.Current.Kind);
            }
            else if (Tell(story.Current.Kind, now, out var told)) story.Amend(told);
            incidents.Publish(story.Current);
        }

        bool IsExcepted(string sign) => exceptions.Any(e => e.Covers(key.Host, sign));
    }

    /// <summary>Tells what is new.</summary>
    public void Judge(Timestamp now, TimeSpan halfLife, IIncidentSink incidents)
    {
        IsDirty = false;
        _halfLife = halfLife;
        foreach (var kind in _signs.Values.Where(s => s.Direct is not null).Select(s => s.Direct!.Kind).Distinct().Order().ToArray()) Tell(kind, now, incidents);
        if (prior > NotOurs && Fuse(now, halfLife).Probability >= 0.5) Tell(IncidentKind.InfectedHost, now, incidents);
    }

    /// <summary>How likely the host is infected.</summary>
    public Verdict Fuse(Timestamp now, TimeSpan halfLife)
    {
        var sum = prior;
        var families = 0;
        var confirmed = false;
        var habits = 0.0;
        foreach (var family in _signs.Values.Where(s => s.Weight > 0).GroupBy(s => s.Family))
        {
            // Signs of one family see the same thing: the strongest counts.
            var strongest = family.MaxBy(Now)!;
            if (SignNames.IsHabit(strongest.Name)) habits += Now(strongest);
            else sum += Now(strongest);
            families++;
            confirmed |= family.Any(s => s.Confirmed);
        }
        sum += Math.Min(habits, MaxHabits);
        return new Verdict(prior, 1 / (1 + Math.Exp(-sum)), families, confirmed, habits > MaxHabits);

        double Now(Sign sign) => sign.Weight * sign.Confidence * Math.Pow(2, -Math.Max(0, (now - sign.To) / halfLife));
    }

    private void Tell(IncidentKind kind, Timestamp now, IIncidentSink incidents)
    {
        if (!Tell(kind, now, out var told)) return;
        if (!_stories.TryGetValue(kind, out var story)) _stories[kind] = story = new CaseStory(told);
        else if (!story.Take(told, now)) return;
        story.Published(now);
        incidents.Publish(story.Current);
    }

    private bool Tell(IncidentKind kind, Timestamp now, out Incident told)
    {
        told = null!;
        var infected = kind == IncidentKind.InfectedHost;
        var signs = _signs.Values.Where(s => infected ? s.Weight > 0 : s.Direct?.Kind == kind)
            .OrderByDescending(s => s.Weight * s.Confidence).ThenByDescending(s => s.Confidence).ThenBy(s => s.Name, StringComparer.Ordinal).ThenBy(s => s.Service).ToArray();
        if (signs.Length == 0) return false;
        var verdict = Fuse(now, _halfLife);
        told = CaseText.Tell(key, kind, hostGroup, signs, verdict, now);
        return true;
    }
}

/// <param name="Host">The accused; none where the case is about a prefix that many work on.</param>
/// <param name="About">The prefix; the host's own where there is one.</param>
internal readonly record struct CaseKey(IpAddr Host, Prefix About)
{
    public static CaseKey Of(Sign sign) => sign.Host.IsNone && sign.Target is { } target ? new CaseKey(default, target) : Of(sign.Host);

    public static CaseKey Of(IpAddr host) => new(host, new Prefix(host, host.Bits));
}

/// <param name="Prior">Log-odds before anything is known.</param>
/// <param name="Probability">That the host is infected.</param>
/// <param name="Families">Kinds of evidence that say so independently.</param>
/// <param name="Confirmed">One of them proves it alone.</param>
/// <param name="Capped">There were more habits than count.</param>
internal readonly record struct Verdict(double Prior, double Probability, int Families, bool Confirmed, bool Capped)
{
    /// <summary>One kind of evidence alone, unless it is proof, is a reason to watch, not to accuse.</summary>
    public Severity Severity => Families < 2 && !Confirmed ? Severity.Low : Probability >= 0.99 ? Severity.High : Probability >= 0.9 ? Severity.Medium : Severity.Low;
}
