using System.Buffers.Binary;
using System.Net;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace Breakwater.Core.Net;

/// <summary>An IPv4 or IPv6 address in 16 bytes. IPv4 is held as IPv4-mapped IPv6 (::ffff:a.b.c.d), so that one table serves both.</summary>
/// <remarks>RFC 4291 §2.5.5.2. The two halves are in host order: comparing them compares the addresses.</remarks>
public readonly record struct IpAddr(ulong High, ulong Low) : IComparable<IpAddr>
{
    private const ulong MappedPrefix = 0x0000_FFFF_0000_0000;

    /// <summary>The unspecified IPv6 address (::), also the default value: "no address".</summary>
    public static IpAddr None => default;

    public bool IsNone => (High | Low) == 0;

    /// <summary>True when the address is IPv4 (held as IPv4-mapped).</summary>
    public bool IsV4
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (High | (Low >> 32) ^ (MappedPrefix >> 32)) == 0;
    }

    /// <summary>The IPv4 address as a number in host order; meaningful only when <see cref="IsV4"/>.</summary>
    public uint V4Bits => (uint)Low;

    /// <summary>Number of bits of an address of this family: 32 or 128.</summary>
    public int Bits => IsV4 ? 32 : 128;

    /// <param name="hostOrder">The address as a number in host order: 192.0.2.1 is 0xC0000201.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static IpAddr V4(uint hostOrder) => new(0, MappedPrefix | hostOrder);

    /// <param name="bytes">At least 4 bytes in network order; the first 4 are read.</param>
    public static IpAddr V4(ReadOnlySpan<byte> bytes) => V4(BinaryPrimitives.ReadUInt32BigEndian(bytes));

    /// <param name="bytes">At least 16 bytes in network order; the first 16 are read.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static IpAddr V6(ReadOnlySpan<byte> bytes) =>
        new(BinaryPrimitives.ReadUInt64BigEndian(bytes), BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]));

    public static IpAddr From(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out var written);
        return written == 4 ? V4(bytes) : V6(bytes);
    }

    /// <summary>Reads "192.0.2.1" or "2001:db8::1".</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out IpAddr address)
    {
        address = default;
        // IPAddress accepts "1" and "1.2" as IPv4; an operator who types that has made a mistake.
        if (!text.Contains(':') && text.Count('.') != 3) return false;
        if (text.Contains('%') || !IPAddress.TryParse(text, out var parsed)) return false;
        address = From(parsed);
        return true;
    }

    /// <exception cref="FormatException">The text is not an address.</exception>
    public static IpAddr Parse(string text) =>
        TryParse(text, out var address) ? address : throw new FormatException($"'{text}' is not an IP address");

    /// <summary>Writes the 16 bytes in network order (IPv4 as IPv4-mapped).</summary>
    public void WriteTo(Span<byte> bytes)
    {
        BinaryPrimitives.WriteUInt64BigEndian(bytes, High);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], Low);
    }

    public IPAddress ToIPAddress()
    {
        Span<byte> bytes = stackalloc byte[16];
        WriteTo(bytes);
        return new IPAddress(IsV4 ? bytes[12..] : bytes);
    }

    public int CompareTo(IpAddr other) => High != other.High ? High.CompareTo(other.High) : Low.CompareTo(other.Low);

    /// <summary>A well-mixed hash: neighbouring addresses fall far apart, which open addressing needs.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong Hash64()
    {
        var x = Low ^ BitOperations.RotateLeft(High * 0x9E37_79B9_7F4A_7C15, 32);
        x ^= x >> 32;
        x *= 0xD6E8_FEB8_6659_FD93;
        x ^= x >> 32;
        x *= 0xD6E8_FEB8_6659_FD93;
        return x ^ (x >> 32);
    }

    public override int GetHashCode() => (int)Hash64();

    /// <summary>RFC 5952 form for IPv6, dotted quad for IPv4.</summary>
    public override string ToString() => ToIPAddress().ToString();
}
