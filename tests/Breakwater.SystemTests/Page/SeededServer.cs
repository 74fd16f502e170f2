using System.Net;
using Breakwater.Core.Behaviour;
using Breakwater.Core.Cases;
using Breakwater.Core.Detection;
using Breakwater.Core.Flows;
using Breakwater.Core.Incidents;
using Breakwater.Core.Mitigations;
using Breakwater.Core.Net;
using Breakwater.Core.Sharing;
using Breakwater.Engine.Cases;
using Breakwater.Engine.Detection;
using Breakwater.Engine.Sharing;
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

    public const string CaseId = "c20260101000000-00000042";

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
        builder.Services.AddSingleton(new HomeNetwork([Prefix.Parse("192.0.2.0/24")], []));
        builder.Services.AddSingleton(new Surroundings());
        builder.Services.AddSharing(new SharingOptions { Enabled = !empty, Organisation = "Example Networks" }, folder.Path, publishes: false);
        folder.Write("list", "203.0.113.7\n");
        builder.Services.AddFeeds(empty ? new FeedsOptions() : new FeedsOptions { Sources = { ["list"] = new FeedOptions { Format = "plain-list", File = Path.Combine(folder.Path, "list") } } }, folder.Path);
        builder.Services.AddCases(new CaseOptions(), folder.Path);
        var app = builder.AddBreakwaterApi(new ApiOptions { Listen = new IPEndPoint(IPAddress.Loopback, 0), AllowLoopbackViewer = !needsToken }).Build().MapBreakwaterApi();
        if (!empty) Fill(app.Services);
        await app.StartAsync();
        return new SeededServer(folder, app);
    }

    private static void Fill(IServiceProvider services)
    {
        var store = services.GetRequiredService<IStore>();
        var now = Timestamp.From(DateTimeOffset.UtcNow);
        var attack = Attack("ddos-1", now - TimeSpan.FromSeconds(90), "192.0.2.7", IncidentState.Open, Severity.Critical, ["dns-amplification", "fragment-flood"], 9.3e9);
        var bot = Bot(now);
        services.GetRequiredService<SharingDesk>().Publish(attack);
        services.GetRequiredService<CaseStore>().Save([CaseOf(bot, now)], []);
        store.Save(
        [
            attack,
            bot,
            Attack("ddos-2", now - TimeSpan.FromHours(3), "192.0.2.0/24", IncidentState.Ended, Severity.High, ["syn-flood"], 4.1e8),
            Attack("ddos-3", now - TimeSpan.FromDays(2), "2001:db8:10::443", IncidentState.Ended, Severity.Medium, ["ntp-amplification"], 6.5e7) with { Explanation = Hostile, HostGroup = Hostile },
        ]);
        store.Save(
        [
            new ExporterRecord("198.51.100.1", "ipfix", now - TimeSpan.FromDays(9), now, 120_000, 3_000_000, 2310, 0, 0, 6, "announced", [1000], 0.02, []),
            new ExporterRecord("198.51.100.2", "netflow5", now - TimeSpan.FromDays(1), now - TimeSpan.FromMinutes(2), 9000, 200_000, 12, 41, 0, 0, "unknown", [], -31, [KeyValuePair.Create("Truncated", 3L)]),
        ]);
    }

    private static Incident Bot(Timestamp now)
    {
        var host = IpAddr.Parse("192.0.2.66");
        return new Incident
        {
            Id = "bot-1",
            Kind = IncidentKind.InfectedHost,
            State = IncidentState.Open,
            Severity = Severity.Medium,
            Confidence = 0.9,
            Host = host,
            Vectors = ["horizontal-scan"],
            Start = now - TimeSpan.FromHours(1),
            DetectedAt = now - TimeSpan.FromMinutes(50),
            LastSeen = now,
            Explanation = "192.0.2.66 behaves like an infected host: horizontal-scan.",
            Findings =
            [
                new Finding
                {
                    Detector = "scan", Kind = IncidentKind.InfectedHost, Target = new Prefix(host, 32), Vector = "horizontal-scan", From = now - TimeSpan.FromHours(1), To = now, Confidence = 0.8, Severity = Severity.Medium,
                    Because = "57 of 60 targets on port 23 did not answer", Counterfactual = "would not have been said below 20 failed targets", Inputs = [new("targets", 60), new("weight", 2.5), new("worksToSampling", 100)],
                },
            ],
            Evidence = new Evidence([new Flow { Source = host, SourcePort = 51234, Destination = IpAddr.Parse("203.0.113.7"), DestinationPort = 23, Protocol = 6, Packets = 3, Bytes = 180, Start = now, End = now }], [], 1),
        };
    }

    private static Case CaseOf(Incident bot, Timestamp now) => new()
    {
        Id = CaseId,
        Host = bot.Host!.Value,
        State = CaseState.Open,
        Opened = now,
        Since = now,
        LastSeen = bot.LastSeen,
        Confidence = bot.Confidence,
        Kinds = [bot.Kind],
        Incidents = [bot.Id],
        Traffic = [new CaseTraffic(now, bot.Kind, 6, 51234, IpAddr.Parse("203.0.113.7"), 23)],
        History = [new CaseEvent(now, "infected-host", "breakwater", bot.Id)],
    };

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
