using Breakwater.Core.Cases;
using Breakwater.Core.Flows;
using Breakwater.Core.Incidents;
using Breakwater.Core.Net;
using Breakwater.Core.Sharing;
using Breakwater.Tests.Core.Incidents;
using Breakwater.Tests.Core.Sharing;

namespace Breakwater.Tests.Core.Cases;

public class CaseBookTests
{
    private readonly CaseOptions _options = new();
    private readonly CaseBook _book;

    public CaseBookTests() => _book = new CaseBook(_options, SharedSamples.Home);

    private static Timestamp At(double hours) => IncidentSamples.Noon + TimeSpan.FromHours(hours);

    internal static Incident Bot(double hours, string id = "bot-1", string host = "192.0.2.66") => IncidentSamples.DnsAmplification(id, At(hours)) with
    {
        Kind = IncidentKind.InfectedHost,
        Host = IpAddr.Parse(host),
        Target = null,
        Confidence = 0.9,
        LastSeen = At(hours),
        Evidence = new Evidence([new Flow { Source = IpAddr.Parse(host), SourcePort = 51234, Destination = IpAddr.Parse("203.0.113.7"), DestinationPort = 23, Protocol = 6, Packets = 3, Bytes = 180, Start = At(hours), End = At(hours) }], [], 1),
    };

    private Case Opened() => _book.Take(Bot(0), At(0))!;

    private Case Take(Case item, CaseStep step, double hours) => _book.Take(item.Id, step, "anna", "because", At(hours)) ?? throw new InvalidOperationException($"{step} in {item.State}");

    [Fact]
    public void What_is_possible_is_what_the_book_does()
    {
        var opened = Opened();
        foreach (var state in Enum.GetValues<CaseState>())
        {
            foreach (var step in Enum.GetValues<CaseStep>())
            {
                var book = new CaseBook(_options, SharedSamples.Home);
                book.Resume(opened with { State = state });
                Assert.Equal(state.Possible().Contains(step), book.Take(opened.Id, step, "anna", "", At(1)) is not null);
            }
        }
        Assert.Empty(CaseState.Closed.Possible());
    }

    [Fact]
    public void A_case_goes_from_notice_through_garden_and_recheck_to_its_end()
    {
        var item = Take(Opened(), CaseStep.Notify, 1);
        item = Take(item, CaseStep.Wall, 2);
        Assert.Equal(CaseState.Walled, item.State);
        item = Take(item, CaseStep.Claim, 3);
        Assert.Empty(_book.Tick(At(4)).Changed);
        Assert.Equal(CaseState.Watching, Assert.Single(_book.Tick(At(3 + 25)).Changed).State);
        Assert.Equal(CaseState.Closed, Assert.Single(_book.Tick(At(28 + 24 * 31)).Changed).State);

        Assert.Equal(["infected-host", "notify", "wall", "claim", "quiet since it was said to be cleaned", "quiet for the whole watch"], _book.Find(item.Id)!.History.Select(h => h.What));
        Assert.Equal([item.Id], _book.Tick(At(28 + 24 * 31 + 24 * 91)).Forgotten);
        Assert.Empty(_book.All);
    }

    [Fact]
    public void What_goes_on_after_it_was_said_to_be_cleaned_is_open_again()
    {
        var item = Take(Opened(), CaseStep.Claim, 1);

        var again = _book.Take(Bot(2), At(2))!;

        Assert.Equal((item.Id, CaseState.Open, 0), (again.Id, again.State, again.Reinfections));
    }

    [Fact]
    public void What_comes_back_while_watched_is_a_reinfection_of_the_same_case()
    {
        var item = Take(Opened(), CaseStep.Claim, 1);
        _book.Tick(At(30));

        var again = _book.Take(Bot(200, "bot-2"), At(200))!;

        Assert.Equal((item.Id, CaseState.Open, 1), (again.Id, again.State, again.Reinfections));
        Assert.Equal(["bot-1", "bot-2"], again.Incidents);
    }

    [Fact]
    public void A_later_snapshot_of_the_same_past_does_not_reopen_a_closed_case()
    {
        var item = Take(Opened(), CaseStep.Close, 1);

        Assert.Null(_book.Take(Bot(0) with { State = IncidentState.Ended }, At(2)));
        Assert.Equal(CaseState.Closed, _book.Find(item.Id)!.State);
    }

    [Fact]
    public void Long_after_its_end_a_case_is_another_one()
    {
        var item = Take(Opened(), CaseStep.Close, 1);

        var other = _book.Take(Bot(24 * 40, "bot-9"), At(24 * 40))!;

        Assert.NotEqual(item.Id, other.Id);
        Assert.Equal(0, other.Reinfections);
    }

    [Fact]
    public void Opens_no_case_for_victims_doubts_and_trifles()
    {
        Assert.Null(_book.Take(IncidentSamples.DnsAmplification(), At(0)));
        Assert.Null(_book.Take(Bot(0) with { Confidence = 0.5 }, At(0)));
        Assert.Null(_book.Take(Bot(0) with { Severity = Severity.Low }, At(0)));
        Assert.Null(_book.Take(Bot(0) with { Host = null }, At(0)));
        Assert.Null(_book.Take(Bot(0, host: "203.0.113.5") with { Kind = IncidentKind.Scan }, At(0)));
    }

    [Fact]
    public void A_finding_that_is_withdrawn_closes_its_case()
    {
        var item = Opened();
        _book.Take(Bot(1, "bot-2"), At(1));

        Assert.Equal(CaseState.Open, _book.Take(Bot(0) with { State = IncidentState.Ended, Severity = Severity.Info }, At(2))!.State);
        Assert.Equal(CaseState.Closed, _book.Take(Bot(1, "bot-2") with { State = IncidentState.Ended, Severity = Severity.Info }, At(2))!.State);
        Assert.Equal("withdrawn", _book.Find(item.Id)!.History[^1].What);
    }

    [Fact]
    public void Refuses_steps_that_make_no_sense()
    {
        var item = Opened();

        Assert.Null(_book.Take(item.Id, CaseStep.Release, "anna", "", At(1)));
        Take(item, CaseStep.Close, 1);
        Assert.Null(_book.Take(item.Id, CaseStep.Wall, "anna", "", At(2)));
        Assert.Null(_book.Take("none", CaseStep.Close, "anna", "", At(2)));
    }

    [Fact]
    public void A_full_book_gives_up_closed_cases_and_no_others()
    {
        _options.MaxCases = 10;
        for (var i = 0; i < 10; i++) _book.Take(Bot(i, $"b{i}", $"192.0.2.{i + 1}"), At(i));

        Assert.Null(_book.Take(Bot(20, "late", "192.0.2.99"), At(20)));
        Assert.Equal(1, _book.Refused);
        Take(_book.All.First(), CaseStep.Close, 21);
        Assert.NotNull(_book.Take(Bot(22, "later", "192.0.2.99"), At(22)));
        Assert.Equal(10, _book.All.Count);
    }

    [Fact]
    public void The_notice_says_in_plain_words_what_when_and_from_which_port()
    {
        var item = Opened();
        var notice = CaseNotice.Write(item, "Example Networks", "soc@example.net", Disclosure.Hidden);

        Assert.Contains("192.0.2.66", notice, StringComparison.Ordinal);
        Assert.Contains("2025-06-15 15:06:40  TCP  your port 51234  to another network port 23", notice, StringComparison.Ordinal);
        Assert.Contains("soc@example.net", notice, StringComparison.Ordinal);
        Assert.DoesNotContain("203.0.113.7", notice, StringComparison.Ordinal);
        Assert.Contains("203.0.113.7", CaseNotice.Write(item, "", "", Disclosure.Full), StringComparison.Ordinal);
    }
}
