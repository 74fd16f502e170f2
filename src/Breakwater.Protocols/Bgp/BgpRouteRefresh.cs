using System.Buffers.Binary;

namespace Breakwater.Protocols.Bgp;

/// <summary>What a ROUTE-REFRESH says (RFC 7313 §3.2).</summary>
public enum BgpRefreshKind : byte { Request = 0, Begin = 1, End = 2 }

/// <summary>Asks for all routes of a family again, or marks where they begin and end.</summary>
/// <remarks>RFC 2918 §3: AFI (16 bits), reserved or subtype (8 bits), SAFI (8 bits). A longer message carries filters (RFC 5291), which we did not offer.</remarks>
public sealed record BgpRouteRefresh(BgpFamily Family, BgpRefreshKind Kind)
{
    private const int BodyLength = 4;

    /// <summary>Reads the body of a ROUTE-REFRESH.</summary>
    /// <returns>What to tell the peer when the message ends the session; null when it does not.</returns>
    /// <param name="refresh">Null when the message is to be ignored: a subtype that nobody has defined (RFC 7313 §5).</param>
    public static BgpNotification? Decode(ReadOnlySpan<byte> body, out BgpRouteRefresh? refresh)
    {
        refresh = null;
        if (body.Length < BodyLength) return Wrong(body);
        var kind = (BgpRefreshKind)body[2];
        // Only the plain request may carry anything behind: filters.
        if (body.Length > BodyLength && kind != BgpRefreshKind.Request) return Wrong(body);
        if (kind > BgpRefreshKind.End) return null;
        refresh = new BgpRouteRefresh(new BgpFamily(BinaryPrimitives.ReadUInt16BigEndian(body), body[3]), kind);
        return null;
    }

    /// <summary>Writes the whole message, header included.</summary>
    public byte[] Encode()
    {
        var message = new byte[BgpFraming.HeaderLength + BodyLength];
        BgpFraming.WriteHeader(message, BgpMessageType.RouteRefresh, message.Length);
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(BgpFraming.HeaderLength), Family.Afi);
        message[BgpFraming.HeaderLength + 2] = (byte)Kind;
        message[BgpFraming.HeaderLength + 3] = Family.Safi;
        return message;
    }

    /// <summary>RFC 7313 §5: the data of the error is the whole message.</summary>
    private static BgpNotification Wrong(ReadOnlySpan<byte> body)
    {
        var message = new byte[BgpFraming.HeaderLength + body.Length];
        BgpFraming.WriteHeader(message, BgpMessageType.RouteRefresh, message.Length);
        body.CopyTo(message.AsSpan(BgpFraming.HeaderLength));
        return new BgpNotification(BgpErrorCode.RouteRefresh, BgpErrorSubcode.InvalidRefreshLength, message);
    }
}
