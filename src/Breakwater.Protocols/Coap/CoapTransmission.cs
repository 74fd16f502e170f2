namespace Breakwater.Protocols.Coap;

/// <summary>How a sender over datagrams waits and repeats.</summary>
/// <remarks>RFC 7252 §4.8, with the defaults that RFC 9132 §4.5.2 recommends for DOTS.</remarks>
public sealed record CoapTransmission
{
    /// <summary>Largest time that a datagram is expected to take from start to completion of its reception.</summary>
    private static readonly TimeSpan MaxLatency = TimeSpan.FromSeconds(100);

    public TimeSpan AckTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>The first timeout lies between <see cref="AckTimeout"/> and this many times that; at least 1.</summary>
    public double AckRandomFactor { get; init; } = 1.5;

    public int MaxRetransmit { get; init; } = 3;

    /// <summary>NSTART: exchanges with one peer that may be under way at once.</summary>
    public int MaxExchanges { get; init; } = 1;

    /// <summary>MAX_TRANSMIT_SPAN: from the first transmission to the last retransmission.</summary>
    public TimeSpan TransmitSpan => AckTimeout * (((1 << MaxRetransmit) - 1) * AckRandomFactor);

    /// <summary>EXCHANGE_LIFETIME: how long a message ID stands for one confirmable message.</summary>
    public TimeSpan ExchangeLifetime => TransmitSpan + 2 * MaxLatency + AckTimeout;

    /// <summary>NON_LIFETIME: how long a message ID stands for one non-confirmable message.</summary>
    public TimeSpan NonLifetime => TransmitSpan + MaxLatency;
}
