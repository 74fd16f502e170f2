namespace Breakwater.Core.Detection;

/// <summary>Which hours a baseline took for comparison: the finest with enough minutes in it.</summary>
public enum BaselineScope : byte { HourOfWeek, HourOfDay, AllHours }

/// <summary>What made the threshold as high as it is.</summary>
public enum BaselineTerm : byte { Floor, BusiestMinute, Spread }

/// <summary>The rate above which traffic is unusual at one time, with everything needed to explain it.</summary>
/// <param name="Rate">The threshold.</param>
/// <param name="Term">The term that decided.</param>
/// <param name="Usual">Median rate of the hours compared with.</param>
/// <param name="Spread">Spread of ln(1 + rate) in them.</param>
/// <param name="BusiestMinute">Highest rate learnt in the last days.</param>
/// <param name="Scope">The hours compared with.</param>
public readonly record struct BaselineThreshold(double Rate, BaselineTerm Term, double Usual, double Spread, double BusiestMinute, BaselineScope Scope);
