using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Breakwater.Core.Mitigations.Rails;
using Breakwater.Core.Net;
using Breakwater.Engine.Mitigations;
using Breakwater.Server.Api;
using Breakwater.Tests.Engine.Mitigations;
using Microsoft.Extensions.DependencyInjection;

namespace Breakwater.Tests.Server.Api;

public sealed class MitigationEndpointsTests : IAsyncLifetime
{
    private const string Dns = """{"destination": "192.0.2.9", "protocols": [17], "sourcePorts": [53]}""";

    private ServiceWorld _world = null!;
    private ApiHost _api = null!;

    public async Task InitializeAsync()
    {
        _world = await new ServiceWorld(new RailOptions { NeverTouch = [Prefix.Parse("192.0.2.53/32")], MaxAddressShare = 1 }).StartAsync();
        _api = await ApiHost.StartAsync(
            o => o.Tokens = [Token("anna", ApiRole.Operator), Token("ben", ApiRole.Operator), Token("vera", ApiRole.Viewer)],
            services: s => s.AddSingleton(_world.Service).AddSingleton(new MitigationOptions()));
    }

    public async Task DisposeAsync()
    {
        await _api.DisposeAsync();
        await _world.DisposeAsync();
    }

    [Fact]
    public async Task An_operator_types_lists_edits_and_withdraws()
    {
        var (status, typed) = await Send("POST", "", $$"""{"match": {{Dns}}, "action": "drop", "lifetimeSeconds": 60, "reason": "test"}""");
        Assert.Equal((HttpStatusCode.Created, "approved", "anna"), (status, typed.GetProperty("state").GetString(), typed.GetProperty("requester").GetString()));
        var id = typed.GetProperty("id").GetString();
        await ServiceWorld.Until(() => _world.Mitigator.Held.Count == 1);

        var list = await _api.SendAsync("/api/v1/mitigations?limit=1", "vera");
        Assert.Equal(id, (await ApiHost.JsonOf(list)).GetProperty("mitigations")[0].GetProperty("id").GetString());

        (status, var edited) = await Send("PATCH", "/" + id, $$"""{"match": {{Dns}}, "action": "rate-limit", "rateBitsPerSecond": 1000000}""", "ben");
        Assert.Equal((HttpStatusCode.OK, "rate-limit"), (status, edited.GetProperty("action").GetString()));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await Send("PATCH", "/" + id, """{"match": {"destination": "203.0.113.1", "protocols": [17]}, "action": "drop"}""")).Status);

        (status, var withdrawn) = await Send("POST", $"/{id}/withdraw?why=over", null);
        Assert.Equal((HttpStatusCode.OK, "withdrawn", "anna: over"), (status, withdrawn.GetProperty("state").GetString(), withdrawn.GetProperty("outcome").GetString()));
        await ServiceWorld.Until(() => _world.Mitigator.Held.Count == 0);
        Assert.Equal(HttpStatusCode.Conflict, (await Send("POST", $"/{id}/withdraw", null)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await Send("POST", "/m-nothing/approve", null)).Status);
    }

    [Theory]
    [InlineData("owned-prefixes", """{"match": {"destination": "203.0.113.1", "protocols": [17]}, "action": "drop"}""")]
    [InlineData("owned-prefixes", """{"match": {"destination": "0.0.0.0/0", "protocols": [17]}, "action": "drop"}""")]
    [InlineData("rule-sanity", """{"match": {"protocols": [17]}, "action": "drop"}""")]
    [InlineData("rule-sanity", """{"match": {"destination": "192.0.2.9", "protocols": [17], "packetLengths": [{"from": 99971, "to": 99985}]}, "action": "drop"}""")]
    [InlineData("rule-sanity", """{"match": {"destination": "192.0.2.9"}, "action": "drop"}""")]
    [InlineData("max-width", """{"match": {"destination": "198.51.100.0/23", "protocols": [17]}, "action": "drop"}""")]
    [InlineData("never-touch", """{"match": {"destination": "192.0.2.53", "protocols": [17]}, "action": "drop"}""")]
    [InlineData("never-touch", """{"match": {"destination": "192.0.2.48/28", "protocols": [17]}, "action": "drop"}""")]
    [InlineData("control-plane", """{"match": {"destination": "192.0.2.9", "protocols": [6], "destinationPorts": [179]}, "action": "drop"}""")]
    [InlineData("control-plane", """{"match": {"destination": "192.0.2.9", "protocols": [6]}, "action": "drop"}""")]
    [InlineData("source-blackhole", """{"match": {"destination": "192.0.2.9", "source": "203.0.113.1"}, "action": "blackhole"}""")]
    [InlineData("divert-target", """{"match": {"destination": "192.0.2.9"}, "action": "divert", "divertTo": "elsewhere"}""")]
    [InlineData("ttl", """{"match": {"destination": "192.0.2.9", "protocols": [17]}, "action": "drop", "lifetimeSeconds": 86400}""")]
    public async Task A_rail_refuses_by_its_name_and_nothing_reaches_the_mitigators(string rail, string request)
    {
        var (status, answer) = await Send("POST", "", request);
        Assert.Equal((HttpStatusCode.UnprocessableEntity, "refused", rail), (status, answer.GetProperty("state").GetString(), answer.GetProperty("refusedBy").GetString()));
        (status, answer) = await Send("POST", "/dry-run", request);
        Assert.Contains(rail, answer.GetProperty("refusals").EnumerateArray().Select(r => r.GetProperty("rail").GetString()));
        Assert.Empty(_world.Mitigator.Held);
    }

    [Fact]
    public async Task A_wide_blackhole_begins_with_the_second_person()
    {
        var (_, typed) = await Send("POST", "", """{"match": {"destination": "192.0.2.0/28"}, "action": "blackhole"}""");
        Assert.Equal(("proposed", "two-person"), (typed.GetProperty("state").GetString(), typed.GetProperty("refusedBy").GetString()));
        var (_, second) = await Send("POST", $"/{typed.GetProperty("id").GetString()}/approve", null, "ben");
        Assert.Equal("approved", second.GetProperty("state").GetString());
    }

    [Fact]
    public async Task Withdraw_all_works_with_the_store_down()
    {
        await Send("POST", "", $$"""{"match": {{Dns}}, "action": "drop"}""");
        _api.Store.Broken = "disk gone";
        var (status, answer) = await Send("POST", "/withdraw-all?why=drill", null);
        Assert.Equal((HttpStatusCode.OK, 1), (status, answer.GetProperty("withdrawn").GetInt32()));
        var list = await ApiHost.JsonOf(await _api.SendAsync("/api/v1/mitigations", "vera"));
        Assert.Equal(("anna", 1), (list.GetProperty("pausedBy").GetString(), list.GetProperty("mitigations").GetArrayLength()));
        await Send("POST", "/resume", null);
        Assert.Null(_world.Service.PausedBy);
    }

    [Theory]
    [InlineData("POST", "")]
    [InlineData("POST", "/dry-run")]
    [InlineData("POST", "/withdraw-all")]
    [InlineData("POST", "/resume")]
    [InlineData("POST", "/m-1/approve")]
    [InlineData("POST", "/m-1/reject")]
    [InlineData("POST", "/m-1/withdraw")]
    [InlineData("PATCH", "/m-1")]
    public async Task A_viewer_changes_nothing(string method, string path)
    {
        Assert.Equal(HttpStatusCode.Forbidden, (await Send(method, path, "{}", "vera")).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await Send(method, path, "{}", null)).Status);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("""{"match": {}, "action": "smash"}""")]
    [InlineData("""{"match": {"destinaton": "192.0.2.9"}, "action": "drop"}""")]
    [InlineData("""{"match": {"destination": "192.0.2.9/24"}, "action": "drop"}""")]
    [InlineData("""{"match": {"destination": 5}, "action": "drop"}""")]
    [InlineData("""{"match": {"protocols": [256]}, "action": "drop"}""")]
    [InlineData("""{"match": {"sourcePorts": [{"from": "a"}]}, "action": "drop"}""")]
    [InlineData("""{"match": {"sourcePorts": {"from": 1, "to": 2}}, "action": "drop"}""")]
    [InlineData("""{"match": {"tcpFlags": {"value": 300, "mask": 1}}, "action": "drop"}""")]
    [InlineData("""{"match": {"fragment": "yes"}, "action": "drop"}""")]
    [InlineData("""{"match": {}, "action": "drop", "lifetimeSeconds": "long"}""")]
    [InlineData("""{"match": {}, "action": "drop", "ttl": 5}""")]
    public async Task What_is_not_understood_is_a_problem_that_names_it(string request)
    {
        var (status, problem) = await Send("POST", "", request);
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.False(string.IsNullOrEmpty(problem.GetProperty("detail").GetString()));
    }

    private async Task<(HttpStatusCode Status, JsonElement Answer)> Send(string method, string path, string? body, string? token = "anna")
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri("/api/v1/mitigations" + path, UriKind.Relative));
        if (token is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        if (body is not null) request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await _api.Client.SendAsync(request);
        return (response.StatusCode, response.StatusCode == HttpStatusCode.NoContent ? default : await ApiHost.JsonOf(response));
    }

    private static ApiToken Token(string name, ApiRole role) => new() { Name = name, Role = role, Sha256 = Convert.ToHexString(ApiToken.Hash(name)) };
}
