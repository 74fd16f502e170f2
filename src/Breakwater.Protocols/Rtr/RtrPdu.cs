using Breakwater.Core.Rpki;

namespace Breakwater.Protocols.Rtr;

/// <summary>Types of PDU (RFC 8210 §5; IANA "rpki-rtr-pdu").</summary>
public enum RtrPduType : byte
{
    SerialNotify = 0,
    SerialQuery = 1,
    ResetQuery = 2,
    CacheResponse = 3,
    Ipv4Prefix = 4,
    Ipv6Prefix = 6,
    EndOfData = 7,
    CacheReset = 8,
    RouterKey = 9,
    ErrorReport = 10,
}

/// <summary>What an Error Report says (RFC 8210 §12; IANA "rpki-rtr-error"). All but <see cref="NoDataAvailable"/> end the session.</summary>
public enum RtrError : ushort
{
    CorruptData = 0,
    InternalError = 1,
    NoDataAvailable = 2,
    InvalidRequest = 3,
    UnsupportedVersion = 4,
    UnsupportedType = 5,
    WithdrawalOfUnknownRecord = 6,
    DuplicateAnnouncement = 7,
    UnexpectedVersion = 8,
}

/// <summary>When to ask again, and how long data may be used (RFC 8210 §6).</summary>
/// <param name="Refresh">From one good answer to the next query.</param>
/// <param name="Retry">From a failed query to the next.</param>
/// <param name="Expire">From one good answer until the data must not be used any more.</param>
public readonly record struct RtrIntervals(TimeSpan Refresh, TimeSpan Retry, TimeSpan Expire)
{
    /// <summary>RFC 8210 §6: what is recommended; also of version 0, which does not say any.</summary>
    public static RtrIntervals Default { get; } = new(TimeSpan.FromHours(1), TimeSpan.FromMinutes(10), TimeSpan.FromHours(2));

    /// <summary>Each moved into the range that RFC 8210 §6 allows.</summary>
    public RtrIntervals Allowed() => new(Between(Refresh, 1, 86_400), Between(Retry, 1, 7_200), Between(Expire, 600, 172_800));

    private static TimeSpan Between(TimeSpan span, int least, int most) => TimeSpan.FromSeconds(Math.Clamp(span.TotalSeconds, least, most));
}

/// <summary>One PDU, taken apart; what its type does not have is empty.</summary>
public ref struct RtrPdu
{
    /// <summary>0 (RFC 6810) or 1 (RFC 8210); of error reports any.</summary>
    public byte Version;
    public RtrPduType Type;

    /// <summary>Serial Notify, Serial Query, Cache Response, End of Data.</summary>
    public ushort SessionId;

    /// <summary>Serial Notify, Serial Query, End of Data.</summary>
    public uint Serial;

    /// <summary>Prefix and Router Key: true for an announcement, false for a withdrawal.</summary>
    public bool Announces;

    /// <summary>IPv4 Prefix, IPv6 Prefix.</summary>
    public Vrp Vrp;

    /// <summary>Router Key: 20 octets.</summary>
    public ReadOnlySpan<byte> SubjectKeyIdentifier;

    /// <summary>Router Key: DER.</summary>
    public ReadOnlySpan<byte> SubjectPublicKey;

    /// <summary>Router Key: whose it is.</summary>
    public uint KeyAs;

    /// <summary>End of Data; the recommended ones where it is of version 0.</summary>
    public RtrIntervals Intervals;

    /// <summary>Error Report.</summary>
    public RtrError Error;

    /// <summary>Error Report: what it is about, perhaps cut short.</summary>
    public ReadOnlySpan<byte> ErroneousPdu;

    /// <summary>Error Report: UTF-8, by the other side.</summary>
    public ReadOnlySpan<byte> Text;
}
