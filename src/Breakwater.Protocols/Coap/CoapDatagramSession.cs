using Breakwater.Core.Flows;

namespace Breakwater.Protocols.Coap;

/// <summary>CoAP over datagrams: confirmable messages are repeated until acknowledged, duplicates are answered alike but acted on once.</summary>
/// <remarks>RFC 7252 §4 and §5.2; block size RFC 7959 §2.2.</remarks>
public sealed class CoapDatagramSession(CoapTransmission transmission, Random random) : CoapSession(random)
{
    /// <summary>Message IDs of the peer that are remembered, at most; the oldest is forgotten first.</summary>
    private const int MaxRemembered = 1024;

    /// <summary>Confirmable messages of ours that wait for their turn, at most.</summary>
    private const int MaxQueued = 64;

    /// <summary>Non-confirmable messages of ours whose reset is still understood.</summary>
    private const int MaxNotifications = 64;

    private readonly Dictionary<ushort, Remembered> _remembered = [];
    private readonly Queue<(ushort Id, Timestamp Until)> _rememberedOrder = new();
    private readonly Dictionary<ushort, Exchange> _exchanges = [];
    private readonly Queue<CoapMessage> _queued = new();
    private readonly Queue<(ushort Id, ReadOnlyMemory<byte> Token)> _notifications = new();
    private CoapTransmission _transmission = transmission;
    private ushort _nextId = (ushort)random.Next();

    public override bool IsReliable => false;

    /// <remarks>1024 octets of payload with its options, DTLS and headers fit a path MTU of 1280 (RFC 9132 §7.3).</remarks>
    public override int MaxPayload => 1024;

    /// <summary>How this end waits and repeats from now on, as session configuration says (RFC 9132 §4.5).</summary>
    public CoapTransmission Transmission
    {
        get => _transmission;
        set => _transmission = value;
    }

    public override void Receive(Timestamp now, ReadOnlyMemory<byte> bytes)
    {
        var error = CoapDatagram.Read(bytes, out var message);
        if (error != DecodeError.None || message is null)
        {
            Malformed++;
            // A confirmable message that cannot be processed is rejected; anything else is silently ignored (RFC 7252 §4.2, §4.3).
            if (message is { Type: CoapType.Confirmable }) Reset(message.MessageId);
            return;
        }
        LastReceived = now;
        switch (message.Type)
        {
            case CoapType.Acknowledgement:
                Acknowledged(now, message);
                break;
            case CoapType.Reset:
                WasReset(now, message);
                break;
            default:
                Process(now, message);
                break;
        }
    }

    public override void Tick(Timestamp now)
    {
        base.Tick(now);
        while (_rememberedOrder.TryPeek(out var oldest) && oldest.Until <= now)
        {
            _rememberedOrder.Dequeue();
            _remembered.Remove(oldest.Id);
        }
        foreach (var (id, exchange) in _exchanges)
        {
            if (exchange.Due > now) continue;
            if (exchange.Retransmits >= _transmission.MaxRetransmit)
            {
                _exchanges.Remove(id);
                Fail(exchange.Message);
                continue;
            }
            var timeout = exchange.Timeout * 2;
            _exchanges[id] = exchange with { Retransmits = exchange.Retransmits + 1, Timeout = timeout, Due = now + timeout };
            Send(exchange.Bytes);
        }
        StartQueued(now);
    }

    public override void Respond(Timestamp now, CoapMessage request, CoapMessage? response)
    {
        var confirmable = request.Type == CoapType.Confirmable;
        if (response is null)
        {
            if (confirmable) Reply(request.MessageId, new CoapMessage { Type = CoapType.Acknowledgement, MessageId = request.MessageId });
            return;
        }
        // Piggybacked on the acknowledgement, or non-confirmable as the request was (RFC 7252 §5.2.1, §5.2.3).
        var reply = response with
        {
            Token = request.Token,
            Type = confirmable ? CoapType.Acknowledgement : CoapType.NonConfirmable,
            MessageId = confirmable ? request.MessageId : TakeId(),
        };
        Reply(request.MessageId, reply);
    }

    private protected override void Transmit(Timestamp now, CoapMessage message)
    {
        message = message with { MessageId = TakeId() };
        if (message.Type == CoapType.Confirmable)
        {
            _queued.Enqueue(message);
            if (_queued.Count > MaxQueued) Fail(_queued.Dequeue());
            StartQueued(now);
            return;
        }
        _notifications.Enqueue((message.MessageId, message.Token));
        if (_notifications.Count > MaxNotifications) _notifications.Dequeue();
        Send(CoapDatagram.Write(message));
    }

    private void Process(Timestamp now, CoapMessage message)
    {
        var confirmable = message.Type == CoapType.Confirmable;
        if (_remembered.TryGetValue(message.MessageId, out var before))
        {
            Duplicates++;
            if (confirmable && before.Reply is { } reply) Send(reply);
            return;
        }
        Remember(message.MessageId, now + (confirmable ? _transmission.ExchangeLifetime : _transmission.NonLifetime));
        if (message.Code.IsRequest())
        {
            Raise(CoapEventKind.Request, message);
        }
        else if (message.Code.IsResponse() && Deliver(message))
        {
            if (confirmable) Reply(message.MessageId, new CoapMessage { Type = CoapType.Acknowledgement, MessageId = message.MessageId });
        }
        else if (confirmable || message.Code.IsResponse())
        {
            // An Empty confirmable message is a ping and is answered by a reset; so is a response that nobody waits for (§4.2, §4.3).
            Reset(message.MessageId);
        }
    }

    private void Acknowledged(Timestamp now, CoapMessage message)
    {
        if (!_exchanges.Remove(message.MessageId)) return;
        if (message.Code.IsResponse()) Deliver(message);
        StartQueued(now);
    }

    private void WasReset(Timestamp now, CoapMessage message)
    {
        if (_exchanges.Remove(message.MessageId, out var exchange))
        {
            Fail(exchange.Message);
            StartQueued(now);
            return;
        }
        foreach (var (id, token) in _notifications)
            if (id == message.MessageId) Raise(CoapEventKind.Unobserved, new CoapMessage { Token = token });
    }

    private void StartQueued(Timestamp now)
    {
        while (_exchanges.Count < _transmission.MaxExchanges && _queued.TryDequeue(out var message))
        {
            var timeout = _transmission.AckTimeout * (1 + Random.NextDouble() * (_transmission.AckRandomFactor - 1));
            var bytes = CoapDatagram.Write(message);
            _exchanges[message.MessageId] = new Exchange(message, bytes, timeout, now + timeout, 0);
            Send(bytes);
        }
    }

    private void Remember(ushort id, Timestamp until)
    {
        _remembered[id] = default;
        _rememberedOrder.Enqueue((id, until));
        if (_rememberedOrder.Count > MaxRemembered) _remembered.Remove(_rememberedOrder.Dequeue().Id);
    }

    /// <summary>Sends what is to be sent again when its cause comes again.</summary>
    private void Reply(ushort id, CoapMessage reply)
    {
        var bytes = CoapDatagram.Write(reply);
        if (_remembered.ContainsKey(id)) _remembered[id] = new Remembered(bytes);
        Send(bytes);
    }

    private void Reset(ushort id) => Reply(id, new CoapMessage { Type = CoapType.Reset, MessageId = id });

    private ushort TakeId() => _nextId++;

    private readonly record struct Remembered(byte[]? Reply);

    private readonly record struct Exchange(CoapMessage Message, byte[] Bytes, TimeSpan Timeout, Timestamp Due, int Retransmits);
}
