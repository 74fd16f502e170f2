using Breakwater.SystemTests.Support;

namespace Breakwater.SystemTests.Mitigations;

/// <summary>The program itself with four routers at once, over IPv4 and IPv6: what is announced goes when its time is up, with a word, and with us.</summary>
public sealed class BgpLifeTests : IDisposable
{
    private static readonly IReadOnlyDictionary<string, string> Typed = new Dictionary<string, string>
    {
        ["ntp"] = """ "match": {"destination": "198.51.100.7", "protocols": [17], "sourcePorts": [123], "packetLengths": [{"from": 400, "to": 65535}]}, "action": "drop" """,
        ["syn"] = """ "match": {"destination": "198.51.100.8", "protocols": [6], "destinationPorts": [80, 443], "tcpFlags": {"value": 2, "mask": 18}}, "action": "rate-limit", "rateBitsPerSecond": 10000000 """,
        ["fragments"] = """ "match": {"destination": "2001:db8:5::7", "protocols": [17], "fragment": true}, "action": "drop" """,
        ["hole4"] = """ "match": {"destination": "198.51.100.9"}, "action": "blackhole" """,
        ["hole6"] = """ "match": {"destination": "2001:db8:5::9"}, "action": "blackhole" """,
    };

    private readonly TemporaryFolder _folder = new();
    private readonly List<BgpRouter> _routers = [];
    private Service? _service;
    private ServiceSettings? _settings;

    [NeedsFact(Needs.Root, "ip", "gobgpd", "bird", "vtysh", "exabgp")]
    public async Task What_four_routers_hold_goes_on_expiry_on_withdraw_all_and_by_choice_on_our_death_and_a_restart_reconciles()
    {
        var (goBgp, bird, frr, exaBgp) = (new GoBgp(), new Bird(), new Frr(), new ExaBgp());
        BgpRouter[] all = [goBgp, bird, frr, exaBgp];
        await Start(all);
        await Serve(TimeSpan.FromSeconds(60));
        var ids = await TypeAll();
        await Hold(all, Typed.Keys, []);

        // One that nobody renews.
        await Send(HttpMethod.Patch, "/" + ids["ntp"], Typed["ntp"], 1);
        await Hold(all, ["syn", "fragments", "hole4", "hole6"], ["ntp"]);
        Assert.Equal("expired", (await _service!.Mitigations()).Single(m => m["id"] == ids["ntp"])["state"]);

        // Killed, while the time of another runs out. Who offered no graceful restart drops all; BIRD keeps all, and FRR the routes, for it keeps no rules.
        await Send(HttpMethod.Patch, "/" + ids["hole4"], Typed["hole4"], 5);
        _service!.Kill();
        await Hold([goBgp, exaBgp], [], Typed.Keys);
        await Hold([bird], ["syn", "fragments", "hole4", "hole6"], ["ntp"]);
        await Hold([frr], ["hole4", "hole6"], ["ntp", "syn", "fragments"]);
        await Task.Delay(TimeSpan.FromSeconds(5));

        // Back within the restart time: what is still wanted is announced once, the orphan goes.
        await Serve(TimeSpan.FromSeconds(3));
        await Hold(all, ["syn", "fragments", "hole6"], ["ntp", "hole4"]);
        await Poll.Until("all is active", async () => (await _service!.InForce()).Count(m => m["state"] == "active") == 3, describe: () => _service.Output);
        Assert.Equal(Enumerable.Repeat(1, 6), exaBgp.Announced());

        // Killed, and not back in time: nobody keeps anything.
        _service.Kill();
        await Hold(all, [], Typed.Keys);

        await Serve(TimeSpan.FromSeconds(60));
        await Hold(all, ["syn", "fragments", "hole6"], ["ntp", "hole4"]);
        await Command.Run(MitigatingService.Cli(_settings!, "withdraw-all", "--why", "drill"));
        await Hold(all, [], Typed.Keys);
    }

    [NeedsFact(Needs.Root, "ip", "gobgpd", "vtysh")]
    public async Task What_a_router_shows_over_bmp_counts_as_seen_there()
    {
        var port = FreePort.Tcp();
        await Start(new GoBgp { MonitorPort = port }, new Frr { MonitorPort = port });
        await Serve(TimeSpan.Zero, port);
        var ids = await TypeAll();
        // GoBGP tells of all families. FRR of unicast routes only.
        foreach (var (name, place, expected) in new[] { ("ntp", "gobgp4", "seen loc-rib"), ("fragments", "gobgp6", "seen loc-rib"), ("hole4", "frr4", "seen adj-rib-in-post-policy"), ("hole6", "frr6", "seen adj-rib-in-post-policy") })
            await Poll.Until($"{name} is {expected} at {place}", async () => await Standing(ids[name], place) == expected, TimeSpan.FromSeconds(60), () => _service!.Output);
        Assert.DoesNotContain("adj-rib-in", await Standing(ids["syn"], "frr4"));
        Assert.True(await _service!.Metric("breakwater_bgp_routes_seen", "frr4") >= 1);
        Assert.Contains("seen in loc-rib", await Command.Run(MitigatingService.Cli(_settings!, "show", ids["ntp"])));
        await _service.Send(HttpMethod.Post, "/withdraw-all?why=drill");
        await Poll.Until("nothing is seen any more", async () => await _service.Metric("breakwater_bgp_routes_seen") == 0, describe: () => _service.Output);
    }

    public void Dispose()
    {
        _service?.Dispose();
        foreach (var router in _routers) router.Dispose();
        _folder.Dispose();
    }

    private Task Start(params BgpRouter[] routers)
    {
        _routers.AddRange(routers);
        return Task.WhenAll(routers.Select(r => r.Start()));
    }

    /// <param name="restart">Restart time offered to BIRD and FRR; the others get none.</param>
    /// <param name="monitorPort">Where routers may tell what they hold; 0 for nowhere.</param>
    private async Task Serve(TimeSpan restart, int monitorPort = 0)
    {
        _service?.Dispose();
        var peers = _routers.SelectMany(r => new[] { (r, 4, r.Network.There), (r, 6, r.There6) }).Select(p =>
            $"      {p.r.Name.ToLowerInvariant()}{p.Item2}: {{address: \"{p.Item3}\", as: {p.r.As}, next_hop_v4: {p.r.Network.Here}, next_hop_v6: \"{p.r.Here6}\", bmp_address: {p.r.Network.There}{(p.r is Bird or Frr ? $", graceful_restart: {restart.TotalSeconds}s" : "")}}}");
        _settings = new ServiceSettings
        {
            Folder = _folder,
            Home = ["198.51.100.0/24", "2001:db8:5::/48"],
            More = $$"""
                mitigation:
                  modes: {rate_limit: approve, drop: approve, blackhole: approve}
                  bgp:
                    as: {{BgpRouter.OurAs}}
                    router_id: 203.0.113.1
                    bmp: {listen: [{{(monitorPort == 0 ? "" : $"\"0.0.0.0:{monitorPort}\"")}}]}
                    peers:
                {{string.Join('\n', peers)}}

                """,
        };
        _service = await Service.Start(_settings with { Yaml = MitigatingService.WithTokens(_settings) });
    }

    /// <returns>The identifiers of what was typed, by the test's names.</returns>
    private async Task<Dictionary<string, string>> TypeAll()
    {
        var ids = new Dictionary<string, string>();
        foreach (var (name, request) in Typed) ids[name] = (await Send(HttpMethod.Post, "", request, 600)).GetProperty("id").GetString()!;
        return ids;
    }

    /// <returns>State of a mitigation at a peer, and what shows it.</returns>
    private async Task<string> Standing(string id, string peer)
    {
        var places = (await _service!.Get($"/api/v1/mitigations/{id}")).GetProperty("places").EnumerateArray();
        return string.Join(' ', places.Where(p => p.GetProperty("place").GetString()!.StartsWith($"peer {peer},", StringComparison.Ordinal)).Select(p => $"{p.GetProperty("state")} {p.GetProperty("seenIn")}"));
    }

    private async Task<System.Text.Json.JsonElement> Send(HttpMethod method, string path, string request, int seconds)
    {
        var (status, answer) = await _service!.Send(method, path, $$"""{{{request}}, "lifetimeSeconds": {{seconds}}}""");
        Assert.True(status is 200 or 201 && answer.GetProperty("state").GetString() is "approved" or "active", $"{request}: {status} {answer}");
        return answer;
    }

    private Task Hold(BgpRouter[] routers, IEnumerable<string> held, IEnumerable<string> gone) => Task.WhenAll(routers.Select(r => r.Until(held, gone, () => _service!.Output)));
}
