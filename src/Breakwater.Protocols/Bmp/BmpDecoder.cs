using System.Text;
using Breakwater.Core.Flows;
using Breakwater.Core.Net;
using Breakwater.Protocols.Bgp;
using Breakwater.Protocols.Net;

namespace Breakwater.Protocols.Bmp;

/// <summary>Reads the body of BMP messages, one line per field of RFC 7854 §4.</summary>
public static class BmpDecoder
{
    /// <summary>Counters of one report that are read; the registry knows a few dozen.</summary>
    private const int MaxCounters = 1000;

    /// <summary>Longest text kept, in octets.</summary>
    private const int MaxText = 1024;

    /// <param name="message">Null on an error, and for types that are passed over (RFC 7854 §4.1): route mirroring, and what is not known.</param>
    /// <returns>What is wrong with this message; the next one can be read all the same.</returns>
    public static DecodeError Decode(BmpMessageType type, ReadOnlySpan<byte> body, out BmpMessage? message)
    {
        message = null;
        var reader = new WireReader(body);
        switch (type)
        {
            case BmpMessageType.Initiation: return ReadInitiation(ref reader, out message);
            case BmpMessageType.Termination: return ReadTermination(ref reader, out message);
            case BmpMessageType.RouteMonitoring or BmpMessageType.Statistics or BmpMessageType.PeerDown or BmpMessageType.PeerUp: break;
            default: return DecodeError.None;
        }
        if (ReadPeer(ref reader) is not { } peer) return DecodeError.Truncated;
        return type switch
        {
            BmpMessageType.RouteMonitoring => ReadRoutes(ref reader, peer, out message),
            BmpMessageType.Statistics => ReadStatistics(ref reader, peer, out message),
            BmpMessageType.PeerDown => ReadPeerDown(ref reader, peer, out message),
            _ => ReadPeerUp(ref reader, peer, out message),
        };
    }

    private static BmpPeerHeader? ReadPeer(ref WireReader reader)
    {
        var type = (BmpPeerType)reader.U8();
        var flags = reader.U8();
        var distinguisher = reader.U64();
        var address = reader.Bytes(16);
        var number = reader.U32();
        var identifier = reader.U32();
        long seconds = reader.U32();
        long microseconds = reader.U32();
        if (reader.Failed) return null;
        return new BmpPeerHeader(type, flags, distinguisher, AddressOf(type, flags, address), number, identifier, new Timestamp(seconds * Timestamp.NanosecondsPerSecond + microseconds * 1000));
    }

    private static IpAddr AddressOf(BmpPeerType type, byte flags, ReadOnlySpan<byte> octets) =>
        // RFC 9069 §4.2: the bit has another meaning there, and the address is zero.
        type == BmpPeerType.LocRib ? IpAddr.None : (flags & BmpPeerHeader.Ipv6) != 0 ? IpAddr.V6(octets) : IpAddr.V4(octets[12..]);

    /// <summary>One UPDATE. LOCAL_PREF and the like are read whatever the session: what counts is what the router has.</summary>
    private static DecodeError ReadRoutes(ref WireReader reader, BmpPeerHeader peer, out BmpMessage? message)
    {
        message = null;
        if (!TryReadBgp(ref reader, BgpMessageType.Update, out var body)) return DecodeError.InvalidLength;
        var update = UpdateDecoder.Decode(body, new UpdateContext(FourOctetAs: !peer.HasLegacyPaths, Internal: true));
        if (update.Reaction == UpdateReaction.SessionReset) return DecodeError.InvalidValue;
        message = new BmpRouteMonitoring(peer, update);
        return DecodeError.None;
    }

    /// <summary>Count (32 bits), then type (16), length (16) and value of each: 32 or 64 bits, for some after AFI (16) and SAFI (8).</summary>
    private static DecodeError ReadStatistics(ref WireReader reader, BmpPeerHeader peer, out BmpMessage? message)
    {
        message = null;
        reader.Skip(4); // What counts is what is there.
        if (reader.Failed) return DecodeError.Truncated;
        var counters = new List<BmpStatistic>();
        while (reader.Remaining > 0 && counters.Count < MaxCounters)
        {
            var type = reader.U16();
            var value = new WireReader(reader.Bytes(reader.U16()));
            if (reader.Failed) return DecodeError.InvalidLength;
            switch (value.Remaining)
            {
                case 4: counters.Add(new BmpStatistic(type, null, value.U32())); break;
                case 8: counters.Add(new BmpStatistic(type, null, value.U64())); break;
                case 11: counters.Add(new BmpStatistic(type, new BgpFamily(value.U16(), value.U8()), value.U64())); break;
            }
        }
        message = new BmpStatistics(peer, counters);
        return DecodeError.None;
    }

    private static DecodeError ReadPeerDown(ref WireReader reader, BmpPeerHeader peer, out BmpMessage? message)
    {
        message = null;
        var reason = reader.U8();
        if (reader.Failed) return DecodeError.Truncated;
        BgpNotification? notification = null;
        ushort? happening = null;
        if (reason is 1 or 3 && TryReadBgp(ref reader, BgpMessageType.Notification, out var body)) notification = BgpNotification.Decode(body);
        if (reason == 2 && reader.Remaining >= 2) happening = reader.U16();
        // What it died of is said for people; that it died counts even where the rest cannot be read.
        message = new BmpPeerDown(peer, reason, notification, happening);
        return DecodeError.None;
    }

    private static DecodeError ReadPeerUp(ref WireReader reader, BmpPeerHeader peer, out BmpMessage? message)
    {
        message = null;
        var local = reader.Bytes(16);
        var localPort = reader.U16();
        var remotePort = reader.U16();
        if (reader.Failed) return DecodeError.Truncated;
        if (!TryReadBgp(ref reader, BgpMessageType.Open, out var sent) || !TryReadBgp(ref reader, BgpMessageType.Open, out var received)) return DecodeError.InvalidLength;
        // Information about the session may follow; it is for people.
        message = new BmpPeerUp(peer, AddressOf(peer.Type, peer.Flags, local), localPort, remotePort,
            BgpOpen.Decode(sent, out var ours) is null ? ours : null, BgpOpen.Decode(received, out var theirs) is null ? theirs : null);
        return DecodeError.None;
    }

    private static DecodeError ReadInitiation(ref WireReader reader, out BmpMessage? message)
    {
        message = null;
        var (name, description) = ("", "");
        while (reader.Remaining > 0)
        {
            var type = reader.U16();
            var value = reader.Bytes(reader.U16());
            if (reader.Failed) return DecodeError.InvalidLength;
            if (type == 1) description = TextOf(value);
            else if (type == 2) name = TextOf(value);
        }
        message = new BmpInitiation(name, description);
        return DecodeError.None;
    }

    private static DecodeError ReadTermination(ref WireReader reader, out BmpMessage? message)
    {
        message = null;
        ushort? reason = null;
        var text = "";
        while (reader.Remaining > 0)
        {
            var type = reader.U16();
            var value = reader.Bytes(reader.U16());
            if (reader.Failed) return DecodeError.InvalidLength;
            if (type == 0) text = TextOf(value);
            else if (type == 1 && value.Length == 2) reason = (ushort)(value[0] << 8 | value[1]);
        }
        message = new BmpTermination(reason, text);
        return DecodeError.None;
    }

    /// <summary>A BGP message of a type, header included, inside a BMP message.</summary>
    private static bool TryReadBgp(ref WireReader reader, BgpMessageType expected, out ReadOnlySpan<byte> body)
    {
        body = default;
        if (BgpFraming.Read(reader.Rest, extended: true, out var type, out var length, out _) != BgpFrameStatus.Complete || type != expected) return false;
        body = reader.Bytes(length)[BgpFraming.HeaderLength..];
        return true;
    }

    private static string TextOf(ReadOnlySpan<byte> octets) => Encoding.UTF8.GetString(octets[..Math.Min(octets.Length, MaxText)]);
}
