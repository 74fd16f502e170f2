using Breakwater.Core.Net;

namespace Breakwater.Core.Behaviour.Fitting;

/// <summary>A host of which somebody knows whether it is infected, and what was seen of it.</summary>
/// <param name="Group">What it was seen in: hosts of one capture are learnt from together or not at all.</param>
/// <param name="Host">Its address.</param>
/// <param name="IsInfected">The truth.</param>
/// <param name="Signs">Names out of <see cref="SignNames"/>, and how certain each is, 0 to 1.</param>
public sealed record LabelledHost(string Group, IpAddr Host, bool IsInfected, IReadOnlyList<KeyValuePair<string, double>> Signs);

/// <param name="From">Least probability of the range, that one included.</param>
/// <param name="To">The next range's.</param>
/// <param name="Count">Claims in it.</param>
/// <param name="Stated">Mean of the probabilities that were stated.</param>
/// <param name="Right">Share of the claims that were right.</param>
public sealed record CalibrationRow(double From, double To, int Count, double Stated, double Right)
{
    private static readonly double[] Edges = [0, 0.25, 0.5, 0.75, 0.9, 0.97, 1.0001];

    /// <summary>Stated against right, by ranges that grow narrow towards certainty; empty ones are left out.</summary>
    public static IReadOnlyList<CalibrationRow> Table(IReadOnlyList<(double Stated, bool IsRight)> claims) =>
    [
        .. Edges.Zip(Edges.Skip(1)).Select(range => (range, In: claims.Where(c => c.Stated >= range.First && c.Stated < range.Second).ToArray()))
            .Where(r => r.In.Length > 0)
            .Select(r => new CalibrationRow(r.range.First, Math.Min(1, r.range.Second), r.In.Length, r.In.Average(c => c.Stated), r.In.Count(c => c.IsRight) / (double)r.In.Length)),
    ];
}
