using System.Net;
using Breakwater.Core.Cases;
using Breakwater.Core.Net;
using Breakwater.Core.Sharing;
using Breakwater.Engine.Cases;
using Breakwater.Engine.Detection;
using Breakwater.Server.Api;
using Breakwater.Tests.Core.Cases;
using Breakwater.Tests.Core.Sharing;
using Breakwater.Tests.Engine.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Breakwater.Tests.Server.Api;

public sealed class CaseEndpointsTests : IAsyncLifetime
{
    private readonly TempFolder _folder = new();
    private readonly LiveState _live = new();
    private readonly KnownBadBoard _board = new();
    private readonly (string Token, string Sha256) _operator = ApiToken.Generate();
    private readonly CaseStore _store;
    private readonly CaseService _service;
    private ApiHost _api = null!;

    public CaseEndpointsTests()
    {
        _store = new CaseStore(_folder.File("sharing.db"));
        _service = new CaseService(new CaseOptions(), SharedSamples.Home, _store, _live, TimeProvider.System, NullLogger<CaseService>.Instance);
    }

    public async Task InitializeAsync()
    {
        await _service.StartAsync(CancellationToken.None);
        _api = await ApiHost.StartAsync(
            o => o.Tokens = [new ApiToken { Name = "anna", Role = ApiRole.Operator, Sha256 = _operator.Sha256 }], services: s => s.AddSingleton(_service).AddSingleton(_board));
        _live.Publish(CaseBookTests.Bot(0));
        _service.TakeWhatWaits();
    }

    public async Task DisposeAsync()
    {
        await _api.DisposeAsync();
        await _service.StopAsync(CancellationToken.None);
        _service.Dispose();
        _store.Dispose();
        _folder.Dispose();
    }

    private async Task<HttpResponseMessage> Step(string id, string step, string? token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/api/v1/cases/{id}/{step}?why=because");
        if (token is not null) request.Headers.Authorization = new("Bearer", token);
        return await _api.Client.SendAsync(request);
    }

    [Fact]
    public async Task An_operator_moves_a_case_and_the_walled_garden_follows()
    {
        var id = (await _api.GetAsync("/api/v1/cases?state=open")).GetProperty("cases")[0].GetProperty("id").GetString()!;

        Assert.Equal(HttpStatusCode.Forbidden, (await Step(id, "wall", null)).StatusCode);
        Assert.Equal("", await _api.Client.GetStringAsync("/api/v1/cases/walled-garden"));
        Assert.Equal("walled", (await ApiHost.JsonOf(await Step(id, "wall", _operator.Token))).GetProperty("state").GetString());
        Assert.Equal("192.0.2.66\n", await _api.Client.GetStringAsync("/api/v1/cases/walled-garden"));
        Assert.Equal(HttpStatusCode.Conflict, (await Step(id, "wall", _operator.Token)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await Step("none", "wall", _operator.Token)).StatusCode);
        Assert.Equal(["notify", "release", "claim", "close"], (await _api.GetAsync($"/api/v1/cases/{id}")).GetProperty("steps").EnumerateArray().Select(s => s.GetString()!));
        Assert.Equal("anna", (await _api.GetAsync($"/api/v1/cases/{id}")).GetProperty("history")[1].GetProperty("who").GetString());
        Assert.Contains("your port 51234", await _api.Client.GetStringAsync($"/api/v1/cases/{id}/notice"), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.BadRequest, (await _api.FailAsync("/api/v1/cases?state=lost")).Status);
    }

    [Fact]
    public async Task Says_who_says_what_of_an_address_and_a_name()
    {
        _board.Current = new KnownBad(
            [new FeedContent("list", 0.5, Breakwater.Core.Flows.Timestamp.From(DateTimeOffset.UtcNow.AddDays(1)), [FeedEntry.Of(Prefix.Parse("198.51.100.0/24")), FeedEntry.Of(Prefix.Parse("192.0.2.18"), FeedCategory.Bot), new FeedEntry(null, "bad.example", 0, FeedCategory.Malware, null, null, 1)])],
            SharedSamples.Home, []);

        Assert.Equal(0.5, (await _api.GetAsync("/api/v1/feeds/known/198.51.100.9")).GetProperty("score").GetDouble());
        Assert.Equal("malware", (await _api.GetAsync("/api/v1/feeds/known/www.Bad.example")).GetProperty("claims")[0].GetProperty("category").GetString());
        Assert.Equal(0, (await _api.GetAsync("/api/v1/feeds/known/203.0.113.1")).GetProperty("score").GetDouble());
        Assert.Equal("192.0.2.18", (await _api.GetAsync("/api/v1/feeds/ours")).GetProperty("complaints")[0].GetProperty("what").GetString());
        Assert.Equal(HttpStatusCode.BadRequest, (await _api.FailAsync("/api/v1/feeds/known/nonsense")).Status);
    }
}
