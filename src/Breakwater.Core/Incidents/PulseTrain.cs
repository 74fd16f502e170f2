using Breakwater.Core.Flows;

namespace Breakwater.Core.Incidents;

/// <summary>When an attack was on and off, to the second: how many pulses, how far apart, how long.</summary>
internal sealed class PulseTrain
{
    /// <summary>Silence after which the next attack packet begins a new pulse.</summary>
    private static readonly TimeSpan Gap = TimeSpan.FromSeconds(3);

    /// <summary>Pulses remembered with their times; the rhythm is that of the last ones.</summary>
    private const int Remembered = 32;

    /// <summary>Three pulses have two periods: fewer have no rhythm.</summary>
    private const int Enough = 3;

    private readonly List<(Timestamp Start, Timestamp Last)> _pulses = [];
    private Timestamp? _last;

    public PulseTrain()
    {
    }

    /// <summary>Goes on counting for an incident of a former run; when its pulses were is not known any more.</summary>
    public PulseTrain(Incident former)
    {
        Count = former.Pulses;
        _last = former.LastSeen;
    }

    public int Count { get; private set; }

    /// <summary>There was attack traffic.</summary>
    /// <param name="from">Beginning of what was seen; may reach back into earlier pulses.</param>
    /// <param name="to">Its last packet.</param>
    public void Seen(Timestamp from, Timestamp to)
    {
        if (_last is not { } last || to - last > Gap)
        {
            Count++;
            if (_pulses.Count == Remembered) _pulses.RemoveAt(0);
            _pulses.Add((_last is { } before && from <= before ? to : from, to));
        }
        else if (_pulses.Count > 0 && to > _pulses[^1].Last) _pulses[^1] = (_pulses[^1].Start, to);
        if (_last is null || to > _last) _last = to;
    }

    /// <summary>Median time from one beginning to the next, and median share of it with attack; null when there are too few pulses to tell.</summary>
    public PulseRhythm? Rhythm()
    {
        if (_pulses.Count < Enough) return null;
        var periods = new double[_pulses.Count - 1];
        var lengths = new double[_pulses.Count - 1];
        for (var i = 0; i < periods.Length; i++)
        {
            periods[i] = (_pulses[i + 1].Start - _pulses[i].Start).TotalSeconds;
            // The last pulse may not be over.
            lengths[i] = (_pulses[i].Last - _pulses[i].Start).TotalSeconds;
        }
        Array.Sort(periods);
        var period = Median(periods);
        Array.Sort(lengths);
        return new PulseRhythm(period, Math.Min(1, Median(lengths) / period), periods[0], periods[^1], _pulses.Count);
    }

    private static double Median(double[] sorted) => sorted.Length % 2 == 1 ? sorted[sorted.Length / 2] : (sorted[sorted.Length / 2 - 1] + sorted[sorted.Length / 2]) / 2;
}

/// <summary>The rhythm of a pulse wave.</summary>
/// <param name="PeriodSeconds">Median time from the beginning of a pulse to that of the next.</param>
/// <param name="DutyCycle">Share of the period with attack traffic, 0 to 1, to about a second.</param>
/// <param name="ShortestSeconds">The shortest period.</param>
/// <param name="LongestSeconds">The longest period.</param>
/// <param name="Pulses">Pulses that this was measured on.</param>
public sealed record PulseRhythm(double PeriodSeconds, double DutyCycle, double ShortestSeconds, double LongestSeconds, int Pulses)
{
    /// <summary>True when every period is within a quarter of the median.</summary>
    public bool IsRegular => ShortestSeconds >= 0.75 * PeriodSeconds && LongestSeconds <= 1.25 * PeriodSeconds;
}
