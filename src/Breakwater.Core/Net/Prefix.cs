using System.Globalization;
using System.Numerics;

namespace Breakwater.Core.Net;

/// <summary>An address prefix. <see cref="Length"/> is in bits of its own family: 0 to 32 for IPv4, 0 to 128 for IPv6.</summary>
public readonly record struct Prefix : IComparable<Prefix>
{
    /// <summary>Bits beyond the length are cleared.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The length does not fit the address family.</exception>
    public Prefix(IpAddr address, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, address.Bits);
        Length = (byte)length;
        Address = Mask(address, address.IsV4 ? length + 96 : length);
    }

    public IpAddr Address { get; }
    public byte Length { get; }

    public bool IsV4 => Address.IsV4;

    /// <summary>True for a /32 or a /128.</summary>
    public bool IsHost => Length == Address.Bits;

    public bool Contains(IpAddr address) =>
        address.IsV4 == IsV4 && Mask(address, IsV4 ? Length + 96 : Length) == Address;

    public bool Contains(Prefix other) => other.Length >= Length && Contains(other.Address);

    /// <summary>The prefix of the given length that holds the address.</summary>
    public static Prefix Of(IpAddr address, int length) => new(address, Math.Min(length, address.Bits));

    /// <summary>The smallest prefix that holds both; null for two families.</summary>
    public static Prefix? Covering(Prefix a, Prefix b)
    {
        if (a.IsV4 != b.IsV4) return null;
        var high = a.Address.High ^ b.Address.High;
        var common = high != 0 ? BitOperations.LeadingZeroCount(high) : 64 + BitOperations.LeadingZeroCount(a.Address.Low ^ b.Address.Low);
        return new Prefix(a.Address, Math.Min(Math.Min(a.Length, b.Length), a.IsV4 ? common - 96 : common));
    }

    /// <summary>The fewest prefixes that hold the same addresses: what lies in another is dropped, two halves become one.</summary>
    public static IReadOnlyList<Prefix> Merged(IEnumerable<Prefix> prefixes)
    {
        var merged = new List<Prefix>();
        foreach (var prefix in prefixes.Order())
        {
            if (merged.Count > 0 && merged[^1].Contains(prefix)) continue;
            merged.Add(prefix);
            while (merged.Count > 1 && merged[^1].Length > 0 && merged[^1].Length == merged[^2].Length && new Prefix(merged[^1].Address, merged[^1].Length - 1) is var both && both.Contains(merged[^2]))
            {
                merged.RemoveAt(merged.Count - 1);
                merged[^1] = both;
            }
        }
        return merged;
    }

    /// <summary>Reads "192.0.2.0/24", "2001:db8::/32" or a bare address, which is a host prefix.</summary>
    /// <returns>False also when bits are set beyond the length: "192.0.2.1/24" is more often a mistake than a wish.</returns>
    public static bool TryParse(ReadOnlySpan<char> text, out Prefix prefix)
    {
        prefix = default;
        var slash = text.IndexOf('/');
        if (!IpAddr.TryParse(slash < 0 ? text : text[..slash], out var address)) return false;
        var length = address.Bits;
        if (slash >= 0 && (!int.TryParse(text[(slash + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out length) || length > address.Bits))
            return false;
        prefix = new Prefix(address, length);
        return prefix.Address == address;
    }

    /// <exception cref="FormatException">The text is not a prefix.</exception>
    public static Prefix Parse(string text) =>
        TryParse(text, out var prefix) ? prefix : throw new FormatException($"'{text}' is not a prefix such as 192.0.2.0/24 or 2001:db8::/32");

    public int CompareTo(Prefix other)
    {
        var byAddress = Address.CompareTo(other.Address);
        return byAddress != 0 ? byAddress : Length.CompareTo(other.Length);
    }

    /// <summary>"192.0.2.0/24"; a host prefix is written with its length as well.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Address}/{Length}");

    /// <summary>As people write it: a host without its length, "192.0.2.7", and others with it.</summary>
    public string ToShortString() => IsHost ? Address.ToString() : ToString();

    /// <summary>Keeps the first <paramref name="length"/> of 128 bits.</summary>
    internal static IpAddr Mask(IpAddr address, int length) => length switch
    {
        <= 0 => default,
        < 64 => new IpAddr(address.High & (ulong.MaxValue << (64 - length)), 0),
        64 => new IpAddr(address.High, 0),
        < 128 => new IpAddr(address.High, address.Low & (ulong.MaxValue << (128 - length))),
        _ => address,
    };
}
