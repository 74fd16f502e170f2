using System.Runtime.CompilerServices;

namespace Breakwater.Protocols.Ipfix;

/// <summary>Sampling rates and scaled counts, kept in range whatever an exporter says.</summary>
internal static class SamplingArithmetic
{
    /// <summary>No counter goes above: 4.5 PB in one flow, and a sum of two thousand such flows still fits.</summary>
    public const long MaxCount = 1L << 52;

    /// <summary><paramref name="all"/> / <paramref name="chosen"/>, rounded, at least 1; null when either is missing or 0.</summary>
    public static uint? Ratio(ulong? all, ulong? chosen)
    {
        if (all is not > 0 || chosen is not > 0) return null;
        // Half of the divisor rounds to nearest; Int128 because the sum may not fit.
        var ratio = ((UInt128)all.Value + chosen.Value / 2) / chosen.Value;
        return (uint)UInt128.Clamp(ratio, 1, uint.MaxValue);
    }

    /// <summary><paramref name="count"/> × <paramref name="rate"/>, at most <see cref="MaxCount"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long Scale(ulong count, uint rate)
    {
        var high = Math.BigMul(count, rate, out var low);
        return high == 0 && low <= MaxCount ? (long)low : MaxCount;
    }
}
