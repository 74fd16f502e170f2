using Breakwater.Core.Behaviour;
using Breakwater.Core.Detection;
using Breakwater.Core.Flows;
using Breakwater.Core.Net;

namespace Breakwater.Tests.Core.Behaviour;

public class ContactTableTests : IContactListener
{
    private const byte Syn = 0x02, SynAck = 0x12, Ack = 0x10, Fin = 0x11, Rst = 0x14;

    private static readonly IpAddr Ours = IpAddr.Parse("192.0.2.7"), Theirs = IpAddr.Parse("203.0.113.9");
    private readonly List<string> _told = [];
    private readonly List<Contact> _ended = [];
    private Contact _newest;
    private uint _now = 1_000;

    void IContactListener.Began(in Contact contact)
    {
        _newest = contact;
        _told.Add("began");
    }

    void IContactListener.Changed(in Contact contact, ContactEvents events)
    {
        if ((events & ContactEvents.Answered) != 0)
        {
            _newest = contact;
            _told.Add(contact.State == ContactState.Rejected ? "rejected" : "answered");
        }
        if ((events & ContactEvents.Ended) == 0) return;
        _ended.Add(contact);
        _told.Add("ended");
    }

    [Fact]
    public void A_connection_begins_is_answered_and_ends_once()
    {
        using var table = Table();
        See(table, Ours, Theirs, 40_000, 443, Syn);
        See(table, Theirs, Ours, 443, 40_000, SynAck);
        See(table, Ours, Theirs, 40_000, 443, Ack);
        See(table, Theirs, Ours, 443, 40_000, Fin);
        See(table, Ours, Theirs, 40_000, 443, Fin);
        See(table, Theirs, Ours, 443, 40_000, Ack);
        table.Finish();
        Assert.Equal(["began", "answered", "ended"], _told);
        var contact = Assert.Single(_ended);
        Assert.Equal((Ours, Theirs, (ushort)443), (contact.Initiator, contact.Responder, contact.ServicePort));
        Assert.Equal((3u, 2u), (contact.InitiatorPackets, contact.ResponderPackets));
    }

    [Fact]
    public void A_reset_in_answer_to_a_SYN_is_a_refusal()
    {
        using var table = Table();
        See(table, Theirs, Ours, 40_000, 23, Syn);
        See(table, Ours, Theirs, 23, 40_000, Rst);
        Assert.Equal(["began", "rejected", "ended"], _told);
    }

    [Fact]
    public void The_same_ports_again_after_the_end_are_another_connection()
    {
        using var table = Table();
        for (var i = 0; i < 2; i++)
        {
            See(table, Ours, Theirs, 40_000, 80, Syn);
            See(table, Theirs, Ours, 80, 40_000, Rst);
        }
        Assert.Equal(["began", "rejected", "ended", "began", "rejected", "ended"], _told);
    }

    [Fact]
    public void An_attempt_that_nobody_answers_ends_in_silence_after_fifteen_seconds()
    {
        using var table = Table();
        See(table, Ours, Theirs, 40_000, 23, Syn);
        Pass(table, 14);
        Assert.Equal(["began"], _told);
        Pass(table, 10);
        Assert.Equal(ContactState.Silent, Assert.Single(_ended).State);
    }

    [Fact]
    public void A_record_waits_a_minute_for_the_record_of_its_answer()
    {
        using var table = Table();
        See(table, Ours, Theirs, 40_000, 443, Syn | Ack, packets: 6);
        Pass(table, 50);
        See(table, Theirs, Ours, 443, 40_000, SynAck, packets: 5);
        Assert.DoesNotContain("ended", _told);
        Assert.Equal(ContactState.Answered, _newest.State);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_record_with_a_reset_waits_for_the_other_sides_record_whichever_comes_first(bool initiatorFirst)
    {
        using var table = Table();
        for (var half = 0; half < 2; half++)
        {
            Assert.DoesNotContain("ended", _told);
            if ((half == 0) == initiatorFirst) See(table, Ours, Theirs, 40_000, 22, SynAck | Fin | Rst, packets: 14);
            else See(table, Theirs, Ours, 22, 40_000, SynAck | Fin, packets: 12);
            Pass(table, 20);
        }
        var contact = Assert.Single(_ended);
        Assert.Equal((Ours, ContactState.Answered, 14u, 12u), (contact.Initiator, contact.State, contact.InitiatorPackets, contact.ResponderPackets));
    }

    [Fact]
    public void A_reset_whose_other_side_is_never_seen_ends_after_a_minute()
    {
        using var table = Table();
        See(table, Ours, Theirs, 40_000, 22, SynAck | Rst, packets: 14);
        Pass(table, 55);
        Assert.Empty(_ended);
        Pass(table, 15);
        Assert.Single(_ended);
    }

    [Fact]
    public void Of_records_with_all_flags_the_service_is_told_by_its_port_whichever_comes_first()
    {
        using var table = Table();
        See(table, Theirs, Ours, 443, 40_000, Syn | Ack | Fin, packets: 9);
        See(table, Ours, Theirs, 40_000, 443, Syn | Ack | Fin, packets: 7);
        var contact = Assert.Single(_ended);
        Assert.Equal(Ours, contact.Initiator);
        Assert.Equal(7u, contact.InitiatorPackets);
    }

    [Fact]
    public void An_answer_that_nobody_asked_for_begins_nothing()
    {
        using var table = Table();
        See(table, Theirs, Ours, 443, 40_000, SynAck);
        See(table, Theirs, Ours, 53, 40_001, 0, protocol: 17);
        table.Finish();
        Assert.Empty(_told);
    }

    [Fact]
    public void Whoever_goes_on_after_its_SYN_was_answered_though_only_one_side_is_seen()
    {
        using var table = Table();
        See(table, Theirs, Ours, 40_000, 443, Syn);
        See(table, Theirs, Ours, 40_000, 443, Ack);
        Assert.Equal(["began", "answered"], _told);
    }

    [Fact]
    public void A_ping_and_its_answer_are_one_conversation()
    {
        using var table = Table();
        See(table, Ours, Theirs, 0, 8 << 8, 0, protocol: 1);
        See(table, Theirs, Ours, 0, 0, 0, protocol: 1);
        Assert.Equal(["began", "answered"], _told);
        Assert.Equal(8 << 8, _newest.ServicePort);
    }

    [Fact]
    public void Multicast_errors_and_later_fragments_are_part_of_no_conversation()
    {
        Assert.Equal(0ul, ContactKey.Hash(new Flow { Source = Ours, Destination = IpAddr.Parse("224.0.0.251"), Protocol = 17 }));
        Assert.Equal(0ul, ContactKey.Hash(new Flow { Source = Ours, Destination = Theirs, Protocol = 1, DestinationPort = 3 << 8 }));
        Assert.Equal(0ul, ContactKey.Hash(new Flow { Source = Ours, Destination = Theirs, Protocol = 17, Flags = FlowFlags.LaterFragment }));
        Assert.Equal(0ul, ContactKey.Hash(new Flow { Source = IpAddr.V4(0u), Destination = Theirs, Protocol = 17 }));
    }

    [Fact]
    public void A_flood_from_outside_leaves_three_quarters_of_a_full_table_alone()
    {
        using var table = Table();
        for (var i = 0; i < 9_000; i++)
        {
            See(table, Ours, IpAddr.V4(0xCB00_0000u + (uint)i), 40_000, 443, Syn);
            See(table, IpAddr.V4(0xCB00_0000u + (uint)i), Ours, 443, 40_000, SynAck);
        }
        _told.Clear();
        for (var i = 0; i < 200_000; i++) See(table, IpAddr.V4(0x0B00_0000u + (uint)i), Ours, 5_000, 80, Syn);
        _ended.RemoveAll(c => c.Initiator != Ours);
        // By chance some sets of eight held seven or eight of them.
        Assert.InRange(_ended.Count, 0, 1_000);
    }

    [Fact]
    public void Grows_to_its_bound_and_no_further()
    {
        using var table = new ContactTable(32_768, this);
        for (var i = 0; i < 300_000; i++) See(table, Ours, IpAddr.V4(0x0B00_0000u + (uint)i), 40_000, 443, Syn);
        Assert.Equal(32_768, table.Capacity);
        Assert.InRange(table.Count, 30_000, 32_768);
        Assert.True(table.Evicted > 200_000);
    }

    [Fact]
    public void Finds_its_conversations_again_after_it_has_grown()
    {
        using var table = new ContactTable(65_536, this);
        for (var i = 0; i < 30_000; i++) See(table, Ours, IpAddr.V4(0x0B00_0000u + (uint)i), 40_000, 443, Syn);
        _told.Clear();
        for (var i = 0; i < 30_000; i++) See(table, IpAddr.V4(0x0B00_0000u + (uint)i), Ours, 443, 40_000, SynAck);
        Assert.True(table.Capacity > 16_384);
        Assert.InRange(_told.Count(t => t == "answered"), 29_000, 30_000);
    }

    private ContactTable Table() => new(16_384, this);

    private void Pass(ContactTable table, int seconds)
    {
        for (var i = 0; i < seconds; i++) table.Sweep(_now += 1_000);
    }

    private void See(ContactTable table, IpAddr from, IpAddr to, ushort source, ushort destination, int flags, long packets = 1, byte protocol = 6)
    {
        var flow = new Flow
        {
            Source = from,
            Destination = to,
            SourcePort = source,
            DestinationPort = destination,
            Protocol = protocol,
            TcpFlags = (byte)flags,
            Packets = packets,
            SampledPackets = (uint)packets,
            Bytes = 60 * packets,
            Flags = packets == 1 ? FlowFlags.SinglePacket : FlowFlags.None,
        };
        table.Observe(flow, ContactKey.Hash(flow), new FlowGroups((short)(from == Ours ? 0 : -1), (short)(to == Ours ? 0 : -1)), _now);
    }
}
