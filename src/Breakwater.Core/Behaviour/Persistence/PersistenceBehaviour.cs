using System.Globalization;
using System.Runtime.CompilerServices;
using Breakwater.Core.Behaviour.Beacons;
using Breakwater.Core.Detection;
using Breakwater.Core.Flows;
using Breakwater.Core.Net;

namespace Breakwater.Core.Behaviour.Persistence;

/// <summary>Finds hosts that call one service elsewhere for an hour and more though it seldom answers, and those that IRC servers throw out again and again: bots that do not give up.</summary>
/// <remarks>
/// What fails, and goes on failing: Zhu, Yegneswaran, Chen, "Using Failure Information Analysis to Detect Enterprise Zombies" (SecureComm 2009). Calls of one size: Tegeler, Fu, Vigna,
/// Kruegel, "BotFinder" (CoNEXT 2012). Neither needs a rhythm: who waits for an answer, tries again and gives up has none.
/// </remarks>
public sealed class PersistenceBehaviour(BehaviourOptions options) : IBehaviour, IPrefetching, IDisposable
{
    /// <summary>Failures that make a sign, in how many hours at least, and which share of all calls.</summary>
    private const int MinFailed = 50;
    private const double MinHours = 1;
    private const double MinShare = 1 / 3.0;

    /// <summary>Calls to an IRC server that say and hear the same and are short.</summary>
    private const int MinAlike = 10;
    private const double SameShare = 0.6;
    private const int MaxOctets = 4096;

    /// <summary>After this long without a call it is another story.</summary>
    private static readonly TimeSpan Break = TimeSpan.FromMinutes(30);

    /// <summary>An answered call that lasted longer was a session.</summary>
    private static readonly TimeSpan Short = TimeSpan.FromMinutes(5);

    /// <summary>Failures of a pair before it has a tally: most fail once, and never again.</summary>
    private const int Promoted = 4;

    private readonly CallCounts _failures = new(options.MaxHosts / 8);
    private readonly HostStates<CallTally> _tallies = new(options.MaxHosts / 8);

    /// <summary>The pairs that have a tally, and some that had one. Most answered calls need not look further.</summary>
    private readonly PairFilter _failing = new(options.MaxHosts / 8);

    /// <summary>Pairs added to the filter since those that are gone were last taken out of it.</summary>
    private int _added;
    private readonly UplinkWatch _uplink = new();
    private readonly List<Sign> _signs = [];

    public string Name => "persistence";
    public ContactEvents Wants => ContactEvents.Ended;

    /// <remarks>A try in vain is one packet, and looks like any other of a conversation of which the rest was not sampled.</remarks>
    public int WorksTo => 1;

    public void Ended(in Contact contact)
    {
        if (!contact.IsTcp || !contact.IsOutbound || contact.InitiatorPackets == 0 || (contact.Marks & (ContactMarks.Midstream | ContactMarks.Sampled | ContactMarks.Evicted)) != 0) return;
        if (IsRetriedByNature(contact.ServicePort) || Bogons.IsLocal(contact.Responder)) return;
        var answered = contact.State == ContactState.Answered;
        _uplink.Tell(contact.Initiator, answered, contact.Start);
        var irc = ServicePorts.IsIrc(contact.ServicePort);
        var pair = Pair(contact);
        var key = new IpAddr(pair, pair | 1);
        // A call that is answered adds to a story, and begins none.
        if (answered && !irc && (!_failing.MayHold(pair) || Unsafe.IsNullRef(ref _tallies.Find(key, contact.Start.Milliseconds32)))) return;
        if (!answered && (_uplink.IsDown || _failures.Add(pair | 1, contact.Start.Seconds32) < Promoted)) return;

        ref var tally = ref _tallies.FindOrAdd(key, contact.Start.Milliseconds32, out var isNew);
        if (isNew) Remember(pair);
        var second = contact.Start.Seconds32;
        if (isNew || (int)(second - tally.Last) > Break.TotalSeconds) tally = new CallTally { First = second, Failed = isNew && !answered ? Promoted - 1 : 0 };
        tally.Last = second;
        if (answered) Answer(ref tally, contact, irc);
        else Fail(ref tally, contact);
    }

    void IPrefetching.Prefetch(ReadOnlySpan<Contact> contacts, ReadOnlySpan<ContactEvents> events)
    {
        for (var i = 0; i < contacts.Length; i++)
            if ((events[i] & ContactEvents.Ended) != 0 && contacts[i] is { IsTcp: true, IsOutbound: true } and not { State: ContactState.Answered }) _failures.Prefetch(Pair(contacts[i]) | 1);
    }

    public void Dispose() => _failures.Dispose();

    public void Tick(Timestamp now, ISignSink signs) => _signs.TellTo(signs);

    private void Remember(ulong pair)
    {
        if (++_added > options.MaxHosts / 8)
        {
            _added = 0;
            _failing.Clear();
            _tallies.Visit(key => _failing.Add(key.High));
        }
        _failing.Add(pair);
    }

    private void Fail(ref CallTally tally, in Contact contact)
    {
        tally.Failed++;
        if (tally.Failed < MinFailed || tally.Hours < MinHours || tally.Failed < MinShare * tally.Calls || tally.Failed < 2 * tally.FailedTold) return;
        tally.FailedTold = tally.Failed;
        _signs.Add(Base(SignNames.StubbornCalls, tally, contact, 1 - Math.Exp(-2.0 * tally.Failed / MinFailed),
            string.Create(CultureInfo.InvariantCulture,
                $"{tally.Failed} of {tally.Calls} calls to {contact.Responder} port {contact.ServicePort} in {tally.Hours:0.0} hours got no answer >= {MinFailed} in {MinHours:0} hour and {Examination.Percent(MinShare)} of all, and it goes on calling"),
            $"would not have been said of fewer than {MinFailed} calls in vain, after a break of half an hour, or while nobody got out"));
    }

    private void Answer(ref CallTally tally, in Contact contact, bool irc)
    {
        tally.Answered++;
        var (said, heard) = ((int)Math.Min(contact.InitiatorBytes, int.MaxValue), (int)Math.Min(contact.ResponderBytes, int.MaxValue));
        if (contact.Duration <= Short && said <= MaxOctets && heard <= MaxOctets && IsAlike(said, tally.Said) && IsAlike(heard, tally.Heard)) tally.Alike++;
        else if (tally.Answered > 2 * tally.Alike) (tally.Said, tally.Heard) = (said, heard);
        if (!irc || tally.Alike < MinAlike || tally.Alike < SameShare * tally.Answered || tally.Alike < 2 * tally.AlikeTold) return;
        tally.AlikeTold = tally.Alike;
        _signs.Add(Base(SignNames.IrcReturns, tally, contact, 1 - Math.Exp(-2.0 * tally.Alike / MinAlike),
            string.Create(CultureInfo.InvariantCulture,
                $"{tally.Alike} of {tally.Answered} talks with IRC on port {contact.ServicePort} of {contact.Responder} in {tally.Hours:0.0} hours >= {MinAlike} and {Examination.Percent(SameShare)}, each over within {Short.TotalMinutes:0} minutes and of the same size (about {tally.Said} octets out, {tally.Heard} in): people stay, and do not say the same each time"),
            $"would not have been said of fewer than {MinAlike} such talks, of talks that differ by more than a fifth, or at another port"));
    }

    private Sign Base(string name, in CallTally tally, in Contact contact, double confidence, string because, string counterfactual) => new()
    {
        Behaviour = Name,
        Name = name,
        Service = contact.ServicePort,
        Family = SignNames.FamilyOf(name),
        Host = contact.Initiator,
        Weight = SignNames.WeightOf(name),
        Confidence = Math.Round(Math.Min(0.99, confidence), 2),
        From = contact.Start - TimeSpan.FromSeconds(unchecked(tally.Last - tally.First)),
        To = contact.Last,
        Because = because,
        Counterfactual = counterfactual,
        Target = new Prefix(contact.Responder, contact.Responder.Bits),
        Inputs = [new("failed", tally.Failed), new("answered", tally.Answered), new("alike", tally.Alike), new("hours", Math.Round(tally.Hours, 2))],
        WorksTo = WorksTo,
        Packets = contact.Packets,
        SampledPackets = contact.SampledPackets,
        Flows = [contact.ToFlow()],
    };

    /// <summary>Within a fifth: a packet sent again, an acknowledgement more.</summary>
    private static bool IsAlike(int octets, int before) => Math.Abs(octets - before) <= Math.Max(16, before / 5);

    /// <summary>Mail is tried again for days (RFC 5321 §4.5.4.1); names are asked of whoever answers first.</summary>
    private static bool IsRetriedByNature(ushort port) => port is 25 or 53 or 853;

    private static ulong Pair(in Contact contact)
    {
        var x = contact.Initiator.Hash64() * 0x9E37_79B9_7F4A_7C15 ^ (contact.Responder.Hash64() + contact.ServicePort);
        x ^= x >> 29;
        x *= 0xD6E8_FEB8_6659_FD93;
        return x ^ (x >> 32);
    }
}
