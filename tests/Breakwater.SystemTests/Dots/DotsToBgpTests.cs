using System.Net;
using Breakwater.SystemTests.Mitigations;
using Breakwater.SystemTests.Support;

namespace Breakwater.SystemTests.Dots;

/// <summary>The program itself between libcoap's clients and GoBGP: a request ends as a rule at the BGP peer, and goes with it.</summary>
public class DotsToBgpTests
{
    [NeedsFact("coap-client-openssl", "coap-client-gnutls", "gobgpd", "gobgp")]
    public async Task Whoever_asks_over_whatever_with_whichever_credential_gets_a_rule_at_a_peer_sees_it_keeps_it_and_takes_it_back()
    {
        using var folder = new TemporaryFolder();
        var certificates = new TestCertificates(folder, "ec");
        folder.Write("alpha.psk", CoapClient.Key);
        var endpoint = new IPEndPoint(IPAddress.Loopback, FreePort.Udp());
        using var peer = new RulesAtGoBgp(folder);
        using var service = await Service.Start(new ServiceSettings
        {
            Folder = folder,
            Home = ["192.0.2.0/24"],
            More = $$"""
                mitigation:
                  modes: {rate_limit: automatic}
                  bgp: {{peer.Yaml}}
                dots:
                  server:
                    listen: ["{{endpoint}}"]
                    certificate_file: {{certificates.Server.Certificate}}
                    key_file: {{certificates.Server.Key}}
                    authority_file: {{certificates.Authority}}
                    limits: {terminating_period: 0s}
                    clients:
                      alpha: {psk_identity: alpha, psk_file: {{folder.File("alpha.psk")}}, certificate_names: [client.example.net], prefixes: [192.0.2.0/24]}

                """,
        });
        // All at once: each has a target and a number of its own.
        var ways = CoapClient.Everyone.Select((way, i) => new Way(
            new CoapClient(way.Library, way.Scheme, way.Credential) { Folder = folder, Certificates = certificates, Server = endpoint },
            $"mitigate/cuid=dz6pHjaADkaFTbjr0JGBpw/mid={10 + i}", $"192.0.2.{10 + i}")).ToArray();
        Assert.Equal(8, ways.Length);

        await Task.WhenAll(ways.Select(way => way.Put(lifetime: 600)));
        var rules = await Poll.Until("eight rules at the peer", async () => await peer.Rules() is { Count: 8 } all ? all : null, TimeSpan.FromSeconds(40), () => service.Output);
        foreach (var way in ways)
            Assert.Single(rules, r => r.Contains($"[destination: {way.Target}/32][protocol: ==udp][destination-port: ==53]", StringComparison.Ordinal) && r.Contains("rate: 1250000", StringComparison.Ordinal));
        await Poll.Until("the service to know", async () => (await service.InForce()).Count(m => m["state"] == "active") == 8, TimeSpan.FromSeconds(20), () => service.Output);
        var before = await Expiries(service);
        Assert.Equal(8, before.Count);

        var observing = Task.WhenAll(ways.Select(way => way.Client.Ask("get", way.Path, observe: 8)));
        await Task.WhenAll(ways.Select(way => way.Put(lifetime: 1800)));
        await Poll.Until("eight longer lives", async () => await Expiries(service) is var now && before.All(b => now.TryGetValue(b.Key, out var later) && later > b.Value + TimeSpan.FromMinutes(15)),
            TimeSpan.FromSeconds(20), () => service.Output);
        Assert.Equal(8, (await peer.Rules()).Count);

        await Task.WhenAll(ways.Select(way => way.Client.Ask("delete", way.Path)));
        await Poll.Until("no rule at the peer", async () => (await peer.Rules()).Count == 0, TimeSpan.FromSeconds(20), () => service.Output);
        foreach (var (way, seen) in ways.Zip(await observing))
        {
            var told = string.Concat(seen.Bodies.Select(b => b.ToJsonString()));
            Assert.True(told.Contains("attack-successfully-mitigated", StringComparison.Ordinal) && told.Contains("attack-mitigation-terminated", StringComparison.Ordinal), $"{way.Client} was told {told}\n{seen.Raw}");
        }
    }

    /// <summary>When each of the client's mitigations ends, by its rule.</summary>
    private static async Task<Dictionary<string, DateTimeOffset>> Expiries(Service service) =>
        (await service.InForce()).Where(m => (m["origin"], m["requester"]) == ("dots-client", "alpha")).ToDictionary(m => m["rule"]!, m => m.Json.GetProperty("expires").GetDateTimeOffset());

    private sealed record Way(CoapClient Client, string Path, string Target)
    {
        public async Task Put(int lifetime)
        {
            var (answer, said) = await Client.Ask("put", Path, $$$"""
                {"ietf-dots-signal-channel:mitigation-scope": {"scope": [
                    {"target-prefix": ["{{{Target}}}/32"], "target-protocol": [17], "target-port-range": [{"lower-port": 53}], "lifetime": {{{lifetime}}} } ]} }
                """);
            Assert.True(answer is [var body] && body.ToJsonString().Contains($"\"lifetime\":{lifetime}", StringComparison.Ordinal), $"{Client}: {said}");
        }
    }
}
