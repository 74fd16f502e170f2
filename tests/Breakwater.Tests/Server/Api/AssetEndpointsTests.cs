using System.Net;
using System.Text.Json;
using Breakwater.Core.Behaviour;
using Breakwater.Core.Behaviour.Payload;
using Breakwater.Core.Net;
using Breakwater.Engine.Detection;
using Breakwater.Tests.Core.Incidents;
using Microsoft.Extensions.DependencyInjection;

namespace Breakwater.Tests.Server.Api;

public class AssetEndpointsTests : IAsyncLifetime
{
    private ApiHost _api = null!;

    public async Task InitializeAsync() => _api = await ApiHost.StartAsync(services: s => s.AddSingleton<IAssetSource>(new FakeAssets()));

    public async Task DisposeAsync() => await _api.DisposeAsync();

    [Fact]
    public async Task Shows_what_hosts_said_page_by_page()
    {
        var page = await _api.GetAsync("/api/v1/assets?limit=2");
        Assert.Equal(["192.0.2.1", "192.0.2.2"], Hosts(page));
        var fact = page.GetProperty("assets")[0].GetProperty("facts")[0];
        Assert.Equal(("dhcp-name", "kettle"), (fact.GetProperty("kind").GetString(), fact.GetProperty("value").GetString()));

        var last = await _api.GetAsync($"/api/v1/assets?limit=2&cursor={page.GetProperty("next").GetString()}");
        Assert.Equal(["192.0.2.3"], Hosts(last));
        Assert.Equal(JsonValueKind.Null, last.GetProperty("next").ValueKind);
    }

    [Fact]
    public async Task Finds_one_host() => Assert.Equal(["192.0.2.2"], Hosts(await _api.GetAsync("/api/v1/assets?host=192.0.2.2")));

    [Theory]
    [InlineData("host=everywhere"), InlineData("limit=0"), InlineData("cursor=x"), InlineData("what=1")]
    public async Task Refuses_what_it_does_not_understand(string query) =>
        Assert.Equal(HttpStatusCode.BadRequest, (await _api.FailAsync("/api/v1/assets?" + query)).Status);

    private static string[] Hosts(JsonElement page) => [.. page.GetProperty("assets").EnumerateArray().Select(a => a.GetProperty("host").GetString()!)];

    private sealed class FakeAssets : IAssetSource
    {
        private static readonly Asset[] All = [.. Enumerable.Range(1, 3).Select(i => new Asset(IpAddr.Parse($"192.0.2.{i}"), [new AssetFact(FactKind.DhcpName, "kettle", IncidentSamples.Noon, IncidentSamples.Noon)]))];

        public IReadOnlyList<Asset> FindAssets(Prefix? within, IpAddr? after, int limit) =>
            [.. All.Where(a => (within is not { } prefix || prefix.Contains(a.Host)) && (after is not { } last || a.Host.CompareTo(last) > 0)).Take(limit)];
    }
}
