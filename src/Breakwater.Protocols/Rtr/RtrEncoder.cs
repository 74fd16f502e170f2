using System.Buffers.Binary;
using System.Text;
using Breakwater.Core.Rpki;

namespace Breakwater.Protocols.Rtr;

/// <summary>Writes PDUs of the RPKI-to-Router protocol, each as a whole.</summary>
/// <remarks>RFC 8210 §5 (version 1), RFC 6810 §5 (version 0).</remarks>
public static class RtrEncoder
{
    /// <summary>Octets of an erroneous PDU that are sent back: the longest of fixed length (§5.11 lets longer ones be cut).</summary>
    private const int MaxEchoed = 32;

    public static byte[] SerialNotify(byte version, ushort session, uint serial) => Numbers(version, RtrPduType.SerialNotify, session, serial);

    public static byte[] SerialQuery(byte version, ushort session, uint serial) => Numbers(version, RtrPduType.SerialQuery, session, serial);

    public static byte[] ResetQuery(byte version) => Numbers(version, RtrPduType.ResetQuery, 0);

    public static byte[] CacheResponse(byte version, ushort session) => Numbers(version, RtrPduType.CacheResponse, session);

    public static byte[] CacheReset(byte version) => Numbers(version, RtrPduType.CacheReset, 0);

    /// <param name="intervals">Whole seconds; version 0 does not say any.</param>
    public static byte[] EndOfData(byte version, ushort session, uint serial, RtrIntervals intervals) => version == 0
        ? Numbers(version, RtrPduType.EndOfData, session, serial)
        : Numbers(version, RtrPduType.EndOfData, session, serial, (uint)intervals.Refresh.TotalSeconds, (uint)intervals.Retry.TotalSeconds, (uint)intervals.Expire.TotalSeconds);

    /// <summary>IPv4 Prefix or IPv6 Prefix, as the payload is.</summary>
    public static byte[] Prefix(byte version, bool announces, in Vrp vrp)
    {
        var four = vrp.Prefix.IsV4;
        var pdu = New(version, four ? RtrPduType.Ipv4Prefix : RtrPduType.Ipv6Prefix, 0, four ? 20 : 32);
        pdu[8] = announces ? (byte)1 : (byte)0;
        pdu[9] = vrp.Prefix.Length;
        pdu[10] = vrp.MaxLength;
        Span<byte> address = stackalloc byte[16];
        vrp.Prefix.Address.WriteTo(address);
        (four ? address[12..] : address).CopyTo(pdu.AsSpan(12));
        BinaryPrimitives.WriteUInt32BigEndian(pdu.AsSpan(pdu.Length - 4), vrp.As);
        return pdu;
    }

    /// <param name="identifier">20 octets.</param>
    /// <param name="key">DER of the SubjectPublicKeyInfo.</param>
    public static byte[] RouterKey(bool announces, ReadOnlySpan<byte> identifier, uint @as, ReadOnlySpan<byte> key)
    {
        var pdu = New(1, RtrPduType.RouterKey, announces ? (ushort)0x0100 : (ushort)0, 32 + key.Length);
        identifier[..20].CopyTo(pdu.AsSpan(8));
        BinaryPrimitives.WriteUInt32BigEndian(pdu.AsSpan(28), @as);
        key.CopyTo(pdu.AsSpan(32));
        return pdu;
    }

    /// <param name="about">The PDU that is wrong; empty for an error that no PDU brought.</param>
    /// <param name="text">For people.</param>
    public static byte[] ErrorReport(byte version, RtrError error, ReadOnlySpan<byte> about, string text)
    {
        var echoed = about[..Math.Min(about.Length, MaxEchoed)];
        var octets = Encoding.UTF8.GetByteCount(text);
        var pdu = New(version, RtrPduType.ErrorReport, (ushort)error, 16 + echoed.Length + octets);
        BinaryPrimitives.WriteInt32BigEndian(pdu.AsSpan(8), echoed.Length);
        echoed.CopyTo(pdu.AsSpan(12));
        BinaryPrimitives.WriteInt32BigEndian(pdu.AsSpan(12 + echoed.Length), octets);
        Encoding.UTF8.GetBytes(text, pdu.AsSpan(16 + echoed.Length));
        return pdu;
    }

    private static byte[] Numbers(byte version, RtrPduType type, ushort number, params ReadOnlySpan<uint> values)
    {
        var pdu = New(version, type, number, RtrDecoder.HeaderLength + 4 * values.Length);
        for (var i = 0; i < values.Length; i++) BinaryPrimitives.WriteUInt32BigEndian(pdu.AsSpan(RtrDecoder.HeaderLength + 4 * i), values[i]);
        return pdu;
    }

    private static byte[] New(byte version, RtrPduType type, ushort number, int length)
    {
        var pdu = new byte[length];
        pdu[0] = version;
        pdu[1] = (byte)type;
        BinaryPrimitives.WriteUInt16BigEndian(pdu.AsSpan(2), number);
        BinaryPrimitives.WriteInt32BigEndian(pdu.AsSpan(4), length);
        return pdu;
    }
}
