namespace Breakwater.Core.Behaviour.Fitting;

/// <summary>Something that was said, with how sure, and whether it was so.</summary>
/// <param name="Stated">0 to 1.</param>
/// <param name="IsRight">Null where nobody knows: about a host of which the labels say nothing, in a capture in which something happens.</param>
public readonly record struct Claim(double Stated, bool? IsRight);

/// <summary>What was stated against what was so, of the claims with about the same confidence.</summary>
/// <param name="From">Least probability of the range, that one included.</param>
/// <param name="To">The next range's.</param>
/// <param name="Known">Claims in it of which somebody knows.</param>
/// <param name="Unknown">Claims in it of which nobody knows.</param>
/// <param name="Stated">Mean of the probabilities that were stated, of those known; of all where none is.</param>
/// <param name="Right">Share of those known that were right; null where none is.</param>
public sealed record CalibrationRow(double From, double To, int Known, int Unknown, double Stated, double? Right)
{
    private static readonly double[] Edges = [0, 0.25, 0.5, 0.75, 0.9, 0.97, 1.0001];

    /// <summary>The share that was right if everything that nobody knows was wrong.</summary>
    public double AtLeast => Right.GetValueOrDefault() * Known / (Known + Unknown);

    /// <summary>By ranges that grow narrow towards certainty; empty ones are left out.</summary>
    public static IReadOnlyList<CalibrationRow> Table(IReadOnlyList<Claim> claims) =>
    [
        .. Edges.Zip(Edges.Skip(1)).Select(range => (range, In: claims.Where(c => c.Stated >= range.First && c.Stated < range.Second).ToArray()))
            .Where(r => r.In.Length > 0)
            .Select(r => Of(r.range.First, Math.Min(1, r.range.Second), r.In)),
    ];

    private static CalibrationRow Of(double from, double to, Claim[] claims)
    {
        var known = claims.Where(c => c.IsRight is not null).ToArray();
        return known.Length == 0
            ? new CalibrationRow(from, to, 0, claims.Length, claims.Average(c => c.Stated), null)
            : new CalibrationRow(from, to, known.Length, claims.Length - known.Length, known.Average(c => c.Stated), known.Count(c => c.IsRight == true) / (double)known.Length);
    }
}
