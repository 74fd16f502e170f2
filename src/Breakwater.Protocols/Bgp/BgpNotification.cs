using System.Text;

namespace Breakwater.Protocols.Bgp;

/// <summary>Error codes of a NOTIFICATION (IANA "BGP Error (Notification) Codes").</summary>
public enum BgpErrorCode : byte
{
    MessageHeader = 1,
    Open = 2,
    Update = 3,
    HoldTimerExpired = 4,
    FiniteStateMachine = 5,
    Cease = 6,
    RouteRefresh = 7,

    /// <summary>RFC 9687: the peer did not read for longer than the send hold time.</summary>
    SendHoldTimerExpired = 8,
}

/// <summary>Error subcodes, by code. 0 is "unspecific" under each.</summary>
public static class BgpErrorSubcode
{
    // Message header errors, RFC 4271 §6.1.
    public const byte NotSynchronized = 1;
    public const byte BadMessageLength = 2;
    public const byte BadMessageType = 3;

    // OPEN errors, RFC 4271 §6.2, RFC 5492 §5, RFC 9234 §4.2.
    public const byte UnsupportedVersion = 1;
    public const byte BadPeerAs = 2;
    public const byte BadIdentifier = 3;
    public const byte UnsupportedOptionalParameter = 4;
    public const byte UnacceptableHoldTime = 6;
    public const byte UnsupportedCapability = 7;
    public const byte RoleMismatch = 11;

    // UPDATE errors, RFC 4271 §6.3.
    public const byte MalformedAttributeList = 1;
    public const byte OptionalAttributeError = 9;
    public const byte InvalidNetworkField = 10;

    // Cease, RFC 4486 §3.
    public const byte MaximumPrefixes = 1;
    public const byte AdministrativeShutdown = 2;
    public const byte PeerDeconfigured = 3;
    public const byte AdministrativeReset = 4;
    public const byte ConnectionRejected = 5;
    public const byte OtherConfigurationChange = 6;
    public const byte ConnectionCollision = 7;

    // ROUTE-REFRESH errors, RFC 7313 §5.
    public const byte InvalidRefreshLength = 1;

    // Finite state machine errors, RFC 6608 §3.
    public const byte UnexpectedInOpenSent = 1;
    public const byte UnexpectedInOpenConfirm = 2;
    public const byte UnexpectedInEstablished = 3;
}

/// <summary>The last message of a session that ends in error.</summary>
/// <remarks>RFC 4271 §4.5, RFC 4486, RFC 9003.</remarks>
/// <param name="Data">Whatever helps the peer to find the cause; its meaning hangs on the code.</param>
public sealed record BgpNotification(BgpErrorCode Code, byte Subcode, ReadOnlyMemory<byte> Data = default)
{
    /// <summary>Longest shutdown communication, in octets of UTF-8 (RFC 9003 §2).</summary>
    public const int MaxCommunication = 255;

    /// <summary>A Cease that tells the peer's operators why, in at most 255 octets of UTF-8; longer text is cut between characters.</summary>
    /// <param name="subcode">Administrative Shutdown (2) or Administrative Reset (4): the two that may carry text.</param>
    public static BgpNotification Cease(byte subcode, string communication)
    {
        var data = new byte[1 + MaxCommunication];
        Encoding.UTF8.GetEncoder().Convert(communication, data.AsSpan(1), flush: true, out _, out var length, out _);
        data[0] = (byte)length;
        return new BgpNotification(BgpErrorCode.Cease, subcode, length == 0 ? default : data.AsMemory(0, 1 + length));
    }

    /// <summary>The text that the peer's operators sent along; null when there is none or it does not fit its length.</summary>
    /// <remarks>RFC 9003 §2, §4: text that is not UTF-8 is to be ignored.</remarks>
    public string? Communication
    {
        get
        {
            var data = Data.Span;
            if (Code != BgpErrorCode.Cease || Subcode is not (BgpErrorSubcode.AdministrativeShutdown or BgpErrorSubcode.AdministrativeReset)) return null;
            if (data.IsEmpty || data[0] == 0 || data[0] > data.Length - 1) return null;
            try { return Strict.GetString(data.Slice(1, data[0])); }
            catch (DecoderFallbackException) { return null; }
        }
    }

    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    public static BgpNotification Decode(ReadOnlySpan<byte> body) => new((BgpErrorCode)body[0], body[1], body[2..].ToArray());

    /// <summary>Writes the whole message, header included.</summary>
    public byte[] Encode()
    {
        var message = new byte[BgpFraming.HeaderLength + 2 + Data.Length];
        BgpFraming.WriteHeader(message, BgpMessageType.Notification, message.Length);
        message[BgpFraming.HeaderLength] = (byte)Code;
        message[BgpFraming.HeaderLength + 1] = Subcode;
        Data.Span.CopyTo(message.AsSpan(BgpFraming.HeaderLength + 2));
        return message;
    }

    /// <summary>"cease/administrative-shutdown: maintenance", for people.</summary>
    public override string ToString()
    {
        var text = $"{CodeName}/{SubcodeName}";
        // Control characters of the peer's choosing do not belong into our log.
        return Communication is { } said ? $"{text}: {string.Concat(said.Select(c => char.IsControl(c) ? '·' : c))}" : text;
    }

    private string CodeName => Code switch
    {
        BgpErrorCode.MessageHeader => "message-header-error",
        BgpErrorCode.Open => "open-error",
        BgpErrorCode.Update => "update-error",
        BgpErrorCode.HoldTimerExpired => "hold-timer-expired",
        BgpErrorCode.FiniteStateMachine => "state-machine-error",
        BgpErrorCode.Cease => "cease",
        BgpErrorCode.RouteRefresh => "route-refresh-error",
        BgpErrorCode.SendHoldTimerExpired => "send-hold-timer-expired",
        _ => $"code-{(byte)Code}",
    };

    private string SubcodeName => (Code, Subcode) switch
    {
        (_, 0) => "unspecific",
        (BgpErrorCode.MessageHeader, 1) => "not-synchronized",
        (BgpErrorCode.MessageHeader, 2) => "bad-message-length",
        (BgpErrorCode.MessageHeader, 3) => "bad-message-type",
        (BgpErrorCode.Open, 1) => "unsupported-version",
        (BgpErrorCode.Open, 2) => "bad-peer-as",
        (BgpErrorCode.Open, 3) => "bad-identifier",
        (BgpErrorCode.Open, 4) => "unsupported-optional-parameter",
        (BgpErrorCode.Open, 6) => "unacceptable-hold-time",
        (BgpErrorCode.Open, 7) => "unsupported-capability",
        (BgpErrorCode.Open, 11) => "role-mismatch",
        (BgpErrorCode.Update, 1) => "malformed-attribute-list",
        (BgpErrorCode.Update, 9) => "optional-attribute-error",
        (BgpErrorCode.Update, 10) => "invalid-network-field",
        (BgpErrorCode.FiniteStateMachine, 1) => "unexpected-message-in-open-sent",
        (BgpErrorCode.FiniteStateMachine, 2) => "unexpected-message-in-open-confirm",
        (BgpErrorCode.FiniteStateMachine, 3) => "unexpected-message-in-established",
        (BgpErrorCode.Cease, 1) => "maximum-prefixes",
        (BgpErrorCode.Cease, 2) => "administrative-shutdown",
        (BgpErrorCode.Cease, 3) => "peer-deconfigured",
        (BgpErrorCode.Cease, 4) => "administrative-reset",
        (BgpErrorCode.Cease, 5) => "connection-rejected",
        (BgpErrorCode.Cease, 6) => "other-configuration-change",
        (BgpErrorCode.Cease, 7) => "connection-collision",
        (BgpErrorCode.Cease, 8) => "out-of-resources",
        (BgpErrorCode.Cease, 9) => "hard-reset",
        (BgpErrorCode.Cease, 10) => "bfd-down",
        (BgpErrorCode.RouteRefresh, 1) => "invalid-message-length",
        _ => $"subcode-{Subcode}",
    };
}
