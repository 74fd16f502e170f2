using Breakwater.Core.Behaviour;
using Breakwater.Core.Detection;
using Breakwater.Core.Flows;
using Breakwater.Core.Hygiene;
using Breakwater.Core.Incidents;
using Breakwater.Core.Net;
using Breakwater.Core.Sharing;
using Breakwater.Tests.Core.Incidents;

namespace Breakwater.Tests.Core.Hygiene;

public class ReportReconciliationTests
{
    private static readonly Timestamp Now = Timestamp.FromUnixSeconds(1_750_000_000);
    private static readonly IpAddr Host = IpAddr.Parse("192.0.2.7");

    [Fact]
    public void A_report_of_what_we_found_too_is_matched_by_host_and_port()
    {
        var reports = Of([Open("192.0.2.7", 123)], Found("a", IncidentKind.Reflector, port: 123), Found("b", IncidentKind.Exposure, port: 161));
        Assert.Equal(["a"], Assert.Single(reports.Reported).Incidents);
        Assert.Equal(["b"], reports.Unreported.Select(i => i.Id));
    }

    [Fact]
    public void What_others_saw_and_we_did_not_comes_first()
    {
        var reports = Of([Open("192.0.2.7", 123), Open("192.0.2.9", 53)], Found("a", IncidentKind.Reflector, port: 123));
        Assert.Equal([("192.0.2.9", 53, 0), ("192.0.2.7", 123, 1)], reports.Reported.Select(r => (r.Host.ToString(), (int)r.Port, r.Incidents.Count)));
        Assert.Empty(reports.Unreported);
    }

    [Fact]
    public void An_infection_is_one_whatever_the_port_but_not_one_that_we_know_by_the_report_alone()
    {
        var complaint = FeedEntry.Of(Prefix.Parse("192.0.2.7"), FeedCategory.Bot);
        Assert.Equal(["a"], Assert.Single(Of([complaint], Found("a", IncidentKind.InfectedHost, vector: SignNames.Beacon)).Reported).Incidents);
        Assert.Equal(["a"], Assert.Single(Of([complaint], Found("a", IncidentKind.Scan, vector: SignNames.HorizontalScan)).Reported).Incidents);
        Assert.Empty(Assert.Single(Of([complaint], Found("a", IncidentKind.InfectedHost, vector: SignNames.InfectionReport)).Reported).Incidents);
    }

    [Fact]
    public void Scans_of_outsiders_are_nothing_that_should_have_been_reported() =>
        Assert.Empty(Of([], Found("a", IncidentKind.Scan) with { Host = IpAddr.Parse("203.0.113.9") }).Unreported);

    [Fact]
    public void The_score_card_names_what_we_did_not_see()
    {
        var view = new HygieneView { From = Now, To = Now, HoursSeen = 24, WatchesHosts = true, Feeds = 1, Reports = Of([Open("192.0.2.7", 123), Open("192.0.2.9", 53)], Found("a", IncidentKind.Reflector, port: 123)) };
        var check = ScoreChecks.Judge(view).Checks.Single(c => c.Id == "reports-reconciled");
        Assert.Equal((ScoreVerdict.Fail, 1, 1), (check.Verdict, check.Passed, check.Failed));
        Assert.Equal("1 of 2 reports are of what we found as well; not seen by us: 192.0.2.9 port 53 (open-service, shadow)", check.Because);
        Assert.Contains(new ScoreEvidence("report", "192.0.2.9 port 53 (open-service, shadow)", "/api/v1/feeds/known/192.0.2.9"), check.Evidence);
        Assert.Equal(ScoreVerdict.Unknown, ScoreChecks.Judge(view with { Reports = Of([]) }).Checks.Single(c => c.Id == "reports-reconciled").Verdict);
    }

    [Fact]
    public void The_score_card_says_how_many_suspects_answered_when_asked()
    {
        var view = new HygieneView { From = Now, To = Now, HoursSeen = 24, WatchesHosts = true, Incidents = [Found("a", IncidentKind.Reflector, port: 123, confirmed: 1), Found("b", IncidentKind.Reflector, port: 53, confirmed: 0)] };
        Assert.EndsWith("; asked, 1 of 2 services answered", ScoreChecks.Judge(view).Checks.Single(c => c.Id == "open-reflectors").Because, StringComparison.Ordinal);
    }

    private static FeedEntry Open(string host, ushort port) => FeedEntry.Of(Prefix.Parse(host), FeedCategory.OpenService) with { Port = port };

    private static ReportReconciliation Of(FeedEntry[] entries, params Incident[] incidents)
    {
        var known = new KnownBad([new FeedContent("shadow", 0.9, Now + TimeSpan.FromDays(1), entries)], new HomeNetwork([Prefix.Parse("192.0.2.0/24")], []), []);
        return ReportReconciliation.Of(known.OfOurs(Now), incidents);
    }

    private static Incident Found(string id, IncidentKind kind, int port = 0, string vector = "x", double? confirmed = null)
    {
        var sample = IncidentSamples.DnsAmplification(id);
        KeyValuePair<string, double>[] inputs = confirmed is { } said ? [new("port", port), new("confirmed", said)] : [new("port", port)];
        return sample with { Kind = kind, Host = Host, Vectors = [vector], Findings = [sample.Findings[0] with { Inputs = inputs }] };
    }
}
