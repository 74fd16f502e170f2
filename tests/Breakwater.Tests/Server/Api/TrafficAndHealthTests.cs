using System.Net;
using Breakwater.Core.Flows;
using Breakwater.Tests.Core.Incidents;
using Breakwater.Tests.Engine.Storage;

namespace Breakwater.Tests.Server.Api;

public sealed class TrafficAndHealthTests : IAsyncLifetime
{
    private ApiHost _api = null!;

    public async Task InitializeAsync() => _api = await ApiHost.StartAsync();

    public async Task DisposeAsync() => await _api.DisposeAsync();

    [Fact]
    public async Task Live_traffic_is_the_newest_snapshot()
    {
        _api.Live.Publish(ApiHost.Snapshot());

        var live = await _api.GetAsync("/api/v1/traffic/live");

        Assert.Equal("2025-06-15T15:06:40.000000Z", live.GetProperty("time").GetString());
        Assert.Equal(8_000_000, live.GetProperty("in").GetProperty("bitsPerSecond").GetDouble());
        Assert.Equal(3, live.GetProperty("inByClass").GetProperty("udp").GetProperty("packetsPerSecond").GetDouble());
        Assert.Equal("192.0.2.7", live.GetProperty("topHosts")[0].GetProperty("host").GetString());
    }

    [Fact]
    public async Task Traffic_comes_as_series_by_group_direction_and_class()
    {
        _api.Store.Save([Minute(0, true), Minute(1, true), Minute(0, false)]);

        var traffic = await _api.GetAsync("/api/v1/traffic?from=2025-06-15T15:00:00Z&to=2025-06-15T16:00:00Z&step=60&group=default");

        Assert.Equal(60, traffic.GetProperty("step").GetInt32());
        Assert.Equal(
            [("in", "udp", 2), ("out", "udp", 1)],
            traffic.GetProperty("series").EnumerateArray().Select(s =>
                (s.GetProperty("direction").GetString()!, s.GetProperty("class").GetString()!, s.GetProperty("points").GetArrayLength())));
    }

    [Theory]
    [InlineData("from=yesterday", "from")]
    [InlineData("from=2025-06-15T16:00:00Z&to=2025-06-15T15:00:00Z", "from")]
    [InlineData("step=90", "step")]
    [InlineData("step=1", "step")]
    [InlineData("from=2020-06-15T16:00:00Z&to=2025-06-15T15:00:00Z&step=60", "step")]
    public async Task A_wrong_parameter_is_named(string query, string field)
    {
        var (status, problem) = await _api.FailAsync($"/api/v1/traffic?{query}");

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.True(problem.GetProperty("errors").TryGetProperty(field, out _));
    }

    [Fact]
    public async Task A_long_span_gets_a_step_that_keeps_it_small()
    {
        var traffic = await _api.GetAsync("/api/v1/traffic?from=2025-01-01T00:00:00Z&to=2025-03-31T00:00:00Z");

        Assert.Equal(25_680, traffic.GetProperty("step").GetInt32());
    }

    [Fact]
    public async Task Exporters_show_unknown_sampling()
    {
        _api.Store.Save([SqliteStoreTests.Exporter("192.0.2.1", IncidentSamples.Noon) with { Sampling = "unknown", SamplingRates = [] }]);

        var exporter = (await _api.GetAsync("/api/v1/exporters")).GetProperty("exporters")[0];

        Assert.Equal("unknown", exporter.GetProperty("sampling").GetString());
    }

    [Fact]
    public async Task Readiness_says_what_is_missing()
    {
        Assert.Equal("ready", (await _api.GetAsync("/health/ready")).GetProperty("status").GetString());
        _api.Readiness.Reason = "port 2055 is taken";

        using var response = await _api.SendAsync("/health/ready");
        var health = await ApiHost.JsonOf(response);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal("port 2055 is taken", health.GetProperty("checks")[0].GetProperty("reason").GetString());
    }

    [Fact]
    public async Task Strangers_hear_that_it_is_not_ready_and_not_why()
    {
        _api.Readiness.Reason = "port 2055 is taken";

        using var response = await _api.SendAsync("/health/ready", header: ("X-Forwarded-For", "203.0.113.1"));

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.DoesNotContain("2055", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    private static TrafficRollup Minute(int minute, bool inbound) =>
        new(Timestamp.FromUnixSeconds(1_749_999_960 + minute * 60), "default", inbound, TrafficClass.Udp, 10, 1000, 3, 2);
}
