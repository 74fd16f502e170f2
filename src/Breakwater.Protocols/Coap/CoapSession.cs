using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using Breakwater.Core.Flows;

namespace Breakwater.Protocols.Coap;

/// <summary>
/// The message layer between two endpoints, as a machine that is told the time: octets from the peer go in by <see cref="Receive"/>, octets for the peer come
/// out by <see cref="TryDequeueOutgoing"/>, requests and responses by <see cref="TryDequeueEvent"/>. Either side may ask. Not safe for use by several threads.
/// </summary>
public abstract class CoapSession
{
    /// <summary>Requests of ours that wait for an answer, at most; the oldest fails when another is made.</summary>
    private const int MaxPending = 64;

    private readonly Queue<byte[]> _outgoing = new();
    private readonly Queue<CoapEvent> _events = new();
    private readonly Dictionary<uint, Pending> _pending = [];
    private uint _token;

    /// <param name="random">Where tokens and message IDs begin, and how timeouts are spread.</param>
    private protected CoapSession(Random random)
    {
        Random = random;
        _token = (uint)random.Next();
    }

    private protected Random Random { get; }

    /// <summary>True over a transport that delivers everything in order or not at all: no message types, no repetition.</summary>
    public abstract bool IsReliable { get; }

    /// <summary>The largest payload to send in one message, in octets; longer ones go block-wise.</summary>
    public abstract int MaxPayload { get; }

    public bool IsClosed { get; private set; }

    /// <summary>Messages that could not be read since the session began.</summary>
    public long Malformed { get; private protected set; }

    /// <summary>Messages received twice and not acted on twice.</summary>
    public long Duplicates { get; private protected set; }

    /// <summary>When <see cref="Receive"/> was last given a well-formed message; <see cref="Timestamp.Min"/> before.</summary>
    public Timestamp LastReceived { get; private protected set; } = Timestamp.Min;

    /// <summary>Takes one datagram, or the next octets of a stream.</summary>
    public abstract void Receive(Timestamp now, ReadOnlyMemory<byte> bytes);

    /// <summary>Does what is due: repeats what was not acknowledged, forgets what is over.</summary>
    public virtual void Tick(Timestamp now)
    {
        foreach (var (key, pending) in _pending)
        {
            if (pending.Expires > now) continue;
            _pending.Remove(key);
            Raise(CoapEventKind.Failed, pending.Request);
        }
    }

    /// <summary>Sends a request of ours. A request with Observe 0 goes on yielding responses until <see cref="Forget"/>.</summary>
    /// <param name="confirmable">Repeat it until acknowledged; means nothing over a reliable transport.</param>
    /// <param name="patience">How long an answer is awaited.</param>
    /// <returns>The request as sent, with its token.</returns>
    public CoapMessage Request(Timestamp now, CoapMessage request, bool confirmable, TimeSpan patience)
    {
        if (_pending.Count >= MaxPending)
        {
            var (oldest, lost) = _pending.MinBy(p => p.Value.Made);
            _pending.Remove(oldest);
            Raise(CoapEventKind.Failed, lost.Request);
        }
        var token = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(token, ++_token);
        request = request with { Token = token, Type = confirmable ? CoapType.Confirmable : CoapType.NonConfirmable };
        _pending[_token] = new Pending(request, now, now + patience);
        Transmit(now, request);
        return request;
    }

    /// <summary>Answers a request of the peer's.</summary>
    /// <param name="response">Null to say nothing; a confirmable request is acknowledged even so.</param>
    public abstract void Respond(Timestamp now, CoapMessage request, CoapMessage? response);

    /// <summary>Tells the peer of what it observes; always non-confirmable (RFC 9132 §4.4.2.1).</summary>
    public void Notify(Timestamp now, CoapMessage notification) => Transmit(now, notification with { Type = CoapType.NonConfirmable });

    /// <summary>Awaits nothing more for a request; a notification that still comes is reset.</summary>
    public void Forget(ReadOnlyMemory<byte> token)
    {
        if (TryKey(token, out var key)) _pending.Remove(key);
    }

    /// <summary>Octets to send to the peer: one datagram, or a piece of the stream.</summary>
    public bool TryDequeueOutgoing([NotNullWhen(true)] out byte[]? bytes) => _outgoing.TryDequeue(out bytes);

    public bool TryDequeueEvent(out CoapEvent happened) => _events.TryDequeue(out happened);

    private protected abstract void Transmit(Timestamp now, CoapMessage message);

    private protected void Send(byte[] bytes) => _outgoing.Enqueue(bytes);

    private protected void Raise(CoapEventKind kind, CoapMessage? message, CoapMessage? asked = null) => _events.Enqueue(new CoapEvent(kind, message, asked));

    private protected void Close()
    {
        if (IsClosed) return;
        IsClosed = true;
        _pending.Clear();
        Raise(CoapEventKind.Closed, null);
    }

    /// <summary>Hands a response to the one who asked; false when nobody did.</summary>
    private protected bool Deliver(CoapMessage response)
    {
        if (!TryKey(response.Token, out var key) || !_pending.TryGetValue(key, out var pending)) return false;
        if (pending.Request.Uint(CoapOptions.Observe) == 0 && response.TryOption(CoapOptions.Observe, out _) && response.Code.IsSuccess())
            _pending[key] = pending with { Expires = Timestamp.Max };
        else
            _pending.Remove(key);
        Raise(CoapEventKind.Response, response, pending.Request);
        return true;
    }

    /// <summary>A request of ours that got no further than the message layer.</summary>
    private protected void Fail(CoapMessage request)
    {
        if (TryKey(request.Token, out var key) && _pending.Remove(key)) Raise(CoapEventKind.Failed, request);
    }

    private static bool TryKey(ReadOnlyMemory<byte> token, out uint key) => BinaryPrimitives.TryReadUInt32BigEndian(token.Span, out key) && token.Length == 4;

    private readonly record struct Pending(CoapMessage Request, Timestamp Made, Timestamp Expires);
}
