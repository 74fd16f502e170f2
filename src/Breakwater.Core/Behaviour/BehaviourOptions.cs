using System.ComponentModel.DataAnnotations;
using Breakwater.Core.Behaviour.Beacons;
using Breakwater.Core.Behaviour.Exposure;
using Breakwater.Core.Behaviour.Guessing;
using Breakwater.Core.Behaviour.Intelligence;
using Breakwater.Core.Behaviour.Mail;
using Breakwater.Core.Behaviour.Scans;
using Breakwater.Core.Behaviour.Spoofing;
using Breakwater.Core.Incidents;
using Breakwater.Core.Net;

namespace Breakwater.Core.Behaviour;

/// <summary>Section <c>behaviour</c> of the configuration file: finding hosts that take part in automated attacks.</summary>
public sealed class BehaviourOptions : IValidatableObject
{
    /// <summary>Watch how hosts behave: scans, guessing of passwords, command and control, tunnels.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>Conversations followed at the same time; the oldest make room for new ones.</summary>
    /// <remarks>A million cost 136 MiB once that many are going on; a quarter of the room is for unanswered attempts from outside.</remarks>
    [Range(16_384, 67_108_864)]
    public int MaxContacts { get; set; } = 1_048_576;

    /// <summary>Pairs of hosts and service that are remembered, so that only first contacts count; the oldest are forgotten.</summary>
    /// <remarks>Four octets each: ten million take 40 MiB.</remarks>
    [Range(65_536, 1_073_741_824)]
    public int MaxPairs { get; set; } = 8_388_608;

    /// <summary>Hosts, ours and others', whose first contacts are judged at the same time.</summary>
    /// <remarks>About 48 octets each; those with nothing against them make room first.</remarks>
    [Range(1_024, 100_000_000)]
    public int MaxHosts { get; set; } = 1_048_576;

    /// <summary>Hosts with something against them that are kept; the least suspicious make room.</summary>
    [Live]
    [Range(16, 1_000_000)]
    public int MaxCases { get; set; } = 10_000;

    /// <summary>Hosts of ours of which is kept what they say about themselves: names, fingerprints, user agents, services.</summary>
    /// <remarks>A kilobyte each, as a rule; eight for a host that says as much as it can.</remarks>
    [Live]
    [Range(16, 10_000_000)]
    public int MaxAssets { get; set; } = 16_384;

    /// <summary>Quiet time after which a story about a host has ended.</summary>
    /// <remarks>Bots scan and call home in bursts; an hour joins them, and evidence is weighed for days anyway.</remarks>
    [Live]
    [Range(typeof(TimeSpan), "00:01:00", "7.00:00:00")]
    public TimeSpan Hold { get; set; } = TimeSpan.FromHours(1);

    /// <summary>Time after which evidence counts half.</summary>
    [Live]
    [Range(typeof(TimeSpan), "01:00:00", "90.00:00:00")]
    public TimeSpan HalfLife { get; set; } = TimeSpan.FromHours(24);

    /// <summary>What hosts may do: also withdraws what was said of them before.</summary>
    [Live]
    [MaxLength(10_000)]
    public IReadOnlyList<BehaviourException> Exceptions { get; set; } = [];

    public ScanOptions Scan { get; set; } = new();

    public BeaconOptions Beacon { get; set; } = new();

    public IntelligenceOptions KnownBad { get; set; } = new();

    public GuessingOptions Guessing { get; set; } = new();

    public SpamOptions Spam { get; set; } = new();

    public ReflectorOptions Reflector { get; set; } = new();

    public SourceAuditOptions SourceAudit { get; set; } = new();

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        for (var i = 0; i < Exceptions.Count; i++)
            foreach (var sign in Exceptions[i].Signs)
                if (!SignNames.All.Contains(sign))
                    yield return new ValidationResult($"'{sign}' is no sign: known are {string.Join(", ", SignNames.All)}", [$"exceptions[{i}].signs"]);
    }
}

/// <summary>A host or prefix, and what it may do.</summary>
[Live]
public sealed class BehaviourException
{
    /// <summary>The host or prefix that it is about.</summary>
    public Prefix Host { get; set; }

    /// <summary>Names of the signs that are ignored; empty: all.</summary>
    [MaxLength(100)]
    public IReadOnlyList<string> Signs { get; set; } = [];

    public bool Covers(in IpAddr host, string sign) => Host.Contains(host) && (Signs.Count == 0 || Signs.Contains(sign));

    /// <summary>True when every sign that an incident about a host is made of may be, so that nothing is left of it.</summary>
    public static bool CoverAll(IReadOnlyList<BehaviourException> exceptions, Incident incident) =>
        incident is { Host: { } host, Vectors.Count: > 0 } && HostCases.IsOurs(incident) && incident.Vectors.All(sign => exceptions.Any(e => e.Covers(host, sign)));

    /// <summary>An incident as it is told once what it tells of is allowed: over, of no weight, and saying why.</summary>
    public static Incident Withdraw(Incident incident) => incident with
    {
        State = IncidentState.Ended,
        End = incident.End ?? incident.LastSeen,
        Severity = Severity.Info,
        Explanation = $"Withdrawn: an exception allows it. {incident.Explanation}",
    };
}
