using System.Globalization;
using System.Runtime.InteropServices;
using Breakwater.Core.Detection;
using Breakwater.Core.Flows;
using Breakwater.Core.Net;

namespace Breakwater.Core.Behaviour.Beacons;

/// <summary>Finds hosts that call the same service elsewhere again and again: by an even rhythm, a rhythm blurred on purpose, always saying the same, and never resting.</summary>
/// <remarks>
/// Rhythm: the timing score of RITA v5, and as second opinions how far the gaps are from chance (the shape of the Erlang distribution with their mean and
/// variance), and the autocorrelation of the calls at the middle gap. All must agree. Updates, clocks and telemetry call as regularly: a rhythm alone accuses nobody, and what half of our hosts call is nobody's controller.
/// </remarks>
public sealed class BeaconBehaviour(BehaviourOptions options, HomeNetwork home) : IBehaviour, IPrefetching, IDisposable
{
    /// <summary>Calls after which a pair is looked at closely.</summary>
    private const uint Promoted = 3;

    /// <summary>Gaps of jitter up to ±60 % have this shape and more; those of chance have 1.</summary>
    private const double MachineShape = 8;

    /// <summary>Share of calls that another follows one middle gap later; by chance 0.45.</summary>
    private const double Echoing = 0.75;

    /// <summary>Share of calls that are alike, from which they say the same.</summary>
    private const double Same = 0.8;

    /// <summary>Hours of a day with calls in them, in which people sleep.</summary>
    private const int WakefulHours = 20;

    /// <summary>Times as many calls are asked for of strangers, in captures of which nobody said what is home: thousands of them call, a few as crawlers and monitors do, and one side of it is all that is seen.</summary>
    private const int Strangers = 4;

    /// <summary>Controllers that one bot calls at a time, spare ones included.</summary>
    private const int MaxControllers = 8;

    /// <summary>Hosts from which on prevalence means something.</summary>
    private const int FewHosts = 10;

    private readonly BeaconOptions _options = options.Beacon;
    private readonly CallCounts _counts = new(options.Beacon.MaxPairs);
    private readonly Dictionary<PairKey, CallHistory> _histories = [];
    private readonly PairFilter _followed = new(options.Beacon.MaxHistories);
    private readonly HashSet<PairKey> _dirty = [];
    private readonly Sketches.HyperLogLog _callers = new(10);

    /// <summary>Of each host that calls regularly, how many services.</summary>
    private readonly Dictionary<IpAddr, int> _services = [];

    /// <summary>Of each service that is called regularly, by how many.</summary>
    private readonly Dictionary<(IpAddr Responder, ushort Port), int> _regulars = [];

    public string Name => "beacon";
    public ContactEvents Wants => ContactEvents.Ended;

    /// <summary>A call of ten packets is seen whole in no sampled traffic.</summary>
    public int WorksTo => 1;

    /// <summary>Looking for room goes through all histories, so it is done now and then only.</summary>
    private Timestamp _nextForget = Timestamp.Min;

    /// <summary>Histories that found no room.</summary>
    public long Refused { get; private set; }

    void IPrefetching.Prefetch(ReadOnlySpan<Contact> contacts, ReadOnlySpan<ContactEvents> events)
    {
        for (var i = 0; i < contacts.Length; i++)
            if ((events[i] & ContactEvents.Ended) != 0 && IsCall(contacts[i])) _counts.Prefetch(PairKey.Of(contacts[i]).Fingerprint());
    }

    public void Ended(in Contact contact)
    {
        if (!IsCall(contact)) return;
        _callers.Add(contact.Initiator.Hash64());
        var key = PairKey.Of(contact);
        var fingerprint = key.Fingerprint();
        CallHistory? history = null;
        if (!_followed.MayHold(fingerprint) || !_histories.TryGetValue(key, out history))
        {
            if (_counts.Add(fingerprint, contact.Start.Seconds32) < Promoted) return;
            if (_histories.Count >= _options.MaxHistories && !Forget(contact.Start))
            {
                Refused++;
                return;
            }
            _histories[key] = history = new CallHistory(contact.Start);
            _followed.Add(fingerprint);
        }
        history.Add(new Call(contact.Start, contact.InitiatorBytes, contact.ResponderBytes));
        if (history.Count >= _options.Calls && history.Count >= history.ToldAt + Math.Max(1, history.ToldAt / 8)) _dirty.Add(key);
    }

    public void Dispose() => _counts.Dispose();

    public void Tick(Timestamp now, ISignSink signs)
    {
        if (_dirty.Count == 0) return;
        var callers = _callers.Estimate();
        foreach (var key in _dirty.Order())
        {
            if (!_histories.TryGetValue(key, out var history)) continue;
            history.ToldAt = history.Count;
            if (CallPattern.Of(history.Calls()) is { } pattern) Judge(key, history, pattern, callers, signs);
        }
        _dirty.Clear();
    }

    /// <param name="callers">Hosts that call anything.</param>
    private void Judge(PairKey key, CallHistory history, CallPattern pattern, double callers, ISignSink signs)
    {
        var isOurs = home.GroupOf(key.Initiator) >= 0;
        if (pattern.Calls < (isOurs ? _options.Calls : _options.Calls * Strangers) || pattern.Score.Timing < _options.Timing || pattern.Shape < MachineShape || pattern.Echo < Echoing) return;
        if (!history.IsRegular) Count(key, history, 1);
        // Who pings many peers by a timer keeps a network of peers alive, and the doors in its router open.
        if (_services[key.Initiator] > MaxControllers) return;
        if (callers >= FewHosts && _regulars[(key.Responder, key.Port)] >= _options.Prevalent * callers) return;

        var surety = 1 - Math.Exp(-2.0 * pattern.Calls / _options.Calls);
        var span = history.Last - history.First;
        var where = $"{key.Responder} port {key.Port}";
        signs.Add(Base(key, history, pattern, SignNames.Beacon, surety,
            string.Create(CultureInfo.InvariantCulture, $"{history.Count} calls to {where} in {Span(span)}, {Seconds(pattern.MedianGap)} apart: timing score {pattern.Score.Timing:0.000} >= {_options.Timing:0.00}, {pattern.Shape:0} times more even than chance >= {MachineShape:0}, {pattern.Echo:0.00} of them followed by another one gap later >= {Echoing:0.00}"),
            $"would not have been said of fewer than {_options.Calls} calls, or with gaps that vary by more than a third"));
        if (pattern.Sameness < Same) return;
        signs.Add(Base(key, history, pattern, SignNames.RepeatedExchange, surety,
                $"{Examination.Percent(pattern.Sameness)} of its calls to {where} say as much as the others, and hear as much >= {Examination.Percent(Same)}",
                $"would not have been said if one call in five were of another size"));
        if (pattern.Spread.IsDiced)
            signs.Add(Base(key, history, pattern, SignNames.JitteredCalls, surety,
                $"the gaps between its calls to {where} are spread evenly over {Examination.Percent(pattern.Spread.Width)} of their length >= {Examination.Percent(GapSpread.Diced)}, a tenth of them {Examination.Percent(pattern.Spread.Early)} or more too short: the rhythm is blurred on purpose, for delays make gaps longer and heap up at the short end",
                "would not have been said of a plain timer, nor of one that waits longer by up to a quarter"));
        if (history.Hours >= WakefulHours && history.Hours >= span.TotalHours * 0.8)
            signs.Add(Base(key, history, pattern, SignNames.RestlessCalls, surety,
                string.Create(CultureInfo.InvariantCulture, $"calls to {where} in {history.Hours} of {Math.Ceiling(span.TotalHours)} hours >= {WakefulHours}, by day and by night"),
                $"would not have been said if it rested for a fifth of the time"));
    }

    private Sign Base(PairKey key, CallHistory history, CallPattern pattern, string name, double confidence, string because, string counterfactual) => new()
    {
        Behaviour = Name,
        Name = name,
        Service = key.Port,
        Family = SignNames.FamilyOf(name),
        Host = key.Initiator,
        Weight = SignNames.WeightOf(name),
        Confidence = Math.Round(Math.Clamp(confidence, 0.05, 0.99), 2),
        From = history.First,
        To = history.Last,
        Because = because,
        Counterfactual = counterfactual,
        Target = new Prefix(key.Responder, key.Responder.Bits),
        Inputs =
        [
            new("calls", history.Count), new("medianGap", Math.Round(pattern.MedianGap.TotalSeconds, 2)), new("shape", Math.Round(pattern.Shape, 1)), new("echo", Math.Round(pattern.Echo, 3)), new("spread", Math.Round(pattern.Spread.Width, 3)), new("early", Math.Round(pattern.Spread.Early, 3)), new("sameness", Math.Round(pattern.Sameness, 3)),
            new("hours", history.Hours), new("timingScore", pattern.Score.Timing), new("sizeScore", pattern.Score.Size), new("histogramScore", pattern.Score.Histogram), new("durationScore", pattern.Score.Duration),
        ],
        WorksTo = WorksTo,
    };

    /// <summary>A conversation that one of ours began with somebody elsewhere, over a service that is not regular by nature.</summary>
    private bool IsCall(in Contact contact) =>
        (contact.IsOutbound || (contact.IsInbound && home.MayAccuse(contact.Initiator))) && (contact.IsTcp || contact.IsUdp) && contact.InitiatorPackets > 0
        // Of strangers only those that are answered: what they do in vain is no conversation.
        && (contact.IsOutbound || contact.State == ContactState.Answered)
        && (contact.Marks & (ContactMarks.Midstream | ContactMarks.Sampled)) == 0 && !IsRegularByNature(contact.ServicePort) && !Bogons.IsMulticastOrBroadcast(contact.Responder);

    /// <summary>Names, addresses, clocks, announcements, traversal, mailboxes that are looked into every few minutes; and logins, where it is the guessing of passwords that is regular.</summary>
    private static bool IsRegularByNature(ushort port) => port is 22 or 23 or 53 or 67 or 68 or 110 or 119 or 123 or 137 or 138 or 143 or 161 or 546 or 547 or 853 or 993 or 995 or 1900 or 3389 or 3478 or 3702 or 5351 or 5353 or 5355 or 5900;

    /// <summary>Makes room by forgetting what has not called for longest, of those that were never told of.</summary>
    private bool Forget(Timestamp now)
    {
        if (now < _nextForget) return false;
        _nextForget = now + TimeSpan.FromMinutes(1);
        var quiet = _histories.Where(h => now - h.Value.Last > TimeSpan.FromHours(1)).OrderBy(h => h.Value.Last).Take(Math.Max(1, _histories.Count / 16)).Select(h => h.Key).ToArray();
        foreach (var key in quiet)
        {
            if (_histories[key].IsRegular) Count(key, _histories[key], -1);
            _histories.Remove(key);
        }
        _followed.Clear();
        foreach (var key in _histories.Keys) _followed.Add(key.Fingerprint());
        return quiet.Length > 0;
    }

    /// <summary>Counts a regular pair for its caller and for its service, or takes it back.</summary>
    private void Count(PairKey key, CallHistory history, int one)
    {
        history.IsRegular = one > 0;
        CollectionsMarshal.GetValueRefOrAddDefault(_services, key.Initiator, out _) += one;
        CollectionsMarshal.GetValueRefOrAddDefault(_regulars, (key.Responder, key.Port), out _) += one;
        if (_services[key.Initiator] == 0) _services.Remove(key.Initiator);
        if (_regulars[(key.Responder, key.Port)] == 0) _regulars.Remove((key.Responder, key.Port));
    }

    private static string Seconds(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.#} s");

    private static string Span(TimeSpan time) => time.TotalHours >= 1 ? string.Create(CultureInfo.InvariantCulture, $"{time.TotalHours:0.0} h") : Seconds(time);

    private readonly record struct PairKey(IpAddr Initiator, IpAddr Responder, ushort Port, byte Protocol) : IComparable<PairKey>
    {
        public int CompareTo(PairKey other)
        {
            var order = Initiator.CompareTo(other.Initiator);
            if (order == 0) order = Responder.CompareTo(other.Responder);
            if (order == 0) order = Port.CompareTo(other.Port);
            return order != 0 ? order : Protocol.CompareTo(other.Protocol);
        }

        public static PairKey Of(in Contact contact) => new(contact.Initiator, contact.Responder, contact.ServicePort, contact.Protocol);

        public ulong Fingerprint() => (Initiator.Hash64() * 0x9E37_79B9_7F4A_7C15 ^ Responder.Hash64() + ((ulong)Port << 8 | Protocol) * 0xD6E8_FEB8_6659_FD93) | 1;
    }
}
