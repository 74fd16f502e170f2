using System.ComponentModel;
using System.Text.Json;
using Breakwater.Core.Flows;
using Breakwater.Core.Net;
using Breakwater.Core.Sharing;
using Breakwater.Engine.Sharing;
using Breakwater.Protocols.Json;

namespace Breakwater.Server.Api;

/// <summary>What others know to be bad: how the feeds do, and who says what of an address or name.</summary>
internal static class FeedEndpoints
{
    /// <summary>Complaints about addresses of ours that are listed.</summary>
    private const int MaxComplaints = 1000;

    public static void Map(RouteGroupBuilder api)
    {
        var feeds = api.MapGroup("/feeds").WithTags("Feeds");
        feeds.MapGet("", List).WithName("listFeeds").WithSummary("The feeds and how they do").Produces<Shapes.FeedList>();
        feeds.MapGet("/known/{what}", Known).WithName("getKnownBad").WithSummary("Who says what of an address or domain name")
            .Produces<Shapes.Known>().ProducesValidationProblem();
        feeds.MapGet("/ours", Ours).WithName("listComplaints").WithSummary("What others say of our own addresses").Produces<Shapes.ComplaintList>();
    }

    private static IResult List(HttpContext http)
    {
        var feeds = http.RequestServices.GetService<FeedService>()?.Status() ?? [];
        var known = Board(http);
        return new JsonAnswer(json =>
        {
            json.WriteStartObject();
            json.WriteNumber("prefixes", known.Prefixes);
            json.WriteNumber("names", known.Names);
            json.WriteNumber("refused", known.Refused);
            json.WriteList("feeds", feeds, Write);
            json.WriteEndObject();
        });
    }

    private static IResult Known(HttpContext http, [Description("An address such as 192.0.2.1, or a domain name.")] string what)
    {
        var now = Now(http);
        KnownBadVerdict? verdict;
        if (IpAddr.TryParse(what, out var address)) verdict = Board(http).Find(address, 0, now) ?? Board(http).FindOwn(address, now);
        else if (FeedEntry.IsDomain(what)) verdict = Board(http).FindName(what.TrimEnd('.').ToLowerInvariant(), now);
        else
        {
            var errors = new QueryErrors(http.Request);
            errors.Add("what", "is neither an address nor a domain name");
            return errors.Answer!;
        }
        return new JsonAnswer(json =>
        {
            json.WriteStartObject();
            json.WriteString("what", what);
            WriteVerdict(json, verdict);
            json.WriteEndObject();
        });
    }

    private static IResult Ours(HttpContext http)
    {
        var now = Now(http);
        var complaints = Board(http).OfOurs(now).OrderByDescending(c => c.Verdict.Score).Take(MaxComplaints).ToArray();
        return new JsonAnswer(json =>
        {
            json.WriteStartObject();
            json.WriteObjects("complaints", complaints, complaint =>
            {
                json.WriteString("what", complaint.Prefix.ToShortString());
                WriteVerdict(json, complaint.Verdict);
            });
            json.WriteEndObject();
        });
    }

    private static void Write(Utf8JsonWriter json, FeedStatus feed)
    {
        json.WriteStartObject();
        json.WriteString("name", feed.Name);
        json.WriteString("format", feed.Format);
        json.WriteNumber("reliability", feed.Reliability);
        Time(json, "read", feed.Read);
        Time(json, "expires", feed.Expires);
        json.WriteNumber("entries", feed.Entries);
        json.WriteNumber("skipped", feed.Skipped);
        json.WriteNumber("overflow", feed.Overflow);
        json.WriteString("problem", feed.Problem);
        json.WriteEndObject();
    }

    private static void WriteVerdict(Utf8JsonWriter json, KnownBadVerdict? verdict)
    {
        json.WriteNumber("score", Math.Round(verdict?.Score ?? 0, 3));
        json.WriteObjects("claims", verdict?.Claims ?? [], claim =>
        {
            json.WriteString("feed", claim.Feed);
            json.WriteString("category", claim.Category.Name());
            json.WriteNumber("port", claim.Port);
            json.WriteNumber("score", Math.Round(claim.Score, 3));
            Time(json, "seen", claim.Seen);
            Time(json, "until", claim.Until);
        });
    }

    private static void Time(Utf8JsonWriter json, string name, Timestamp? time) => json.WriteString(name, time is { } known ? Rfc3339.Format(known) : null);

    private static KnownBad Board(HttpContext http) => http.RequestServices.GetService<KnownBadBoard>()?.Current ?? KnownBad.Empty;

    private static Timestamp Now(HttpContext http) => Timestamp.From(http.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow());
}
