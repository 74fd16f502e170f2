namespace Breakwater.Core.Flows;

/// <summary>What an exporter last said about one of its interfaces.</summary>
/// <remarks>sFlow version 5, if_counters (counter_data format 1); after RFC 2863. A counter at its maximum is not available.</remarks>
/// <param name="Index">SNMP ifIndex.</param>
/// <param name="SpeedBitsPerSecond">ifSpeed; 0 when not known.</param>
/// <param name="IsUp">ifOperStatus.</param>
/// <param name="At">When the counters arrived.</param>
public readonly record struct InterfaceCounters(
    uint Index, ulong SpeedBitsPerSecond, bool IsUp, Timestamp At,
    ulong InOctets, uint InUnicast, uint InMulticast, uint InBroadcast, uint InDiscards, uint InErrors,
    ulong OutOctets, uint OutUnicast, uint OutMulticast, uint OutBroadcast, uint OutDiscards, uint OutErrors);

/// <summary>The newest counters of every interface of one exporter. Bounded. Thread-safe.</summary>
public sealed class InterfaceTable
{
    /// <summary>Interfaces kept per exporter: more than the ports of a full chassis.</summary>
    public const int MaxInterfaces = 4096;

    private readonly Lock _gate = new();
    private readonly Dictionary<uint, InterfaceCounters> _interfaces = [];

    /// <summary>The interfaces known now, in no order.</summary>
    public IReadOnlyList<InterfaceCounters> All
    {
        get { lock (_gate) return [.. _interfaces.Values]; }
    }

    public bool TryFind(uint index, out InterfaceCounters counters)
    {
        lock (_gate) return _interfaces.TryGetValue(index, out counters);
    }

    /// <returns>False when the table is full and the interface is not in it.</returns>
    public bool Update(in InterfaceCounters counters)
    {
        lock (_gate)
        {
            if (_interfaces.Count >= MaxInterfaces && !_interfaces.ContainsKey(counters.Index)) return false;
            _interfaces[counters.Index] = counters;
            return true;
        }
    }
}
