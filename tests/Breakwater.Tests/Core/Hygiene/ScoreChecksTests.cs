using Breakwater.Core.Flows;
using Breakwater.Core.Hygiene;
using Breakwater.Core.Incidents;
using Breakwater.Core.Net;
using Breakwater.Core.Rpki;
using Breakwater.Tests.Core.Incidents;
using Breakwater.Tests.Core.Mitigations;

namespace Breakwater.Tests.Core.Hygiene;

public class ScoreChecksTests
{
    private static readonly Timestamp Now = Timestamp.FromUnixSeconds(1_700_000_000);
    private static readonly HygieneView Nothing = new() { From = Now - TimeSpan.FromDays(30), To = Now };

    [Fact]
    public void Of_what_is_not_known_nothing_counts_as_passed()
    {
        var card = ScoreChecks.Judge(Nothing);
        Assert.Equal((null, 0.0, card.Checks.Count), (card.Score, card.Coverage, card.Unknown));
        Assert.All(card.Checks, c => Assert.NotEqual("", c.Because));
        Assert.Equal(card.Checks.Count, card.Checks.Select(c => c.Id).Distinct().Count());
    }

    [Fact]
    public void A_day_of_quiet_traffic_passes_and_coverage_says_how_little_that_is()
    {
        var card = ScoreChecks.Judge(Nothing with { HoursSeen = 24, WatchesHosts = true });
        Assert.Equal((1.0, 4), (card.Score, card.Passed));
        Assert.Equal(4.0 / card.Checks.Count, card.Coverage);
        Assert.Equal(ScoreVerdict.Unknown, Of(Nothing with { HoursSeen = 23, WatchesHosts = true }, "open-reflectors").Verdict);
        Assert.Equal(ScoreVerdict.Unknown, Of(Nothing with { HoursSeen = 24 }, "open-reflectors").Verdict);
    }

    [Theory]
    [InlineData(IncidentKind.Reflector, Severity.Low, "open-reflectors")]
    [InlineData(IncidentKind.Exposure, Severity.Low, "exposed-services")]
    [InlineData(IncidentKind.OutboundAttack, Severity.Medium, "outbound-attacks")]
    [InlineData(IncidentKind.InfectedHost, Severity.High, "infected-hosts")]
    [InlineData(IncidentKind.Spoofing, Severity.Medium, "source-validation")]
    public void An_incident_fails_its_check_and_is_the_evidence(IncidentKind kind, Severity severity, string check)
    {
        var incident = IncidentSamples.DnsAmplification() with { Kind = kind, Severity = severity, Id = "x-1" };
        var judged = Of(Nothing with { HoursSeen = 24, WatchesHosts = true, AuditedInterfaces = 3, Incidents = [incident] }, check);
        Assert.Equal((ScoreVerdict.Fail, 1), (judged.Verdict, judged.Failed));
        Assert.Equal(new ScoreEvidence("incident", "x-1", "/api/v1/incidents/x-1"), Assert.Single(judged.Evidence));
    }

    [Fact]
    public void A_suspicion_of_low_severity_is_no_infection() =>
        Assert.Equal(ScoreVerdict.Pass, Of(Nothing with { HoursSeen = 24, WatchesHosts = true, Incidents = [IncidentSamples.DnsAmplification() with { Kind = IncidentKind.InfectedHost, Severity = Severity.Low }] }, "infected-hosts").Verdict);

    [Fact]
    public void Audited_interfaces_pass_one_by_one()
    {
        var judged = Of(Nothing with { HoursSeen = 24, WatchesHosts = true, AuditedInterfaces = 3, Incidents = [IncidentSamples.DnsAmplification() with { Kind = IncidentKind.Spoofing }] }, "source-validation");
        Assert.Equal((2, 1), (judged.Passed, judged.Failed));
    }

    [Fact]
    public void Roas_are_judged_prefix_by_prefix()
    {
        var table = new RoaTable();
        table.Add(new Vrp(Prefix.Parse("198.51.100.0/24"), 24, 64500));
        table.Add(new Vrp(Prefix.Parse("203.0.113.0/24"), 28, 64500));
        Prefix[] announced = [Prefix.Parse("198.51.100.0/24"), Prefix.Parse("203.0.113.0/24"), Prefix.Parse("192.0.2.0/24")];
        var view = Nothing with { AsksRpki = true, Announced = announced, Own = [.. announced.Select(p => table.Validate(p, 64500))] };
        var origins = Of(view, "rpki-origins");
        Assert.Equal((2, 1, "not-found: no ROA covers 192.0.2.0/24"), (origins.Passed, origins.Failed, origins.Because));
        Assert.Equal(["rpki", "rpki", "rpki"], origins.Evidence.Select(e => e.Kind));
        var lengths = Of(view, "rpki-max-length");
        Assert.Equal((1, 1, "203.0.113.0/24-28 AS64500 allow longer prefixes than are announced"), (lengths.Passed, lengths.Failed, lengths.Because));
        Assert.Equal((ScoreVerdict.Unknown, 3), (Of(view with { Own = null }, "rpki-origins").Verdict, Of(view with { Own = null }, "rpki-origins").Unknown));
    }

    [Fact]
    public void A_way_to_mitigate_that_was_not_used_for_a_quarter_of_a_year_fails()
    {
        var mitigation = MitigationSamples.Proposed with { Activated = Now - TimeSpan.FromDays(89) };
        Assert.Equal(ScoreVerdict.Pass, Of(Nothing with { CanMitigate = true, LastInForce = mitigation }, "mitigation-rehearsed").Verdict);
        Assert.Equal(ScoreVerdict.Fail, Of(Nothing with { CanMitigate = true, LastInForce = mitigation with { Activated = Now - TimeSpan.FromDays(91) } }, "mitigation-rehearsed").Verdict);
        Assert.Equal(ScoreVerdict.Fail, Of(Nothing with { CanMitigate = true }, "mitigation-rehearsed").Verdict);
        Assert.Equal(ScoreVerdict.Unknown, Of(Nothing, "mitigation-rehearsed").Verdict);
    }

    private static ScoreCheck Of(HygieneView view, string check) => ScoreChecks.Judge(view).Checks.Single(c => c.Id == check);
}
