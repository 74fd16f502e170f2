using Breakwater.Core.Detection;
using Breakwater.Core.Incidents;
using Breakwater.Core.Mitigations;
using Breakwater.Engine.Notification;

namespace Breakwater.Tests.Engine.Notification;

public class NoticeBookTests
{
    private readonly NoticeBook _book = new(new NotificationOptions());

    [Fact]
    public void Tells_of_the_beginning_of_new_vectors_of_growth_and_of_the_end_and_of_nothing_between()
    {
        var incident = Attacks.Incident();
        Assert.Equal(NoticeKind.Opened, Tell(incident));
        Assert.Null(Tell(incident with { Packets = 1_000_000, PeakPacketsPerSecond = 150_000 }));
        Assert.Equal(NoticeKind.PeakGrown, Tell(incident = incident with { PeakPacketsPerSecond = 160_000 }));
        Assert.Null(Tell(incident with { PeakPacketsPerSecond = 300_000 }));
        Assert.Equal(NoticeKind.VectorsChanged, Tell(incident = incident with { Vectors = [Vectors.UdpFlood, Vectors.SynFlood] }));
        Assert.Null(Tell(incident with { Vectors = [Vectors.SynFlood, Vectors.UdpFlood] }));
        Assert.Null(Tell(incident with { State = IncidentState.Mitigated }));
        Assert.Equal(NoticeKind.Ended, Tell(incident with { State = IncidentState.Ended }));
        Assert.Null(Tell(incident with { State = IncidentState.Ended }));
    }

    [Fact]
    public void Keeps_quiet_about_what_is_not_severe_enough_until_it_is()
    {
        var incident = Attacks.Incident() with { Severity = Severity.Low };
        Assert.Null(Tell(incident));
        Assert.Null(Tell(incident with { State = IncidentState.Ended }));
        Assert.Equal(NoticeKind.Opened, Tell(incident with { Severity = Severity.Medium }));
    }

    [Fact]
    public void Tells_the_end_of_what_a_former_run_told_and_not_its_beginning()
    {
        var incident = Attacks.Incident();
        _book.Resume([incident]);
        Assert.Null(Tell(incident));
        Assert.Equal(NoticeKind.Ended, Tell(incident with { State = IncidentState.Ended }));
    }

    [Fact]
    public void Tells_each_state_of_a_mitigation_once()
    {
        Assert.Equal(NoticeKind.MitigationChanged, _book.Of(Attacks.Mitigation(MitigationState.Approved), Attacks.Now)?.Kind);
        Assert.Null(_book.Of(Attacks.Mitigation(MitigationState.Approved), Attacks.Now));
        Assert.NotNull(_book.Of(Attacks.Mitigation(MitigationState.Active), Attacks.Now));
        Assert.NotNull(_book.Of(Attacks.Mitigation(MitigationState.Expired), Attacks.Now));
    }

    [Fact]
    public void Is_bounded_and_counts_what_it_could_not_tell()
    {
        for (var i = 0; i < NoticeBook.MaxActive + 5; i++) Tell(Attacks.Incident($"i{i}"));
        Assert.Equal(5, _book.Missed);
        Assert.Equal(NoticeKind.Ended, Tell(Attacks.Incident("i7") with { State = IncidentState.Ended }));
        Assert.Equal(NoticeKind.Opened, Tell(Attacks.Incident("another")));
    }

    [Fact]
    public void Gives_no_two_notices_the_same_identifier()
    {
        var seen = new HashSet<string>();
        var incident = Attacks.Incident();
        for (var i = 0; i < 10; i++)
        {
            incident = incident with { PeakPacketsPerSecond = incident.PeakPacketsPerSecond * 2 };
            Assert.True(seen.Add(_book.Of(incident, Attacks.Now)!.Id));
        }
    }

    private NoticeKind? Tell(Incident incident) => _book.Of(incident, Attacks.Now)?.Kind;
}

public class NoticeOutboxTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    public void Waits_for_others_to_go_with_the_first()
    {
        var outbox = new NoticeOutbox("test", Second, 60);
        Assert.Null(outbox.Wait(Attacks.Now));
        outbox.Offer(Attacks.Opened("a"), Attacks.Now);
        outbox.Offer(Attacks.Opened("b"), Attacks.Now + Second / 2);
        Assert.Equal(Second / 2, outbox.Wait(Attacks.Now + Second / 2));
        Assert.Equal(TimeSpan.Zero, outbox.Wait(Attacks.Now + Second));
        Assert.Equal(["a", "b"], outbox.Take(Attacks.Now + Second).Notices.Select(n => n.Subject));
        Assert.Null(outbox.Wait(Attacks.Now + Second));
    }

    [Fact]
    public void Sends_no_more_in_a_minute_than_allowed()
    {
        var outbox = new NoticeOutbox("test", TimeSpan.Zero, 10);
        var now = Attacks.Now;
        var sent = 0;
        for (var i = 0; i < 6000; i++, now += TimeSpan.FromMilliseconds(10))
        {
            outbox.Offer(Attacks.Opened($"i{i}"), now);
            if (outbox.Wait(now) != TimeSpan.Zero) continue;
            outbox.Take(now);
            sent++;
        }
        // Ten at once from the full bucket, ten more as it fills.
        Assert.InRange(sent, 18, 20);
    }

    [Fact]
    public void Folds_news_into_a_beginning_that_was_not_sent_yet()
    {
        var outbox = new NoticeOutbox("test", TimeSpan.Zero, 10);
        outbox.Offer(Attacks.Opened("a"), Attacks.Now);
        outbox.Offer(new Notice("n", NoticeKind.PeakGrown, Attacks.Now) { Incident = Attacks.Incident("a") with { PeakPacketsPerSecond = 9e9 } }, Attacks.Now);
        outbox.Offer(new Notice("e", NoticeKind.Ended, Attacks.Now) { Incident = Attacks.Incident("a") }, Attacks.Now);
        var notices = outbox.Take(Attacks.Now).Notices;
        Assert.Equal([NoticeKind.Opened, NoticeKind.Ended], notices.Select(n => n.Kind));
        Assert.Equal(9e9, notices[0].Incident!.PeakPacketsPerSecond);
    }

    [Fact]
    public void Is_bounded_keeps_ends_longest_and_says_how_many_it_left_out()
    {
        var outbox = new NoticeOutbox("test", TimeSpan.Zero, 6000);
        for (var i = 0; i < NoticeOutbox.Capacity + 7; i++) outbox.Offer(Attacks.Opened($"i{i}"), Attacks.Now);
        Assert.True(outbox.Offer(new Notice("e", NoticeKind.Ended, Attacks.Now) { Incident = Attacks.Incident("i0") }, Attacks.Now));
        for (var i = 0; i < 3 * NoticeOutbox.Capacity; i++) outbox.Offer(new Notice($"e{i}", NoticeKind.Ended, Attacks.Now) { Incident = Attacks.Incident($"x{i}") }, Attacks.Now);
        Assert.Equal(2 * NoticeOutbox.Capacity, outbox.Count);
        var group = outbox.Take(Attacks.Now);
        Assert.Equal((NoticeOutbox.MaxPerGroup, true), (group.Notices.Count, group.Left >= 7));
        Assert.Equal(0, outbox.Take(Attacks.Now).Left);
    }
}
