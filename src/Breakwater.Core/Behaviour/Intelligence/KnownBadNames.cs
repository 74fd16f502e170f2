using System.Globalization;
using Breakwater.Core.Behaviour.Names;
using Breakwater.Core.Behaviour.Payload;
using Breakwater.Core.Detection;
using Breakwater.Core.Flows;
using Breakwater.Core.Net;
using Breakwater.Core.Sharing;

namespace Breakwater.Core.Behaviour.Intelligence;

/// <summary>Hosts of ours that ask for names which others know to be bad.</summary>
/// <remarks>To ask is not to talk: a link in a mail is enough. It is an attempt, never a proof. Resolvers ask for others and are left alone; a name that many ask for is a mistake of the list.</remarks>
public sealed class KnownBadNames(KnownBadBoard board, HomeNetwork home, IntelligenceOptions options) : IBehaviour, IHear<DnsObservation>
{
    public const string PartName = "known-bad-names";

    /// <summary>Hosts and names that are remembered; beyond, no new ones are until the next hour.</summary>
    private const int MaxAsked = 8_192;

    private static readonly TimeSpan Memory = TimeSpan.FromHours(1);

    private readonly Dictionary<(IpAddr Host, string Name), Asked> _asked = [];
    private readonly Dictionary<string, HashSet<IpAddr>> _askers = [];
    private readonly ServersSeen _servers = new();
    private Timestamp _forget = Timestamp.Min;

    public string Name => PartName;

    public ContactEvents Wants => ContactEvents.None;

    /// <summary>Bots ask for their controller again and again: one question in a hundred is enough.</summary>
    public int WorksTo => 100;

    public void Heard(in Flow flow, in DnsObservation observation)
    {
        _servers.Add(observation.Server);
        var known = board.Current;
        if (known.Names == 0 || observation.Name.Length is 0 or > FeedEntry.MaxName || home.GroupOf(observation.Client) < 0) return;
        Span<char> name = stackalloc char[FeedEntry.MaxName];
        for (var i = 0; i < observation.Name.Length; i++) name[i] = (char)observation.Name[i];
        name = name[..observation.Name.Length];
        if (known.FindName(name, flow.Start) is null) return;
        var text = name.ToString();
        if (!_askers.TryGetValue(text, out var askers))
        {
            if (_askers.Count >= MaxAsked) return;
            _askers[text] = askers = [];
        }
        if (askers.Count <= options.PopularFrom) askers.Add(observation.Client);
        var key = (observation.Client, text);
        if (!_asked.TryGetValue(key, out var asked))
        {
            if (_asked.Count >= MaxAsked) return;
            _asked[key] = asked = new Asked { First = flow.Start };
        }
        asked.IsNews |= asked.Times == 0 || flow.Start - asked.Last >= TimeSpan.FromMinutes(1);
        asked.Last = flow.Start;
        asked.Times++;
    }

    public void Tick(Timestamp now, ISignSink signs)
    {
        foreach (var ((host, name), asked) in _asked)
        {
            if (!asked.IsNews) continue;
            asked.IsNews = false;
            if (_servers.Contains(host) || _askers[name].Count >= options.PopularFrom) continue;
            if (board.Current.FindName(name, asked.Last) is { } verdict) signs.Add(SignOf(host, name, asked, verdict));
        }
        if (now < _forget) return;
        _forget = now + Memory;
        foreach (var old in _asked.Where(a => now - a.Value.Last >= Memory).Select(a => a.Key).ToArray()) _asked.Remove(old);
        foreach (var old in _askers.Keys.Except(_asked.Keys.Select(k => k.Name)).ToArray()) _askers.Remove(old);
    }

    private Sign SignOf(IpAddr host, string name, Asked asked, KnownBadVerdict verdict)
    {
        var sign = verdict.Claims.Any(c => c.Category is FeedCategory.CommandAndControl or FeedCategory.Bot) ? SignNames.CommandAttempt : SignNames.KnownBadContact;
        return new Sign
        {
            Behaviour = PartName,
            Name = sign,
            // The same on every replay, which a string's own hash is not.
            Service = name.Aggregate(17, (hash, c) => unchecked(hash * 31 + c)) & int.MaxValue,
            Family = SignNames.FamilyOf(sign),
            Host = host,
            Weight = SignNames.WeightOf(sign),
            Confidence = verdict.Score,
            From = asked.First,
            To = asked.Last,
            Because = string.Create(CultureInfo.InvariantCulture, $"asks for {name}, which is {verdict.Because}: {asked.Times} times"),
            Counterfactual = string.Create(CultureInfo.InvariantCulture, $"would not have been said had no feed listed it, or had {options.PopularFrom} of our hosts asked for it"),
            Inputs = [KeyValuePair.Create("score", verdict.Score), KeyValuePair.Create("questions", (double)asked.Times)],
            WorksTo = WorksTo,
            Packets = asked.Times,
            SampledPackets = asked.Times,
        };
    }

    private sealed class Asked
    {
        public Timestamp First, Last;
        public long Times;
        public bool IsNews;
    }
}
