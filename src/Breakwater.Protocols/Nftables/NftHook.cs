namespace Breakwater.Protocols.Nftables;

/// <summary>Where in the kernel packets come by our table.</summary>
public enum NftHookPoint : byte
{
    /// <summary>Every packet that arrives, before routing.</summary>
    Prerouting,

    /// <summary>Packets that arrive at named interfaces, before anything else of the kernel looks at them.</summary>
    Ingress,
}

/// <summary>The table that is ours, and where it hangs. Its family is <c>inet</c>: one table for IPv4 and IPv6.</summary>
/// <param name="Table">Name of the table.</param>
/// <param name="Point">The hook of its base chains.</param>
/// <param name="Priority">Lower is earlier; the kernel puts fragments together at -400 where connections are tracked.</param>
/// <param name="Devices">Interfaces, for <see cref="NftHookPoint.Ingress"/>; else empty.</param>
public sealed record NftHook(string Table, NftHookPoint Point, int Priority, IReadOnlyList<string> Devices)
{
    public const string Family = "inet";

    /// <summary>The set that says that we are alive, by elements that time out. No other table has it: it tells ours from others' of the same name.</summary>
    public const string AliveSet = "breakwater-alive";

    /// <summary>All packets come here, from every base chain.</summary>
    internal const string DispatchChain = "dispatch";

    /// <summary>From there on only while we are alive.</summary>
    internal const string LeasedChain = "leased";

    /// <summary>Base chains: one, or one for each interface.</summary>
    internal IEnumerable<(string Chain, string? Device)> BaseChains =>
        Point == NftHookPoint.Prerouting ? [("hook0", null)] : Devices.Select((device, i) => ($"hook{i}", (string?)device));
}
