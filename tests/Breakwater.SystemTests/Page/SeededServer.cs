using System.Net;
using Breakwater.Core.Detection;
using Breakwater.Core.Flows;
using Breakwater.Core.Incidents;
using Breakwater.Core.Mitigations;
using Breakwater.Core.Net;
using Breakwater.Engine.Detection;
using Breakwater.Engine.Storage;
using Breakwater.Server.Api;
using Breakwater.SystemTests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Breakwater.SystemTests.Page;

/// <summary>The API and the page over a real store with made-up content. Live time runs sixteen times as fast, so that the chart fills soon.</summary>
internal sealed class SeededServer : IAsyncDisposable
{
    /// <summary>What an attacker would put into a record, if he could.</summary>
    public const string Hostile = "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>";

    private static readonly TimeSpan LiveStep = TimeSpan.FromMilliseconds(60);

    private readonly TemporaryFolder _folder;
    private readonly WebApplication _app;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _traffic;

    private SeededServer(TemporaryFolder folder, WebApplication app)
    {
        _folder = folder;
        _app = app;
        _traffic = PlayTraffic(app.Services.GetRequiredService<LiveState>());
    }

    public string Address => _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();

    public static async Task<SeededServer> StartAsync(bool empty = false, bool needsToken = false)
    {
        var folder = new TemporaryFolder();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddBreakwaterStorage(new StorageOptions { Path = folder.Path });
        var app = builder.AddBreakwaterApi(new ApiOptions { Listen = new IPEndPoint(IPAddress.Loopback, 0), AllowLoopbackViewer = !needsToken }).Build().MapBreakwaterApi();
        if (!empty) Fill(app.Services.GetRequiredService<IStore>());
        await app.StartAsync();
        return new SeededServer(folder, app);
    }

    private static void Fill(IStore store)
    {
        var now = Timestamp.From(DateTimeOffset.UtcNow);
        store.Save(
        [
            Attack("ddos-1", now - TimeSpan.FromSeconds(90), "192.0.2.7", IncidentState.Open, Severity.Critical, ["dns-amplification", "fragment-flood"], 9.3e9),
            Attack("ddos-2", now - TimeSpan.FromHours(3), "192.0.2.0/24", IncidentState.Ended, Severity.High, ["syn-flood"], 4.1e8),
            Attack("ddos-3", now - TimeSpan.FromDays(2), "2001:db8:10::443", IncidentState.Ended, Severity.Medium, ["ntp-amplification"], 6.5e7) with { Explanation = Hostile, HostGroup = Hostile },
        ]);
        store.Save(
        [
            new ExporterRecord("198.51.100.1", "ipfix", now - TimeSpan.FromDays(9), now, 120_000, 3_000_000, 2310, 0, 0, 6, "announced", [1000], 0.02, []),
            new ExporterRecord("198.51.100.2", "netflow5", now - TimeSpan.FromDays(1), now - TimeSpan.FromMinutes(2), 9000, 200_000, 12, 41, 0, 0, "unknown", [], -31, [KeyValuePair.Create("Truncated", 3L)]),
        ]);
    }

    private static Incident Attack(string id, Timestamp start, string target, IncidentState state, Severity severity, string[] vectors, double bits) => new()
    {
        Id = id,
        Kind = IncidentKind.Ddos,
        State = state,
        Severity = severity,
        Confidence = 0.97,
        Target = Prefix.Parse(target),
        HostGroup = "servers",
        Sources = [.. Enumerable.Range(1, 60).Select(i => IpAddr.Parse($"203.0.113.{i}"))],
        SourceCount = 2312,
        SourceCountError = 0.016,
        SourcePrefixes = [new SourcePrefix(Prefix.Parse("203.0.113.0/24"), 0.61), new SourcePrefix(Prefix.Parse("198.51.100.0/25"), 0.22)],
        Vectors = vectors,
        Start = start,
        DetectedAt = start + TimeSpan.FromMilliseconds(300),
        LastSeen = start + TimeSpan.FromSeconds(80),
        End = state == IncidentState.Ended ? start + TimeSpan.FromSeconds(80) : null,
        PeakBitsPerSecond = bits,
        PeakPacketsPerSecond = bits / 9000,
        Packets = 40_000_000,
        Bytes = 45_000_000_000,
        SampledPackets = 40_000,
        RelativeError = 0.0098,
        Explanation = $"About 2,300 servers sent answers that {target} never asked for: up to {bits / 1e9:0.0} Gbit/s in large packets from one source port.",
        Findings =
        [
            new Finding
            {
                Detector = "reflection", Kind = IncidentKind.Ddos, Target = Prefix.Parse(target), Vector = vectors[0], From = start, To = start + TimeSpan.FromSeconds(5),
                PacketsPerSecond = bits / 9000, BitsPerSecond = bits, Share = 0.98, SampledPackets = 4000, Confidence = 0.97, Severity = severity,
                Because = "UDP from source port 53: 1,033,000/s > 5,000/s for 3 of 5 s, 2,300 sources", Counterfactual = "would not have fired below 5,000 packets/s",
            },
        ],
        Evidence = new Evidence([default, default], [new EvidencePacket(start, new byte[60], 1400)], 1),
        Mitigations =
        [
            new ProposedMitigation(new TrafficMatch { Destination = Prefix.Parse(target), Protocols = [17], SourcePorts = [53], PacketLengths = [new ValueRange(1000, 1500)] }, MitigationAction.Drop, 0.982, 0.004),
            new ProposedMitigation(new TrafficMatch { Destination = Prefix.Parse(target), Protocols = [17] }, MitigationAction.RateLimit, 0.999, null) { RateBitsPerSecond = 5e7 },
        ],
    };

    private async Task PlayTraffic(LiveState live)
    {
        var random = new Random(1);
        var start = Timestamp.From(DateTimeOffset.UtcNow) - TimeSpan.FromMinutes(10);
        for (var second = 0; !_stop.IsCancellationRequested; second++)
        {
            live.Publish(Snapshot(start + TimeSpan.FromSeconds(second), second, random));
            await Task.Delay(LiveStep).ConfigureAwait(false);
        }
    }

    private static TrafficSnapshot Snapshot(Timestamp time, int second, Random random)
    {
        double[] ordinary = [300, 280, 9000, 4000, 60, 20, 40];
        var attack = second % 120 > 70 ? 60_000 : 0;
        var byClass = ordinary.Select((level, i) => level * (0.8 + random.NextDouble() * 0.4) + (i == (int)TrafficClass.Udp ? attack : 0))
            .Select(rate => new Rates(rate, rate * 6400, rate / 20)).ToArray();
        var inbound = new Rates(byClass.Sum(r => r.PacketsPerSecond), byClass.Sum(r => r.BitsPerSecond), byClass.Sum(r => r.FlowsPerSecond));
        return TrafficSnapshot.Empty with
        {
            Time = time,
            In = inbound,
            Out = new Rates(9000, 7.1e7, 400),
            InByClass = byClass,
            OutByClass = byClass,
            Hosts = 254,
            OpenIncidents = 1,
            TopHosts = [.. Enumerable.Range(1, 5).Select(i => new HostRates(IpAddr.Parse($"192.0.2.{i * 7}"), "servers", new Rates(9000.0 / i, 6e7 / i, 10), new Rates(4000.0 / i, 9e6 / i, 5)))],
        };
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _traffic;
        await _app.DisposeAsync();
        _stop.Dispose();
        _folder.Dispose();
    }
}
