using System.Net;
using System.Text;
using System.Text.Json;
using Breakwater.Core.Mitigations;
using Breakwater.Core.Mitigations.Rails;
using Breakwater.Core.Net;
using Breakwater.Engine.Mitigations;
using Breakwater.Server.Api;
using Breakwater.Tests.Engine.Mitigations;
using Microsoft.Extensions.DependencyInjection;

namespace Breakwater.Tests.Server.Api;

/// <summary>As a CrowdSec bouncer asks.</summary>
public sealed class BouncerEndpointsTests : IAsyncLifetime
{
    private ServiceWorld _world = null!;
    private ApiHost _api = null!;

    public async Task InitializeAsync()
    {
        _world = await new ServiceWorld(new RailOptions { SourceBlackholes = true, BlackholeFirst = true, MaxAddressShare = 1 }).StartAsync();
        _api = await ApiHost.StartAsync(
            o => o.Bouncers = [new ApiBouncer { Name = "edge", Sha256 = Convert.ToHexStringLower(ApiToken.Hash("k1")) }, new ApiBouncer { Name = "web", Sha256 = Convert.ToHexStringLower(ApiToken.Hash("k2")) }],
            services: s => s.AddSingleton(_world.Service).AddSingleton(new MitigationOptions()));
    }

    public async Task DisposeAsync()
    {
        await _api.DisposeAsync();
        await _world.DisposeAsync();
    }

    [Fact]
    public async Task Tells_each_bouncer_all_at_its_start_then_what_changed()
    {
        var mitigation = await BlackholeAsync();
        var (_, first) = await AskAsync("/v1/decisions/stream?startup=true", "k1");
        var decision = Assert.Single(first.GetProperty("new").EnumerateArray());
        Assert.Equal(("Ip", "203.0.113.1", "ban", "breakwater/blackhole"), (
            decision.GetProperty("scope").GetString(), decision.GetProperty("value").GetString(), decision.GetProperty("type").GetString(), decision.GetProperty("scenario").GetString()));
        Assert.Matches("^[0-9]+s$", decision.GetProperty("duration").GetString());

        var (_, second) = await AskAsync("/v1/decisions/stream", "k1");
        Assert.Equal((0, 0), (second.GetProperty("new").GetArrayLength(), second.GetProperty("deleted").GetArrayLength()));
        await _world.Service.WithdrawAsync(mitigation.Id, "anna", "over");
        var (_, third) = await AskAsync("/v1/decisions/stream", "k1");
        Assert.Equal(decision.GetProperty("id").GetInt64(), Assert.Single(third.GetProperty("deleted").EnumerateArray()).GetProperty("id").GetInt64());
        var (_, other) = await AskAsync("/v1/decisions/stream", "k2");
        Assert.Equal(0, other.GetProperty("deleted").GetArrayLength());
    }

    [Fact]
    public async Task Answers_for_one_address()
    {
        await BlackholeAsync();
        var (_, found) = await AskAsync("/v1/decisions?ip=203.0.113.1", "k1");
        Assert.Equal(1, found.GetArrayLength());
        foreach (var none in new[] { "ip=203.0.113.2", "ip=rubbish", "scopes=Range", "type=captcha", "range=203.0.113.0/24", "origins=lists" })
            Assert.Equal(JsonValueKind.Null, (await AskAsync("/v1/decisions?" + none, "k1")).Answer.ValueKind);
    }

    [Fact]
    public async Task Without_a_key_of_ours_nobody_learns_anything()
    {
        await BlackholeAsync();
        foreach (var key in new[] { null, "", "k3" })
        {
            var (status, answer) = await AskAsync("/v1/decisions", key);
            Assert.Equal((HttpStatusCode.Forbidden, "access forbidden"), (status, answer.GetProperty("message").GetString()));
        }
        for (var i = 0; i < 20; i++) await AskAsync("/v1/decisions", "guess");
        Assert.Equal(HttpStatusCode.TooManyRequests, (await AskAsync("/v1/decisions", "k1")).Status);
    }

    [Fact]
    public async Task Listens_to_what_newer_bouncers_report()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("/v1/usage-metrics", UriKind.Relative)) { Content = new StringContent("{}", Encoding.UTF8, "application/json") };
        request.Headers.Add("X-Api-Key", "k1");
        using var response = await _api.Client.SendAsync(request);
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
    }

    private async Task<Mitigation> BlackholeAsync()
    {
        var match = new TrafficMatch { Destination = Prefix.Parse("192.0.2.9/32"), Source = Prefix.Parse("203.0.113.1/32") };
        var mitigation = await _world.Service.RequestAsync(new MitigationRequest(MitigationOrigin.Operator, "anna", match, MitigationAction.Blackhole, TimeSpan.FromMinutes(5), "by hand"));
        Assert.True(mitigation.IsWanted, mitigation.Outcome);
        return mitigation;
    }

    private async Task<(HttpStatusCode Status, JsonElement Answer)> AskAsync(string path, string? key)
    {
        using var response = await _api.SendAsync(path, header: key is null ? null : ("X-Api-Key", key));
        return (response.StatusCode, await ApiHost.JsonOf(response));
    }
}
