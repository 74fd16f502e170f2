using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Breakwater.Core.Flows;
using Breakwater.Core.Net;
using Breakwater.Engine.Detection;
using Breakwater.Engine.Health;
using Breakwater.Engine.Storage;
using Breakwater.Server.Api;
using Breakwater.Tests.Core.Incidents;
using Breakwater.Tests.Engine.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Breakwater.Tests.Server.Api;

/// <summary>The API over fakes, on a real port of loopback.</summary>
internal sealed class ApiHost : IAsyncDisposable
{
    private readonly WebApplication _app;

    private ApiHost(WebApplication app, MemoryStore store, LiveState live, FakeReadiness readiness)
    {
        _app = app;
        Store = store;
        Live = live;
        Readiness = readiness;
        Address = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
        Client = new HttpClient { BaseAddress = Address };
    }

    public MemoryStore Store { get; }
    public LiveState Live { get; }
    public FakeReadiness Readiness { get; }
    public Uri Address { get; }
    public HttpClient Client { get; }

    public static async Task<ApiHost> StartAsync(Action<ApiOptions>? configure = null, TimeProvider? time = null, Action<IServiceCollection>? services = null)
    {
        var options = new ApiOptions { Listen = new IPEndPoint(IPAddress.Loopback, 0) };
        configure?.Invoke(options);
        var store = new MemoryStore();
        var live = new LiveState();
        var readiness = new FakeReadiness();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton<IStore>(store);
        builder.Services.AddSingleton(live);
        builder.Services.AddSingleton<IReadinessCheck>(readiness);
        services?.Invoke(builder.Services);
        if (time is not null) builder.Services.AddSingleton(time);
        var app = builder.AddBreakwaterApi(options).Build().MapBreakwaterApi();
        await app.StartAsync();
        return new ApiHost(app, store, live, readiness);
    }

    public async Task<JsonElement> GetAsync(string path)
    {
        using var response = await Client.GetAsync(new Uri(path, UriKind.Relative));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return await JsonOf(response);
    }

    public async Task<(HttpStatusCode Status, JsonElement Problem)> FailAsync(string path, string? token = null, string? host = null)
    {
        using var response = await SendAsync(path, token, host);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        var problem = await JsonOf(response);
        Assert.Equal((int)response.StatusCode, problem.GetProperty("status").GetInt32());
        return (response.StatusCode, problem);
    }

    public async Task<HttpResponseMessage> SendAsync(string path, string? token = null, string? host = null, (string Name, string Value)? header = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(path, UriKind.Relative));
        if (token is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        if (host is not null) request.Headers.Host = host;
        if (header is { } extra) request.Headers.Add(extra.Name, extra.Value);
        return await Client.SendAsync(request);
    }

    public static async Task<JsonElement> JsonOf(HttpResponseMessage response)
    {
        using var json = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync());
        return json.RootElement.Clone();
    }

    public static TrafficSnapshot Snapshot(int second = 0) => TrafficSnapshot.Empty with
    {
        Time = IncidentSamples.Noon + TimeSpan.FromSeconds(second),
        In = new Rates(1000, 8_000_000, 50),
        InByClass = [.. TrafficClassNames.All.Select(c => new Rates((int)c, (int)c * 8000.0, 1))],
        TopHosts = [new HostRates(IpAddr.Parse("192.0.2.7"), "servers", new Rates(900, 7_000_000, 40), default)],
        Hosts = 12,
    };

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.DisposeAsync();
    }
}

internal sealed class FakeReadiness : IReadinessCheck
{
    public string Name => "receivers";
    public string? Reason { get; set; }
    public string? WhyNotReady() => Reason;
}
