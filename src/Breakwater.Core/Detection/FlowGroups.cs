namespace Breakwater.Core.Detection;

/// <summary>Whose the two ends of a flow are: host groups of <see cref="HomeNetwork.GroupOf"/>, -1 for an address that is not ours.</summary>
internal readonly record struct FlowGroups(short Source, short Destination)
{
    /// <summary>True when one end at least is home.</summary>
    public bool IsOurs => (Source & Destination) >= 0;
}
