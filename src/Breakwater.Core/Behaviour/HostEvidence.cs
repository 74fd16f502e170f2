using Breakwater.Core.Net;

namespace Breakwater.Core.Behaviour;

/// <summary>What speaks against one host, before it is weighed: what weights are fitted on.</summary>
/// <param name="Host">The accused.</param>
/// <param name="Signs">Names out of <see cref="SignNames"/>, and how certain each is, 0 to 1.</param>
public sealed record HostEvidence(IpAddr Host, IReadOnlyList<KeyValuePair<string, double>> Signs);
