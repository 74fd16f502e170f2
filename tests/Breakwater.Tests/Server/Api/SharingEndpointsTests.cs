using System.Net;
using Breakwater.Core.Incidents;
using Breakwater.Core.Sharing;
using Breakwater.Engine.Sharing;
using Breakwater.Protocols.Taxii;
using Breakwater.Server.Api;
using Breakwater.Tests.Core.Sharing;
using Breakwater.Tests.Engine.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace Breakwater.Tests.Server.Api;

public sealed class SharingEndpointsTests : IAsyncLifetime
{
    private readonly TempFolder _folder = new();
    private readonly SharingOptions _options = new() { Organisation = "Example Networks", Contact = "soc@example.net" };
    private readonly (string Token, string Sha256) _operator = ApiToken.Generate();
    private readonly SharingDesk _desk;
    private ApiHost _api = null!;

    public SharingEndpointsTests() => _desk = new SharingDesk(_options, SharedSamples.Home, _folder.Path, TimeProvider.System);

    public async Task InitializeAsync()
    {
        _api = await ApiHost.StartAsync(o => o.Tokens = [new ApiToken { Name = "anna", Role = ApiRole.Operator, Sha256 = _operator.Sha256 }], services: s => s.AddSingleton(_desk));
        _api.Store.Save([SharedSamples.Reflection()]);
    }

    public async Task DisposeAsync()
    {
        await _api.DisposeAsync();
        _desk.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Shows_what_others_would_read()
    {
        Assert.Equal("bundle", (await _api.GetAsync("/api/v1/incidents/ddos-1/shared")).GetProperty("type").GetString());
        Assert.Equal(2, (await _api.GetAsync("/api/v1/incidents/ddos-1/shared?format=xarf")).GetArrayLength());
        Assert.Equal("Anonymous", (await _api.GetAsync("/api/v1/incidents/ddos-1/shared?format=ddosdb")).GetProperty("target").GetString());
        Assert.Equal("ddos", (await _api.GetAsync("/api/v1/incidents/ddos-1/shared?format=misp")).GetProperty("Event").GetProperty("Object")[0].GetProperty("name").GetString());
    }

    [Fact]
    public async Task Lists_what_was_told_by_incident_and_what_was_taken_back()
    {
        Assert.Equal(0, (await _api.GetAsync("/api/v1/sharing")).GetProperty("told").GetArrayLength());
        Assert.Empty(Directory.GetFiles(_folder.Path));
        _desk.Publish(SharedSamples.Reflection());
        _desk.Publish(SharedSamples.Reflection("ddos-forgotten"));
        _desk.Reverse("ddos-1");

        var sharing = await _api.GetAsync("/api/v1/sharing");

        Assert.Equal((false, "TLP:AMBER", _desk.Objects.Count), (sharing.GetProperty("enabled").GetBoolean(), sharing.GetProperty("tlp").GetString(), sharing.GetProperty("objects").GetInt64()));
        var told = sharing.GetProperty("told").EnumerateArray().Select(t => (t.GetProperty("incident").GetString(), t.GetProperty("reference").GetGuid(), t.GetProperty("revoked").GetBoolean()));
        Assert.Equal([("ddos-1", _desk.ReferenceOf("ddos-1"), true), (null, _desk.ReferenceOf("ddos-forgotten"), false)], told);
        Assert.True(sharing.GetProperty("told")[0].GetProperty("objects").GetInt64() > 1);
    }

    [Fact]
    public async Task Says_why_nothing_may_be_told()
    {
        _options.MinSeverity = Severity.Critical;
        _desk.TakeUpOptions();

        var (status, problem) = await _api.FailAsync("/api/v1/incidents/ddos-1/shared");

        Assert.Equal(HttpStatusCode.Conflict, status);
        Assert.Contains("sharing.min_severity", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await _api.FailAsync("/api/v1/incidents/none/shared")).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await _api.FailAsync("/api/v1/incidents/ddos-1/shared?format=fax")).Status);
    }

    [Fact]
    public async Task An_operator_takes_back_what_was_wrong()
    {
        _desk.Publish(SharedSamples.Reflection());
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/incidents/ddos-1/reverse?why=a%20backup") { Headers = { Authorization = new("Bearer", _operator.Token) } };

        using var answer = await _api.Client.SendAsync(request);

        Assert.True((await ApiHost.JsonOf(answer)).GetProperty("revoked").GetInt32() > 0);
        _desk.Publish(SharedSamples.Reflection());
        Assert.All(_desk.Objects.Find(new TaxiiQuery { Types = ["indicator"] }, 100, Tlp.Red).Objects, o => Assert.Contains("\"revoked\":true", System.Text.Encoding.UTF8.GetString(o.Document), StringComparison.Ordinal));
    }

    [Fact]
    public void An_incident_that_proves_to_be_part_of_another_is_taken_back_by_itself()
    {
        _desk.Publish(SharedSamples.Reflection());

        Assert.Equal(0, _desk.Publish(SharedSamples.Reflection() with { Severity = Severity.Low }));
        Assert.True(_desk.Publish(SharedSamples.Reflection() with { State = IncidentState.Ended, Severity = Severity.Info }) > 0);
    }
}
