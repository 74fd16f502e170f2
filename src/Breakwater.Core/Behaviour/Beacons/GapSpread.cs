namespace Breakwater.Core.Behaviour.Beacons;

/// <summary>How the gaps between calls are spread: by dice, as software that hides its rhythm throws them, or as a plain timer's are by delays, early ends and second timers.</summary>
/// <remarks>
/// Dice make every length between two limits as likely as any other. What is asked for of that is what a dozen and a half of gaps can show: a wide middle,
/// its median near the middle, half of it filled by half of the gaps, and no hole in it. Delays heap up at the short end, a timer that is cut short at the long one, two timers leave a hole.
/// </remarks>
/// <param name="Width">Distance between the limits as the middle 80 % of the gaps tell it, as a share of the middle gap: 0.40 of a minute and up to half a minute more, 0.18 of a wait longer by up to a fifth.</param>
/// <param name="Early">By which share of the middle gap the shortest tenth is shorter; 0.4 of the width for dice.</param>
/// <param name="Center">Where between the shortest and the longest tenth the median lies: one half for dice, 0.27 for a delay by chance, less for one that is seldom.</param>
/// <param name="Middle">The share of that distance that the middle half of the gaps takes: 0.625 for dice, little for a timer with exceptions.</param>
/// <param name="Hole">The share of it that the widest part takes in which there is no gap: that of two timers.</param>
internal readonly record struct GapSpread(double Width, double Early, double Center, double Middle, double Hole)
{
    /// <summary>Gaps from which their tenths mean something.</summary>
    public const int MinGaps = 19;

    /// <summary>Schedulers spread their load over a tenth to a quarter of the time (0.10 to 0.22), frameworks hide their rhythm over a third and more.</summary>
    public const double Diced = 0.3;

    private const double MinEarly = 0.1, MinCenter = 0.25, MinMiddle = 0.4, MaxHole = 0.4;

    /// <summary>The rhythm is blurred on purpose.</summary>
    public bool IsDiced => Width >= Diced && Early >= MinEarly && Center is >= MinCenter and <= 1 - MinCenter && Middle >= MinMiddle && Hole <= MaxHole;

    /// <param name="gaps">Ascending, above 0, at least two; of fewer than <see cref="MinGaps"/> nothing is said.</param>
    public static GapSpread Of(ReadOnlySpan<double> gaps)
    {
        if (gaps.Length < MinGaps) return default;
        var (from, median, to) = (Quantile(gaps, 0.1), Quantile(gaps, 0.5), Quantile(gaps, 0.9));
        var range = to - from;
        if (range <= 0) return default;
        var (hole, last) = (0.0, from);
        foreach (var gap in gaps)
        {
            if (gap <= from) continue;
            hole = Math.Max(hole, Math.Min(gap, to) - last);
            if (gap >= to) break;
            last = gap;
        }
        return new GapSpread(range / 0.8 / median, 1 - from / median, (median - from) / range, (Quantile(gaps, 0.75) - Quantile(gaps, 0.25)) / range, hole / range);
    }

    private static double Quantile(ReadOnlySpan<double> ascending, double share)
    {
        var at = share * (ascending.Length - 1);
        var below = (int)at;
        return below + 1 >= ascending.Length ? ascending[^1] : ascending[below] + (at - below) * (ascending[below + 1] - ascending[below]);
    }
}
