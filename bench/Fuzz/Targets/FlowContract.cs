using Breakwater.Core.Flows;

namespace Breakwater.Fuzz.Targets;

/// <summary>What every flow must keep to, whatever bytes it was made of: the meter relies on it.</summary>
public static class FlowContract
{
    /// <exception cref="InvalidOperationException">A flow breaks the contract of <see cref="Flow"/>.</exception>
    public static void Check(ReadOnlySpan<Flow> flows)
    {
        foreach (ref readonly var flow in flows)
        {
            if (flow.Packets < 0 || flow.Bytes < 0) throw new InvalidOperationException($"negative count: {flow.Packets} packets, {flow.Bytes} octets");
            if (flow.End < flow.Start) throw new InvalidOperationException($"ends before it starts: {flow.Start} to {flow.End}");
        }
    }
}
