namespace Breakwater.Core.Detection;

/// <summary>Looks at one watched target and says what is wrong with its traffic. Stateless between calls, told the time, deterministic.</summary>
/// <remarks>Called on the detection loop's thread, when a threshold was passed or the watch has enough that is new. Must not throw.</remarks>
public interface IDetector
{
    /// <summary>The key in the configuration and the label of metrics.</summary>
    string Name { get; }

    /// <param name="look">The target's traffic in the running window.</param>
    /// <param name="findings">Receives at most one finding a vector.</param>
    void Examine(Examination look, List<Finding> findings);
}
