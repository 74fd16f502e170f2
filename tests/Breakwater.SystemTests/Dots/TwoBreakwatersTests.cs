using System.Net;
using System.Text.Json;
using Breakwater.SystemTests.Mitigations;
using Breakwater.SystemTests.Support;

namespace Breakwater.SystemTests.Dots;

/// <summary>The program twice: a customer that is attacked, and its provider with a router, over a link that breaks.</summary>
public class TwoBreakwatersTests
{
    private const string Victim = "192.0.2.10", Held = "192.0.2.0/28";

    [NeedsFact("gobgpd", "gobgp")]
    public async Task An_attack_on_the_customer_becomes_a_rule_of_the_provider_and_the_loss_of_the_link_becomes_another()
    {
        using var providers = new TemporaryFolder();
        using var customers = new TemporaryFolder();
        var endpoint = new IPEndPoint(IPAddress.Loopback, FreePort.Udp());
        await using var link = new CuttableLink(endpoint);
        using var router = new RulesAtGoBgp(providers);
        using var provider = await Service.Start(Provider(providers, endpoint, router));
        var settings = Customer(customers, link.Address);
        using var customer = await Service.Start(settings with { Yaml = MitigatingService.WithTokens(settings) });

        using var exporter = new NetFlow5Sender(settings.Listen[0]);
        using var over = new CancellationTokenSource();
        var attack = exporter.FloodWithDnsAnswers(Victim, TimeSpan.FromMinutes(3), over.Token);
        await Poll.Until("the rule for the victim at the router", async () => await router.Rules() is [var rule] && IsFor(rule, Victim + "/32"), describe: Both);
        await Poll.Until("the customer to see it", async () => (await Places(customer)).Any(p => p.Contains("provider", StringComparison.Ordinal) && p.Contains("\"seen\"", StringComparison.Ordinal)), describe: Both);

        link.Cut();
        // Heartbeats of both go unanswered; to the provider the session is lost.
        await Poll.Until("what was held for this at the router, and nothing else", async () => await router.Rules() is { Count: 2 } rules && rules.All(r => IsFor(r, Held)), describe: Both);
        Assert.Contains("is lost: what it had us hold", provider.Output, StringComparison.Ordinal);
        var held = await router.Rules();
        Assert.Single(held, r => r.Contains("==udp", StringComparison.Ordinal));
        Assert.Single(held, r => r.Contains("[tcp-flags:", StringComparison.Ordinal));

        // It is over, and somebody says so while the provider cannot hear it.
        await over.CancelAsync();
        await attack;
        Assert.Equal(200, (await customer.Send(HttpMethod.Post, "/withdraw-all?why=over")).Status);

        link.Restore();
        await Poll.Until("no rule at the router once the session stands again", async () => (await router.Rules()).Count == 0, describe: Both);
        Assert.True(customer.Output.Split("Connected to DOTS server provider").Length > 2, customer.Output);
        await Task.Delay(TimeSpan.FromSeconds(2));
        Assert.Empty(await router.Rules());

        // The protection for the next loss is in place again.
        link.Cut();
        await Poll.Until("what was held at the router a second time", async () => await router.Rules() is { Count: 2 } rules && rules.All(r => IsFor(r, Held)), describe: Both);

        string Both() => $"customer:\n{customer.Output}\nprovider:\n{provider.Output}";
    }

    [NeedsTheory("gobgpd", "gobgp"), InlineData("udp"), InlineData("tcp")]
    public async Task A_provider_has_a_host_of_its_customer_stopped_at_the_customers_router_once_the_customer_consents(string transport)
    {
        using var providers = new TemporaryFolder();
        using var customers = new TemporaryFolder();
        var endpoint = new IPEndPoint(IPAddress.Loopback, FreePort.Udp());
        using var router = new RulesAtGoBgp(customers, ourAs: 64501);
        var settings = Attacked(providers, endpoint);
        using var provider = await Service.Start(settings with { Yaml = MitigatingService.WithTokens(settings) });
        settings = Attacking(customers, endpoint, transport, router);
        using var customer = await Service.Start(settings with { Yaml = MitigatingService.WithTokens(settings) });

        var (status, asked) = await provider.Send(HttpMethod.Post, "", """{"match": {"destination": "198.51.100.7", "source": "192.0.2.9", "protocols": [17]}, "action": "drop"}""");
        Assert.True(status == 201, $"{asked}");
        var request = await Poll.Until("the request at the customer", async () => (await customer.Mitigations()).FirstOrDefault(), describe: Both);
        Assert.Equal(("proposed", "call-home", "provider", "mode"), (request["state"], request["origin"], request["requester"], request["refusedBy"]));
        await Poll.Until("the provider to see that it waits", async () => (await Places(provider)).Any(p => p.Contains("customer bakery", StringComparison.Ordinal) && p.Contains("\"sent\"", StringComparison.Ordinal)), describe: Both);
        Assert.Empty(await router.Rules());

        Assert.Equal(200, (await customer.Send(HttpMethod.Post, $"/{request["id"]}/approve")).Status);
        var rule = await Poll.Until("the rule at the customer's router", async () => (await router.Rules()).FirstOrDefault(), describe: Both);
        Assert.Contains("[destination: 198.51.100.7/32][source: 192.0.2.9/32][protocol: ==udp]", rule, StringComparison.Ordinal);
        await Poll.Until("the provider to see it done", async () => (await Places(provider)).Any(p => p.Contains("\"seen\"", StringComparison.Ordinal)), describe: Both);

        Assert.Equal(200, (await provider.Send(HttpMethod.Post, "/withdraw-all?why=over")).Status);
        await Poll.Until("no rule", async () => (await router.Rules()).Count == 0, describe: Both);

        string Both() => $"customer:\n{customer.Output}\nprovider:\n{provider.Output}";
    }

    private static bool IsFor(string rule, string target) => rule.Contains($"[destination: {target}]", StringComparison.Ordinal);

    /// <summary>Where the customer's mitigations are in force, as its API says.</summary>
    private static async Task<IReadOnlyList<string>> Places(Service service)
    {
        var places = new List<string>();
        foreach (var mitigation in await service.InForce())
            places.AddRange((await service.Get($"/api/v1/mitigations/{mitigation["id"]}")).GetProperty("places").EnumerateArray().Select(p => JsonSerializer.Serialize(p)));
        return places;
    }

    private static ServiceSettings Provider(TemporaryFolder folder, IPEndPoint endpoint, RulesAtGoBgp router) => new()
    {
        Folder = folder,
        Home = ["192.0.2.0/24"],
        More = $$"""
            mitigation:
              modes: {rate_limit: automatic}
              bgp: {{router.Yaml}}
            dots:
              server:
                listen: ["{{endpoint}}"]
                limits: {terminating_period: 0s, min_heartbeat_interval: 1s}
                clients:
                  customer: {psk_identity: customer, psk_file: {{folder.Write("customer.psk", "between us two")}}, prefixes: [192.0.2.0/24]}

            """,
    };

    private static ServiceSettings Customer(TemporaryFolder folder, IPEndPoint provider) => new()
    {
        Folder = folder,
        Home = ["192.0.2.0/24"],
        Listen = [$"127.0.0.1:{FreePort.Udp()}"],
        More = $$"""
            mitigation:
              modes: {rate_limit: automatic, drop: automatic}
            dots:
              upstreams:
                provider:
                  address: {{provider}}
                  psk_identity: customer
                  psk_file: {{folder.Write("customer.psk", "between us two")}}
                  heartbeat_interval: 1s
                  missed_heartbeats_allowed: 3
                  retry: 1s
                  release_after: 1s
                  protect_on_signal_loss: [{{Held}}]

            """,
    };

    private static ServiceSettings Attacked(TemporaryFolder folder, IPEndPoint endpoint) => new()
    {
        Folder = folder,
        Home = ["198.51.100.0/24"],
        More = $$"""
            mitigation:
              modes: {drop: automatic}
            dots:
              call_home_listener:
                listen: ["{{endpoint}}"]
                customers:
                  bakery: {psk_identity: bakery, psk_file: {{folder.Write("bakery.psk", "between us two")}}, prefixes: [192.0.2.0/24]}

            """,
    };

    private static ServiceSettings Attacking(TemporaryFolder folder, IPEndPoint provider, string transport, RulesAtGoBgp router) => new()
    {
        Folder = folder,
        Home = ["192.0.2.0/24"],
        More = $$"""
            mitigation:
              modes: {drop: approve}
              bgp: {{router.Yaml}}
            dots:
              server: {limits: {terminating_period: 0s} }
              call_home:
                provider: {address: {{provider}}, transport: {{transport}}, psk_identity: bakery, psk_file: {{folder.Write("bakery.psk", "between us two")}}, retry: 1s}

            """,
    };
}
