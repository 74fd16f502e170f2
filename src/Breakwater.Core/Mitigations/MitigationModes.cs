namespace Breakwater.Core.Mitigations;

/// <summary>How far the policy goes by itself, per action: <c>mitigation.modes</c> for everybody, <c>host_groups.NAME.modes</c> for a group.</summary>
public sealed class MitigationModes
{
    /// <summary>Rate limits. Not set: as for all host groups, and there <c>observe</c>.</summary>
    public MitigationMode? RateLimit { get; set; }

    /// <summary>Rules that drop what they match. Not set: as for all host groups, and there <c>observe</c>.</summary>
    public MitigationMode? Drop { get; set; }

    /// <summary>Diversion to a scrubber. Not set: as for all host groups, and there <c>observe</c>.</summary>
    public MitigationMode? Divert { get; set; }

    /// <summary>Blackholes, which complete the attack for the victim. Not set: as for all host groups, and there <c>observe</c>.</summary>
    public MitigationMode? Blackhole { get; set; }

    /// <summary>Null where not set.</summary>
    public MitigationMode? Of(MitigationAction action) => action switch
    {
        MitigationAction.RateLimit => RateLimit,
        MitigationAction.Drop => Drop,
        MitigationAction.Divert => Divert,
        MitigationAction.Blackhole => Blackhole,
        _ => throw new ArgumentOutOfRangeException(nameof(action)),
    };
}
