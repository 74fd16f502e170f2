using Breakwater.Core.Flows;
using Breakwater.Core.Net;

namespace Breakwater.Protocols.Bmp;

/// <summary>Whose routes a message is about (IANA "BMP Peer Types").</summary>
public enum BmpPeerType : byte { Global = 0, RouteDistinguisher = 1, Local = 2, LocRib = 3 }

/// <summary>Which of a router's tables a message tells of, from what it was sent to what it uses.</summary>
public enum BmpView : byte
{
    /// <summary>What a peer sent, as it came (RFC 7854 §5).</summary>
    AdjRibIn,

    /// <summary>What was left of that by the router's import policy (RFC 7854 §5).</summary>
    AdjRibInPostPolicy,

    /// <summary>What the router chose to use (RFC 9069 §4).</summary>
    LocRib,

    /// <summary>What the router sends to a peer, before or after its export policy (RFC 8671 §4).</summary>
    AdjRibOut,
}

/// <summary>The per-peer header: which session of the router a message is about.</summary>
/// <remarks>
/// RFC 7854 §4.2: peer type (8 bits), flags (8), distinguisher (64), address (128, an IPv4 one in the last 32), AS (32), BGP identifier (32), seconds (32),
/// microseconds (32). RFC 8671 §4 and RFC 9069 §4.2 give flags a meaning by type.
/// </remarks>
/// <param name="Address">The router's peer; no address for its own table.</param>
/// <param name="As">AS of the router's peer; its own for its own table.</param>
/// <param name="Identifier">BGP identifier of the same.</param>
/// <param name="Time">When the routes were received; the epoch where the router does not say.</param>
public sealed record BmpPeerHeader(BmpPeerType Type, byte Flags, ulong Distinguisher, IpAddr Address, uint As, uint Identifier, Timestamp Time)
{
    internal const byte Ipv6 = 0x80;
    private const byte PostPolicy = 0x40;
    private const byte LegacyPath = 0x20;
    private const byte Out = 0x10;

    public BmpView View => Type == BmpPeerType.LocRib ? BmpView.LocRib : (Flags & Out) != 0 ? BmpView.AdjRibOut : (Flags & PostPolicy) != 0 ? BmpView.AdjRibInPostPolicy : BmpView.AdjRibIn;

    /// <summary>AS paths in the message have numbers of 16 bits.</summary>
    public bool HasLegacyPaths => Type != BmpPeerType.LocRib && (Flags & LegacyPath) != 0;
}
