using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Breakwater.Core.Detection;
using Breakwater.Core.Flows;
using Breakwater.Core.Metering;

namespace Breakwater.Core.Behaviour;

/// <summary>Hears of each conversation's events.</summary>
internal interface IContactListener
{
    void Began(in Contact contact);

    /// <param name="events">It was answered, or has ended, or both, by one record.</param>
    void Changed(in Contact contact, ContactEvents events);
}

/// <summary>The conversations that are going on: flows in, events out. Bounded, outside the managed heap, allocates nothing but when it grows. Not thread-safe.</summary>
/// <remarks>
/// Sets of eight: one cache line of tags and times, then two lines for the conversation itself. A full set gives up what is closed, then
/// what only outsiders said something in, which never holds more than a quarter of it, then the one idle for longest.
/// </remarks>
internal sealed unsafe class ContactTable : IDisposable
{
    private const int Ways = 8;
    private const int FirstSets = 2_048;

    /// <summary>Of the eight, how many may be such that only outsiders said something in: a flood of those leaves the rest alone.</summary>
    private const int CheapWays = 2;

    private const byte Tcp = 6;
    private const byte Fin = 1, Syn = 2, Rst = 4, Ack = 16;

    // The low four bits of a tag: how long it may idle, and whether only an outsider said something.
    private const uint Attempt = 1, AttemptRecord = 2, Connection = 3, Exchange = 4, Brief = 5, Over = 6, IdleMask = 7, Cheap = 8, KindMask = 15;

    /// <summary>Silence after which a conversation has ended, in milliseconds, by the low bits of the tag.</summary>
    /// <remarks>
    /// A packet's answer comes within seconds, and the attempt is repeated meanwhile (RFC 9293 §3.8.1); a record's answer comes by another
    /// record, up to the exporter's timeout later. Closed connections are kept a while for stray packets.
    /// </remarks>
    private static Vector256<uint> Idle => Vector256.Create(0u, 15_000, 60_000, 300_000, 60_000, 30_000, 10_000, 0);

    /// <summary>After so much time without any traffic every conversation is over.</summary>
    public static readonly TimeSpan LongestIdle = TimeSpan.FromMinutes(5);

    /// <summary>Every conversation is looked at this often.</summary>
    private const uint SweepMilliseconds = 5_000;

    /// <summary>Sets between asking for a conversation and telling its end.</summary>
    private const uint SweepAhead = 16;

    [StructLayout(LayoutKind.Sequential, Size = 64)]
    private struct Set
    {
        public fixed uint Tags[Ways];
        public fixed uint Seen[Ways];
    }

    private readonly IContactListener _listener;
    private readonly uint _maxSets;
    private Set* _sets;
    private Contact* _contacts;
    private uint _mask;
    private uint _sweepAt;
    private uint _sweptAt;
    private int _count;

    /// <param name="maxContacts">Rounded down to a power of two; at least 16,384.</param>
    public ContactTable(int maxContacts, IContactListener listener)
    {
        _listener = listener;
        _maxSets = (uint)Math.Max(FirstSets, (int)(BitOperations.RoundUpToPowerOf2((uint)maxContacts + 1) / 2 / Ways));
        _mask = FirstSets - 1;
        Allocate(FirstSets, out _sets, out _contacts);
    }

    /// <summary>Conversations held, closed ones included.</summary>
    public int Count => _count;

    public int Capacity => (int)(_mask + 1) * Ways;

    /// <summary>Conversations that had to make room before their time.</summary>
    public long Evicted { get; private set; }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void PrefetchSet(ulong hash)
    {
        if (Sse.IsSupported) Sse.Prefetch0(_sets + ((uint)hash & _mask));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void PrefetchContact(ulong hash)
    {
        if (!Sse.IsSupported) return;
        var set = (uint)hash & _mask;
        var ways = WaysOf(set, TagOf(hash));
        // A new one will take the place of a closed one, or a free place.
        if (ways == 0) ways = ClosedWays(set);
        if (ways == 0) ways = FreeWays(set) | 1u << Ways - 1;
        var contact = (byte*)(_contacts + set * Ways + BitOperations.TrailingZeroCount(ways));
        Sse.Prefetch0(contact);
        Sse.Prefetch0(contact + 64);
    }

    /// <summary>Counts a flow for its conversation, and tells what is new about it.</summary>
    /// <param name="hash"><see cref="ContactKey.Hash"/>, not 0.</param>
    /// <param name="now">Milliseconds of the traffic's time, going round.</param>
    public void Observe(in Flow flow, ulong hash, FlowGroups groups, uint now)
    {
        var set = (uint)hash & _mask;
        var tag = TagOf(hash);
        for (var ways = WaysOf(set, tag); ways != 0; ways &= ways - 1)
        {
            var way = BitOperations.TrailingZeroCount(ways);
            ref var contact = ref _contacts[set * Ways + (uint)way];
            var side = SideOf(flow, contact);
            if (side == Side.Stranger) continue;
            if (side == Side.Initiator && (contact.Marks & ContactMarks.Closed) != 0 && IsOpening(flow))
            {
                // The same ports again, for another connection.
                Begin(ref contact, flow, groups);
            }
            Add(ref contact, flow, side == Side.Initiator);
            // Most flows of a conversation that is under way change nothing.
            if (contact.State == ContactState.Answered && (contact.Marks & (ContactMarks.Told | ContactMarks.Closed)) == ContactMarks.Told && (flow.TcpFlags & (Fin | Rst)) == 0) _sets[set].Seen[way] = now;
            else Follow(ref contact, set, way, tag, now);
            return;
        }
        Insert(flow, hash, groups, now);
    }

    /// <summary>Ends what has been idle; goes round the whole table every few seconds.</summary>
    public void Sweep(uint now)
    {
        var passed = now - _sweptAt;
        _sweptAt = now;
        var sets = (uint)Math.Min(_mask + 1, (ulong)passed * (_mask + 1) / SweepMilliseconds + 1);
        // A few sets ahead those are asked for whose end will be told.
        for (uint i = 0; i < SweepAhead; i++) PrefetchIdle(_sweepAt + i & _mask, now);
        for (; sets > 0; sets--)
        {
            PrefetchIdle(_sweepAt + SweepAhead & _mask, now);
            for (var ways = IdleWays(_sweepAt, now); ways != 0; ways &= ways - 1) Drop(_sweepAt, BitOperations.TrailingZeroCount(ways), ContactMarks.None);
            _sweepAt = (_sweepAt + 1) & _mask;
        }
    }

    /// <summary>Ends everything: the capture is over, or nothing was seen for long.</summary>
    public void Finish()
    {
        for (uint set = 0; set <= _mask; set++)
            for (var way = 0; way < Ways; way++)
                if (_sets[set].Tags[way] != 0) Drop(set, way, ContactMarks.None);
    }

    public void Dispose()
    {
        NativeMemory.AlignedFree(_sets);
        NativeMemory.AlignedFree(_contacts);
        _sets = null;
        _contacts = null;
        GC.SuppressFinalize(this);
    }

    ~ContactTable() => Dispose();

    private enum Side { Stranger, Initiator, Responder }

    private static Side SideOf(in Flow flow, in Contact contact)
    {
        if (flow.Protocol != contact.Protocol || ((flow.Flags & FlowFlags.Arp) != 0) != contact.IsArp) return Side.Stranger;
        if (contact.IsIcmp)
        {
            if (ContactKey.Question(flow, out _) != contact.ServicePort) return Side.Stranger;
            return flow.Source == contact.Initiator && flow.Destination == contact.Responder ? Side.Initiator
                : flow.Source == contact.Responder && flow.Destination == contact.Initiator ? Side.Responder
                : Side.Stranger;
        }
        if (flow.SourcePort == contact.InitiatorPort && flow.DestinationPort == contact.ServicePort && flow.Source == contact.Initiator && flow.Destination == contact.Responder) return Side.Initiator;
        if (flow.SourcePort == contact.ServicePort && flow.DestinationPort == contact.InitiatorPort && flow.Source == contact.Responder && flow.Destination == contact.Initiator) return Side.Responder;
        return Side.Stranger;
    }

    private static bool IsOpening(in Flow flow) => flow.Protocol == Tcp && (flow.TcpFlags & (Syn | Ack | Rst)) == Syn;

    private void Insert(in Flow flow, ulong hash, FlowGroups groups, uint now)
    {
        var fromInitiator = ContactKey.IsFromInitiator(flow);
        var cheap = groups.Source < 0;
        var set = (uint)hash & _mask;
        var way = Room(set, cheap, now, out var young);
        if (young && _mask + 1 < _maxSets)
        {
            Grow();
            set = (uint)hash & _mask;
            way = Room(set, cheap, now, out _);
        }
        if (_sets[set].Tags[way] != 0) Drop(set, way, ContactMarks.Evicted);
        ref var contact = ref _contacts[set * Ways + (uint)way];
        if (fromInitiator) Begin(ref contact, flow, groups);
        else BeginByAnswer(ref contact, flow, groups);
        _count++;
        Add(ref contact, flow, fromInitiator);
        Follow(ref contact, set, way, TagOf(hash), now);
    }

    /// <summary>The place for a new conversation.</summary>
    /// <param name="young">True when who lies there would have to leave before its time.</param>
    private int Room(uint set, bool cheap, uint now, out bool young)
    {
        young = false;
        var tags = Vector256.Load(_sets[set].Tags);
        var cheapest = Vector256.Equals(tags & Vector256.Create(Cheap), Vector256.Create(Cheap)).ExtractMostSignificantBits();
        if (!cheap || BitOperations.PopCount(cheapest) < CheapWays)
        {
            // The place of a closed one first: so the memory in use stays small, and in the cache.
            if (ClosedWays(set) is var closed and not 0) return BitOperations.TrailingZeroCount(closed);
            if (FreeWays(set) is var free and not 0) return BitOperations.TrailingZeroCount(free);
        }
        young = true;
        return Oldest(set, cheapest != 0 ? cheapest : (1u << Ways) - 1, now);
    }

    private int Oldest(uint set, uint ways, uint now)
    {
        var oldest = BitOperations.TrailingZeroCount(ways);
        for (; ways != 0; ways &= ways - 1)
        {
            var way = BitOperations.TrailingZeroCount(ways);
            if (now - _sets[set].Seen[way] > now - _sets[set].Seen[oldest]) oldest = way;
        }
        return oldest;
    }

    private static void Begin(ref Contact contact, in Flow flow, FlowGroups groups)
    {
        contact = default;
        contact.Initiator = flow.Source;
        contact.Responder = flow.Destination;
        contact.InitiatorPort = flow.SourcePort;
        contact.ServicePort = flow.DestinationPort;
        contact.InitiatorGroup = groups.Source;
        contact.ResponderGroup = groups.Destination;
        Begin(ref contact, flow);
    }

    private static void BeginByAnswer(ref Contact contact, in Flow flow, FlowGroups groups)
    {
        contact = default;
        contact.Initiator = flow.Destination;
        contact.Responder = flow.Source;
        contact.InitiatorPort = flow.DestinationPort;
        contact.ServicePort = flow.SourcePort;
        contact.InitiatorGroup = groups.Destination;
        contact.ResponderGroup = groups.Source;
        Begin(ref contact, flow);
    }

    private static void Begin(ref Contact contact, in Flow flow)
    {
        contact.Protocol = flow.Protocol;
        contact.Exporter = flow.Exporter;
        contact.Start = flow.Start;
        contact.Last = flow.End;
        contact.FirstAnswer = Timestamp.Min;
        if ((flow.Flags & FlowFlags.Arp) != 0) contact.Marks |= ContactMarks.Arp;
        if ((flow.Flags & FlowFlags.SinglePacket) != 0 && flow.SampledPackets == flow.Packets) contact.Marks |= ContactMarks.Packets;
        if (flow.Protocol == Tcp && (flow.TcpFlags & Syn) == 0) contact.Marks |= ContactMarks.Midstream;
        if (contact.IsIcmp)
        {
            contact.InitiatorPort = 0;
            contact.ServicePort = ContactKey.Question(flow, out _) ?? 0;
        }
    }

    private static void Add(ref Contact contact, in Flow flow, bool fromInitiator)
    {
        if (flow.Start < contact.Start) contact.Start = flow.Start;
        if (flow.End > contact.Last) contact.Last = flow.End;
        contact.SampledPackets = Sum(contact.SampledPackets, flow.SampledPackets);
        if (flow.Packets > flow.SampledPackets) contact.Marks |= ContactMarks.Sampled;
        if (fromInitiator)
        {
            contact.InitiatorPackets = Sum(contact.InitiatorPackets, flow.Packets);
            contact.InitiatorBytes += flow.Bytes;
            contact.InitiatorFlags |= flow.TcpFlags;
        }
        else
        {
            if (contact.ResponderPackets == 0) contact.FirstAnswer = flow.Start;
            contact.ResponderPackets = Sum(contact.ResponderPackets, flow.Packets);
            contact.ResponderBytes += flow.Bytes;
            contact.ResponderFlags |= flow.TcpFlags;
        }
    }

    private static uint Sum(uint a, long b) => (uint)Math.Min(uint.MaxValue, a + b);

    /// <summary>Tells what has changed, and sets how long the conversation may idle.</summary>
    private void Follow(ref Contact contact, uint set, int way, uint tag, uint now)
    {
        var events = ContactEvents.None;
        if (contact.InitiatorPackets > 0 && contact.State == ContactState.Silent)
        {
            contact.State = StateOf(contact);
            if ((contact.Marks & ContactMarks.Told) == 0)
            {
                contact.Marks |= ContactMarks.Told;
                _listener.Began(contact);
            }
            if (contact.State != ContactState.Silent) events = ContactEvents.Answered;
        }
        if (contact.Protocol == Tcp && (contact.Marks & ContactMarks.Closed) == 0 && IsClosed(contact))
        {
            contact.Marks |= ContactMarks.Closed;
            if ((contact.Marks & ContactMarks.Told) != 0) events |= ContactEvents.Ended;
        }
        if (events != ContactEvents.None) _listener.Changed(contact, events);
        _sets[set].Tags[way] = tag | KindOf(contact);
        _sets[set].Seen[way] = now;
    }

    private static ContactState StateOf(in Contact contact)
    {
        if (contact.ResponderPackets > 0)
            return contact.Protocol == Tcp && (contact.ResponderFlags & (Syn | Rst)) == Rst && (contact.Marks & ContactMarks.Midstream) == 0 ? ContactState.Rejected : ContactState.Answered;
        // Only one direction is seen: whoever goes on after its SYN has been answered.
        return contact.Protocol == Tcp && (contact.InitiatorFlags & (Syn | Ack | Rst)) == (Syn | Ack) && contact.InitiatorPackets > 1 ? ContactState.Answered : ContactState.Silent;
    }

    /// <summary>A record with a RST tells of one side's end: how the conversation went, the other side's record tells, which may come later.</summary>
    private static bool IsClosed(in Contact contact) => IsReset(contact)
        ? (contact.Marks & ContactMarks.Packets) != 0 || (contact.InitiatorPackets > 0 && contact.ResponderPackets > 0)
        : (contact.InitiatorFlags & contact.ResponderFlags & Fin) != 0;

    private static bool IsReset(in Contact contact) => ((contact.InitiatorFlags | contact.ResponderFlags) & Rst) != 0;

    private static uint KindOf(in Contact contact)
    {
        if ((contact.Marks & ContactMarks.Closed) != 0) return Over;
        var idle = contact.Protocol switch
        {
            Tcp when IsReset(contact) => AttemptRecord,
            Tcp when contact.State == ContactState.Answered || (contact.Marks & ContactMarks.Midstream) != 0 => Connection,
            Tcp => (contact.Marks & ContactMarks.Packets) != 0 ? Attempt : AttemptRecord,
            17 => Exchange,
            _ => Brief,
        };
        // Only outsiders have said something: attempts, and answers to questions that were never asked.
        var unanswered = contact.InitiatorGroup < 0 ? contact.ResponderPackets == 0 && contact.State == ContactState.Silent : contact.ResponderGroup < 0 && contact.InitiatorPackets == 0;
        return unanswered ? idle | Cheap : idle;
    }

    /// <summary>A bit for each of the eight that has been idle for longer than it may.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private uint IdleWays(uint set, uint now)
    {
        var tags = Vector256.Load(_sets[set].Tags);
        var age = Vector256.Create(now) - Vector256.Load(_sets[set].Seen);
        var idle = Vector256.GreaterThan(age, Vector256.Shuffle(Idle, tags & Vector256.Create(IdleMask))) & ~Vector256.Equals(tags, Vector256<uint>.Zero);
        return idle.ExtractMostSignificantBits();
    }

    private void PrefetchIdle(uint set, uint now)
    {
        if (!Sse.IsSupported) return;
        for (var ways = IdleWays(set, now) & ~ClosedWays(set); ways != 0; ways &= ways - 1)
        {
            var contact = (byte*)(_contacts + set * Ways + BitOperations.TrailingZeroCount(ways));
            Sse.Prefetch0(contact);
            Sse.Prefetch0(contact + 64);
        }
    }

    /// <summary>Tells that a conversation has ended, if it was not told yet, and frees its place.</summary>
    private void Drop(uint set, int way, ContactMarks why)
    {
        ref var contact = ref _contacts[set * Ways + (uint)way];
        // Of what is closed nothing is left to tell: no need to look at it.
        if ((_sets[set].Tags[way] & IdleMask) != Over && (contact.Marks & ContactMarks.Told) != 0)
        {
            contact.Marks |= why;
            if (why == ContactMarks.Evicted) Evicted++;
            _listener.Changed(contact, ContactEvents.Ended);
        }
        _sets[set].Tags[way] = 0;
        _count--;
    }

    private void Grow()
    {
        var oldSets = _sets;
        var oldContacts = _contacts;
        var oldMask = _mask;
        Allocate((oldMask + 1) * 2, out _sets, out _contacts);
        _mask = oldMask * 2 + 1;
        for (uint set = 0; set <= oldMask; set++)
        {
            for (var way = 0; way < Ways; way++)
            {
                var tag = oldSets[set].Tags[way];
                if (tag == 0) continue;
                ref var contact = ref oldContacts[set * Ways + (uint)way];
                // The place in the bigger table is told by one more bit of the hash, which is worked out anew.
                var place = (uint)HashOf(contact) & _mask;
                var free = BitOperations.TrailingZeroCount(FreeWays(place));
                _contacts[place * Ways + (uint)free] = contact;
                _sets[place].Tags[free] = tag;
                _sets[place].Seen[free] = oldSets[set].Seen[way];
            }
        }
        NativeMemory.AlignedFree(oldSets);
        NativeMemory.AlignedFree(oldContacts);
        _sweepAt = 0;
    }

    private static ulong HashOf(in Contact contact) => ContactKey.Hash(new Flow
    {
        Source = contact.Initiator,
        Destination = contact.Responder,
        SourcePort = contact.InitiatorPort,
        DestinationPort = contact.ServicePort,
        Protocol = contact.Protocol,
    });

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint TagOf(ulong hash) => (uint)(hash >> 32) & ~KindMask | 1u << 31;

    /// <summary>A bit for each of the eight that bears the tag.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private uint WaysOf(uint set, uint tag)
    {
        var tags = Vector256.Load(_sets[set].Tags) & Vector256.Create(~KindMask);
        return Vector256.Equals(tags, Vector256.Create(tag)).ExtractMostSignificantBits();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private uint FreeWays(uint set) => Vector256.Equals(Vector256.Load(_sets[set].Tags), Vector256<uint>.Zero).ExtractMostSignificantBits();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private uint ClosedWays(uint set) => Vector256.Equals(Vector256.Load(_sets[set].Tags) & Vector256.Create(IdleMask), Vector256.Create(Over)).ExtractMostSignificantBits();

    private static void Allocate(uint sets, out Set* tags, out Contact* contacts)
    {
        var size = (nuint)sets * (nuint)sizeof(Set);
        tags = (Set*)HugePages.Allocate(size);
        NativeMemory.Clear(tags, size);
        contacts = (Contact*)HugePages.Allocate((nuint)sets * Ways * (nuint)sizeof(Contact));
    }
}
