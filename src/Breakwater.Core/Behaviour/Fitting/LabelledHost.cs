using Breakwater.Core.Net;

namespace Breakwater.Core.Behaviour.Fitting;

/// <summary>A host of which somebody knows whether it is infected, and what was seen of it.</summary>
/// <param name="Group">What it was seen in: hosts of one capture are learnt from together or not at all.</param>
/// <param name="Host">Its address.</param>
/// <param name="IsInfected">The truth.</param>
/// <param name="Signs">Names out of <see cref="SignNames"/>, and how certain each is, 0 to 1.</param>
public sealed record LabelledHost(string Group, IpAddr Host, bool IsInfected, IReadOnlyList<KeyValuePair<string, double>> Signs);
