using System.Buffers.Binary;
using Breakwater.Core.Net;

namespace Breakwater.Protocols.Bgp;

/// <summary>Prefixes as BGP writes them: only as many octets as the length needs, and for flow specifications without the bits before an offset.</summary>
/// <remarks>RFC 4271 §4.3, RFC 8956 §3.1.</remarks>
internal static class WirePrefix
{
    /// <summary>Bits behind the length are ignored.</summary>
    /// <param name="octets">Enough for length less offset bits.</param>
    /// <returns>False for IPv6 prefixes inside ::ffff:0:0/96: here, such an address is an IPv4 address, and nothing on the wire is sent to one.</returns>
    public static bool TryRead(ReadOnlySpan<byte> octets, bool six, int length, int offset, out Prefix prefix)
    {
        Span<byte> bytes = stackalloc byte[16];
        octets.CopyTo(bytes);
        prefix = default;
        if (!six)
        {
            prefix = new Prefix(IpAddr.V4(bytes), length);
            return true;
        }
        var bits = BinaryPrimitives.ReadUInt128BigEndian(bytes) >> offset;
        if (length < 128) bits &= ~(UInt128.MaxValue >> length);
        var address = new IpAddr((ulong)(bits >> 64), (ulong)bits);
        if (address.IsV4) return false;
        prefix = new Prefix(address, length);
        return true;
    }

    /// <returns>Octets written.</returns>
    public static int Write(Prefix prefix, int offset, Span<byte> octets)
    {
        Span<byte> bytes = stackalloc byte[16];
        prefix.Address.WriteTo(bytes);
        var count = (prefix.Length - offset + 7) / 8;
        if (prefix.IsV4) bytes.Slice(12, count).CopyTo(octets);
        else
        {
            BinaryPrimitives.WriteUInt128BigEndian(bytes, BinaryPrimitives.ReadUInt128BigEndian(bytes) << offset);
            bytes[..count].CopyTo(octets);
        }
        return count;
    }
}
