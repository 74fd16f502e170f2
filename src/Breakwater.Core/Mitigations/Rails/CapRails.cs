using System.Globalization;

namespace Breakwater.Core.Mitigations.Rails;

/// <summary>At most so many in force at a time.</summary>
public sealed class ConcurrentCapRail(int most) : IGuardRail
{
    public string Name => "cap-concurrent";

    public string? Refuse(Mitigation mitigation, RailContext context) => context.InForce.Count < most
        ? null
        : string.Create(CultureInfo.InvariantCulture, $"{context.InForce.Count} mitigations are in force, and at most {most} may be");
}

/// <summary>At most so many new ones in a minute.</summary>
public sealed class NewPerMinuteCapRail(int most) : IGuardRail
{
    public string Name => "cap-new-per-minute";

    public string? Refuse(Mitigation mitigation, RailContext context) => mitigation.Activated is not null || context.NewInLastMinute < most
        ? null
        : string.Create(CultureInfo.InvariantCulture, $"{context.NewInLastMinute} mitigations began within the last minute, and at most {most} may");
}

/// <summary>At most so many in force for one host group: one tenant's trouble does not use up everybody's rules.</summary>
public sealed class HostGroupCapRail(int most) : IGuardRail
{
    public string Name => "cap-host-group";

    public string? Refuse(Mitigation mitigation, RailContext context)
    {
        var inGroup = context.InForce.Count(m => m.HostGroup == mitigation.HostGroup);
        return inGroup < most
            ? null
            : string.Create(CultureInfo.InvariantCulture, $"{inGroup} mitigations are in force for host group '{mitigation.HostGroup}', and at most {most} may be");
    }
}

/// <summary>Blackholes and diversions together take at most a share of the usual traffic away from its destinations.</summary>
public sealed class TrafficShareCapRail(double most) : IGuardRail
{
    public string Name => "cap-traffic-share";

    public string? Refuse(Mitigation mitigation, RailContext context) => !mitigation.TakesAll() || context.TrafficShare <= most
        ? null
        : string.Create(CultureInfo.InvariantCulture,
            $"blackholes and diversions would take {100 * context.TrafficShare:0.#} % of the network's usual traffic, and at most {100 * most:0.#} % may be");
}
