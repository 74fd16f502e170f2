namespace Breakwater.Protocols.Coap;

/// <summary>What a session tells the one who uses it.</summary>
public enum CoapEventKind : byte
{
    /// <summary>The peer asks: answer with <see cref="CoapSession.Respond"/>, even if only with null.</summary>
    Request,

    /// <summary>The peer answers a request of ours, or notifies of what we observe.</summary>
    Response,

    /// <summary>A request of ours will not be answered: repeated in vain, reset, or given up after its lifetime.</summary>
    Failed,

    /// <summary>The peer reset a notification of ours: it no longer observes (RFC 7641 §3.6).</summary>
    Unobserved,

    /// <summary>The session is over; nothing more comes.</summary>
    Closed,
}

/// <param name="Message">The request or response; for <see cref="CoapEventKind.Failed"/> our request, for <see cref="CoapEventKind.Unobserved"/> a message with the token; null at the end.</param>
/// <param name="Asked">Our request that a response answers.</param>
public readonly record struct CoapEvent(CoapEventKind Kind, CoapMessage? Message, CoapMessage? Asked = null);
