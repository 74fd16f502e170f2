using System.ComponentModel.DataAnnotations;
using Breakwater.Core.Mitigations;
using Breakwater.Core.Mitigations.Rails;
using Breakwater.Core.Net;
using Breakwater.Engine.Mitigations.Bgp;
using Breakwater.Engine.Mitigations.Nftables;

namespace Breakwater.Engine.Mitigations;

/// <summary>Section <c>mitigation</c> of the configuration file: what may be done about attacks, and by what. Off until the modes say otherwise.</summary>
public sealed class MitigationOptions : IValidatableObject
{
    /// <summary>How far the policy goes by itself, for all host groups that say nothing else.</summary>
    public MitigationModes Modes { get; set; } = new();

    /// <summary>How the ladder is climbed where the modes allow it.</summary>
    public PolicyOptions Policy { get; set; } = new();

    /// <summary>Bounds that no mitigation passes.</summary>
    public RailOptions Rails { get; set; } = new();

    /// <summary>Places that traffic may be diverted to, by name; the first is taken where nothing else is asked for.</summary>
    [MaxLength(64)]
    public Dictionary<string, DivertTargetOptions> DivertTargets { get; set; } = [];

    public BgpOptions Bgp { get; set; } = new();

    public NftablesOptions Nftables { get; set; } = new();

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Policy.Ttl > Rails.MaxTtl) yield return new ValidationResult("is longer than mitigation.rails.max_ttl", ["policy.ttl"]);
        foreach (var (name, target) in DivertTargets)
        {
            if (target.NextHop is null == target.RouteTarget is null) yield return Problem(name, "needs a next hop or a route target, and not both");
            if (target.RouteTarget is { } text && !Core.Mitigations.RouteTarget.TryParse(text, out _))
                yield return Problem(name, $"'{text}' is not a route target such as 64500:100 or 192.0.2.1:100");
        }
    }

    /// <summary>The places as the rails and the mitigators want them. Only for options that were checked.</summary>
    public IReadOnlyList<DivertTarget> Targets() =>
        [.. DivertTargets.Select(t => new DivertTarget(t.Key, t.Value.NextHop,
            t.Value.RouteTarget is { } text && Core.Mitigations.RouteTarget.TryParse(text, out var target) ? target : null))];

    private static ValidationResult Problem(string name, string message) => new(message, [$"divert_targets.{name}"]);
}

/// <summary>Section <c>mitigation.divert_targets.NAME</c>.</summary>
public sealed class DivertTargetOptions
{
    /// <summary>Address of the scrubber.</summary>
    public IpAddr? NextHop { get; set; }

    /// <summary>Route target of the VRF that leads to the scrubber: 64500:100 or 192.0.2.1:100.</summary>
    public string? RouteTarget { get; set; }
}
