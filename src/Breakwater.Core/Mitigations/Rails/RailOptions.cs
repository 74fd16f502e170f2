using System.ComponentModel.DataAnnotations;
using Breakwater.Core.Net;

namespace Breakwater.Core.Mitigations.Rails;

/// <summary>Section <c>mitigation.rails</c>: bounds that no mitigation passes, whoever wants it. They can be drawn tighter, never switched off.</summary>
public sealed class RailOptions : IValidatableObject
{
    /// <summary>The widest prefixes that may ever be announced or matched; not configurable.</summary>
    public const int WidestV4 = 24;
    public const int WidestV6 = 48;

    /// <summary>Prefixes that may be mitigated; empty for those under <c>home</c>. Nothing is ever announced outside them.</summary>
    /// <remarks>When <c>home</c> is empty as well nothing is owned, and every mitigation is refused.</remarks>
    [MaxLength(10_000)]
    public IReadOnlyList<Prefix> Owned { get; set; } = [];

    /// <summary>Addresses and prefixes that no mitigation may overlap, as destination or as source: resolvers, time servers, routers, loopbacks, management, operations centre.</summary>
    /// <remarks>Loopback, the peers of our own sessions, and the addresses of this machine belong to it always.</remarks>
    [MaxLength(10_000)]
    public IReadOnlyList<Prefix> NeverTouch { get; set; } = [];

    /// <summary>TCP ports, to or from, that no drop or rate limit may match, beside 179 (BGP) which always belongs to them: how routers are managed.</summary>
    [MaxLength(32)]
    public IReadOnlyList<ushort> ControlPorts { get; set; } = [];

    /// <summary>Longest time that a mitigation may run before fresh evidence must renew it.</summary>
    /// <remarks>An hour: what everybody forgot is gone by the time somebody complains.</remarks>
    [Range(typeof(TimeSpan), "00:00:10", "1.00:00:00")]
    public TimeSpan MaxTtl { get; set; } = TimeSpan.FromHours(1);

    /// <summary>Mitigations in force at a time.</summary>
    /// <remarks>Border routers hold a few thousand FlowSpec rules; most networks never need fifty.</remarks>
    [Range(1, 100_000)]
    public int MaxConcurrent { get; set; } = 200;

    /// <summary>New mitigations in a minute.</summary>
    [Range(1, 100_000)]
    public int MaxNewPerMinute { get; set; } = 60;

    /// <summary>Mitigations in force at a time for one host group.</summary>
    [Range(1, 100_000)]
    public int MaxPerHostGroup { get; set; } = 100;

    /// <summary>Share of the owned addresses, of each family, that may be blackholed or diverted at a time; one host always may.</summary>
    [Range(0.0, 1.0)]
    public double MaxAddressShare { get; set; } = 0.05;

    /// <summary>Share of the network's usual inbound traffic whose destinations may be blackholed or diverted at a time.</summary>
    [Range(0.0, 1.0)]
    public double MaxTrafficShare { get; set; } = 0.2;

    /// <summary>Packets really seen of an attack, below which nothing is done by itself.</summary>
    /// <remarks>100 sampled packets are known to ±20 %.</remarks>
    [Range(100, 1_000_000)]
    public int MinSampledPackets { get; set; } = 100;

    /// <summary>Share of its records that an exporter may lose before nothing is done by itself on its word.</summary>
    [Range(0.0, 0.5)]
    public double MaxLoss { get; set; } = 0.1;

    /// <summary>How far an exporter's clock may be off before nothing is done by itself on its word.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan MaxClockSkew { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>How long an exporter may be silent before it counts as lost.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan ExporterTimeout { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>Share of the target's ordinary packets that a drop may stop before two people must approve it.</summary>
    [Range(0.0, 0.5)]
    public double TwoPersonCollateral { get; set; } = 0.1;

    /// <summary>How long a rule that did not help, or that a person took back, is not applied again by itself. Doubles with each recurrence.</summary>
    [Range(typeof(TimeSpan), "00:00:10", "1.00:00:00")]
    public TimeSpan HoldDown { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>The most that <c>hold_down</c> doubles to.</summary>
    [Range(typeof(TimeSpan), "00:00:10", "30.00:00:00")]
    public TimeSpan MaxHoldDown { get; set; } = TimeSpan.FromDays(1);

    /// <summary>Whether a blackhole may be the first thing that is done by itself, without anything milder having been tried.</summary>
    /// <remarks>For networks whose routers and upstreams take nothing else. A blackhole completes the attack for the victim.</remarks>
    public bool BlackholeFirst { get; set; }

    /// <summary>Whether single sources may be blackholed (RFC 5635 §4): announces addresses of others, inside the own network only.</summary>
    public bool SourceBlackholes { get; set; }

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        foreach (var prefix in Owned)
            if (prefix.Length < (prefix.IsV4 ? 8 : 16)) yield return new ValidationResult($"{prefix} is wider than anybody's network", [nameof(Owned)]);
        if (MaxHoldDown < HoldDown) yield return new ValidationResult("is shorter than hold_down", [nameof(MaxHoldDown)]);
    }
}
