using Breakwater.Core.Flows;
using Breakwater.Core.Incidents;
using Breakwater.Core.Net;
using Breakwater.Core.Sharing;

namespace Breakwater.Core.Hygiene;

/// <summary>What others report of one host of ours: an open service, or an infection.</summary>
/// <param name="Host">Ours.</param>
/// <param name="Port">Of an open service; 0 where the report names none, and for an infection.</param>
/// <param name="Feed">Who reports it.</param>
/// <param name="Seen">When they saw it; null where they do not say.</param>
/// <param name="Incidents">What we found of the same; empty when we did not see it.</param>
public sealed record ReportedHost(IpAddr Host, ushort Port, string Feed, FeedCategory Category, Timestamp? Seen, IReadOnlyList<string> Incidents);

/// <summary>What others report of our hosts, laid beside what we found: what they saw and we did not is where we are blind, or where they are wrong.</summary>
/// <param name="Reported">Each report, those first that we did not see.</param>
/// <param name="Unreported">Incidents about open services and infections of which no report speaks.</param>
public sealed record ReportReconciliation(IReadOnlyList<ReportedHost> Reported, IReadOnlyList<Incident> Unreported)
{
    /// <param name="complaints">What feeds say of our own addresses.</param>
    /// <param name="incidents">Ours, of the time that is looked at.</param>
    /// <remarks>Networks are passed over: a report that names no host cannot be compared.</remarks>
    public static ReportReconciliation Of(IEnumerable<(Prefix Prefix, KnownBadVerdict Verdict)> complaints, IReadOnlyList<Incident> incidents)
    {
        var found = incidents.Where(i => i.Host is not null && (IsOpenService(i) || IsMisbehaviour(i))).ToLookup(i => i.Host!.Value);
        var reported = new List<ReportedHost>();
        var matched = new HashSet<string>();
        foreach (var (prefix, verdict) in complaints)
        {
            if (!prefix.IsHost) continue;
            foreach (var claim in verdict.Claims.DistinctBy(c => (c.Feed, c.Category, c.Port)))
            {
                if (claim.Category == FeedCategory.Listed) continue;
                string[] same = [.. found[prefix.Address].Where(i => IsSame(claim, i)).Select(i => i.Id).Order(StringComparer.Ordinal)];
                matched.UnionWith(same);
                reported.Add(new ReportedHost(prefix.Address, claim.Category == FeedCategory.OpenService ? claim.Port : (ushort)0, claim.Feed, claim.Category, claim.Seen, same));
            }
        }
        return new ReportReconciliation(
            [.. reported.OrderBy(r => r.Incidents.Count > 0).ThenBy(r => r.Host).ThenBy(r => r.Port).ThenBy(r => r.Feed, StringComparer.Ordinal)],
            [.. found.SelectMany(g => g).Where(i => (IsOpenService(i) || IsInfection(i)) && !matched.Contains(i.Id)).OrderBy(i => i.Host).ThenBy(i => i.Id, StringComparer.Ordinal)]);
    }

    private static bool IsSame(KnownBadClaim claim, Incident incident) =>
        claim.Category == FeedCategory.OpenService
            ? IsOpenService(incident) && (claim.Port == 0 || incident.Findings.SelectMany(f => f.Inputs).Any(i => i.Key == "port" && (int)i.Value == claim.Port))
            : IsMisbehaviour(incident);

    private static bool IsOpenService(Incident incident) => incident.Kind is IncidentKind.Reflector or IncidentKind.Exposure;

    /// <summary>Whatever others would complain of: that it scans or guesses is enough.</summary>
    private static bool IsMisbehaviour(Incident incident) => IsInfection(incident) || incident is { Kind: IncidentKind.Scan or IncidentKind.BruteForce, Severity: >= Severity.Medium };

    /// <summary>An infection that is told because somebody reported it is no finding of ours.</summary>
    private static bool IsInfection(Incident incident) =>
        incident is { Kind: IncidentKind.InfectedHost or IncidentKind.OutboundAttack, Severity: >= Severity.Medium } && !incident.Vectors.All(v => v == Behaviour.SignNames.InfectionReport);
}
