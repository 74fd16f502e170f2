using Breakwater.Core.Flows;
using Breakwater.Core.Net;

namespace Breakwater.Core.Mitigations;

/// <summary>Finds the smallest set of rules that covers an attack at the least collateral (detection-and-mitigation: "Rule synthesis").</summary>
public static class RuleSynthesizer
{
    /// <summary>Rules for one attack, best first.</summary>
    /// <param name="target">Victim host or prefix: the destination of every rule.</param>
    /// <param name="vector">Heaviest vector's name, a hint for ties only.</param>
    /// <param name="attack">Sample of the flows judged to be attack, weighted by their packets.</param>
    /// <param name="ordinary">Sample of the target's other flows, before and during the attack; may be empty.</param>
    public static IReadOnlyList<ProposedMitigation> Synthesize(Prefix target, string vector, IReadOnlyList<Flow> attack, IReadOnlyList<Flow> ordinary) =>
        throw new NotImplementedException();
}
