using System.ComponentModel.DataAnnotations;
using Breakwater.Core.Behaviour;
using Breakwater.Core.Cases;
using Breakwater.Core.Detection;
using Breakwater.Core.Net;
using Breakwater.Core.Sharing;
using Breakwater.Engine.Dots;
using Breakwater.Engine.Flows;
using Breakwater.Engine.Mitigations;
using Breakwater.Engine.Net;
using Breakwater.Engine.Notification;
using Breakwater.Engine.Rpki;
using Breakwater.Engine.Sharing;
using Breakwater.Engine.Storage;
using Breakwater.Server.Api;

namespace Breakwater.Server.Configuration;

/// <summary>The whole configuration file. Each section's class lives with the part that it configures.</summary>
public sealed class BreakwaterOptions : IValidatableObject
{
    /// <summary>The operator's own prefixes. Traffic to them is inbound, from them outbound; only hosts in them are protected.</summary>
    /// <remarks>Empty: private address space and this machine's own addresses, which is right for a gateway, a server or a laptop that watches itself.</remarks>
    [MaxLength(10_000)]
    public IReadOnlyList<Prefix> Home { get; set; } = [];

    /// <summary>Parts of the home network with their own thresholds, by name; "default" is for all other home hosts.</summary>
    [MaxLength(250)]
    public Dictionary<string, HostGroupOptions> HostGroups { get; set; } = [];

    public FlowListenerOptions Flows { get; set; } = new();

    public PacketCaptureOptions Capture { get; set; } = new();

    public DetectionOptions Detection { get; set; } = new();

    public BehaviourOptions Behaviour { get; set; } = new();

    public MitigationOptions Mitigation { get; set; } = new();

    public DotsOptions Dots { get; set; } = new();

    public RpkiOptions Rpki { get; set; } = new();

    public StorageOptions Storage { get; set; } = new();

    /// <summary>The HTTP API, the page and the metrics.</summary>
    public ApiOptions Api { get; set; } = new();

    public NotificationOptions Notifications { get; set; } = new();

    public SharingOptions Sharing { get; set; } = new();

    public FeedsOptions Feeds { get; set; } = new();

    public CaseOptions Cases { get; set; } = new();

    /// <summary>What concerns more than one section.</summary>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        var owners = new Dictionary<Prefix, string>();
        var home = Home.ToHashSet();
        foreach (var (name, group) in HostGroups)
        {
            if (group.Prefixes.Count == 0 && name != "default") yield return Problem(name, "has no prefixes: no host can be in it");
            foreach (var prefix in group.Prefixes)
            {
                if (home.Count > 0 && !IsCovered(prefix, home)) yield return Problem(name, $"{prefix} lies outside home");
                if (!owners.TryAdd(prefix, name)) yield return Problem(name, $"{prefix} is in group '{owners[prefix]}' already");
            }
        }
    }

    /// <summary>Asks for each shorter prefix by name: going through all of home for each of many prefixes would take minutes.</summary>
    private static bool IsCovered(Prefix prefix, HashSet<Prefix> home)
    {
        for (var length = 0; length <= prefix.Length; length++)
            if (home.Contains(new Prefix(prefix.Address, length))) return true;
        return false;
    }

    private static ValidationResult Problem(string group, string message) => new(message, [$"host_groups.{group}.prefixes"]);
}
