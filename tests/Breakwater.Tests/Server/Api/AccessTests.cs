using System.Net;
using Breakwater.Server.Api;
using Breakwater.Tests.Engine;

namespace Breakwater.Tests.Server.Api;

/// <summary>Who may do what.</summary>
public sealed class AccessTests
{
    private static readonly (string Token, string Sha256) Viewer = ApiToken.Generate();

    private static void WithToken(ApiOptions options)
    {
        options.AllowLoopbackViewer = false;
        options.Tokens = [new ApiToken { Name = "viewer", Role = ApiRole.Viewer, Sha256 = Viewer.Sha256 }];
    }

    [Fact]
    public async Task On_the_machine_itself_nobody_needs_a_token_to_look()
    {
        await using var api = await ApiHost.StartAsync();

        await api.GetAsync("/api/v1/incidents");
    }

    [Theory]
    [InlineData("/api/v1/incidents")]
    [InlineData("/api/v1/incidents/x")]
    [InlineData("/api/v1/incidents/x/evidence.pcap")]
    [InlineData("/api/v1/incidents/x/evidence.jsonl")]
    [InlineData("/api/v1/assets")]
    [InlineData("/api/v1/exporters")]
    [InlineData("/api/v1/traffic")]
    [InlineData("/api/v1/traffic/live")]
    [InlineData("/api/v1/events")]
    [InlineData("/api/v1/health")]
    public async Task Without_that_everything_asks_for_a_token(string path)
    {
        await using var api = await ApiHost.StartAsync(WithToken);

        Assert.Equal(HttpStatusCode.Unauthorized, (await api.FailAsync(path)).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await api.FailAsync(path, token: "wrong")).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await api.FailAsync(path, token: Viewer.Sha256)).Status);
    }

    [Theory]
    [InlineData(ApiRole.Viewer)]
    [InlineData(ApiRole.Operator)]
    [InlineData(ApiRole.Admin)]
    public async Task A_token_of_any_role_may_look(ApiRole role)
    {
        await using var api = await ApiHost.StartAsync(options =>
        {
            WithToken(options);
            options.Tokens[0].Role = role;
        });

        using var response = await api.SendAsync("/api/v1/incidents", Viewer.Token);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Theory]
    [InlineData("X-Forwarded-For", "203.0.113.1")]
    [InlineData("Forwarded", "for=203.0.113.1")]
    public async Task A_request_that_a_proxy_passes_on_is_not_from_this_machine(string header, string value)
    {
        await using var api = await ApiHost.StartAsync();

        using var response = await api.SendAsync("/api/v1/incidents", header: (header, value));

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
    }

    [Fact]
    public async Task Guessing_tokens_is_stopped_for_a_minute()
    {
        var time = new ManualTime(DateTimeOffset.UnixEpoch.AddYears(55));
        await using var api = await ApiHost.StartAsync(WithToken, time);
        for (var i = 0; i < 10; i++) Assert.Equal(HttpStatusCode.Unauthorized, (await api.FailAsync("/api/v1/incidents", $"guess{i}")).Status);

        Assert.Equal(HttpStatusCode.TooManyRequests, (await api.FailAsync("/api/v1/incidents", Viewer.Token)).Status);

        time.Advance(TimeSpan.FromMinutes(1));
        using var response = await api.SendAsync("/api/v1/incidents", Viewer.Token);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task A_name_that_is_not_ours_is_refused_against_dns_rebinding()
    {
        await using var api = await ApiHost.StartAsync(o => o.AllowedHosts = ["breakwater.example.net"]);

        Assert.Equal(HttpStatusCode.MisdirectedRequest, (await api.FailAsync("/api/v1/incidents", host: "attacker.example")).Status);
        foreach (var host in new[] { "localhost", "127.0.0.1:8080", "[::1]:8080", "breakwater.example.net" })
        {
            using var response = await api.SendAsync("/api/v1/incidents", host: host);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }
    }

    [Fact]
    public async Task Every_answer_ties_the_browsers_hands()
    {
        await using var api = await ApiHost.StartAsync();
        foreach (var path in new[] { "/", "/api/v1/incidents", "/api/v1/incidents/none", "/nonsense", "/metrics" })
        {
            using var response = await api.SendAsync(path);

            var policy = response.Headers.GetValues("Content-Security-Policy").Single();
            Assert.Contains("default-src 'none'", policy, StringComparison.Ordinal);
            Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
            Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
            Assert.Equal("nosniff", response.Headers.GetValues("X-Content-Type-Options").Single());
        }
    }

    [Fact]
    public async Task The_page_holds_no_script_of_its_own()
    {
        await using var api = await ApiHost.StartAsync(WithToken);

        var page = await api.Client.GetStringAsync(new Uri("/", UriKind.Relative));

        Assert.DoesNotMatch("<script(?![^>]* src=)", page);
        Assert.DoesNotMatch(" on[a-z]+=", page);
        Assert.DoesNotContain("style=", page, StringComparison.Ordinal);
        foreach (System.Text.RegularExpressions.Match file in System.Text.RegularExpressions.Regex.Matches(page, "(?:src|href)=\"([a-z]+\\.(?:js|css|svg))\""))
        {
            using var response = await api.SendAsync("/" + file.Groups[1].Value);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }
    }

    [Fact]
    public async Task Health_and_metrics_are_open_on_this_machine_and_health_alone_elsewhere()
    {
        await using var api = await ApiHost.StartAsync(WithToken);
        foreach (var (path, header, expected) in new[]
        {
            ("/health/live", false, HttpStatusCode.OK), ("/health/ready", false, HttpStatusCode.OK), ("/metrics", false, HttpStatusCode.OK),
            ("/health/live", true, HttpStatusCode.OK), ("/health/ready", true, HttpStatusCode.OK), ("/metrics", true, HttpStatusCode.Unauthorized),
        })
        {
            using var response = await api.SendAsync(path, header: header ? ("X-Forwarded-For", "203.0.113.1") : null);
            Assert.Equal(expected, response.StatusCode);
        }
    }

    [Fact]
    public async Task A_request_line_beyond_all_measure_is_refused()
    {
        await using var api = await ApiHost.StartAsync();

        using var response = await api.SendAsync("/api/v1/incidents?target=" + new string('1', 20_000));

        Assert.Equal(HttpStatusCode.RequestUriTooLong, response.StatusCode);
    }
}
