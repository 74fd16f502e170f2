using System.Runtime.InteropServices;
using Breakwater.Core.Flows;

namespace Breakwater.Core.Behaviour.Beacons;

/// <summary>What the calls of one host to one service of another have in common.</summary>
/// <param name="Calls">Calls that it was made of.</param>
/// <param name="MedianGap">Half of the gaps are shorter.</param>
/// <param name="Shape">How far from chance the gaps are: the reciprocal of their squared coefficient of variation. Calls at random have 1, those of people less.</param>
/// <param name="Echo">
/// Autocorrelation of the calls at the middle gap: the share that another follows so much later, give or take <see cref="Window"/>. Calls at random have 0.45, and the
/// chance that twelve of them have 0.8 is below one in a hundred; it does not depend on the order of the gaps, nor on their variance, as the other two do.
/// </param>
/// <param name="Spread">How the gaps are spread about it.</param>
/// <param name="Sameness">Share of the calls in which as much was sent, and about as much received, as in the middle one.</param>
/// <param name="Score">RITA's score of the time looked at.</param>
internal readonly record struct CallPattern(int Calls, TimeSpan MedianGap, double Shape, double Echo, GapSpread Spread, double Sameness, BeaconScore Score)
{
    /// <summary>Share of the longest gaps left out: the machine slept, or calls were not seen.</summary>
    private const double Outliers = 0.1;

    /// <summary>Part of the middle gap by which an echo may be early or late.</summary>
    private const double Window = 0.3;

    /// <summary>Calls within this of each other are one: a browser opens several connections at a time.</summary>
    private static readonly TimeSpan Together = TimeSpan.FromMilliseconds(500);

    /// <param name="calls">Ascending.</param>
    /// <returns>Null for calls too few, or too near to each other, to have a pattern.</returns>
    public static CallPattern? Of(ReadOnlySpan<Call> calls)
    {
        var gaps = new List<double>(calls.Length);
        var starts = new List<long>(calls.Length);
        var sizes = new List<long>(calls.Length);
        for (var i = 0; i < calls.Length; i++)
        {
            starts.Add(calls[i].Start.Nanoseconds / Timestamp.NanosecondsPerSecond);
            sizes.Add(calls[i].Sent);
            if (i > 0 && calls[i].Start - calls[i - 1].Start > Together) gaps.Add((calls[i].Start - calls[i - 1].Start).TotalSeconds);
        }
        if (gaps.Count < BeaconScore.MinConnections || BeaconScore.Of([.. starts], [.. sizes], starts[0], Math.Max(starts[^1], starts[0] + 1)) is not { } score) return null;
        gaps.Sort();
        var median = gaps[gaps.Count / 2];
        var kept = gaps[..^(int)(gaps.Count * Outliers)];
        var mean = kept.Average();
        var variance = kept.Sum(g => (g - mean) * (g - mean)) / kept.Count;
        // Times of records are exact to a millisecond at best.
        var shape = mean * mean / Math.Max(variance, 1e-6 * mean * mean);
        return new CallPattern(gaps.Count + 1, TimeSpan.FromSeconds(median), shape, EchoOf(calls, median), GapSpread.Of(CollectionsMarshal.AsSpan(gaps)), SamenessOf(calls), score);
    }

    private static double EchoOf(ReadOnlySpan<Call> calls, double gap)
    {
        var echoes = 0;
        var asked = 0;
        var next = 0;
        for (var i = 0; i < calls.Length; i++)
        {
            // Of the last ones the echo is still to come.
            if ((calls[^1].Start - calls[i].Start).TotalSeconds < gap * (1 + Window)) break;
            asked++;
            while ((calls[next].Start - calls[i].Start).TotalSeconds < gap * (1 - Window)) next++;
            if ((calls[next].Start - calls[i].Start).TotalSeconds <= gap * (1 + Window)) echoes++;
        }
        return asked == 0 ? 0 : (double)echoes / asked;
    }

    private static double SamenessOf(ReadOnlySpan<Call> calls)
    {
        var sent = Middle(calls, static c => c.Sent);
        var received = Middle(calls, static c => c.Received);
        var same = 0;
        foreach (var call in calls)
            if (Math.Abs(call.Sent - sent) <= Math.Max(64, sent / 10) && Math.Abs(call.Received - received) <= Math.Max(128, received / 5)) same++;
        return (double)same / calls.Length;
    }

    private static long Middle(ReadOnlySpan<Call> calls, Func<Call, long> of)
    {
        var values = new long[calls.Length];
        for (var i = 0; i < values.Length; i++) values[i] = of(calls[i]);
        Array.Sort(values);
        return values[values.Length / 2];
    }
}
