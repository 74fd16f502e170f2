namespace Breakwater.Core.Behaviour.Beacons;

/// <summary>How regularly one host calls another, as RITA v5 scores it: four shares of a quarter each, every one 0 to 1.</summary>
/// <remarks>
/// The scores are meant to be compared with those of RITA (activecm/rita, <c>analysis/beacons.go</c>), so the rounding, the
/// quartiles and the limits are its own. It knows no quiet machine from a bot: update checks, telemetry and clock queries score as high.
/// </remarks>
/// <param name="Timing">Whether the gaps between connections are alike: symmetric about their median, and close to it.</param>
/// <param name="Size">The same of the octets that the host sent in each connection.</param>
/// <param name="Histogram">Whether each of 24 parts of the time looked at holds as many connections as the others.</param>
/// <param name="Duration">Whether it went on for the whole time, or for half of it without a pause.</param>
public readonly record struct BeaconScore(double Timing, double Size, double Histogram, double Duration)
{
    /// <summary>Fewest connections at different times that can be scored.</summary>
    public const int MinConnections = 4;

    /// <summary>Parts of the time looked at: hours, when that is a day.</summary>
    public const int Parts = 24;

    /// <summary>Parts with connections from which a histogram with two heights counts as even.</summary>
    private const int MinPartsForTwoHeights = 11;

    /// <summary>Parts with connections from which the duration counts at all.</summary>
    private const int MinPartsForDuration = 6;

    /// <summary>Parts in a row that are as good as all of them.</summary>
    private const double IdealRun = 12;

    /// <summary>Heights that differ by less than this share of the highest are the same height.</summary>
    private const double SameHeight = 0.05;

    /// <summary>A spread of the middle half below this, in seconds or octets, has no skew worth a number.</summary>
    private const double MinSpread = 10;

    /// <summary>0 to 1, three decimals.</summary>
    public double Total => Rounded((Timing + Size + Histogram + Duration) / 4);

    /// <param name="seconds">Time of each connection in whole seconds, ascending.</param>
    /// <param name="octets">Octets of IP packets that the host sent in each, in any order.</param>
    /// <param name="from">Begin of the time looked at, in seconds; no later than the first connection.</param>
    /// <param name="to">Its end, after <paramref name="from"/>.</param>
    /// <returns>Null for fewer than three gaps that are not zero, or fewer than three sizes.</returns>
    public static BeaconScore? Of(ReadOnlySpan<long> seconds, ReadOnlySpan<long> octets, long from, long to)
    {
        if (seconds.Length < MinConnections || octets.Length < 3 || to <= from) return null;
        var gaps = new double[seconds.Length - 1];
        var count = 0;
        for (var i = 1; i < seconds.Length; i++)
            if (seconds[i] > seconds[i - 1]) gaps[count++] = seconds[i] - seconds[i - 1];
        if (count < 3) return null;
        var sizes = new double[octets.Length];
        for (var i = 0; i < sizes.Length; i++) sizes[i] = octets[i];

        var heights = HeightsOf(seconds, from, to);
        var parts = heights.Count(h => h > 0);
        return new BeaconScore(
            Regularity(gaps.AsSpan(0, count), whenTiny: 1),
            Regularity(sizes, whenTiny: 0),
            Math.Max(Evenness(heights), TwoHeights(heights, parts)),
            DurationOf(seconds[^1] - seconds[0], to - from, parts, LongestRun(heights)));
    }

    /// <summary>One half for a small Bowley skewness, the other for a small median absolute deviation.</summary>
    /// <param name="whenTiny">What the deviation counts for when the median is below 1, which nothing can be divided by.</param>
    private static double Regularity(Span<double> values, double whenTiny)
    {
        values.Sort();
        // The middle value of an odd number belongs to neither half.
        var half = values.Length / 2;
        var (q1, median, q3) = (Median(values[..half]), Median(values), Median(values[^half..]));
        var skew = q3 - q1 < MinSpread || median == q1 || median == q3 ? 0 : (q1 + q3 - 2 * median) / (q3 - q1);
        var closeness = whenTiny;
        if (median >= 1)
        {
            for (var i = 0; i < values.Length; i++) values[i] = Math.Abs(values[i] - median);
            values.Sort();
            closeness = Math.Max(0, (median - Median(values)) / median);
        }
        return Rounded((1 - Math.Abs(skew) + closeness) / 2);
    }

    private static double Median(ReadOnlySpan<double> sorted) =>
        sorted.Length % 2 == 1 ? sorted[sorted.Length / 2] : (sorted[sorted.Length / 2 - 1] + sorted[sorted.Length / 2]) / 2;

    private static int[] HeightsOf(ReadOnlySpan<long> seconds, long from, long to)
    {
        var heights = new int[Parts];
        var step = (double)(to - from) / Parts;
        foreach (var time in seconds) heights[Math.Clamp((int)((time - from) / step), 0, Parts - 1)]++;
        return heights;
    }

    /// <summary>One less the coefficient of variation.</summary>
    private static double Evenness(ReadOnlySpan<int> heights)
    {
        double sum = 0, squares = 0;
        foreach (var height in heights) sum += height;
        var mean = sum / heights.Length;
        foreach (var height in heights) squares += (height - mean) * (height - mean);
        return Rounded(Math.Max(0, 1 - Math.Sqrt(squares / heights.Length) / mean));
    }

    /// <summary>The share of the parts, one outlier left out, that have one of the two most frequent heights.</summary>
    private static double TwoHeights(ReadOnlySpan<int> heights, int parts)
    {
        if (parts < MinPartsForTwoHeights) return 0;
        var highest = 0;
        foreach (var height in heights) highest = Math.Max(highest, height);
        var width = (int)Math.Ceiling(highest * SameHeight);
        var frequencies = new int[highest / width + 1];
        foreach (var height in heights)
            if (height > 0) frequencies[height / width]++;
        Array.Sort(frequencies);
        var frequent = frequencies[^1] + (frequencies.Length > 1 ? frequencies[^2] : 0);
        return Rounded(Math.Min(1, (double)frequent / (parts - 1)));
    }

    /// <summary>Parts in a row with connections; the first follows the last, for a night may lie in the middle.</summary>
    private static int LongestRun(ReadOnlySpan<int> heights)
    {
        int longest = 0, run = 0;
        for (var i = 0; i < 2 * heights.Length; i++)
        {
            run = heights[i % heights.Length] > 0 ? run + 1 : 0;
            longest = Math.Max(longest, run);
        }
        return Math.Min(longest, heights.Length);
    }

    private static double DurationOf(long span, long whole, int parts, int run)
    {
        if (parts < MinPartsForDuration) return 0;
        static double Up(double share) => Math.Min(1, Math.Ceiling(share * 1000) / 1000);
        return Math.Max(Up((double)span / whole), Up(run / IdealRun));
    }

    private static double Rounded(double value) => Math.Round(value, 3, MidpointRounding.AwayFromZero);
}
