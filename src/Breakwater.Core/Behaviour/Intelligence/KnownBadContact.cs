using System.Globalization;
using Breakwater.Core.Flows;
using Breakwater.Core.Net;
using Breakwater.Core.Sharing;

namespace Breakwater.Core.Behaviour.Intelligence;

/// <summary>Hosts of ours that talk to addresses which others know to be bad, and hosts of ours that others complain of.</summary>
/// <remarks>
/// Reference of detection, section 3.16: two-way bytes to a command-and-control entry prove an infection, one-way attempts are a strong sign, a report of a sinkhole proves it.
/// A list can be wrong, and then it is wrong about everybody: an address that many of our hosts talk to is a service that a list names by mistake, and says nothing.
/// Who scans meets listed addresses by chance: attempts count only where the list speaks of that port, and only of hosts that try few of them.
/// </remarks>
public sealed class KnownBadContact(KnownBadBoard board, IntelligenceOptions options) : IBehaviour
{
    public const string PartName = "known-bad";

    /// <summary>Talks that are remembered; beyond, the one silent for longest goes.</summary>
    private const int MaxTalks = 8_192;

    /// <summary>Listed addresses of which it is counted how many of our hosts talk to them.</summary>
    private const int MaxPlaces = 8_192;

    /// <summary>Listed addresses that one host tries in vain before it counts as a scanner.</summary>
    private const int MaxAttempts = 4;

    /// <summary>From this score on a two-way talk, or a report, proves an infection by itself: one very reliable feed, or several that agree.</summary>
    /// <remarks>What then remains of doubt is that the list is wrong about everybody, and that shows in how many talk to the address.</remarks>
    private const double Proof = 0.8;

    private static readonly TimeSpan ComplaintInterval = TimeSpan.FromMinutes(1);

    private readonly Dictionary<(IpAddr Host, IpAddr Place, ushort Port), Talk> _talks = [];
    private readonly Dictionary<IpAddr, HashSet<IpAddr>> _places = [];
    private Timestamp _complaintsDue = Timestamp.Min;

    public string Name => PartName;

    public ContactEvents Wants => ContactEvents.Began | ContactEvents.Answered | ContactEvents.Ended;

    /// <summary>One packet in a thousand of a talk that goes on for long is still seen; short ones are missed.</summary>
    public int WorksTo => 1000;

    public void Began(in Contact contact) => Note(contact, begins: true);

    public void Answered(in Contact contact) => Note(contact, begins: false);

    public void Ended(in Contact contact) => Note(contact, begins: false);

    public void Tick(Timestamp now, ISignSink signs)
    {
        var known = board.Current;
        foreach (var ((host, place, _), talk) in _talks.Where(t => t.Value.IsNews))
        {
            talk.IsNews = false;
            if (known.Find(place, talk.Port, talk.Last) is { } verdict && !IsPopular(place)) Tell(host, place, talk, verdict, signs);
        }
        if (now < _complaintsDue) return;
        _complaintsDue = now + ComplaintInterval;
        foreach (var (prefix, verdict) in known.OfOurs(now))
            if (prefix.IsHost) Complain(prefix.Address, verdict, now, signs);
    }

    private void Note(in Contact contact, bool begins)
    {
        var known = board.Current;
        if (known.IsEmpty || !contact.IsFromHome || contact.ResponderGroup >= 0 || contact.IsArp) return;
        var port = contact.IsTcp || contact.IsUdp ? contact.ServicePort : (ushort)0;
        if (known.Find(contact.Responder, port, contact.Last) is null) return;
        Meet(contact.Responder, contact.Initiator);
        var key = (contact.Initiator, contact.Responder, port);
        if (!_talks.TryGetValue(key, out var talk))
        {
            if (_talks.Count >= MaxTalks) MakeRoom();
            _talks[key] = talk = new Talk { First = contact.Start, Port = port, Protocol = contact.Protocol };
        }
        talk.Add(contact, begins);
    }

    /// <summary>Many at once, so that whoever fills the table does not pay us for each.</summary>
    private void MakeRoom()
    {
        foreach (var key in _talks.OrderBy(t => t.Value.Last).Take(MaxTalks / 8).Select(t => t.Key).ToArray()) _talks.Remove(key);
    }

    private void Meet(in IpAddr place, in IpAddr host)
    {
        if (!_places.TryGetValue(place, out var hosts))
        {
            if (_places.Count >= MaxPlaces) return;
            _places[place] = hosts = [];
        }
        if (hosts.Count <= options.PopularFrom) hosts.Add(host);
    }

    private bool IsPopular(in IpAddr place) => _places.TryGetValue(place, out var hosts) && hosts.Count >= options.PopularFrom;

    private void Tell(IpAddr host, IpAddr place, Talk talk, KnownBadVerdict verdict, ISignSink signs)
    {
        var control = verdict.Claims.Any(c => c.Category is FeedCategory.CommandAndControl or FeedCategory.Bot);
        // An attempt that nobody answered is chance in a scanner, and a sign in others.
        if (!talk.IsTwoWay && (!control || _talks.Count(t => t.Key.Host == host && !t.Value.IsTwoWay) > MaxAttempts)) return;
        var name = !control ? SignNames.KnownBadContact : talk.IsTwoWay ? SignNames.CommandContact : SignNames.CommandAttempt;
        var proves = name == SignNames.CommandContact && verdict.Score >= Proof;
        var where = talk.Port != 0 ? string.Create(CultureInfo.InvariantCulture, $"{place} port {talk.Port}") : place.ToString();
        signs.Add(new Sign
        {
            Behaviour = PartName,
            Name = name,
            Service = (int)(place.Hash64() & 0x7FFF_FFFF),
            Family = SignNames.FamilyOf(name),
            Host = host,
            Weight = SignNames.WeightOf(name),
            Confidence = proves ? 1 : verdict.Score,
            Confirmed = proves,
            From = talk.First,
            To = talk.Last,
            Because = string.Create(CultureInfo.InvariantCulture, $"{(talk.IsTwoWay ? "talks to" : "tries to reach")} {where}, which is {verdict.Because}: {talk.Talks} times, {talk.Sent} octets sent, {talk.Received} received"),
            Counterfactual = string.Create(CultureInfo.InvariantCulture, $"would not have been said had no feed listed {place}, or had {options.PopularFrom} of our hosts talked to it"),
            Inputs = [KeyValuePair.Create("score", verdict.Score), KeyValuePair.Create("talks", (double)talk.Talks), KeyValuePair.Create("octetsSent", (double)talk.Sent), KeyValuePair.Create("octetsReceived", (double)talk.Received)],
            WorksTo = WorksTo,
            Target = new Prefix(place, place.Bits),
            Packets = talk.Packets,
            SampledPackets = talk.SampledPackets,
        });
    }

    private void Complain(IpAddr host, KnownBadVerdict verdict, Timestamp now, ISignSink signs)
    {
        var infected = verdict.Claims.Where(c => c.Category is FeedCategory.Bot or FeedCategory.CommandAndControl or FeedCategory.Malware or FeedCategory.BruteForce or FeedCategory.Scanner or FeedCategory.Spam).ToArray();
        if (infected.Length == 0) return;
        var seen = infected.Max(c => c.Seen ?? Timestamp.Min);
        var at = seen == Timestamp.Min || seen > now ? now : seen;
        signs.Add(new Sign
        {
            Behaviour = PartName,
            Name = SignNames.InfectionReport,
            Family = SignNames.FamilyOf(SignNames.InfectionReport),
            Host = host,
            Weight = SignNames.WeightOf(SignNames.InfectionReport),
            Confidence = verdict.Score >= Proof ? 1 : verdict.Score,
            Confirmed = verdict.Score >= Proof,
            From = at,
            To = at,
            Because = $"others report it: {verdict.Because}",
            Counterfactual = "would not have been said without that report",
            Inputs = [KeyValuePair.Create("score", verdict.Score)],
            WorksTo = int.MaxValue,
        });
    }

    private sealed class Talk
    {
        public Timestamp First, Last;
        public ushort Port;
        public byte Protocol;
        public long Talks, Sent, Received, Packets, SampledPackets;
        public bool IsTwoWay, IsNews;

        public void Add(in Contact contact, bool begins)
        {
            // A port that opens and closes again is what a scan finds; three packets of TCP are an exchange.
            var twoWay = contact.State == ContactState.Answered && contact.ResponderPackets >= (contact.IsTcp ? 3 : 1);
            IsNews |= Talks == 0 || (twoWay && !IsTwoWay) || contact.Last - Last >= TimeSpan.FromMinutes(1);
            IsTwoWay |= twoWay;
            if (contact.Last > Last) Last = contact.Last;
            if (begins || Talks == 0) Talks++;
            Sent = Math.Max(Sent, contact.InitiatorBytes);
            Received = Math.Max(Received, contact.ResponderBytes);
            Packets = Math.Max(Packets, (long)contact.InitiatorPackets + contact.ResponderPackets);
            SampledPackets = Math.Max(SampledPackets, contact.SampledPackets);
        }
    }
}
