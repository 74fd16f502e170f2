using Breakwater.Core.Flows;
using Breakwater.Protocols.Coap;

namespace Breakwater.Tests.Protocols.Coap;

public class CoapDatagramSessionTests
{
    private static readonly Timestamp Start = Timestamp.FromUnixSeconds(1_800_000_000);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly CoapDatagramSession _session = new(new CoapTransmission { AckRandomFactor = 1 }, new Random(1));

    [Fact]
    public void Answers_a_confirmable_request_in_its_acknowledgement()
    {
        var request = Receive(Request(CoapType.Confirmable, 7));
        _session.Respond(Start, request, CoapMessage.Answer(request, CoapCode.Changed));

        var answer = Sent();
        Assert.Equal((CoapType.Acknowledgement, 7, CoapCode.Changed), (answer.Type, answer.MessageId, answer.Code));
        Assert.Equal(request.Token.ToArray(), answer.Token.ToArray());
    }

    [Fact]
    public void Answers_a_duplicate_alike_and_hands_it_on_once()
    {
        var request = Receive(Request(CoapType.Confirmable, 7));
        _session.Respond(Start, request, CoapMessage.Answer(request, CoapCode.Changed));
        var first = Sent();

        _session.Receive(Start + TimeSpan.FromSeconds(5), CoapDatagram.Write(Request(CoapType.Confirmable, 7)));

        Assert.Equal(first, Sent());
        Assert.False(_session.TryDequeueEvent(out _));
        Assert.Equal(1, _session.Duplicates);
    }

    [Fact]
    public void Takes_an_identifier_for_new_once_its_lifetime_is_over()
    {
        Receive(Request(CoapType.Confirmable, 7));
        var later = Start + new CoapTransmission { AckRandomFactor = 1 }.ExchangeLifetime;
        _session.Tick(later);
        _session.Receive(later, CoapDatagram.Write(Request(CoapType.Confirmable, 7)));
        Assert.True(_session.TryDequeueEvent(out _));
    }

    [Fact]
    public void Repeats_a_confirmable_request_with_doubling_pauses_and_then_gives_up()
    {
        _session.Request(Start, new CoapMessage { Code = CoapCode.Get }, confirmable: true, TimeSpan.FromHours(1));
        var sent = new List<int>();
        for (var second = 0; second <= 60; second++)
        {
            _session.Tick(Start + TimeSpan.FromSeconds(second));
            while (_session.TryDequeueOutgoing(out _)) sent.Add(second);
        }
        // RFC 7252 §4.2 with ACK_TIMEOUT 2 s and MAX_RETRANSMIT 3.
        Assert.Equal([0, 2, 6, 14], sent);
        Assert.True(_session.TryDequeueEvent(out var failed));
        Assert.Equal(CoapEventKind.Failed, failed.Kind);
    }

    [Fact]
    public void Stops_repeating_at_an_empty_acknowledgement_and_takes_the_response_that_comes_later()
    {
        var request = _session.Request(Start, new CoapMessage { Code = CoapCode.Get }, confirmable: true, Patience);
        var id = Sent().MessageId;
        _session.Receive(Start, CoapDatagram.Write(new CoapMessage { Type = CoapType.Acknowledgement, MessageId = id }));
        _session.Tick(Start + TimeSpan.FromSeconds(20));
        Assert.False(_session.TryDequeueOutgoing(out _));

        _session.Receive(Start, CoapDatagram.Write(new CoapMessage { Type = CoapType.Confirmable, MessageId = 99, Code = CoapCode.Content, Token = request.Token }));

        Assert.True(_session.TryDequeueEvent(out var response));
        Assert.Equal((CoapEventKind.Response, CoapCode.Content), (response.Kind, response.Message!.Code));
        Assert.Equal(new CoapMessage { Type = CoapType.Acknowledgement, MessageId = 99 }, Sent());
    }

    [Fact]
    public void Keeps_to_one_exchange_at_a_time()
    {
        _session.Request(Start, new CoapMessage { Code = CoapCode.Get }, confirmable: true, Patience);
        _session.Request(Start, new CoapMessage { Code = CoapCode.Delete }, confirmable: true, Patience);
        var first = Sent();
        Assert.False(_session.TryDequeueOutgoing(out _));

        _session.Receive(Start, CoapDatagram.Write(new CoapMessage { Type = CoapType.Acknowledgement, MessageId = first.MessageId, Code = CoapCode.Content, Token = first.Token }));

        Assert.Equal(CoapCode.Delete, Sent().Code);
    }

    [Theory]
    [InlineData("40007d34")]
    [InlineData("40017d34ff")]
    public void Resets_a_ping_and_a_malformed_confirmable_message(string hex)
    {
        _session.Receive(Start, Convert.FromHexString(hex));
        Assert.Equal(new CoapMessage { Type = CoapType.Reset, MessageId = 0x7d34 }, Sent());
        Assert.False(_session.TryDequeueEvent(out _));
    }

    [Fact]
    public void Resets_a_response_that_nobody_waits_for()
    {
        _session.Receive(Start, CoapDatagram.Write(new CoapMessage { Code = CoapCode.Content, MessageId = 5, Token = new byte[] { 1, 2, 3, 4 } }));
        Assert.Equal(new CoapMessage { Type = CoapType.Reset, MessageId = 5 }, Sent());
    }

    [Fact]
    public void Learns_from_a_reset_that_a_peer_no_longer_observes()
    {
        _session.Notify(Start, new CoapMessage { Code = CoapCode.Content, Token = new byte[] { 4, 4 } });
        var id = Sent().MessageId;
        _session.Receive(Start, CoapDatagram.Write(new CoapMessage { Type = CoapType.Reset, MessageId = id }));
        Assert.True(_session.TryDequeueEvent(out var happened));
        Assert.Equal(CoapEventKind.Unobserved, happened.Kind);
        Assert.Equal([4, 4], happened.Message!.Token.ToArray());
    }

    [Fact]
    public void Remembers_no_more_identifiers_than_it_may()
    {
        for (var id = 0; id < 60_000; id++) _session.Receive(Start, CoapDatagram.Write(Request(CoapType.NonConfirmable, (ushort)id)));
        _session.Receive(Start, CoapDatagram.Write(Request(CoapType.NonConfirmable, 1)));
        Assert.Equal(0, _session.Duplicates);
    }

    [Fact]
    public void Goes_on_yielding_notifications_of_what_is_observed()
    {
        var request = _session.Request(Start, new CoapMessage { Code = CoapCode.Get, Options = [CoapOption.Uint(CoapOptions.Observe, 0)] }, confirmable: false, Patience);
        for (ushort id = 1; id <= 3; id++)
        {
            _session.Receive(Start + TimeSpan.FromHours(id), CoapDatagram.Write(new CoapMessage
            {
                Code = CoapCode.Content,
                MessageId = id,
                Token = request.Token,
                Options = [CoapOption.Uint(CoapOptions.Observe, id)],
            }));
            _session.Tick(Start + TimeSpan.FromHours(id));
            Assert.True(_session.TryDequeueEvent(out var happened));
            Assert.Equal((CoapEventKind.Response, id), (happened.Kind, happened.Message!.MessageId));
        }
        _session.Forget(request.Token);
        Assert.Equal(CoapCode.Get, Sent().Code);
        _session.Receive(Start, CoapDatagram.Write(new CoapMessage { Code = CoapCode.Content, MessageId = 9, Token = request.Token }));
        Assert.Equal(CoapType.Reset, Sent().Type);
    }

    private static CoapMessage Request(CoapType type, ushort id) => new()
    {
        Code = CoapCode.Get,
        Type = type,
        MessageId = id,
        Token = new byte[] { 5 },
        Options = [CoapOption.Text(CoapOptions.UriPath, "hb")],
    };

    private CoapMessage Receive(CoapMessage message)
    {
        _session.Receive(Start, CoapDatagram.Write(message));
        Assert.True(_session.TryDequeueEvent(out var happened));
        Assert.Equal(CoapEventKind.Request, happened.Kind);
        return happened.Message!;
    }

    private CoapMessage Sent()
    {
        Assert.True(_session.TryDequeueOutgoing(out var bytes));
        Assert.Equal(DecodeError.None, CoapDatagram.Read(bytes, out var message));
        return message!;
    }
}
