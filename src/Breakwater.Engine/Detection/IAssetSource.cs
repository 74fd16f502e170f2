using Breakwater.Core.Behaviour;
using Breakwater.Core.Net;

namespace Breakwater.Engine.Detection;

/// <summary>Knows what hosts of ours said about themselves; asked by the API, on any thread.</summary>
public interface IAssetSource
{
    /// <summary>Hosts by address.</summary>
    /// <param name="within">Only hosts in this prefix; null: all.</param>
    /// <param name="after">Only hosts with a higher address; null: from the first.</param>
    /// <param name="limit">Hosts at most.</param>
    IReadOnlyList<Asset> FindAssets(Prefix? within, IpAddr? after, int limit);
}
