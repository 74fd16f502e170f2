using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Breakwater.Core.Sharing;
using Breakwater.Engine.Sharing;
using Breakwater.Protocols.Stix;
using Breakwater.Server.Api;
using Breakwater.Tests.Core.Sharing;
using Breakwater.Tests.Engine.Sharing;
using Breakwater.Tests.Engine.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace Breakwater.Tests.Server.Api;

public sealed class TaxiiEndpointsTests : IAsyncLifetime
{
    private const string Collection = "/taxii2/breakwater/collections/incidents/";

    private readonly TempFolder _folder = new();
    private readonly (string Token, string Sha256) _partner = ApiToken.Generate();
    private readonly (string Token, string Sha256) _friend = ApiToken.Generate();
    private readonly SharingDesk _desk;
    private ApiHost _api = null!;

    public TaxiiEndpointsTests() => _desk = new SharingDesk(
        new SharingOptions { Enabled = true, Organisation = "Example Networks", Contact = "soc@example.net", Recipients = { ["friend"] = Tlp.Amber } }, SharedSamples.Home, _folder.Path, TimeProvider.System);

    public async Task InitializeAsync() => _api = await ApiHost.StartAsync(
        options => options.Tokens = [new ApiToken { Name = "partner", Role = ApiRole.Partner, Sha256 = _partner.Sha256 }, new ApiToken { Name = "friend", Role = ApiRole.Partner, Sha256 = _friend.Sha256 }],
        services: s => s.AddSingleton(_desk));

    public async Task DisposeAsync()
    {
        await _api.DisposeAsync();
        _desk.Dispose();
        _folder.Dispose();
    }

    private async Task<(HttpResponseMessage Response, JsonElement Body)> Ask(string path, string? token = null, string? accept = "application/taxii+json;version=2.1", HttpMethod? method = null, string? basic = null)
    {
        using var request = new HttpRequestMessage(method ?? HttpMethod.Get, new Uri(path, UriKind.Relative));
        if (accept is not null) request.Headers.TryAddWithoutValidation("Accept", accept);
        if (token is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        if (basic is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(basic)));
        var response = await _api.Client.SendAsync(request);
        Assert.Equal("application/taxii+json; version=2.1", response.Content.Headers.ContentType?.ToString());
        return (response, await ApiHost.JsonOf(response));
    }

    [Fact]
    public async Task Leads_from_discovery_to_the_objects_of_the_collection()
    {
        _desk.Publish(SharedSamples.Reflection());

        var discovery = (await Ask("/taxii2/")).Body;
        var root = discovery.GetProperty("default").GetString()!;
        Assert.Contains(root, discovery.GetProperty("api_roots").EnumerateArray().Select(r => r.GetString()));
        Assert.Equal("application/taxii+json;version=2.1", (await Ask(root)).Body.GetProperty("versions")[0].GetString());
        var collection = Assert.Single((await Ask($"{root}collections/")).Body.GetProperty("collections").EnumerateArray());
        Assert.Equal((true, false), (collection.GetProperty("can_read").GetBoolean(), collection.GetProperty("can_write").GetBoolean()));
        var path = $"{root}collections/{collection.GetProperty("id").GetString()}/";
        Assert.Equal("incidents", (await Ask(path)).Body.GetProperty("alias").GetString());
        var (response, envelope) = await Ask($"{path}objects/");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Contains(envelope.GetProperty("objects").EnumerateArray(), o => o.GetProperty("type").GetString() == "sighting");
        Assert.False(envelope.TryGetProperty("more", out _));
        var manifest = (await Ask($"{path}manifest/")).Body.GetProperty("objects");
        Assert.Equal(manifest[0].GetProperty("date_added").GetString(), response.Headers.GetValues("X-TAXII-Date-Added-First").Single());
        Assert.Equal(manifest.EnumerateArray().Last().GetProperty("date_added").GetString(), response.Headers.GetValues("X-TAXII-Date-Added-Last").Single());
        Assert.Equal(envelope.GetProperty("objects").GetArrayLength(), manifest.GetArrayLength());
    }

    [Fact]
    public async Task Filters_by_type_identifier_and_version()
    {
        _desk.Publish(SharedSamples.Reflection());
        _desk.Reverse("ddos-1");

        var indicators = (await Ask($"{Collection}objects/?match[type]=indicator")).Body.GetProperty("objects");
        Assert.All(indicators.EnumerateArray(), o => Assert.True(o.GetProperty("revoked").GetBoolean()));
        var id = indicators[0].GetProperty("id").GetString();
        Assert.Equal(id, Assert.Single((await Ask($"{Collection}objects/?match[id]={id}")).Body.GetProperty("objects").EnumerateArray()).GetProperty("id").GetString());
        Assert.Equal(2, (await Ask($"{Collection}objects/{id}/?match[version]=all")).Body.GetProperty("objects").GetArrayLength());
        Assert.Equal(2, (await Ask($"{Collection}objects/{id}/versions/")).Body.GetProperty("versions").GetArrayLength());
        var first = (await Ask($"{Collection}objects/{id}/?match[version]=first")).Body.GetProperty("objects")[0];
        Assert.False(first.TryGetProperty("revoked", out _));
        Assert.Single((await Ask($"{Collection}objects/?match[id]={id}&match[version]={first.GetProperty("modified").GetString()}")).Body.GetProperty("objects").EnumerateArray());
        Assert.Empty((await Ask($"{Collection}objects/?match[spec_version]=2.0")).Body.EnumerateObject());
    }

    [Theory]
    [InlineData("/taxii2/breakwater/collections/none/objects/", HttpStatusCode.NotFound)]
    [InlineData("/taxii2/elsewhere/", HttpStatusCode.NotFound)]
    [InlineData("/taxii2/breakwater/status/2d086da7-4bdc-4f91-900e-d77486753710/", HttpStatusCode.NotFound)]
    [InlineData(Collection + "objects/indicator--3600ad1b-fff1-4c98-bcc9-4de3bc2e2ffb/", HttpStatusCode.NotFound)]
    [InlineData(Collection + "objects/indicator--3600ad1b-fff1-4c98-bcc9-4de3bc2e2ffb/versions/", HttpStatusCode.NotFound)]
    [InlineData(Collection + "objects/?limit=0", HttpStatusCode.BadRequest)]
    [InlineData(Collection + "objects/?next=';DROP", HttpStatusCode.BadRequest)]
    [InlineData(Collection + "manifest/?added_after=never", HttpStatusCode.BadRequest)]
    public async Task Says_in_TAXII_what_is_wrong(string path, HttpStatusCode status)
    {
        var (response, error) = await Ask(path);

        Assert.Equal(status, response.StatusCode);
        Assert.Equal(((int)status).ToString(CultureInfo.InvariantCulture), error.GetProperty("http_status").GetString());
        Assert.NotEmpty(error.GetProperty("title").GetString()!);
    }

    [Fact]
    public async Task Takes_nothing_from_others_and_speaks_no_other_version()
    {
        Assert.Equal(HttpStatusCode.Forbidden, (await Ask($"{Collection}objects/", method: HttpMethod.Post)).Response.StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await Ask($"{Collection}objects/indicator--3600ad1b-fff1-4c98-bcc9-4de3bc2e2ffb/", method: HttpMethod.Delete)).Response.StatusCode);
        Assert.Equal(HttpStatusCode.NotAcceptable, (await Ask("/taxii2/", accept: "application/taxii+json;version=2.0")).Response.StatusCode);
    }

    [Fact]
    public async Task A_partner_sees_by_token_or_password_what_it_is_cleared_for_and_nothing_else_of_the_service()
    {
        _desk.Publish(SharedSamples.Reflection());

        var (wrong, _) = await Ask("/taxii2/", basic: "anybody:wrong");
        Assert.Equal(HttpStatusCode.Unauthorized, wrong.StatusCode);
        Assert.Contains(wrong.Headers.WwwAuthenticate, h => h.Scheme == "Basic");
        var partner = (await Ask($"{Collection}objects/", basic: $"anybody:{_partner.Token}")).Body.GetProperty("objects");
        Assert.All(partner.EnumerateArray(), o => Assert.Contains(o.GetProperty("type").GetString(), (string[])["identity", "marking-definition"]));
        Assert.Contains((await Ask($"{Collection}objects/", token: _friend.Token)).Body.GetProperty("objects").EnumerateArray(), o => o.GetProperty("type").GetString() == "indicator");
        using var other = await _api.SendAsync("/api/v1/incidents", _partner.Token);
        Assert.Equal(HttpStatusCode.Forbidden, other.StatusCode);
        using var basic = new HttpRequestMessage(HttpMethod.Get, "/api/v1/incidents") { Headers = { Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"x:{_partner.Token}"))) } };
        Assert.Equal(HttpStatusCode.Unauthorized, (await _api.Client.SendAsync(basic)).StatusCode);
    }

    [Fact]
    public async Task A_client_that_pages_through_ten_thousand_objects_added_while_it_reads_misses_none_and_sees_none_twice()
    {
        const int count = 10_000, batch = 25;
        var written = new ConcurrentDictionary<string, string>();
        var writer = Task.Run(() =>
        {
            for (var i = 0; i < count; i += batch)
            {
                var objects = Enumerable.Range(i, batch).Select(n => SharedObjectsTests.Indicator($"object {n}")).ToArray();
                _desk.Objects.Add(StixId.Uuid5(SharedSamples.Space, BitConverter.GetBytes(i)), Tlp.Green, objects);
                foreach (var item in objects) written[(string)item["id"]!] = "";
            }
        });

        // One follows next, the other only the header, as a client of the manifest must.
        var seen = await Task.WhenAll(Follow("objects/", useNext: true), Follow("manifest/", useNext: false));
        await writer;

        foreach (var ids in seen)
        {
            Assert.Equal(count, ids.Count);
            Assert.Equal(written.Keys.Order(StringComparer.Ordinal), ids.Order(StringComparer.Ordinal));
        }

        async Task<List<string>> Follow(string resource, bool useNext)
        {
            var ids = new List<string>();
            var place = "";
            var patience = DateTime.UtcNow + TimeSpan.FromMinutes(3);
            while (DateTime.UtcNow < patience)
            {
                var wasDone = writer.IsCompleted;
                var (response, page) = await Ask($"{Collection}{resource}?limit=70{place}");
                var more = page.TryGetProperty("more", out var flag) && flag.GetBoolean();
                if (page.TryGetProperty("objects", out var objects))
                {
                    ids.AddRange(objects.EnumerateArray().Select(o => o.GetProperty("id").GetString()!));
                    var last = Uri.EscapeDataString(response.Headers.GetValues("X-TAXII-Date-Added-Last").Single());
                    place = useNext && more ? $"&next={page.GetProperty("next").GetString()}" : $"&added_after={last}";
                }
                if (more) continue;
                if (wasDone) break;
                // Who asks without a breath keeps the writer from the processor.
                await Task.Delay(20);
            }
            return ids;
        }
    }
}
