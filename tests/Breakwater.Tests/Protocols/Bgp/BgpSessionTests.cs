using Breakwater.Core.Net;
using Breakwater.Protocols.Bgp;

namespace Breakwater.Tests.Protocols.Bgp;

/// <summary>Two sessions that talk to each other over connections of memory, and one that talks to whatever a test sends.</summary>
public class BgpSessionTests
{
    private static readonly BgpSessionOptions Us = new() { LocalAs = 64500, PeerAs = 64501, Identifier = 0xC0000201, Families = [BgpFamily.Ipv4Unicast, BgpFamily.Ipv4FlowSpec] };
    private static readonly BgpSessionOptions Them = new() { LocalAs = 64501, PeerAs = 64500, Identifier = 0xC0000202, Families = [BgpFamily.Ipv4FlowSpec, BgpFamily.Ipv6FlowSpec] };

    [Fact]
    public void Comes_up_and_settles_on_what_both_can_do()
    {
        var pair = new Pair(Us with { HoldTime = 90 }, Them with { HoldTime = 30 });
        pair.ConnectFromA();
        var up = Assert.IsType<SessionUp>(Assert.Single(pair.EventsOfA));
        Assert.Equal(BgpState.Established, pair.B.State);
        Assert.Equal([BgpFamily.Ipv4FlowSpec], up.Negotiated.Families);
        Assert.Equal(TimeSpan.FromSeconds(30), up.Negotiated.HoldTime);
        Assert.True(up.Negotiated is { ExtendedMessages: true, EnhancedRefresh: true, Context: { FourOctetAs: true, Internal: false } });
    }

    [Fact]
    public void Stays_up_for_hours_on_keepalives_alone()
    {
        var pair = new Pair(Us with { HoldTime = 9 }, Them);
        pair.ConnectFromA();
        pair.Run(TimeSpan.FromHours(2));
        Assert.Equal((BgpState.Established, BgpState.Established), (pair.A.State, pair.B.State));
        Assert.IsType<SessionUp>(Assert.Single(pair.EventsOfA));
        // A third of the hold time, less up to a quarter of it.
        Assert.InRange(pair.KeepalivesOfA, 7200 / 3, 7200 / 2.25 + 2);
    }

    [Fact]
    public void A_silent_peer_is_dead_after_the_hold_time_and_connected_to_again()
    {
        var pair = new Pair(Us with { HoldTime = 9 }, Them);
        pair.ConnectFromA();
        pair.Cut = true;
        pair.Run(TimeSpan.FromSeconds(8.9));
        Assert.Equal(BgpState.Established, pair.A.State);
        pair.Run(TimeSpan.FromSeconds(2));
        Assert.Contains(pair.EventsOfA, e => e is SessionDown { Reason: "nothing heard within the hold time" });
        Assert.Contains(pair.EventsOfA, e => e is OpenConnection);
    }

    [Theory]
    [InlineData(0xC0000201u, 0xC0000202u)]
    [InlineData(0xC0000202u, 0xC0000201u)]
    [InlineData(0xC0000201u, 0xC0000201u)]
    public void Of_two_connections_that_cross_one_stays_and_both_sides_agree_which(uint ours, uint theirs)
    {
        var pair = new Pair(Us with { Identifier = ours }, Them with { Identifier = theirs });
        pair.ConnectFromBoth();
        Assert.Equal((BgpState.Established, BgpState.Established), (pair.A.State, pair.B.State));
        Assert.Single(pair.EventsOfA, e => e is SessionUp);
        Assert.DoesNotContain(pair.EventsOfA, e => e is SessionDown);
        Assert.Equal(1, pair.OpenConnections);
        // RFC 4271 §6.8: what the side with the higher identifier opened. RFC 6286 §2.3: of the higher AS where they are equal.
        Assert.Equal(ours > theirs, pair.RemainingIsFromA);
    }

    [Fact]
    public void A_second_connection_beside_an_established_one_is_refused()
    {
        var pair = new Pair(Us, Them);
        pair.ConnectFromA();
        var (session, sent) = (pair.A, pair.SentByA);
        session.Connected(pair.Now, 99, incoming: true);
        var told = Drain(session).OfType<SendMessage>().Single(m => m.Connection == 99).Message;
        Assert.Equal((BgpErrorCode.Cease, BgpErrorSubcode.ConnectionCollision), Code(told));
        Assert.Equal(BgpState.Established, session.State);
        Assert.NotEqual(0, sent);
    }

    [Fact]
    public void A_peer_that_restarts_gracefully_may_replace_its_old_connection()
    {
        var pair = new Pair(Us, Them with { RestartTime = 120 });
        pair.ConnectFromA();
        pair.A.Connected(pair.Now, 99, incoming: true);
        var actions = Drain(pair.A);
        Assert.Contains(actions, a => a is SessionDown);
        Assert.Contains(actions, a => a is SendMessage { Connection: 99, Message.Length: > 19 });
        Assert.Equal(BgpState.OpenSent, pair.A.State);
    }

    [Theory]
    [InlineData(64502u, 0xC0000202u, null, BgpErrorSubcode.BadPeerAs)]
    [InlineData(64501u, 0xC0000202u, BgpRole.Customer, BgpErrorSubcode.RoleMismatch)]
    [InlineData(64501u, 0xC0000202u, null, BgpErrorSubcode.RoleMismatch)]
    public void Refuses_a_peer_that_is_not_who_it_should_be(uint asNumber, uint identifier, BgpRole? role, byte subcode)
    {
        var told = AnswerTo(Us with { Role = BgpRole.Customer, StrictRole = true }, Open(asNumber, identifier, role));
        Assert.Equal((BgpErrorCode.Open, subcode), Code(told));
    }

    [Fact]
    public void Refuses_its_own_identifier_inside_its_as_but_not_outside()
    {
        Assert.Equal((BgpErrorCode.Open, BgpErrorSubcode.BadIdentifier), Code(AnswerTo(Us with { PeerAs = 64500 }, Open(64500, 0xC0000201, null))));
        Assert.Equal(BgpFraming.Keepalive.ToArray(), AnswerTo(Us, Open(64501, 0xC0000201, null)).ToArray());
    }

    [Fact]
    public void Takes_a_provider_as_its_provider()
    {
        var told = AnswerTo(Us with { Role = BgpRole.Customer, StrictRole = true }, Open(64501, 0xC0000202, BgpRole.Provider));
        Assert.Equal(BgpFraming.Keepalive.ToArray(), told.ToArray());
    }

    [Fact]
    public void Garbage_costs_the_session_and_names_itself()
    {
        var session = Established(Us, out var now);
        session.Received(now, 1, Enumerable.Repeat((byte)0x55, 100).ToArray());
        var actions = Drain(session);
        Assert.Equal((BgpErrorCode.MessageHeader, BgpErrorSubcode.NotSynchronized), Code(actions.OfType<SendMessage>().Single().Message));
        Assert.Contains(actions, a => a is CloseConnection);
        Assert.Contains("no message", session.LastError, StringComparison.Ordinal);
    }

    [Fact]
    public void Messages_may_arrive_octet_by_octet()
    {
        var session = new BgpSession(Us, 1);
        session.Start(TimeSpan.Zero);
        session.Connected(TimeSpan.Zero, 1, incoming: false);
        byte[] stream = [.. Open(64501, 0xC0000202, null), .. BgpFraming.Keepalive.Span, .. BgpFraming.Keepalive.Span];
        foreach (var octet in stream) session.Received(TimeSpan.Zero, 1, [octet]);
        Assert.Equal(BgpState.Established, session.State);
    }

    [Fact]
    public void An_update_before_the_session_is_up_is_an_error_of_its_own_kind()
    {
        var session = new BgpSession(Us, 1);
        session.Start(TimeSpan.Zero);
        session.Connected(TimeSpan.Zero, 1, incoming: false);
        session.Received(TimeSpan.Zero, 1, Open(64501, 0xC0000202, null));
        session.Received(TimeSpan.Zero, 1, new UpdateEncoder(BgpSamples.Inside).Encode(new BgpUpdate()));
        Assert.Equal((BgpErrorCode.FiniteStateMachine, BgpErrorSubcode.UnexpectedInOpenConfirm), Code(Drain(session).OfType<SendMessage>().Last().Message));
    }

    [Fact]
    public void Routes_are_counted_and_too_many_end_the_session_for_a_while()
    {
        var session = Established(Us with { MaxPrefixes = 10 }, out var now);
        void Send(BgpUpdate update) => session.Received(now, 1, new UpdateEncoder(new UpdateContext(true, false)).Encode(update));
        BgpUpdate Announce(int from, int count) => new()
        {
            Announced = [.. Enumerable.Range(from, count).Select(i => BgpNlri.Of(new Prefix(IpAddr.V4(0xC6336400 + (uint)i), 32)))],
            Attributes = new PathAttributes { Origin = BgpOrigin.Igp, AsPath = [new AsSegment(AsSegmentKind.Sequence, [64501])], NextHop = IpAddr.Parse("192.0.2.2") },
        };

        Send(Announce(0, 8));
        Send(Announce(4, 6));
        Assert.Equal(10, session.ReceivedRoutes);
        Assert.True(session.Reflects(BgpNlri.Of(Prefix.Parse("198.51.100.9/32"))));
        Send(new BgpUpdate { Withdrawn = [BgpNlri.Of(Prefix.Parse("198.51.100.9/32"))] });
        Assert.Equal(9, session.ReceivedRoutes);
        // Without a next hop the routes count as withdrawn (RFC 7606).
        Send(Announce(0, 3) with { Attributes = new PathAttributes { Origin = BgpOrigin.Igp, AsPath = [] } });
        Assert.Equal((6, 1L), (session.ReceivedRoutes, session.TreatedAsWithdrawn));
        Send(Announce(20, 5));
        Assert.Equal((BgpErrorCode.Cease, BgpErrorSubcode.MaximumPrefixes), Code(Drain(session).OfType<SendMessage>().Last().Message));

        session.Connected(now + TimeSpan.FromMinutes(1), 2, incoming: true);
        Assert.Equal((BgpErrorCode.Cease, BgpErrorSubcode.ConnectionRejected), Code(Drain(session).OfType<SendMessage>().Last().Message));
        Assert.Equal(now + TimeSpan.FromMinutes(5), session.NextTimer);
    }

    [Fact]
    public void Answers_a_request_for_everything_again_if_it_carries_the_family()
    {
        var session = Established(Us, out var now);
        session.Received(now, 1, new BgpRouteRefresh(BgpFamily.Ipv4Unicast, BgpRefreshKind.Request).Encode());
        session.Received(now, 1, new BgpRouteRefresh(BgpFamily.Ipv6Unicast, BgpRefreshKind.Request).Encode());
        Assert.Equal(new SendAgain(BgpFamily.Ipv4Unicast), Assert.Single(Drain(session)));
    }

    [Fact]
    public void Waits_longer_after_each_failure_up_to_a_minute_and_never_the_same_for_two_peers()
    {
        var waits = Waits(1);
        for (var i = 0; i < waits.Count; i++) Assert.InRange(waits[i], 0.75 * Math.Min(60, Math.Pow(2, i)), Math.Min(60, Math.Pow(2, i)));
        Assert.NotEqual(waits, Waits(2));
        Assert.Equal(waits, Waits(1));

        static List<double> Waits(int seed)
        {
            var session = new BgpSession(Us, seed);
            var now = TimeSpan.FromSeconds(100);
            session.Start(now);
            var waits = new List<double>();
            for (var i = 0; i < 10; i++)
            {
                session.ConnectFailed(now, "refused");
                waits.Add((session.NextTimer!.Value - now).TotalSeconds);
                now = session.NextTimer!.Value;
                session.Tick(now);
                Assert.Contains(Drain(session), a => a is OpenConnection);
            }
            return waits;
        }
    }

    [Fact]
    public void A_passive_session_never_connects()
    {
        var session = new BgpSession(Us with { Passive = true }, 1);
        session.Start(TimeSpan.Zero);
        session.Connected(TimeSpan.Zero, 1, incoming: true);
        session.Closed(TimeSpan.Zero, 1, "reset");
        Assert.DoesNotContain(Drain(session), a => a is OpenConnection);
        Assert.Null(session.NextTimer);
    }

    [Fact]
    public void Says_why_when_it_is_stopped()
    {
        var session = Established(Us, out _);
        session.Stop("bye");
        var actions = Drain(session);
        Assert.Equal("bye", BgpNotification.Decode(actions.OfType<SendMessage>().Single().Message.Span[19..]).Communication);
        Assert.Equal(BgpState.Idle, session.State);
        Assert.Null(session.NextTimer);
    }

    [Fact]
    public void Survives_a_peer_that_sends_any_message_damaged_anywhere()
    {
        foreach (var message in BgpSamples.Messages)
        {
            for (var at = 0; at < message.Length; at++)
            {
                var session = Established(Us, out var now);
                var damaged = (byte[])message.Clone();
                damaged[at] ^= 0xFF;
                session.Received(now, 1, damaged);
                session.Received(now, 1, damaged);
                session.Tick(now + TimeSpan.FromHours(1));
                Drain(session);
            }
        }
    }

    private static byte[] Open(uint asNumber, uint identifier, BgpRole? role) => new BgpOpen
    {
        As = asNumber,
        HoldTime = 90,
        Identifier = identifier,
        Capabilities = [new FourOctetAsCapability(asNumber), new MultiprotocolCapability(BgpFamily.Ipv4Unicast), .. role is { } r ? [new RoleCapability(r)] : Array.Empty<BgpCapability>()],
    }.Encode();

    private static BgpSession Established(BgpSessionOptions options, out TimeSpan now)
    {
        now = TimeSpan.FromSeconds(10);
        var session = new BgpSession(options, 1);
        session.Start(now);
        session.Connected(now, 1, incoming: false);
        session.Received(now, 1, Open(options.PeerAs, 0xC0000202, null));
        session.Received(now, 1, BgpFraming.Keepalive.Span);
        Assert.Equal(BgpState.Established, session.State);
        Drain(session);
        return session;
    }

    /// <summary>What a session says to an OPEN.</summary>
    private static ReadOnlyMemory<byte> AnswerTo(BgpSessionOptions options, byte[] open)
    {
        var session = new BgpSession(options, 1);
        session.Start(TimeSpan.Zero);
        session.Connected(TimeSpan.Zero, 1, incoming: false);
        Drain(session);
        session.Received(TimeSpan.Zero, 1, open);
        return Drain(session).OfType<SendMessage>().First().Message;
    }

    private static (BgpErrorCode, byte) Code(ReadOnlyMemory<byte> message) => ((BgpErrorCode)message.Span[19], message.Span[20]);

    private static List<BgpAction> Drain(BgpSession session)
    {
        var actions = new List<BgpAction>();
        while (session.TryTake(out var action)) actions.Add(action!);
        return actions;
    }

    /// <summary>Two sessions, and the connections between them: whatever one sends, the other receives at once unless cut.</summary>
    private sealed class Pair(BgpSessionOptions a, BgpSessionOptions b)
    {
        private readonly HashSet<int> _open = [];

        public BgpSession A { get; } = new(a, 1);
        public BgpSession B { get; } = new(b with { Passive = true }, 2);
        public TimeSpan Now { get; private set; } = TimeSpan.FromSeconds(1);
        public bool Cut { get; set; }
        public List<BgpAction> EventsOfA { get; } = [];
        public int KeepalivesOfA { get; private set; }
        public int SentByA { get; private set; }
        public int OpenConnections => _open.Count;

        /// <summary>Connections of A's making have odd numbers.</summary>
        public bool RemainingIsFromA => _open.Single() == 1;

        public void ConnectFromA()
        {
            A.Start(Now);
            B.Start(Now);
            A.TryTake(out _);
            Open(1);
            Deliver();
        }

        public void ConnectFromBoth()
        {
            A.Start(Now);
            B.Start(Now);
            A.TryTake(out _);
            Open(1);
            Open(2);
            Deliver();
        }

        public void Run(TimeSpan time)
        {
            var end = Now + time;
            while (Now < end)
            {
                Now = new[] { A.NextTimer, Cut ? null : B.NextTimer, end }.Min() ?? end;
                A.Tick(Now);
                if (!Cut) B.Tick(Now);
                Deliver();
            }
        }

        private void Open(int number)
        {
            _open.Add(number);
            A.Connected(Now, number, incoming: number == 2);
            B.Connected(Now, number, incoming: number == 1);
        }

        private void Deliver()
        {
            for (var moved = true; moved;)
            {
                moved = Take(A, B, ofA: true);
                moved |= Take(B, A, ofA: false);
            }
        }

        private bool Take(BgpSession from, BgpSession to, bool ofA)
        {
            if (!from.TryTake(out var action)) return false;
            switch (action)
            {
                case SendMessage send:
                    if (ofA) SentByA++;
                    if (ofA && send.Message.Length == BgpFraming.HeaderLength) KeepalivesOfA++;
                    if (!Cut) to.Received(Now, send.Connection, send.Message.Span);
                    break;
                case CloseConnection close:
                    _open.Remove(close.Connection);
                    if (!Cut) to.Closed(Now, close.Connection, "closed");
                    break;
                default:
                    if (ofA) EventsOfA.Add(action!);
                    break;
            }
            return true;
        }
    }
}
