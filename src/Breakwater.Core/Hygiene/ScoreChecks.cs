using System.Globalization;
using Breakwater.Core.Incidents;
using Breakwater.Core.Rpki;
using Breakwater.Core.Sharing;

namespace Breakwater.Core.Hygiene;

/// <summary>The checks of the score card: what is known in, verdicts with their evidence out.</summary>
public static class ScoreChecks
{
    /// <summary>Traffic must have been watched this long before silence counts for something.</summary>
    private const int HoursNeeded = 24;

    /// <summary>NIST SP 800-189 asks that filtering by routes be exercised; a quarter of a year is the reference's.</summary>
    private static readonly TimeSpan Rehearsed = TimeSpan.FromDays(90);

    private const int MaxEvidence = 50;

    /// <summary>Judges everything.</summary>
    public static ScoreCard Judge(HygieneView view) => new(view.From, view.To,
    [
        SourceValidation(view),
        Hosts(view, new("open-reflectors", "No host of ours can be used to amplify attacks", "answers and requests of amplifying services, from flows", ["RFC 5358", "MANRS"]) { Because = "" }, IncidentKind.Reflector, Severity.Low),
        Hosts(view, new("exposed-services", "No Telnet, SMB, UPnP, memcached and the like answers from outside", "services of ours that answered somebody elsewhere, from flows", ["ETSI EN 303 645 5.6", "ETSI EN 303 645 5.1"]) { Because = "" }, IncidentKind.Exposure, Severity.Low),
        Hosts(view, new("outbound-attacks", "No host of ours takes part in attacks on others", "the attack detectors, turned outwards", ["NISTIR 8192"]) { Because = "" }, IncidentKind.OutboundAttack, Severity.Medium),
        Hosts(view, new("infected-hosts", "No host of ours behaves like a bot", "evidence of several kinds, added up", ["NISTIR 8192", "RFC 6561"]) { Because = "" }, IncidentKind.InfectedHost, Severity.Medium),
        Reports(view),
        Origins(view),
        MaxLengths(view),
        Rehearsal(view),
        NotYet("device-profiles", "Devices have a usage description that is enforced", ["NIST SP 1800-15", "RFC 8520"]),
        NotYet("device-attestation", "Devices prove what software they run", ["NIST SP 800-213A", "ETSI EN 303 645 5.7"]),
        NotYet("device-updates", "Devices run the latest accepted release", ["ETSI EN 303 645 5.3"]),
        NotYet("clear-text-management", "Nothing is managed in clear text or over old TLS", ["ETSI EN 303 645 5.5"]),
    ]);

    private static ScoreCheck SourceValidation(HygieneView view)
    {
        var check = new ScoreCheck("source-validation", "Forged sources do not get out, or in, by the interfaces that are audited", "sources of packets against what may come in by the interface, from flows", ["BCP 38", "BCP 84", "MANRS"]) { Because = "" };
        if (view.AuditedInterfaces == 0) return check with { Unknown = 1, Because = "no interface is named in behaviour.source_audit" };
        var found = Found(view, IncidentKind.Spoofing, Severity.Low);
        var failed = Math.Min(view.AuditedInterfaces, found.Count);
        if (failed == 0 && view.HoursSeen < HoursNeeded) return check with { Unknown = view.AuditedInterfaces, Because = TooShort(view) };
        return check with
        {
            Failed = failed,
            Passed = view.AuditedInterfaces - failed,
            Because = string.Create(CultureInfo.InvariantCulture, $"forged sources at {failed} of {view.AuditedInterfaces} audited interfaces"),
            Evidence = Of(found),
        };
    }

    /// <summary>One incident fails it; nothing in a day or more of watching passes it.</summary>
    private static ScoreCheck Hosts(HygieneView view, ScoreCheck check, IncidentKind kind, Severity atLeast)
    {
        var found = Found(view, kind, atLeast);
        if (found.Count > 0)
        {
            var hosts = found.Select(i => i.Host?.ToString() ?? i.Target?.ToString() ?? "").Distinct().ToArray();
            return check with { Failed = hosts.Length, Because = string.Create(CultureInfo.InvariantCulture, $"{hosts.Length} found: {string.Join(", ", hosts.Take(5))}{(hosts.Length > 5 ? ", …" : "")}{Confirmed(found)}"), Evidence = Of(found) };
        }
        if (!view.WatchesHosts && kind != IncidentKind.OutboundAttack) return check with { Unknown = 1, Because = "behaviour is switched off" };
        if (view.HoursSeen < HoursNeeded) return check with { Unknown = 1, Because = TooShort(view) };
        return check with { Passed = 1, Because = string.Create(CultureInfo.InvariantCulture, $"none in {view.HoursSeen} hours of traffic") };
    }

    /// <summary>How many of the suspects were asked, and what they said.</summary>
    private static string Confirmed(IReadOnlyList<Incident> found)
    {
        var asked = found.SelectMany(i => i.Findings).SelectMany(f => f.Inputs).Where(i => i.Key == "confirmed").ToArray();
        return asked.Length == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"; asked, {asked.Count(i => i.Value > 0)} of {asked.Length} services answered");
    }

    private static ScoreCheck Reports(HygieneView view)
    {
        var check = new ScoreCheck("reports-reconciled", "What others report of our hosts, we have seen ourselves", "reports by feeds (Shadowserver and others) against our own incidents", ["MANRS", "RFC 6561"]) { Because = "" };
        var (reported, unreported) = (view.Reports.Reported, view.Reports.Unreported);
        if (reported.Count == 0)
            return check with { Unknown = 1, Because = view.Feeds == 0 ? "no feed reports on our hosts" : string.Create(CultureInfo.InvariantCulture, $"no feed reports on our hosts now{Alone(unreported)}") };
        if (view.HoursSeen < HoursNeeded) return check with { Unknown = reported.Count, Because = TooShort(view) };
        var missed = reported.Where(r => r.Incidents.Count == 0).ToArray();
        return check with
        {
            Passed = reported.Count - missed.Length,
            Failed = missed.Length,
            Because = string.Create(CultureInfo.InvariantCulture, $"{reported.Count - missed.Length} of {reported.Count} reports are of what we found as well{(missed.Length == 0 ? "" : "; not seen by us: " + string.Join(", ", missed.Take(5).Select(Words)) + (missed.Length > 5 ? ", …" : ""))}{Alone(unreported)}"),
            Evidence =
            [
                .. missed.Take(MaxEvidence).Select(r => new ScoreEvidence("report", Words(r), $"/api/v1/feeds/known/{r.Host}")),
                .. Of([.. view.Incidents.Where(i => reported.Any(r => r.Incidents.Contains(i.Id)))]),
            ],
        };

        static string Words(ReportedHost report) => string.Create(CultureInfo.InvariantCulture, $"{report.Host}{(report.Port == 0 ? "" : " port " + report.Port.ToString(CultureInfo.InvariantCulture))} ({report.Category.Name()}, {report.Feed})");
        static string Alone(IReadOnlyList<Incident> unreported) => unreported.Count == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"; {unreported.Count} found by us that no report names");
    }

    private static ScoreCheck Origins(HygieneView view)
    {
        var check = new ScoreCheck("rpki-origins", "Every prefix of ours has a valid ROA", "origin validation of announced prefixes, by a validating cache", ["RFC 6811", "MANRS"]) { Because = "" };
        if (NoRpki(view) is { } why) return check with { Unknown = Math.Max(1, view.Announced.Count), Because = why };
        var own = view.Own!;
        var bad = own.Where(o => o.Validity != OriginValidity.Valid).ToArray();
        return check with
        {
            Passed = own.Count - bad.Length,
            Failed = bad.Length,
            Because = bad.Length == 0 ? string.Create(CultureInfo.InvariantCulture, $"all {own.Count} are valid") : string.Join("; ", bad.Take(3).Select(o => $"{o.Validity.Name()}: {o.Because}")) + (bad.Length > 3 ? "; …" : ""),
            Evidence = Of(own),
        };
    }

    private static ScoreCheck MaxLengths(HygieneView view)
    {
        var check = new ScoreCheck("rpki-max-length", "No ROA allows more than is announced", "the longest prefix that each ROA allows against those announced", ["RFC 9319"]) { Because = "" };
        if (NoRpki(view) is { } why) return check with { Unknown = Math.Max(1, view.Announced.Count), Because = why };
        var own = view.Own!;
        var covered = own.Where(o => o.Covering.Count > 0).ToArray();
        if (covered.Length == 0) return check with { Unknown = own.Count, Because = "no ROA covers any prefix of ours" };
        var wide = covered.Where(o => o.TooWide(view.Announced).Any()).ToArray();
        return check with
        {
            Passed = covered.Length - wide.Length,
            Failed = wide.Length,
            Because = wide.Length == 0 ? "none does" : string.Join(", ", wide.SelectMany(o => o.TooWide(view.Announced)).Distinct().Take(5)) + " allow longer prefixes than are announced",
            Evidence = Of(covered),
        };
    }

    private static ScoreCheck Rehearsal(HygieneView view)
    {
        var check = new ScoreCheck("mitigation-rehearsed", "The way to mitigate was used in the last 90 days", "mitigations that were in force", ["NIST SP 800-189"]) { Because = "" };
        if (!view.CanMitigate) return check with { Unknown = 1, Because = "no way to mitigate is configured" };
        if (view.LastInForce is not { Activated: { } at } last) return check with { Failed = 1, Because = "none was ever in force" };
        var evidence = new ScoreEvidence[] { new("mitigation", last.Id, "/api/v1/mitigations/" + last.Id) };
        var days = (view.To - at).TotalDays;
        var because = string.Create(CultureInfo.InvariantCulture, $"{last.Match} was in force {days:0} days ago");
        return view.To - at <= Rehearsed ? check with { Passed = 1, Because = because, Evidence = evidence } : check with { Failed = 1, Because = because, Evidence = evidence };
    }

    private static ScoreCheck NotYet(string id, string title, IReadOnlyList<string> clauses) =>
        new(id, title, "not looked at yet", clauses) { Unknown = 1, Because = "this version does not look at it" };

    private static string? NoRpki(HygieneView view) =>
        !view.AsksRpki ? "no cache is named in rpki.cache" : view.Own is null ? "the RPKI cache has no data, or rpki.origins is missing" : view.Own.Count == 0 ? "no announced prefix is known: rpki.announced and home are empty or private" : null;

    private static string TooShort(HygieneView view) => string.Create(CultureInfo.InvariantCulture, $"{view.HoursSeen} hours of traffic were watched, {HoursNeeded} are needed");

    private static IReadOnlyList<Incident> Found(HygieneView view, IncidentKind kind, Severity atLeast) => [.. view.Incidents.Where(i => i.Kind == kind && i.Severity >= atLeast)];

    private static IReadOnlyList<ScoreEvidence> Of(IReadOnlyList<Incident> incidents) => [.. incidents.Take(MaxEvidence).Select(i => new ScoreEvidence("incident", i.Id, "/api/v1/incidents/" + i.Id))];

    private static IReadOnlyList<ScoreEvidence> Of(IReadOnlyList<RouteOrigin> origins) => [.. origins.Take(MaxEvidence).Select(o => new ScoreEvidence("rpki", o.Route.ToString(), "/api/v1/rpki"))];
}
