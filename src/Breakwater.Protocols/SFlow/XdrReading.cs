using Breakwater.Core.Net;
using Breakwater.Protocols.Net;

namespace Breakwater.Protocols.SFlow;

/// <summary>The two XDR types that sFlow adds to plain integers.</summary>
internal static class XdrReading
{
    /// <summary>Variable-length opaque data: a length, the octets, and zeros up to a multiple of four (RFC 4506 §4.10).</summary>
    public static ReadOnlySpan<byte> Opaque(this ref WireReader reader)
    {
        var length = reader.U32();
        // A length beyond int is negative here, which the reader refuses.
        var bytes = reader.Bytes((int)length);
        reader.Skip((int)(-length & 3));
        return bytes;
    }

    /// <summary>An address: its type, then nothing (unknown), 4 or 16 octets (sFlow v5 §5, "union address").</summary>
    /// <param name="valid">False for a type that the standard does not have: what follows cannot be read.</param>
    public static IpAddr Address(this ref WireReader reader, out bool valid)
    {
        var type = reader.U32();
        valid = type <= 2;
        switch (type)
        {
            case 1:
                return IpAddr.V4(reader.U32());
            case 2:
                var high = reader.U64();
                return new IpAddr(high, reader.U64());
            default:
                return IpAddr.None;
        }
    }
}
