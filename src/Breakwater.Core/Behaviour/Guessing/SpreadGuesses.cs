using System.Globalization;
using System.Runtime.CompilerServices;
using Breakwater.Core.Detection;
using Breakwater.Core.Flows;
using Breakwater.Core.Incidents;
using Breakwater.Core.Net;

namespace Breakwater.Core.Behaviour.Guessing;

/// <summary>Guessing that no pair of hosts shows: one that tries a few passwords at each of many servers, and many that try a few each at one of ours.</summary>
/// <remarks>
/// Zeek's detect-bruteforcing counts thirty failures in thirty minutes of one host, whomever it tried. Javed and Paxson, "Detecting Stealthy, Distributed SSH Brute-Forcing"
/// (CCS 2013): what a crowd has in common tells it from the everyday failures of many; theirs were logs, ours is the size of what was said. Of one pair only the
/// first attempts count here: what comes after is the pair's own story.
/// </remarks>
internal sealed class SpreadGuesses(GuessingOptions options, NamedOutsiders outsiders)
{
    /// <summary>Attempts of one pair that count in half an hour: more are guessing at one server.</summary>
    public const int FewAttempts = 3;

    private const int MaxSpreads = 256;

    /// <summary>Others from which a host is looked at closely.</summary>
    private const int Suspicious = 4;

    /// <summary>Zeek's thirty; and as many targets as make a horizontal scan.</summary>
    private const int MinAttempts = 30, MinTargets = 10;

    /// <summary>As of a distributed scan: Zeek's number for one scanner, of guessers.</summary>
    private const int MinSources = 25;

    /// <summary>Attempts of a crowd from which it is no background.</summary>
    private const int ManyAttempts = 100;

    private const double Alike = 0.8;

    /// <summary>One source with a larger part of the attempts is no crowd.</summary>
    private const double MaxShareOfOne = 0.25;

    private readonly HostStates<Tally> _tallies = new(65_536);
    private readonly List<GuessSpread> _spreads = [];

    /// <summary>Takes note of an attempt.</summary>
    /// <param name="isFirst">It is the pair's first in half an hour.</param>
    /// <param name="alike">Number that attempts which look the same share.</param>
    public void Add(in Contact contact, AuthService service, bool isFirst, int alike)
    {
        if (service.Clients != EverydayClients.ManyEverywhere) Add(contact, service, isFirst, alike, isTarget: false);
        if (service.Clients == EverydayClients.Few && contact.IsInbound) Add(contact, service, isFirst, alike, isTarget: true);
    }

    /// <summary>Takes note of a conversation that was work.</summary>
    public void AddSession(in Contact contact)
    {
        if (_spreads.Count == 0) return;
        for (var side = 0; side < 2; side++)
        {
            var key = KeyOf(contact, isTarget: side == 1);
            ref var tally = ref _tallies.Find(key, contact.Start.Milliseconds32);
            if (!Unsafe.IsNullRef(ref tally) && Find(tally.Spread, key) is { } spread) spread.Sessions++;
        }
    }

    public void Tick(Timestamp now, ISignSink signs)
    {
        foreach (var spread in _spreads)
        {
            if (spread.IsDirty && spread.Attempts >= spread.ToldAt + Math.Max(1, spread.ToldAt / 2)) Judge(spread, now, signs);
            if (now - spread.Since < GuessSpread.Window) continue;
            if (spread.IsDirty) Judge(spread, now, signs);
            spread.Roll(now);
        }
    }

    private void Add(in Contact contact, AuthService service, bool isFirst, int alike, bool isTarget)
    {
        var key = KeyOf(contact, isTarget);
        ref var tally = ref _tallies.FindOrAdd(key, contact.Start.Milliseconds32, out _);
        var seconds = contact.Start.Seconds32;
        if (seconds - tally.Since > GuessSeries.SlowWindowSeconds && seconds > tally.Since) (tally.Since, tally.Others) = (seconds, 0);
        if (isFirst && tally.Others < byte.MaxValue) tally.Others++;
        var spread = Find(tally.Spread, key);
        if (spread is null)
        {
            if (tally.Others < Suspicious) return;
            spread = Start(key, contact, service, isTarget, out tally.Spread);
        }
        spread.Add(contact, alike);
    }

    private void Judge(GuessSpread spread, Timestamp now, ISignSink signs)
    {
        spread.IsDirty = false;
        var patience = options.Patience;
        var (attempts, fewest) = (Math.Ceiling(MinAttempts * patience), spread.IsTarget ? MinSources : MinTargets);
        var others = Math.Round(spread.Others);
        if (spread.Attempts < attempts || others < fewest || spread.Sessions > spread.Attempts) return;
        var alike = spread.Alikeness();
        if (alike < Alike) return;
        var top = spread.Top;
        if (spread.IsTarget && top[0].AtLeast > MaxShareOfOne * spread.Attempts) return;
        spread.ToldAt = spread.Attempts;
        signs.Add(spread.IsTarget ? AtOne(spread, others, alike, attempts) : AtMany(spread, others, alike, attempts, now));
    }

    /// <summary>Many try one of ours: told once, of the target.</summary>
    private static Sign AtOne(GuessSpread spread, double sources, double alike, double attempts) => Common(spread, SignNames.DistributedGuessing, sources, alike) with
    {
        Target = new Prefix(spread.Hub, spread.Hub.Bits),
        Because = string.Create(CultureInfo.InvariantCulture,
            $"about {Examination.Count(sources)} sources (>= {MinSources}) had {Examination.Count(spread.Attempts)} short conversations (>= {attempts:0}) with {spread.Service.Word} on port {spread.Port} of {spread.Hub} within thirty minutes, {Examination.Percent(alike)} of them alike in size, as refused attempts of one program are"),
        Counterfactual = string.Create(CultureInfo.InvariantCulture, $"would not have been said of fewer than {MinSources} sources or {attempts:0} attempts, of sizes of which fewer than {Alike * 100:0} % are alike, or had one source more than {MaxShareOfOne * 100:0} % of them"),
        Direct = new DirectIncident(IncidentKind.BruteForce, spread.Attempts >= ManyAttempts ? Severity.Medium : Severity.Low),
        Sources = [.. spread.Top.Select(t => t.Key)],
        SourceCount = (long)sources,
    };

    /// <summary>One tries many.</summary>
    private Sign AtMany(GuessSpread spread, double targets, double alike, double attempts, Timestamp now)
    {
        // Inside, an administrator's program that goes round all machines looks the same; nobody goes round by Telnet.
        var everyday = spread.IsHome && !spread.LeavesHome && spread.Service != AuthService.Telnet;
        return Common(spread, SignNames.PasswordSpray, targets, alike) with
        {
            Host = spread.Hub,
            Weight = spread.IsHome && !everyday ? SignNames.WeightOf(SignNames.PasswordSpray) : 0,
            Because = string.Create(CultureInfo.InvariantCulture,
                $"{Examination.Count(spread.Attempts)} {(spread.Service.IsWeb ? "logins at" : "short conversations with")} {spread.Service.Word} (>= {attempts:0}) on port {spread.Port} of about {Examination.Count(targets)} hosts (>= {MinTargets}) within thirty minutes, a few with each, {Examination.Percent(alike)} of them alike, as refused attempts are{(everyday ? "; all of them ours: a program of an administrator looks the same" : "")}"),
            Counterfactual = string.Create(CultureInfo.InvariantCulture, $"would not have been said of fewer than {MinTargets} hosts or {attempts:0} attempts, of sizes of which fewer than {Alike * 100:0} % are alike, or of a host that works with those it tries"),
            Direct = new DirectIncident(IncidentKind.BruteForce, everyday ? Severity.Low : spread.IsHome ? Severity.Medium : SeverityOf(spread, now)),
        };
    }

    private static Sign Common(GuessSpread spread, string name, double others, double alike) => new()
    {
        Behaviour = GuessingBehaviour.PartName,
        Name = name,
        Service = spread.Port,
        Family = SignFamily.BruteForce,
        Host = IpAddr.None,
        Because = "",
        Counterfactual = "",
        Confidence = Math.Round(Math.Min(0.95, spread.Attempts / (2.0 * MinAttempts)), 2),
        From = spread.First,
        To = spread.Last,
        Inputs = [new("attempts", spread.Attempts), new(spread.IsTarget ? "sources" : "targets", others), new("alike", Math.Round(alike, 3)), new("sessions", spread.Sessions)],
        WorksTo = GuessingBehaviour.WorksToSampling,
        SamplingRate = spread.SamplingRate,
        Packets = spread.Packets,
        SampledPackets = spread.SampledPackets,
        Flows = spread.Flows,
    };

    private Severity SeverityOf(GuessSpread spread, Timestamp now)
    {
        if (spread.IsNamed) return Severity.Medium;
        var severity = outsiders.Next(now);
        spread.IsNamed = severity == Severity.Medium;
        return severity;
    }

    private GuessSpread? Find(ushort number, IpAddr key) => number != 0 && _spreads[number - 1] is { } spread && spread.Key == key ? spread : null;

    private GuessSpread Start(IpAddr key, in Contact contact, AuthService service, bool isTarget, out ushort number)
    {
        var place = _spreads.Count;
        if (place < MaxSpreads) _spreads.Add(new GuessSpread());
        else
        {
            // Others make room for ours, and of equals the one quiet for longest.
            place = 0;
            for (var i = 1; i < _spreads.Count; i++)
                if (_spreads[i].IsHome != _spreads[place].IsHome ? _spreads[place].IsHome : _spreads[i].Last < _spreads[place].Last) place = i;
        }
        number = (ushort)(place + 1);
        _spreads[place].Begin(key, contact, service, isTarget);
        return _spreads[place];
    }

    private static IpAddr KeyOf(in Contact contact, bool isTarget) =>
        new((isTarget ? contact.Responder : contact.Initiator).Hash64(), (ulong)contact.ServicePort << 32 | (ulong)contact.Protocol << 8 | (isTarget ? 2ul : 1));

    private struct Tally : IHostState
    {
        public uint Since;
        public ushort Spread;

        /// <summary>Others tried, or that tried, in half an hour.</summary>
        public byte Others;
        public readonly int Worth => Spread != 0 ? 2 : Others > 1 ? 1 : 0;
    }
}
