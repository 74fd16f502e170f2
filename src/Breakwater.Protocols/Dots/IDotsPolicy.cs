namespace Breakwater.Protocols.Dots;

/// <summary>Whoever decides whether a request that the protocol allows may be granted: the policy and its guard rails.</summary>
public interface IDotsPolicy
{
    /// <summary>Asked once for each new request, before it is granted.</summary>
    /// <returns>Null to grant it; else why not, with the name of the rail, for the client to read.</returns>
    string? Refuses(DotsDemand demand);
}
