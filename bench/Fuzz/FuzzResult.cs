namespace Breakwater.Fuzz;

/// <summary>How one target fared.</summary>
/// <param name="Target">Name of the target.</param>
/// <param name="Inputs">Inputs fed.</param>
/// <param name="Elapsed">Wall time, memory checks included.</param>
/// <param name="Outcomes">What the parser said, and how often.</param>
/// <param name="AllocatedPerInput">Octets allocated per input in the last window.</param>
/// <param name="Retained">Octets held at the end beyond those held at the start.</param>
/// <param name="Failure">Null when all went well.</param>
public sealed record FuzzResult(
    string Target, long Inputs, TimeSpan Elapsed, IReadOnlyDictionary<string, long> Outcomes,
    double AllocatedPerInput, long Retained, FuzzFailure? Failure);

/// <param name="Reason">What went wrong, in words.</param>
/// <param name="Input">The input that did it; the last one fed when the fault is growth.</param>
public sealed record FuzzFailure(string Reason, byte[] Input);
