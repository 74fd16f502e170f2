using Breakwater.Core.Flows;
using Breakwater.Core.Mitigations;
using Breakwater.Core.Mitigations.Rails;
using Breakwater.Core.Net;
using Breakwater.Engine.Mitigations;
using Breakwater.Engine.Mitigations.Bgp;
using Breakwater.SystemTests.Support;
using Microsoft.Extensions.Logging.Abstractions;

namespace Breakwater.SystemTests.Mitigations;

/// <summary>The speaker with the daemons that operators run, each in a network of its own.</summary>
public sealed class BgpPeersTests : IAsyncLifetime
{
    private static readonly Prefix[] Home = [Prefix.Parse("198.51.100.0/24"), Prefix.Parse("2001:db8:5::/48")];
    private static readonly Timestamp Now = Timestamp.From(DateTimeOffset.UtcNow);

    private static readonly IReadOnlyDictionary<string, Mitigation> Wanted = new Dictionary<string, Mitigation>
    {
        ["ntp"] = Typed("ntp", MitigationAction.Drop, new TrafficMatch { Destination = Prefix.Parse("198.51.100.7/32"), Protocols = [17], SourcePorts = [123], PacketLengths = [new ValueRange(400, 65535)] }),
        ["syn"] = Typed("syn", MitigationAction.RateLimit, new TrafficMatch { Destination = Prefix.Parse("198.51.100.8/32"), Protocols = [6], DestinationPorts = [80, 443], TcpFlags = 0x02, TcpFlagsMask = 0x12 }),
        ["fragments"] = Typed("fragments", MitigationAction.Drop, new TrafficMatch { Destination = Prefix.Parse("2001:db8:5::7/128"), Protocols = [17], Fragment = true }),
        ["hole4"] = Typed("hole4", MitigationAction.Blackhole, new TrafficMatch { Destination = Prefix.Parse("198.51.100.9/32") }),
        ["hole6"] = Typed("hole6", MitigationAction.Blackhole, new TrafficMatch { Destination = Prefix.Parse("2001:db8:5::9/128") }),
    };

    private readonly List<BgpRouter> _routers = [];
    private BgpMitigator? _speaker;

    [NeedsFact(Needs.Root, "ip", "gobgpd", "bird", "vtysh", "exabgp")]
    public async Task Four_routers_over_both_families_hold_what_is_announced_and_lose_it_when_it_is_withdrawn()
    {
        await Start(new GoBgp(), new Bird(), new Frr(), new ExaBgp());
        await Apply(Wanted.Values);
        foreach (var router in _routers) await Until(router, Wanted.Keys, []);
        await Poll.Until("every announcement is sent everywhere", () => Task.FromResult(_speaker!.Status.Count == 8 * Wanted.Count && _speaker.Status.All(s => s.State >= PlacementState.Sent && s.Problem is null)), describe: Standing);

        // One changes, one expires: the others stay.
        await Apply(Wanted.Values.Where(m => m.Id != "ntp").Select(m => m.Id == "hole4" ? m with { Match = new TrafficMatch { Destination = Prefix.Parse("198.51.100.10/32") } } : m));
        foreach (var router in _routers) await Until(router, ["syn", "fragments", "hole6"], ["ntp", "hole4"]);

        await _speaker!.WithdrawAllAsync(default);
        foreach (var router in _routers) await Until(router, [], Wanted.Keys);
        Assert.All(_speaker.Status, s => Assert.Fail($"{s} is left"));
    }

    [NeedsFact(Needs.Root, "ip", "vtysh", "bird")]
    public async Task Sessions_with_secret_and_ttl_security_stand_and_with_another_secret_they_do_not()
    {
        await Start(new Frr { Secret = "wave-and-wall", TtlSecurity = true }, new Bird { Secret = "wave-and-wall", TtlSecurity = true }, new Bird { Secret = "another" });
        await Apply(Wanted.Values);
        await Until(_routers[0], Wanted.Keys, []);
        await Until(_routers[1], Wanted.Keys, []);
        Assert.All(_speaker!.Status.Where(s => s.Place.Contains("peer2", StringComparison.Ordinal)), s => Assert.Equal(PlacementState.Pending, s.State));
    }

    [NeedsFact(Needs.Root, "ip", "bird")]
    public async Task What_is_announced_dies_with_us_or_outlives_us_as_we_chose_and_the_next_start_reconciles()
    {
        await Start(TimeSpan.FromSeconds(60), new Bird());
        await Apply(Wanted.Values);
        await Until(_routers[0], Wanted.Keys, []);

        // Connections that just end, as when a process is killed.
        await _speaker!.DisposeAsync();
        await Task.Delay(TimeSpan.FromSeconds(2));
        await Until(_routers[0], Wanted.Keys, []);
        await Connect(TimeSpan.FromSeconds(60), Wanted.Values.Where(m => m.Id == "syn"));
        await Until(_routers[0], ["syn"], ["ntp", "hole4", "hole6", "fragments"]);

        await _speaker.DisposeAsync();
        await Connect(TimeSpan.Zero, Wanted.Values);
        await Until(_routers[0], Wanted.Keys, []);
        await _speaker.DisposeAsync();
        await Until(_routers[0], [], Wanted.Keys);
    }

    [NeedsFact(Needs.Root, "ip", "gobgpd")]
    public async Task An_attack_becomes_a_rule_that_a_router_holds_until_everything_is_withdrawn()
    {
        var router = new GoBgp();
        _routers.Add(router);
        await router.Start();
        var settings = MitigatingService.Settings(_folder);
        var peer = $"  bgp: {{as: {BgpRouter.OurAs}, router_id: 203.0.113.1, peers: {{gobgp: {{address: {router.Network.There}, as: {router.As}}} }} }}";
        settings = settings with { More = System.Text.RegularExpressions.Regex.Replace(settings.More, "(?m)^  bgp:.*$", peer) };
        using var service = await Service.Start(settings with { Yaml = MitigatingService.WithTokens(settings) });
        using var exporter = new NetFlow5Sender(settings.Listen[0]);
        using var enough = new CancellationTokenSource();
        var attack = exporter.FloodWithDnsAnswers("192.0.2.10", TimeSpan.FromMinutes(2), enough.Token);

        await Poll.Until("the router holds a rule", async () => (await router.Rules()).Contains("[destination: 192.0.2.10/32][protocol: ==udp]", StringComparison.Ordinal), describe: () => service.Output);
        await Poll.Until("the rule counts as active", async () => (await service.InForce()).Any(m => m["state"] == "active"), describe: () => service.Output);
        await Poll.Until("the incident counts as mitigated", async () => (await service.Incidents()).Any(i => i.State == "mitigated"), describe: () => service.Output);
        await service.Send(HttpMethod.Post, "/withdraw-all?why=drill");
        await Poll.Until("the incident is open again", async () => (await service.Incidents()).Any(i => i.State == "open"), describe: () => service.Output);
        await Poll.Until("the router holds none", async () => !(await router.Rules()).Contains("192.0.2.10", StringComparison.Ordinal), describe: () => service.Output);
        await enough.CancelAsync();
        await attack;
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        if (_speaker is not null) await _speaker.DisposeAsync();
        foreach (var router in _routers) router.Dispose();
        _folder.Dispose();
    }

    private Task Start(params BgpRouter[] routers) => Start(TimeSpan.Zero, routers);

    private async Task Start(TimeSpan restart, params BgpRouter[] routers)
    {
        _routers.AddRange(routers);
        foreach (var router in routers) await router.Start();
        await Connect(restart, []);
    }

    /// <summary>A speaker as after a start of the service: told what is wanted before any session is up.</summary>
    private async Task Connect(TimeSpan restart, IEnumerable<Mitigation> wanted)
    {
        var options = new BgpOptions { As = BgpRouter.OurAs, RouterId = IpAddr.Parse("198.18.0.1") };
        for (var i = 0; i < _routers.Count; i++)
        {
            foreach (var (address, family) in new[] { (_routers[i].Network.There, 4), (_routers[i].There6, 6) })
            {
                var peer = options.Peers[$"peer{i}-{family}"] = new BgpPeerOptions
                {
                    Address = IpAddr.Parse(address),
                    As = _routers[i].As,
                    NextHopV4 = IpAddr.Parse(_routers[i].Network.Here),
                    NextHopV6 = IpAddr.Parse(_routers[i].Here6),
                    GracefulRestart = restart,
                    TtlSecurityHops = _routers[i].TtlSecurity ? 1 : 0,
                };
                if (_routers.Any(r => r.Secret.Length > 0)) peer.Md5SecretFile = WriteSecret("wave-and-wall");
            }
        }
        _speaker = new BgpMitigator(options, TimeProvider.System, NullLogger<BgpMitigator>.Instance);
        await _speaker.StartAsync(default);
        await Apply(wanted);
    }

    private readonly TemporaryFolder _folder = new();

    private string WriteSecret(string secret) => _folder.Write("secret", secret + "\n");

    /// <summary>Through the guard rails, as everything must.</summary>
    private Task Apply(IEnumerable<Mitigation> mitigations)
    {
        var rails = new GuardRails(new RailOptions(), Home, [], []);
        var cleared = mitigations.Select(m => rails.TryClear(m, new RailContext { Now = Now, Mode = MitigationMode.Approve }, out var passed, out var refusal) ? passed : throw new InvalidOperationException(refusal.ToString()));
        return _speaker!.ApplyAsync([.. cleared], default);
    }

    private Task Until(BgpRouter router, IEnumerable<string> held, IEnumerable<string> gone) => router.Until(held, gone, Standing);

    private string Standing() => string.Join('\n', _speaker!.Status.Select(s => $"{s.Place}: {s.MitigationId} {s.State} {s.Problem}"));

    private static Mitigation Typed(string id, MitigationAction action, TrafficMatch match) => new()
    {
        Id = id,
        Origin = MitigationOrigin.Operator,
        Requester = "anna",
        Approvers = ["anna", "bert"],
        HostGroup = "default",
        Match = match,
        Action = action,
        RateBitsPerSecond = action == MitigationAction.RateLimit ? 10_000_000 : null,
        Created = Now,
        Since = Now,
        Expires = Now + TimeSpan.FromMinutes(10),
        Reason = "a test",
    };
}
