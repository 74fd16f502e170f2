using System.Text.Json;
using Breakwater.Core.Flows;
using Breakwater.Tests.Core.Incidents;
using Breakwater.Tests.Core.Mitigations;
using Breakwater.Tests.Engine.Storage;

namespace Breakwater.Tests.Server.Api;

public sealed class OpenApiTests : IAsyncLifetime
{
    private ApiHost _api = null!;

    public async Task InitializeAsync() => _api = await ApiHost.StartAsync();

    public async Task DisposeAsync() => await _api.DisposeAsync();

    [Fact]
    public async Task Every_route_is_described()
    {
        var paths = (await _api.GetAsync("/openapi/v1.json")).GetProperty("paths");

        Assert.Equal(
            ["/api/v1/assets", "/api/v1/cases", "/api/v1/cases/walled-garden", "/api/v1/cases/{id}", "/api/v1/cases/{id}/claim", "/api/v1/cases/{id}/close", "/api/v1/cases/{id}/notice",
             "/api/v1/cases/{id}/notify", "/api/v1/cases/{id}/release", "/api/v1/cases/{id}/wall", "/api/v1/events", "/api/v1/exporters", "/api/v1/feeds", "/api/v1/feeds/known/{what}", "/api/v1/feeds/ours", "/api/v1/health", "/api/v1/incidents", "/api/v1/incidents/{id}", "/api/v1/incidents/{id}/evidence.jsonl",
             "/api/v1/incidents/{id}/evidence.pcap", "/api/v1/incidents/{id}/reverse", "/api/v1/incidents/{id}/shared", "/api/v1/mitigations", "/api/v1/mitigations/dry-run", "/api/v1/mitigations/resume",
             "/api/v1/mitigations/withdraw-all", "/api/v1/mitigations/{id}", "/api/v1/mitigations/{id}/approve", "/api/v1/mitigations/{id}/reject",
             "/api/v1/mitigations/{id}/withdraw", "/api/v1/rpki", "/api/v1/score", "/api/v1/sharing", "/api/v1/traffic", "/api/v1/traffic/live", "/health/live", "/health/ready", "/metrics"],
            paths.EnumerateObject().Select(p => p.Name).Order(StringComparer.Ordinal));
        foreach (var operation in paths.EnumerateObject().SelectMany(p => p.Value.EnumerateObject()))
            Assert.False(string.IsNullOrEmpty(operation.Value.GetProperty("summary").GetString()), operation.Name);
    }

    [Fact]
    public async Task Parameters_carry_descriptions_and_closed_lists()
    {
        var parameters = (await _api.GetAsync("/openapi/v1.json")).GetProperty("paths").GetProperty("/api/v1/incidents").GetProperty("get").GetProperty("parameters");

        Assert.All(parameters.EnumerateArray(), p => Assert.False(string.IsNullOrEmpty(p.GetProperty("description").GetString())));
        var kind = parameters.EnumerateArray().Single(p => p.GetProperty("name").GetString() == "kind");
        Assert.Contains("ddos", kind.GetProperty("schema").GetProperty("enum").EnumerateArray().Select(v => v.GetString()));
    }

    [Theory]
    [InlineData("/api/v1/incidents", "/api/v1/incidents")]
    [InlineData("/api/v1/incidents/ddos-1", "/api/v1/incidents/{id}")]
    [InlineData("/api/v1/assets", "/api/v1/assets")]
    [InlineData("/api/v1/exporters", "/api/v1/exporters")]
    [InlineData("/api/v1/traffic?from=2025-06-15T15:00:00Z&to=2025-06-15T16:00:00Z", "/api/v1/traffic")]
    [InlineData("/api/v1/traffic/live", "/api/v1/traffic/live")]
    [InlineData("/api/v1/health", "/api/v1/health")]
    [InlineData("/api/v1/rpki", "/api/v1/rpki")]
    [InlineData("/api/v1/score", "/api/v1/score")]
    [InlineData("/api/v1/feeds", "/api/v1/feeds")]
    [InlineData("/api/v1/sharing", "/api/v1/sharing")]
    [InlineData("/api/v1/feeds/known/192.0.2.1", "/api/v1/feeds/known/{what}")]
    [InlineData("/api/v1/mitigations", "/api/v1/mitigations")]
    [InlineData("/api/v1/mitigations/m2", "/api/v1/mitigations/{id}")]
    public async Task Answers_have_the_described_fields(string request, string path)
    {
        var incident = IncidentSamples.DnsAmplification();
        _api.Store.Save([incident]);
        _api.Store.Save([SqliteStoreTests.Exporter("192.0.2.1", IncidentSamples.Noon)]);
        _api.Store.Save([new TrafficRollup(IncidentSamples.Noon, "default", true, TrafficClass.Udp, 1, 2, 3, 4)]);
        _api.Store.Save([MitigationSamples.Typed]);
        _api.Live.Publish(ApiHost.Snapshot());
        var document = await _api.GetAsync("/openapi/v1.json");
        var schema = document.GetProperty("paths").GetProperty(path).GetProperty("get").GetProperty("responses").GetProperty("200")
            .GetProperty("content").GetProperty("application/json").GetProperty("schema");

        Compare(await _api.GetAsync(request), schema, document, request);
    }

    /// <summary>Every field of the answer is in the schema, and every required field of the schema in the answer.</summary>
    private static void Compare(JsonElement value, JsonElement schema, JsonElement document, string where)
    {
        if (schema.TryGetProperty("oneOf", out var choices)) schema = choices.EnumerateArray().Last();
        if (schema.TryGetProperty("$ref", out var reference))
            schema = document.GetProperty("components").GetProperty("schemas").GetProperty(reference.GetString()!.Split('/')[^1]);
        if (value.ValueKind == JsonValueKind.Array && value.GetArrayLength() > 0) Compare(value[0], schema.GetProperty("items"), document, where + "[0]");
        if (value.ValueKind != JsonValueKind.Object) return;
        if (schema.TryGetProperty("additionalProperties", out var values))
        {
            foreach (var field in value.EnumerateObject()) Compare(field.Value, values, document, $"{where}.{field.Name}");
            return;
        }
        var described = schema.GetProperty("properties");
        foreach (var field in value.EnumerateObject())
        {
            Assert.True(described.TryGetProperty(field.Name, out var inner), $"{where}.{field.Name} is not described");
            Compare(field.Value, inner, document, $"{where}.{field.Name}");
        }
        if (!schema.TryGetProperty("required", out var required)) return;
        foreach (var name in required.EnumerateArray()) Assert.True(value.TryGetProperty(name.GetString()!, out _), $"{where}.{name} is described and missing");
    }
}
