using Breakwater.Core.Flows;
using Breakwater.Core.Incidents;
using Breakwater.Core.Mitigations;
using Breakwater.Core.Net;
using Breakwater.Core.Rpki;

namespace Breakwater.Core.Hygiene;

/// <summary>What is known of a network's hygiene: everything that the score card is made of.</summary>
public sealed record HygieneView
{
    public required Timestamp From { get; init; }
    public required Timestamp To { get; init; }

    /// <summary>Hours of that time in which traffic was seen.</summary>
    public int HoursSeen { get; init; }

    /// <summary>True when single hosts are watched.</summary>
    public bool WatchesHosts { get; init; }

    /// <summary>Interfaces whose sources are audited.</summary>
    public int AuditedInterfaces { get; init; }

    /// <summary>Incidents that began in that time or go on.</summary>
    public IReadOnlyList<Incident> Incidents { get; init; } = [];

    /// <summary>Feeds that tell what others saw of our own addresses, or could.</summary>
    public int Feeds { get; init; }

    /// <summary>What others report of our hosts, beside what we found.</summary>
    public ReportReconciliation Reports { get; init; } = new([], []);

    /// <summary>True when a validating cache is configured.</summary>
    public bool AsksRpki { get; init; }

    /// <summary>What ROAs say of our prefixes; null without data.</summary>
    public IReadOnlyList<RouteOrigin>? Own { get; init; }

    public IReadOnlyList<Prefix> Announced { get; init; } = [];

    /// <summary>True when there is a way to mitigate: peers, a firewall, an upstream.</summary>
    public bool CanMitigate { get; init; }

    /// <summary>The mitigation that was put in force last; null for none.</summary>
    public Mitigation? LastInForce { get; init; }
}
