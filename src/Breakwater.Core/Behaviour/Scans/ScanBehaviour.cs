using System.Runtime.CompilerServices;
using Breakwater.Core.Detection;
using Breakwater.Core.Flows;

namespace Breakwater.Core.Behaviour.Scans;

/// <summary>Finds hosts that try addresses or ports, ours and others': by how few of their first contacts succeed, and by what the failures have in common.</summary>
/// <remarks>
/// First contacts only, so state is a few octets a host and time does not matter: ten tries in a second and ten in two days look the same. Failures without a
/// service in common (peers of a file-sharing network that went away) are no scan.
/// </remarks>
public sealed class ScanBehaviour : IBehaviour, IHear<SynFingerprint>, IPrefetching, IDisposable
{
    /// <summary>An attempt that must make room counts as failed after this long: answers take less.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    /// <summary>SYNs with Mirai's mark that prove it: three by chance are one in 2^96.</summary>
    private const int ProvenMarks = 3;

    private const byte TcpAck = 16;

    private readonly PairMemory _known;
    private readonly HostStates<FirstContactWalk>[] _walks = new HostStates<FirstContactWalk>[ScanKinds.Count];
    private readonly SuspectList _suspects;
    private readonly ServiceScans _services;
    private readonly ScanRules _rules;

    /// <summary>Whether any answer was seen: by kind, and by whether it came from outside, inside, or between two of ours.</summary>
    private readonly bool[] _answersSeen = new bool[ScanKinds.Count * 3];

    public ScanBehaviour(BehaviourOptions options, HomeNetwork home)
    {
        _known = new PairMemory(options.MaxPairs);
        // Most hosts are seen by TCP; by the other kinds a part of them.
        for (var kind = 0; kind < ScanKinds.Count; kind++) _walks[kind] = new HostStates<FirstContactWalk>(kind == (int)ScanKind.Tcp ? options.MaxHosts : options.MaxHosts / 4);
        _suspects = new SuspectList(options.Scan.MaxSuspects);
        _services = new ServiceScans(home);
        _rules = new ScanRules(options.Scan);
    }

    public string Name => "scan";
    public ContactEvents Wants => ContactEvents.Answered | ContactEvents.Ended;
    public int WorksTo => ScanRules.WorksTo;

    void IPrefetching.Prefetch(ReadOnlySpan<Contact> contacts, ReadOnlySpan<ContactEvents> events)
    {
        for (var i = 0; i < contacts.Length; i++)
        {
            ref readonly var contact = ref contacts[i];
            if ((events[i] & ContactEvents.Answered) == 0 && contact.State != ContactState.Silent) continue;
            if (ScanKinds.Of(contact) is not { } kind) continue;
            _known.Prefetch(Hash(contact, kind));
            _walks[(int)kind].Prefetch(contact.Initiator);
        }
    }

    public void Answered(in Contact contact)
    {
        if (ScanKinds.Of(contact) is not { } kind) return;
        if (contact.State == ContactState.Rejected) Fail(contact, kind);
        else if (IsSuccess(contact)) Succeed(contact, kind);
    }

    public void Ended(in Contact contact)
    {
        if (contact.State != ContactState.Silent || contact.InitiatorPackets == 0) return;
        if (ScanKinds.Of(contact) is not { } kind) return;
        if ((contact.Marks & ContactMarks.Midstream) != 0)
        {
            // Of a sampled connection seldom the first packet is seen; that it goes on says that it was answered.
            if ((contact.Marks & ContactMarks.Sampled) != 0 && (contact.InitiatorFlags & TcpAck) != 0) Succeed(contact, kind);
            return;
        }
        if ((contact.Marks & ContactMarks.Evicted) != 0 && contact.Duration < Patience && !contact.IsInbound) return;
        Fail(contact, kind);
    }

    public void Heard(in Flow flow, in SynFingerprint observation)
    {
        _services.AddMarked(flow);
        ref var walk = ref _walks[(int)ScanKind.Tcp].FindOrAdd(flow.Source, flow.Start.Milliseconds32, out _);
        if (walk.Marked == byte.MaxValue) return;
        walk.Marked++;
        if (_suspects.Find(walk.Suspect, flow.Source, ScanKind.Tcp) is not { } suspect) return;
        suspect.Marked = walk.Marked;
        suspect.IsDirty = true;
    }

    public void Tick(Timestamp now, ISignSink signs)
    {
        foreach (var suspect in _suspects.Active)
        {
            if (!suspect.IsDirty) continue;
            suspect.IsDirty = false;
            var grown = suspect.Failed >= suspect.ToldAt + Math.Max(1, suspect.ToldAt / 2);
            if (!grown && now - suspect.ToldWhen < TimeSpan.FromMinutes(1)) continue;
            if (!_rules.Judge(suspect, now, signs)) continue;
            suspect.ToldAt = suspect.Failed;
            suspect.ToldWhen = now;
        }
        _services.Tick(now, signs);
    }

    public void Dispose() => _known.Dispose();

    private static bool IsSuccess(in Contact contact) =>
        (contact.Marks & ContactMarks.Midstream) == 0 || (contact.Marks & ContactMarks.Sampled) != 0;

    private void Succeed(in Contact contact, ScanKind kind)
    {
        _answersSeen[Way(contact, kind)] = true;
        if (!_known.Add(Hash(contact, kind))) return;
        ref var walk = ref _walks[(int)kind].Find(contact.Initiator, contact.Start.Milliseconds32);
        // A host that nothing speaks against needs no defence.
        if (Unsafe.IsNullRef(ref walk)) return;
        walk.Succeed(contact.Start.Seconds32);
        if (_suspects.Find(walk.Suspect, contact.Initiator, kind) is not { } suspect) return;
        suspect.Succeed();
        suspect.Level = walk.Level;
    }

    private void Fail(in Contact contact, ScanKind kind)
    {
        if (contact.State == ContactState.Rejected) _answersSeen[Way(contact, kind)] = true;
        // Where most packets are not seen, no answer is seen either.
        else if (kind != ScanKind.Tcp && (contact.Marks & ContactMarks.Sampled) != 0) return;
        if (kind == ScanKind.Udp && IsTraceroute(contact)) return;
        if (!_known.Add(Hash(contact, kind))) return;
        if (contact.IsToHome) _services.Add(contact, kind);
        ref var walk = ref _walks[(int)kind].FindOrAdd(contact.Initiator, contact.Start.Milliseconds32, out _);
        walk.Fail(contact.Start.Seconds32);
        var suspect = _suspects.Find(walk.Suspect, contact.Initiator, kind);
        if (suspect is null)
        {
            if (walk.Level < FirstContactWalk.Suspicious && !(walk.Marked >= ProvenMarks && contact.IsFromHome)) return;
            walk.Suspect = _suspects.Start(contact, kind, out suspect);
            if (suspect is null) return;
        }
        suspect.Add(contact);
        suspect.Level = walk.Level;
        suspect.Marked = walk.Marked;
        suspect.AnswersSeen = _answersSeen[Way(contact, kind)];
    }

    /// <summary>UDP to ports that nobody listens on, counted up from 33434: the classical traceroute wants no answer from them.</summary>
    private static bool IsTraceroute(in Contact contact) => contact.ServicePort is >= 33_434 and < 33_700 && contact.InitiatorPackets <= 3;

    private static int Way(in Contact contact, ScanKind kind) => (int)kind * 3 + (contact.IsOutbound ? 0 : contact.IsInbound ? 1 : 2);

    private static ulong Hash(in Contact contact, ScanKind kind)
    {
        var x = contact.Initiator.Hash64() * 0x9E37_79B9_7F4A_7C15 ^ contact.Responder.Hash64();
        x += ((ulong)kind << 16 | contact.ServicePort) * 0xD6E8_FEB8_6659_FD93;
        x ^= x >> 32;
        x *= 0xD6E8_FEB8_6659_FD93;
        return x ^ (x >> 32);
    }
}
