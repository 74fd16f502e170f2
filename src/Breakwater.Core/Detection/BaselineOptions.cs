using System.ComponentModel.DataAnnotations;

namespace Breakwater.Core.Detection;

/// <summary>Section <c>detection.baseline</c> of the configuration file: what counts as more than usual.</summary>
public sealed class BaselineOptions
{
    /// <summary>Spreads above the usual rate of the hour at which traffic counts as unusual.</summary>
    /// <remarks>Four to six are in use; with five, one minute in millions passes by chance if rates were log-normal.</remarks>
    [Live]
    [Range(1.0, 20.0)]
    public double Sensitivity { get; set; } = 5;

    /// <summary>Rate below which nothing is unusual, in the unit of the rate that is watched.</summary>
    /// <remarks>An idle prefix has no spread: without a floor its first visitor would be an attack.</remarks>
    [Live]
    [Range(0.0, 1e12)]
    public double Floor { get; set; } = 5_000;

    /// <summary>How long to watch before saying anything.</summary>
    /// <remarks>A day shows the quiet and the busy hours once.</remarks>
    [Live]
    public TimeSpan Learning { get; set; } = TimeSpan.FromDays(1);

    /// <summary>Twice the busiest minute of this many days is never unusual.</summary>
    /// <remarks>Two weeks hold two of every weekday.</remarks>
    [Range(1, 60)]
    public int Days { get; set; } = 14;

    /// <summary>Factor by which the highest rate that is learnt may grow in a day.</summary>
    /// <remarks>An attacker who raises the rate slowly teaches the baseline to be blind; at 1.2 a tenfold rate takes 13 days.</remarks>
    [Live]
    [Range(1.0, 10.0)]
    public double GrowthPerDay { get; set; } = 1.2;
}
