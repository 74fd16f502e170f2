namespace Breakwater.Protocols.Bgp;

/// <summary>Routes of one family and where they lead: the attribute MP_REACH_NLRI (RFC 4760 §3).</summary>
/// <param name="NextHop">Octets of the next hop: 4, 16 or 32; none for flow specifications (RFC 8955 §4), which lead nowhere.</param>
public sealed record MpReach(BgpFamily Family, ReadOnlyMemory<byte> NextHop, IReadOnlyList<BgpNlri> Routes);

/// <summary>Routes of one family that are gone: the attribute MP_UNREACH_NLRI (RFC 4760 §4). Without any: end of the family's table (RFC 4724 §2).</summary>
public sealed record MpUnreach(BgpFamily Family, IReadOnlyList<BgpNlri> Routes);

/// <summary>Routes that are gone, and routes that are new with what they have in common.</summary>
/// <remarks>RFC 4271 §4.3.</remarks>
public sealed record BgpUpdate
{
    /// <summary>IPv4 unicast routes of the UPDATE's own fields.</summary>
    public IReadOnlyList<BgpNlri> Withdrawn { get; init; } = [];
    public IReadOnlyList<BgpNlri> Announced { get; init; } = [];

    public PathAttributes Attributes { get; init; } = new();

    public MpReach? Reach { get; init; }
    public MpUnreach? Unreach { get; init; }

    /// <summary>The family whose table has now been sent in full; null for an UPDATE that says something else.</summary>
    /// <remarks>RFC 4724 §2: nothing at all for IPv4 unicast, an empty MP_UNREACH_NLRI for others.</remarks>
    public BgpFamily? EndOfRib
    {
        get
        {
            if (Withdrawn.Count > 0 || Announced.Count > 0 || Reach is not null || !Equals(Attributes, None)) return null;
            return Unreach switch
            {
                null => BgpFamily.Ipv4Unicast,
                { Routes.Count: 0 } => Unreach.Family,
                _ => null,
            };
        }
    }

    private static readonly PathAttributes None = new();
}

/// <summary>What is to be done about an UPDATE that is not as it should be, from the mildest to the hardest.</summary>
/// <remarks>RFC 7606 §2.</remarks>
public enum UpdateReaction : byte
{
    None,

    /// <summary>The malformed attribute is not there; the rest counts.</summary>
    AttributeDiscard,

    /// <summary>The routes that it announces are taken as withdrawn.</summary>
    TreatAsWithdraw,

    /// <summary>The session ends with a NOTIFICATION: what the UPDATE is about cannot be told.</summary>
    SessionReset,
}

/// <summary>An UPDATE, as far as it could be read, and what is wrong with it.</summary>
/// <param name="Update">What could be read; under <see cref="UpdateReaction.SessionReset"/> what stands before the error, for diagnosis.</param>
/// <param name="Reaction">The hardest of the reactions that its errors ask for.</param>
/// <param name="Problem">The first error with that reaction, in plain words; empty without one.</param>
/// <param name="Notification">For <see cref="UpdateReaction.SessionReset"/>: what to tell the peer.</param>
public sealed record DecodedUpdate(BgpUpdate Update, UpdateReaction Reaction, string Problem, BgpNotification? Notification)
{
    /// <summary>Flow specifications whose content is malformed; they cannot be told apart, so they are only counted.</summary>
    public int Skipped { get; init; }
}

/// <summary>What a session's two OPENs settled about the reading of UPDATEs.</summary>
/// <param name="FourOctetAs">AS numbers have 32 bits.</param>
/// <param name="Internal">The peer is of our own AS: LOCAL_PREF and route reflection are expected from it, and from no other.</param>
public readonly record struct UpdateContext(bool FourOctetAs, bool Internal);
