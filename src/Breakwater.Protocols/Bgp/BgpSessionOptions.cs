namespace Breakwater.Protocols.Bgp;

/// <summary>Who we are to one peer, and what we would like of it.</summary>
public sealed record BgpSessionOptions
{
    public required uint LocalAs { get; init; }
    public required uint PeerAs { get; init; }

    /// <summary>Our identifier; not 0.</summary>
    public required uint Identifier { get; init; }

    /// <summary>Families that we offer.</summary>
    public required IReadOnlyList<BgpFamily> Families { get; init; }

    /// <summary>Seconds without a message after which the peer is dead: 0 for never, else at least 3. The smaller of both sides' counts.</summary>
    public ushort HoldTime { get; init; } = 90;

    /// <summary>Wait for the peer to connect; never connect ourselves.</summary>
    public bool Passive { get; init; }

    /// <summary>What we are to the peer; only for a peer of another AS.</summary>
    public BgpRole? Role { get; init; }

    /// <summary>Refuse a peer that announces no role (RFC 9234 §4.2).</summary>
    public bool StrictRole { get; init; }

    /// <summary>Seconds for which the peer may keep our routes when the session breaks; null offers nothing: they go with the session.</summary>
    public ushort? RestartTime { get; init; }

    /// <summary>Routes that a peer may send: more, and the session ends. They are counted, never installed.</summary>
    public int MaxPrefixes { get; init; } = 1000;

    /// <summary>Wait after a first failure; doubles with each, up to <see cref="MaxRetry"/>.</summary>
    public TimeSpan MinRetry { get; init; } = TimeSpan.FromSeconds(1);
    public TimeSpan MaxRetry { get; init; } = TimeSpan.FromSeconds(60);

    public bool Internal => LocalAs == PeerAs;
}

/// <summary>What both OPENs settled.</summary>
/// <param name="Peer">The peer's OPEN.</param>
/// <param name="Families">Families that both sides offered.</param>
/// <param name="HoldTime">Zero for none.</param>
public sealed record BgpNegotiated(BgpOpen Peer, IReadOnlySet<BgpFamily> Families, TimeSpan HoldTime, bool ExtendedMessages, bool EnhancedRefresh, UpdateContext Context)
{
    public int MaxMessage => ExtendedMessages ? BgpFraming.MaxExtendedLength : BgpFraming.MaxLength;
}

/// <summary>States of a session (RFC 4271 §8.2.2).</summary>
public enum BgpState : byte { Idle, Connect, Active, OpenSent, OpenConfirm, Established }

/// <summary>What the owner of a session is to do next.</summary>
public abstract record BgpAction;

/// <summary>Connect to the peer; then say <see cref="BgpSession.Connected"/> or <see cref="BgpSession.ConnectFailed"/>.</summary>
public sealed record OpenConnection : BgpAction;

/// <summary>Send these octets, a whole message.</summary>
public sealed record SendMessage(int Connection, ReadOnlyMemory<byte> Message) : BgpAction;

/// <summary>Send what waits, then close. Nothing of this connection is to be told any more.</summary>
public sealed record CloseConnection(int Connection) : BgpAction;

/// <summary>Routes may be sent from now on, and all of them have to be.</summary>
public sealed record SessionUp(int Connection, BgpNegotiated Negotiated) : BgpAction;

/// <summary>The peer has forgotten our routes, or will.</summary>
public sealed record SessionDown(string Reason) : BgpAction;

/// <summary>The peer wants all routes of a family again.</summary>
public sealed record SendAgain(BgpFamily Family) : BgpAction;
