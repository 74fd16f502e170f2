using Breakwater.Core.Behaviour;
using Breakwater.Core.Flows;
using Breakwater.Core.Hygiene;
using Breakwater.Core.Incidents;
using Breakwater.Core.Sharing;
using Breakwater.Engine.Dots;
using Breakwater.Engine.Mitigations;
using Breakwater.Engine.Rpki;
using Breakwater.Engine.Sharing;
using Breakwater.Engine.Storage;

namespace Breakwater.Engine.Hygiene;

/// <summary>Gathers what is known of a network's hygiene, and has it judged. Reads the store: asked by people, not by loops.</summary>
/// <param name="behaviour">Null where nothing is watched, as are the following.</param>
public sealed class ScoreKeeper(IStore store, TimeProvider time, BehaviourOptions? behaviour = null, MitigationOptions? mitigation = null, DotsOptions? dots = null, RpkiCache? rpki = null, KnownBadBoard? known = null, FeedsOptions? feeds = null)
{
    /// <summary>Time that is looked at.</summary>
    private static readonly TimeSpan Window = TimeSpan.FromDays(30);

    /// <summary>Incidents of one kind that are looked at.</summary>
    private const int MaxIncidents = 500;

    private static readonly IncidentKind[] Kinds = [IncidentKind.Spoofing, IncidentKind.Reflector, IncidentKind.Exposure, IncidentKind.OutboundAttack, IncidentKind.InfectedHost, IncidentKind.Scan, IncidentKind.BruteForce];

    public ScoreCard Judge()
    {
        var now = Timestamp.From(time.GetUtcNow());
        var from = now - Window;
        Incident[] incidents = [.. Kinds.SelectMany(k => store.FindIncidents(new IncidentQuery(k, Limit: MaxIncidents))).Where(i => i.State != IncidentState.Ended || i.LastSeen >= from)];
        return ScoreChecks.Judge(new HygieneView
        {
            From = from,
            To = now,
            HoursSeen = store.FindTraffic(from, now, null, TimeSpan.FromHours(1)).Select(t => t.Minute).Distinct().Count(),
            WatchesHosts = behaviour is { Enabled: true },
            AuditedInterfaces = behaviour is { Enabled: true } ? behaviour.SourceAudit.Interfaces.Count : 0,
            Incidents = incidents,
            Feeds = feeds?.Sources.Count ?? 0,
            Reports = ReportReconciliation.Of(known?.Current.OfOurs(now) ?? [], incidents),
            AsksRpki = rpki is not null,
            Own = rpki?.Own(),
            Announced = rpki?.Announced ?? [],
            CanMitigate = mitigation is not null && (mitigation.Bgp.Peers.Count > 0 || mitigation.Nftables.Enabled || dots is { Upstreams.Count: > 0 }),
            LastInForce = store.FindMitigations(new MitigationQuery(Limit: MaxIncidents)).Where(m => m.Activated is not null).MaxBy(m => m.Activated),
        });
    }
}
