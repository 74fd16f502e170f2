using Breakwater.Core.Flows;
using Breakwater.Core.Net;
using Breakwater.Core.Rpki;
using Breakwater.Protocols.Net;

namespace Breakwater.Protocols.Rtr;

/// <summary>Reads PDUs of the RPKI-to-Router protocol: version (8 bits), type (8), session or error (16), length of the whole (32), then the body.</summary>
/// <remarks>RFC 8210 §5 (version 1), RFC 6810 §5 (version 0). Fields that must be zero are passed over, as §5 asks for.</remarks>
public static class RtrDecoder
{
    public const int HeaderLength = 8;

    /// <summary>Longest PDU that is read, in octets. Those of fixed length have 32 at most; keys and reports are far shorter than this.</summary>
    public const int MaxLength = 16 * 1024;

    private const int KeyIdentifierLength = 20;

    /// <summary>Looks for a PDU at the beginning of a stream.</summary>
    /// <param name="length">Octets of the PDU, header included, once the header is there.</param>
    /// <returns><see cref="DecodeError.Truncated"/> while it has not arrived as a whole; any other error means that no PDU can follow.</returns>
    public static DecodeError Frame(ReadOnlySpan<byte> stream, out int length)
    {
        length = 0;
        var reader = new WireReader(stream);
        reader.Skip(4);
        var claimed = reader.U32();
        if (reader.Failed) return DecodeError.Truncated;
        if (claimed is < HeaderLength or > MaxLength) return DecodeError.InvalidLength;
        length = (int)claimed;
        return stream.Length < length ? DecodeError.Truncated : DecodeError.None;
    }

    /// <param name="octets">One whole PDU, as <see cref="Frame"/> cut it.</param>
    /// <param name="pdu">Its version and type also where the rest cannot be read. Points into <paramref name="octets"/>.</param>
    /// <returns><see cref="DecodeError.InvalidSet"/> for a type that its version does not have.</returns>
    public static DecodeError Decode(ReadOnlySpan<byte> octets, out RtrPdu pdu)
    {
        pdu = default;
        var reader = new WireReader(octets);
        pdu.Version = reader.U8();
        pdu.Type = (RtrPduType)reader.U8();
        var number = reader.U16();
        var length = reader.U32();
        if (reader.Failed) return DecodeError.Truncated;
        if (length != octets.Length) return DecodeError.InvalidLength;
        // Whoever speaks another version says so by an error report of that version.
        if (pdu.Version > 1 && pdu.Type != RtrPduType.ErrorReport) return DecodeError.UnsupportedVersion;
        switch (pdu.Type)
        {
            case RtrPduType.SerialNotify or RtrPduType.SerialQuery:
                pdu.SessionId = number;
                pdu.Serial = reader.U32();
                break;
            case RtrPduType.ResetQuery or RtrPduType.CacheReset:
                break;
            case RtrPduType.CacheResponse:
                pdu.SessionId = number;
                break;
            case RtrPduType.Ipv4Prefix or RtrPduType.Ipv6Prefix:
                if (!ReadPrefix(ref reader, pdu.Type == RtrPduType.Ipv6Prefix, out pdu.Announces, out pdu.Vrp)) return reader.Failed ? DecodeError.InvalidLength : DecodeError.InvalidValue;
                break;
            case RtrPduType.EndOfData:
                pdu.SessionId = number;
                pdu.Serial = reader.U32();
                pdu.Intervals = pdu.Version == 0 ? RtrIntervals.Default : new(Seconds(reader.U32()), Seconds(reader.U32()), Seconds(reader.U32()));
                break;
            case RtrPduType.RouterKey when pdu.Version == 1:
                // The only type with something else where others have session or error: flags (8 bits), zero (8).
                pdu.Announces = (number >> 8 & 1) != 0;
                pdu.SubjectKeyIdentifier = reader.Bytes(KeyIdentifierLength);
                pdu.KeyAs = reader.U32();
                pdu.SubjectPublicKey = reader.Bytes(reader.Remaining);
                break;
            case RtrPduType.ErrorReport:
                pdu.Error = (RtrError)number;
                pdu.ErroneousPdu = reader.Bytes(Length(reader.U32()));
                pdu.Text = reader.Bytes(Length(reader.U32()));
                break;
            default:
                return DecodeError.InvalidSet;
        }
        return reader.Failed || reader.Remaining > 0 ? DecodeError.InvalidLength : DecodeError.None;
    }

    /// <summary>Flags (8 bits), prefix length (8), longest length (8), zero (8), prefix (32 or 128), AS number (32).</summary>
    private static bool ReadPrefix(ref WireReader reader, bool six, out bool announces, out Vrp vrp)
    {
        vrp = default;
        announces = (reader.U8() & 1) != 0;
        var length = reader.U8();
        var most = reader.U8();
        reader.Skip(1);
        var address = reader.Bytes(six ? 16 : 4);
        var number = reader.U32();
        if (reader.Failed || most < length || most > (six ? 128 : 32)) return false;
        var at = six ? IpAddr.V6(address) : IpAddr.V4(address);
        // An IPv4-mapped address is IPv4 to us, and no route of IPv6.
        if (six == at.IsV4) return false;
        vrp = new Vrp(new Prefix(at, length), most, number);
        return true;
    }

    private static TimeSpan Seconds(uint seconds) => TimeSpan.FromSeconds(seconds);

    /// <summary>As unsigned numbers they may be larger than any span: the reader refuses what is negative.</summary>
    private static int Length(uint length) => length > int.MaxValue ? -1 : (int)length;
}
