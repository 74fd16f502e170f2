using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Breakwater.Core.Flows;
using Breakwater.Core.Incidents;
using Breakwater.Core.Mitigations;
using Breakwater.Core.Net;
using Breakwater.Engine.Mitigations;
using Breakwater.Protocols.Dots;
using Breakwater.Server.Api;
using Breakwater.Server.Cli;
using Breakwater.Server.Configuration;
using Breakwater.Server.Hosting;
using Breakwater.SystemTests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Breakwater.SystemTests.Mitigations.Rails;

/// <summary>
/// The program's service as <c>breakwater serve</c> builds it of a file, and everything by which somebody can want something of it: the file at SIGHUP, the
/// HTTP API, the command line, DOTS, and what feeds ask. It runs in the test's process, for feeds have no socket of their own.
/// </summary>
internal sealed class FiveDoors : IAsyncDisposable
{
    /// <summary>Everything is automatic, so that nothing but the rails holds anything back.</summary>
    private const string Mitigation = """
        host_groups:
          web: {prefixes: [198.51.100.0/25]}
          watched: {prefixes: [198.51.100.128/25], modes: {rate_limit: observe, drop: observe, divert: observe, blackhole: observe} }
        mitigation:
          modes: {rate_limit: automatic, drop: automatic, divert: automatic, blackhole: automatic}
          rails: { never_touch: [192.0.2.53/32, "2001:db8:0:1::/64"], control_ports: [22], max_ttl: 1h, hold_down: 5m, min_sampled_packets: 100, two_person_collateral: 0.1, max_concurrent: 5, max_per_host_group: 3, max_new_per_minute: 40, max_address_share: 0.004, max_traffic_share: 0.2}
          divert_targets: {scrubber: {next_hop: 192.0.2.200} }

        """;

    private const string OpenIncident = "good", DoubtfulIncident = "doubtful", Key = "a very good key";

    private readonly TemporaryFolder _folder = new();
    private readonly int _api = FreePort.Tcp(), _dots = FreePort.Udp(), _flows = FreePort.Udp();
    private readonly ReceivedLog _log = new();
    private readonly string _yaml;
    private readonly HttpClient _http;
    private WebApplication? _service;
    private uint _mid;

    private FiveDoors()
    {
        var (token, hash) = ApiToken.Generate();
        var key = _folder.Write("key.psk", Key);
        string Client(string name, string action, string prefixes) => $"      {name}: {{psk_identity: {name}, psk_file: {key}, action: {action}, prefixes: [{prefixes}]}}\n";
        const string own = "192.0.2.0/24, 198.51.100.0/24, \"2001:db8::/44\"";
        _yaml = $"home: [{own}]\nflows: {{ listen: [\"127.0.0.1:{_flows}\"] }}\ncapture: {{ enabled: false }}\n"
            + $"api: {{ listen: \"127.0.0.1:{_api}\", tokens: [{{name: anna, role: operator, sha256: {hash}}}] }}\nstorage: {{ path: \"{_folder.File("data")}\" }}\n"
            + Mitigation + $"  bgp: {{as: 64500, router_id: 203.0.113.1, peers: {{nobody: {{address: 127.0.0.9, port: {FreePort.Tcp()}, as: 64501}} }} }}\n"
            + $"dots:\n  server:\n    listen: [\"127.0.0.1:{_dots}\"]\n    limits: {{terminating_period: 0s}}\n    clients:\n"
            + Client("dropper", "drop", own) + Client("diverter", "divert", own) + Client("blackholer", "blackhole", own) + Client("stranger", "drop", "203.0.113.0/24");
        // The command line takes its token from there.
        Environment.SetEnvironmentVariable("BREAKWATER_TOKEN", token);
        _http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{_api}") };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
    }

    private MitigationService Book => _service!.Services.GetRequiredService<MitigationService>();

    public static async Task<FiveDoors> Open()
    {
        var doors = new FiveDoors();
        try
        {
            await doors.Start();
            return doors;
        }
        catch
        {
            await doors.DisposeAsync();
            throw;
        }
    }

    /// <summary>Has the file read again with replacements, each from the text as it was.</summary>
    /// <returns>What the service said about it.</returns>
    public async Task<string> Reload(IEnumerable<(string From, string To)> replacements)
    {
        var yaml = _yaml;
        foreach (var (from, to) in replacements)
        {
            Assert.Contains(from, yaml, StringComparison.Ordinal);
            yaml = yaml.Replace(from, to, StringComparison.Ordinal);
        }
        _log.Clear();
        _folder.Write("breakwater.yaml", yaml);
        await Command.Run(["kill", "-HUP", Environment.ProcessId.ToString()]);
        // Each answer is told in one go: it is complete when nothing has come for a moment.
        await Poll.Until("the file is read again", async () =>
        {
            var before = _log.Text;
            await Task.Delay(300);
            return before.Length > 0 && before == _log.Text;
        });
        return _log.Text;
    }

    public async Task<(int Status, JsonElement Answer)> Api(HttpMethod method, string path, string? body = null)
    {
        using var request = new HttpRequestMessage(method, "/api/v1/mitigations" + path);
        if (body is not null) request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        using var answer = await _http.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        if (text.Length == 0) return ((int)answer.StatusCode, default);
        using var document = JsonDocument.Parse(text);
        return ((int)answer.StatusCode, document.RootElement.Clone());
    }

    public async Task<(int Exit, string Said)> Cli(string arguments)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var exit = await BreakwaterCommand.RunAsync(["mitigations", .. arguments.Split(' '), "--url", _http.BaseAddress!.ToString()], output, error);
        return (exit, output.ToString() + error);
    }

    /// <summary>Asks as a DOTS client over TLS, under a mid of its own.</summary>
    /// <param name="scope">The one scope of the request, as JSON without lifetime, or a whole body.</param>
    /// <returns>What the client shows, and what withdraws it.</returns>
    public async Task<(string Said, Func<Task> Withdraw)> Dots(string client, string scope, int lifetime = 600) =>
        await Dots(client, DotsBody.Write(JsonNode.Parse($$$"""{"ietf-dots-signal-channel:mitigation-scope": {"scope": [{ {{{scope}}}, "lifetime": {{{lifetime}}} }]}}""")!.AsObject()));

    public async Task<(string Said, Func<Task> Withdraw)> Dots(string client, byte[] body)
    {
        var file = _folder.File("body");
        await File.WriteAllBytesAsync(file, body);
        var path = $"coaps+tcp://127.0.0.1:{_dots}/.well-known/dots/mitigate/cuid={client}/mid={++_mid}";
        string[] Coap(params string[] method) => ["coap-client-openssl", "-v", "6", "-B", "10", "-u", client, "-k", Key, .. method, path];
        using var put = Command.Start(Coap("-m", "put", "-t", "271", "-f", file));
        await put.WaitForExit(TimeSpan.FromSeconds(20));
        return (put.Output, () => Command.Run(Coap("-m", "delete")));
    }

    /// <summary>A feed asks: whatever pulls or receives one comes in here.</summary>
    /// <param name="incident">What it says that it is about; null for none.</param>
    public Task<Mitigation> Feed(TrafficMatch match, MitigationAction action, string? incident = OpenIncident, TimeSpan? lifetime = null, string? divertTo = null, Prefix[]? prefixes = null) =>
        Book.RequestAsync(new MitigationRequest(MitigationOrigin.Feed, "a list", match, action, lifetime ?? TimeSpan.FromMinutes(5), "it says so")
        {
            IncidentId = incident,
            DivertTo = divertTo,
            RequesterPrefixes = prefixes,
        });

    public Task<Mitigation> DoubtfulFeed(TrafficMatch match, MitigationAction action) => Feed(match, action, DoubtfulIncident);

    /// <summary>The newest of what a requester wanted; null when there is none.</summary>
    public Mitigation? Newest(string requester) => Book.All().FirstOrDefault(m => m.Requester == requester && !m.IsOver);

    public IReadOnlyList<Mitigation> InForce => [.. Book.All().Where(m => m.IsWanted)];

    /// <summary>Types drops, or blackholes, for one host after the other until a rail says that it is enough.</summary>
    /// <param name="keep">False to withdraw each at once.</param>
    public async Task TypeUntilHeldBackBy(string rail, Func<int, string> host, string action = "drop", bool keep = true)
    {
        var what = action == "drop" ? ", \"protocols\": [17], \"sourcePorts\": [19]" : "";
        for (var number = 1; number < 100; number++)
        {
            var (_, answer) = await Api(HttpMethod.Post, "", $$"""{"match": {"destination": "{{host(number)}}"{{what}}}, "action": "{{action}}"}""");
            if (answer.GetProperty("refusedBy").GetString() is { } by)
            {
                Assert.Equal(rail, by);
                return;
            }
            if (!keep) await Api(HttpMethod.Post, $"/{answer.GetProperty("id").GetString()}/withdraw");
        }
        Assert.Fail($"{rail} lets everything pass");
    }

    /// <summary>Ordinary traffic to one host until the service takes it for usual.</summary>
    public async Task GetUsedToTraffic(string host)
    {
        using var router = new NetFlow5Sender($"127.0.0.1:{_flows}");
        await Poll.Until($"the traffic to {host} is usual", async () =>
        {
            for (var client = 1; client <= 5; client++) router.Add($"203.0.113.{client}", host, protocol: 6, sourcePort: 50_000 + client, destinationPort: 443, packets: 10, bytes: 10_000);
            router.Flush();
            var (_, verdict) = await Api(HttpMethod.Post, "/dry-run", $$"""{"match": {"destination": "{{host}}"}, "action": "blackhole"}""");
            return verdict.GetProperty("refusals").EnumerateArray().Any(r => r.GetProperty("rail").GetString() == "cap-traffic-share");
        });
    }

    /// <summary>Back to nothing in force, and no pause.</summary>
    public async Task Clear()
    {
        foreach (var mitigation in InForce) await Api(HttpMethod.Post, $"/{mitigation.Id}/withdraw?why=done");
        await Api(HttpMethod.Post, "/resume");
    }

    public async ValueTask DisposeAsync()
    {
        if (_service is not null)
        {
            await _service.StopAsync();
            await _service.DisposeAsync();
        }
        _http.Dispose();
        Environment.SetEnvironmentVariable("BREAKWATER_TOKEN", null);
        _folder.Dispose();
    }

    private async Task Start()
    {
        var file = _folder.Write("breakwater.yaml", _yaml);
        var read = ConfigurationFile.Load(file);
        Assert.True(read.IsGood, string.Join('\n', read.Problems));
        _service = BreakwaterHost.Build(read.Options, TrafficSource.Live, file);
        _service.Services.GetRequiredService<ILoggerFactory>().AddProvider(_log);
        await _service.StartAsync();
        Book.Publish(Attack(OpenIncident, 100_000));
        Book.Publish(Attack(DoubtfulIncident, 7));
    }

    private static Incident Attack(string id, long sampled)
    {
        var now = Timestamp.From(DateTimeOffset.UtcNow);
        return new Incident
        {
            Id = id,
            Kind = IncidentKind.Ddos,
            State = IncidentState.Open,
            Severity = Severity.High,
            Confidence = 1,
            Target = Prefix.Parse("192.0.2.7/32"),
            HostGroup = "default",
            Start = now,
            LastSeen = now,
            DetectedAt = now,
            SampledPackets = sampled,
            Explanation = "a test",
        };
    }

    /// <summary>What was said about the configuration.</summary>
    private sealed class ReceivedLog : ILoggerProvider, ILogger
    {
        private readonly ConcurrentQueue<string> _lines = new();

        public string Text => string.Join('\n', _lines);

        public void Clear() => _lines.Clear();

        public ILogger CreateLogger(string categoryName) => categoryName.EndsWith("ConfigurationReload", StringComparison.Ordinal) ? this : Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => _lines.Enqueue(formatter(state, exception));

        public void Dispose()
        {
        }
    }
}
