using System.Globalization;
using Breakwater.Core.Mitigations;
using Breakwater.Core.Net;

namespace Breakwater.Protocols.Nftables;

/// <summary>A destination with a chain of its own. Those of one family, length and <see cref="OnDeath"/> share a map from address to chain.</summary>
/// <remarks>So a packet costs a few look-ups by hash, however many targets there are, and no rule is ever addressed by a handle that others may have changed.</remarks>
public readonly record struct NftTarget(Prefix Prefix, DeadMan OnDeath) : IComparable<NftTarget>
{
    /// <summary>Name of the map: <c>l4-32</c> for hosts whose rules go with us, <c>k6-48</c> for networks whose rules may stay.</summary>
    public string Map => string.Create(CultureInfo.InvariantCulture, $"{(IsLeased ? 'l' : 'k')}{(Prefix.IsV4 ? 4 : 6)}-{Prefix.Length}");

    /// <summary>Name of the chain; hexadecimal, for a chain's name holds no colon.</summary>
    public string Chain => Prefix.IsV4
        ? string.Create(CultureInfo.InvariantCulture, $"{Map}-{Prefix.Address.V4Bits:x8}")
        : string.Create(CultureInfo.InvariantCulture, $"{Map}-{Prefix.Address.High:x16}{Prefix.Address.Low:x16}");

    public bool IsLeased => OnDeath == DeadMan.Withdraw;

    public int CompareTo(NftTarget other)
    {
        var byDeath = OnDeath.CompareTo(other.OnDeath);
        return byDeath != 0 ? byDeath : Prefix.CompareTo(other.Prefix);
    }
}
