using System.Net;
using Breakwater.Core.Incidents;
using Breakwater.Protocols.Json;
using Breakwater.Tests.Core.Incidents;

namespace Breakwater.Tests.Server.Api;

public sealed class IncidentEndpointsTests : IAsyncLifetime
{
    private ApiHost _api = null!;

    public async Task InitializeAsync() => _api = await ApiHost.StartAsync();

    public async Task DisposeAsync() => await _api.DisposeAsync();

    [Fact]
    public async Task One_incident_is_the_whole_story()
    {
        _api.Store.Save([IncidentSamples.DnsAmplification()]);

        using var response = await _api.SendAsync("/api/v1/incidents/ddos-1");

        Assert.Equal("application/json", response.Content.Headers.ContentType?.MediaType);
        Assert.Equivalent(IncidentSamples.DnsAmplification(), IncidentJson.Read(await response.Content.ReadAsByteArrayAsync()), strict: true);
    }

    [Fact]
    public async Task Pages_follow_each_other_to_the_end()
    {
        _api.Store.Save([.. Enumerable.Range(0, 25).Select(i => IncidentSamples.DnsAmplification($"i{i:00}", IncidentSamples.Noon + TimeSpan.FromSeconds(i / 3)))]);
        var seen = new List<string>();
        string? cursor = null;
        do
        {
            var page = await _api.GetAsync($"/api/v1/incidents?limit=4{(cursor is null ? "" : $"&cursor={cursor}")}");
            seen.AddRange(page.GetProperty("incidents").EnumerateArray().Select(i => i.GetProperty("id").GetString()!));
            cursor = page.GetProperty("next").GetString();
        }
        while (cursor is not null && seen.Count <= 25);

        Assert.Equal(25, seen.Count);
        Assert.Equal(25, seen.Distinct().Count());
    }

    [Fact]
    public async Task Filters_reach_the_store()
    {
        var dns = IncidentSamples.DnsAmplification("dns");
        _api.Store.Save([dns, dns with { Id = "scan", Kind = IncidentKind.Scan, Severity = Severity.Low, State = IncidentState.Ended }]);

        Assert.Equal(["dns"], await Ids("kind=ddos"));
        Assert.Equal(["scan"], await Ids("state=ended"));
        Assert.Equal(["dns"], await Ids("severity=medium"));
        Assert.Equal(["dns", "scan"], await Ids("target=192.0.2.0/24"));
        Assert.Empty(await Ids("target=203.0.113.1"));
    }

    [Theory]
    [InlineData("kind=nonsense", "kind", "must be one of ddos")]
    [InlineData("state=dead", "state", "must be one of open")]
    [InlineData("severity=x", "severity", "must be one of info")]
    [InlineData("target=192.0.2.1/24", "target", "must be an address")]
    [InlineData("limit=501", "limit", "from 1 to 500")]
    [InlineData("limit=0", "limit", "from 1 to 500")]
    [InlineData("limit=ten", "limit", "from 1 to 500")]
    [InlineData("cursor=!!", "cursor", "is not a cursor")]
    [InlineData("cursor=AAAA", "cursor", "is not a cursor")]
    [InlineData("sevrity=high", "sevrity", "no such parameter")]
    public async Task A_wrong_parameter_is_named_with_its_reason(string query, string field, string reason)
    {
        var (status, problem) = await _api.FailAsync($"/api/v1/incidents?{query}");

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains(reason, problem.GetProperty("errors").GetProperty(field)[0].GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_mistake_is_reported_at_once()
    {
        var (_, problem) = await _api.FailAsync("/api/v1/incidents?kind=a&state=b&limit=c");

        Assert.Equal(["kind", "limit", "state"], problem.GetProperty("errors").EnumerateObject().Select(e => e.Name).Order());
    }

    [Theory]
    [InlineData("/api/v1/incidents/none")]
    [InlineData("/api/v1/incidents/none/evidence.pcap")]
    [InlineData("/api/v1/incidents/none/evidence.jsonl")]
    [InlineData("/api/v1/nonsense")]
    public async Task What_is_not_there_is_a_problem_404(string path) => Assert.Equal(HttpStatusCode.NotFound, (await _api.FailAsync(path)).Status);

    [Fact]
    public async Task Packets_come_as_a_capture_file()
    {
        _api.Store.Save([IncidentSamples.DnsAmplification()]);

        using var response = await _api.SendAsync("/api/v1/incidents/ddos-1/evidence.pcap");

        Assert.Equal("application/vnd.tcpdump.pcap", response.Content.Headers.ContentType?.MediaType);
        Assert.Equal("ddos-1.pcap", response.Content.Headers.ContentDisposition?.FileName);
        Assert.Equal(24 + 16 + 5, (await response.Content.ReadAsByteArrayAsync()).Length);
    }

    [Fact]
    public async Task Flows_come_one_a_line()
    {
        _api.Store.Save([IncidentSamples.DnsAmplification()]);

        var lines = (await _api.Client.GetStringAsync(new Uri("/api/v1/incidents/ddos-1/evidence.jsonl", UriKind.Relative))).TrimEnd('\n').Split('\n');

        Assert.Equal(2, lines.Length);
        Assert.All(lines, l => Assert.StartsWith("{\"start\":", l, StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_incident_without_packets_has_no_capture_file()
    {
        _api.Store.Save([IncidentSamples.DnsAmplification() with { Evidence = Evidence.Empty }]);

        var (status, problem) = await _api.FailAsync("/api/v1/incidents/ddos-1/evidence.pcap");

        Assert.Equal(HttpStatusCode.NotFound, status);
        Assert.Contains("evidence.jsonl", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_store_that_is_down_is_a_problem_503_and_tells_no_path()
    {
        _api.Store.Broken = "/secret/path is full";

        var (status, problem) = await _api.FailAsync("/api/v1/incidents");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
        Assert.DoesNotContain("secret", problem.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Writing_is_refused()
    {
        using var response = await _api.Client.PostAsync(new Uri("/api/v1/incidents", UriKind.Relative), new StringContent("{}"));

        Assert.Equal(HttpStatusCode.MethodNotAllowed, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
    }

    private async Task<string[]> Ids(string query) =>
        [.. (await _api.GetAsync($"/api/v1/incidents?{query}")).GetProperty("incidents").EnumerateArray().Select(i => i.GetProperty("id").GetString()!).Order()];
}
