using System.Text;
using Breakwater.Core.Flows;
using Breakwater.Core.Net;
using Breakwater.Core.Sharing;
using Breakwater.Engine.Sharing;
using Breakwater.Fuzz.Corpus;
using Breakwater.Tests.Core.Incidents;
using Breakwater.Tests.Core.Sharing;
using Breakwater.Tests.Engine.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Breakwater.Tests.Engine.Sharing;

public sealed class FeedServiceTests : IAsyncLifetime
{
    private readonly TempFolder _folder = new();
    private readonly ManualTime _time = new(IncidentSamples.Noon.ToDateTimeOffset());
    private readonly KnownBadBoard _board = new();
    private readonly List<string> _asked = [];
    private WebApplication _provider = null!;
    private string _address = "";
    private Func<HttpContext, Task> _answer = _ => Task.CompletedTask;

    public async Task InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        _provider = builder.Build();
        _provider.Urls.Add("http://127.0.0.1:0");
        _provider.Run(http =>
        {
            lock (_asked) _asked.Add(http.Request.Path + http.Request.QueryString);
            return _answer(http);
        });
        await _provider.StartAsync();
        _address = _provider.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
    }

    public async Task DisposeAsync()
    {
        await _provider.DisposeAsync();
        _folder.Dispose();
    }

    private FeedService Service(FeedOptions feed) => Service(new FeedsOptions { Sources = { ["test"] = feed } });

    private FeedService Service(FeedsOptions options) => new(options, _folder.Path, SharedSamples.Home, _board, new FeedMetrics(_board), _time, NullLogger<FeedService>.Instance);

    private void Answer(string text, int status = 200, string? lastAdded = null) => _answer = http =>
    {
        http.Response.StatusCode = status;
        if (lastAdded is not null) http.Response.Headers["X-TAXII-Date-Added-Last"] = lastAdded;
        return http.Response.WriteAsync(text);
    };

    private KnownBadVerdict? Known(string address) => _board.Current.Find(IpAddr.Parse(address), 0, Timestamp.From(_time.GetUtcNow()));

    [Fact]
    public async Task Reads_a_feed_in_its_time_and_forgets_it_when_it_can_no_longer_be_read()
    {
        Answer(FeedCorpus.SpamhausDrop);
        var service = Service(new FeedOptions { Format = "spamhaus-drop", Url = _address + "/drop.json", Reliability = 0.9 });

        await service.ReadDueAsync(CancellationToken.None);
        await service.ReadDueAsync(CancellationToken.None);
        Assert.Single(_asked);
        Assert.Equal(0.9, Known("198.51.100.7")!.Score, 6);

        Answer("gone", status: 503);
        _time.Advance(TimeSpan.FromHours(7));
        await service.ReadDueAsync(CancellationToken.None);
        Assert.Equal(2, _asked.Count);
        Assert.Equal("it answers 503", Assert.Single(service.Status()).Problem);
        Assert.NotNull(Known("198.51.100.7"));
        _time.Advance(TimeSpan.FromDays(2));
        Assert.Null(Known("198.51.100.7"));
    }

    [Fact]
    public async Task Remembers_after_a_restart_without_asking_again()
    {
        Answer(FeedCorpus.UrlhausCsv);
        var feed = new FeedOptions { Format = "abuse-ch", Url = _address + "/csv" };
        await Service(feed).ReadDueAsync(CancellationToken.None);
        var before = _board.Current;
        _board.Current = KnownBad.Empty;

        using var again = Service(feed);
        await again.StartAsync(CancellationToken.None);
        while (_board.Current.IsEmpty) await Task.Delay(10);
        await again.StopAsync(CancellationToken.None);

        Assert.Single(_asked);
        Assert.Equal((before.Prefixes, before.Names), (_board.Current.Prefixes, _board.Current.Names));
        Assert.Equal(34567, _board.Current.Find(IpAddr.Parse("203.0.113.20"), 0, Timestamp.From(_time.GetUtcNow()))!.Claims[0].Port);
    }

    [Theory]
    [InlineData("crowdsec", "<html>login</html>", "it is not of this format (invalid-value)")]
    [InlineData("taxii", "[]", "it answers what is no TAXII envelope")]
    [InlineData("taxii", """{"more":true}""", "it says that there is more, and not how to ask for it")]
    [InlineData("taxii", """{"more":true,"next":"same"}""", "it gives the same page again and again")]
    [InlineData("misp", "[]", "its manifest.json is none")]
    public async Task Says_what_is_wrong_with_a_feed(string format, string text, string problem)
    {
        Answer(text);
        var service = Service(new FeedOptions { Format = format, Url = _address });

        await service.ReadDueAsync(CancellationToken.None);

        Assert.Equal(problem, Assert.Single(service.Status()).Problem);
        Assert.True(_board.Current.IsEmpty);
    }

    [Fact]
    public async Task Never_takes_more_than_is_allowed()
    {
        _answer = async http =>
        {
            var line = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("198.51.100.7\n", 10_000)));
            for (var i = 0; i < 20 && !http.RequestAborted.IsCancellationRequested; i++) await http.Response.Body.WriteAsync(line);
        };
        var service = new FeedService(
            new FeedsOptions { MaxMebibytes = 1, Sources = { ["test"] = new FeedOptions { Format = "plain-list", Url = _address } } }, _folder.Path, SharedSamples.Home, _board, new FeedMetrics(_board), _time, NullLogger<FeedService>.Instance);

        await service.ReadDueAsync(CancellationToken.None);

        Assert.Equal("it is longer than feeds.max_mebibytes allows", Assert.Single(service.Status()).Problem);
    }

    [Fact]
    public async Task Pages_through_a_TAXII_collection_by_next_and_by_time()
    {
        static string Page(int n, string more) => $$"""{ {{more}} "objects":[{"type":"indicator","id":"indicator--{{n}}","pattern":"[ipv4-addr:value = '203.0.113.{{n}}']","pattern_type":"stix"}]}""";
        _answer = http =>
        {
            var query = http.Request.Query;
            Assert.Equal("indicator", query["match[type]"]);
            Assert.Equal("Basic " + Convert.ToBase64String("me:secret"u8), http.Request.Headers.Authorization.ToString());
            http.Response.Headers["X-TAXII-Date-Added-Last"] = "2026-01-01T00:00:00.000002Z";
            return http.Response.WriteAsync(
                query.ContainsKey("added_after") ? Page(3, "") : query["next"] == "two" ? Page(2, "\"more\":true,") : Page(1, "\"more\":true,\"next\":\"two\","));
        };
        File.WriteAllText(_folder.File("key"), "secret\n");
        var service = Service(new FeedOptions { Format = "taxii", Url = _address + "/api/collections/x/", User = "me", KeyFile = _folder.File("key") });

        await service.ReadDueAsync(CancellationToken.None);

        Assert.Null(Assert.Single(service.Status()).Problem);
        Assert.All((string[])["203.0.113.1", "203.0.113.2", "203.0.113.3"], a => Assert.NotNull(Known(a)));
        Assert.Equal(3, _asked.Count);
    }

    /// <summary>Versions of indicators that a collection holds, by the time at which they were added.</summary>
    private void Collect(params (string Added, int Id, string Address, bool Revoked)[] versions) => _answer = http =>
    {
        var after = http.Request.Query["added_after"].ToString();
        var page = versions.Where(v => string.CompareOrdinal(v.Added, after) > 0).OrderBy(v => v.Added, StringComparer.Ordinal).Take(2).ToArray();
        if (page.Length > 0) http.Response.Headers["X-TAXII-Date-Added-Last"] = page[^1].Added;
        var more = page.Length > 0 && versions.Any(v => string.CompareOrdinal(v.Added, page[^1].Added) > 0) ? "true" : "false";
        return http.Response.WriteAsync($$"""{"more":{{more}},"objects":[{{string.Join(',', page.Select(v => $$"""
            {"type":"indicator","id":"indicator--0000000{{v.Id}}-0000-4000-8000-000000000000","modified":"{{v.Added}}","revoked":{{(v.Revoked ? "true" : "false")}},"pattern":"[ipv4-addr:value = '{{v.Address}}']","pattern_type":"stix"}
            """))}}]}""");
    };

    private string[] Asked()
    {
        lock (_asked)
        {
            string[] asked = [.. _asked.Select(a => Uri.UnescapeDataString(a[(a.LastIndexOf("indicator", StringComparison.Ordinal) + "indicator".Length)..]))];
            _asked.Clear();
            return asked;
        }
    }

    [Fact]
    public async Task Asks_a_TAXII_collection_only_for_what_was_added_since_also_after_a_restart()
    {
        const string first = "2026-01-01T00:00:00.000001Z", second = "2026-01-01T00:00:00.000002Z", third = "2026-01-01T00:00:00.000003Z", fourth = "2026-01-01T00:00:00.000004Z";
        var feed = new FeedOptions { Format = "taxii", Url = _address + "/api/collections/x/", Lifetime = TimeSpan.FromDays(2) };
        var service = Service(feed);
        Collect((first, 1, "203.0.113.1", false), (second, 2, "203.0.113.2", false), (third, 3, "203.0.113.3", false));
        await service.ReadDueAsync(CancellationToken.None);
        Assert.Equal(["", $"&added_after={second}"], Asked());

        // One is revoked, one looks for another address now.
        Collect((first, 1, "203.0.113.1", false), (third, 3, "203.0.113.33", false), (fourth, 2, "203.0.113.2", true), ("2026-01-01T00:00:00.000005Z", 3, "203.0.113.33", false));
        _time.Advance(TimeSpan.FromHours(7));
        using var again = Service(feed);
        await again.StartAsync(CancellationToken.None);
        while (again.Status()[0].Read?.ToDateTimeOffset() != _time.GetUtcNow()) await Task.Delay(10);
        await again.StopAsync(CancellationToken.None);

        Assert.Equal([$"&added_after={third}"], Asked());
        Assert.NotNull(Known("203.0.113.1"));
        Assert.Null(Known("203.0.113.2"));
        Assert.Null(Known("203.0.113.3"));
        Assert.NotNull(Known("203.0.113.33"));
    }

    [Fact]
    public async Task Reads_a_TAXII_collection_as_a_whole_now_and_then_and_when_going_on_fails()
    {
        var feed = new FeedOptions { Format = "taxii", Url = _address + "/api/collections/x/", Interval = TimeSpan.FromHours(20), Lifetime = TimeSpan.FromDays(2) };
        var service = Service(feed);
        Collect(("2026-01-01T00:00:00Z", 1, "203.0.113.1", false));
        await service.ReadDueAsync(CancellationToken.None);
        // Dropped without a word: only the next reading of the whole can show it.
        Collect();
        foreach (var expected in (string[][])[[""], ["&added_after=2026-01-01T00:00:00Z"], ["&added_after=2026-01-01T00:00:00Z"], [""]])
        {
            Assert.Equal(expected, Asked());
            Assert.Equal(expected[0].Length > 0 || service.Status()[0].Entries == 1, Known("203.0.113.1") is not null);
            _time.Advance(TimeSpan.FromHours(20));
            await service.ReadDueAsync(CancellationToken.None);
        }
        Assert.Null(Known("203.0.113.1"));

        Collect(("2026-01-01T00:00:00Z", 1, "203.0.113.1", false));
        _time.Advance(TimeSpan.FromDays(2));
        await service.ReadDueAsync(CancellationToken.None);
        Answer("no such place", status: 400);
        _time.Advance(TimeSpan.FromHours(20));
        await service.ReadDueAsync(CancellationToken.None);
        Asked();
        _time.Advance(TimeSpan.FromHours(20));
        await service.ReadDueAsync(CancellationToken.None);
        Assert.Equal([""], Asked());
    }

    [Fact]
    public async Task Takes_up_other_feeds_while_it_runs_and_keeps_what_the_others_said()
    {
        Answer("198.51.100.7\n");
        var options = new FeedsOptions { Sources = { ["stays"] = Plain("/stays"), ["goes"] = Plain("/goes") } };
        var service = Service(options);
        await service.ReadDueAsync(CancellationToken.None);
        Answer("203.0.113.5\n");

        options.Sources = new() { ["stays"] = Plain("/stays") with { Reliability = 0.25 }, ["comes"] = Plain("/comes") };
        await service.ReadDueAsync(CancellationToken.None);
        Assert.Equal(2, _asked.Count);
        service.TakeUpOptions();
        await service.ReadDueAsync(CancellationToken.None);

        Assert.Equal(["/stays", "/goes", "/comes"], _asked);
        Assert.Equal(["stays", "comes"], service.Status().Select(f => f.Name));
        var claim = Assert.Single(Known("198.51.100.7")!.Claims);
        Assert.Equal(("stays", 0.25), (claim.Feed, claim.Score));
        Assert.NotNull(Known("203.0.113.5"));

        FeedOptions Plain(string path) => new() { Format = "plain-list", Url = _address + path };
    }

    [Fact]
    public async Task Another_source_under_the_same_name_inherits_nothing()
    {
        Answer("198.51.100.7\n");
        var options = new FeedsOptions { Sources = { ["list"] = new FeedOptions { Format = "plain-list", Url = _address + "/one" } } };
        var service = Service(options);
        await service.ReadDueAsync(CancellationToken.None);
        Answer("", status: 503);

        options.Sources = new() { ["list"] = new FeedOptions { Format = "plain-list", Url = _address + "/two" } };
        options.Never = [Prefix.Parse("203.0.113.0/24")];
        service.TakeUpOptions();
        await service.ReadDueAsync(CancellationToken.None);

        Assert.Null(Known("198.51.100.7"));
        Assert.Equal("it answers 503", Assert.Single(service.Status()).Problem);
    }

    [Fact]
    public async Task Reads_the_events_of_a_MISP_feed()
    {
        _answer = http =>
        {
            if (http.Request.Path.Value!.EndsWith("manifest.json", StringComparison.Ordinal)) return http.Response.WriteAsync(FeedCorpus.MispManifest);
            if (http.Request.Path.Value.EndsWith("1.json", StringComparison.Ordinal)) return http.Response.WriteAsync(FeedCorpus.MispEvent);
            return http.Response.WriteAsync("{}");
        };
        var service = Service(new FeedOptions { Format = "misp", Url = _address + "/feed/" });

        await service.ReadDueAsync(CancellationToken.None);

        Assert.Equal(["/feed/manifest.json", "/feed/5a1b2c3d-0000-4000-8000-000000000002.json", "/feed/5a1b2c3d-0000-4000-8000-000000000001.json"], _asked);
        Assert.NotNull(Known("203.0.113.7"));
    }

    [Fact]
    public async Task Reads_a_file_and_says_so_when_it_is_gone()
    {
        File.WriteAllText(_folder.File("list"), "198.51.100.9\n");
        var service = Service(new FeedOptions { Format = "plain-list", File = _folder.File("list") });
        await service.ReadDueAsync(CancellationToken.None);
        Assert.NotNull(Known("198.51.100.9"));

        File.Delete(_folder.File("list"));
        _time.Advance(TimeSpan.FromHours(7));
        await service.ReadDueAsync(CancellationToken.None);

        Assert.Contains("list", Assert.Single(service.Status()).Problem, StringComparison.Ordinal);
    }
}
