using System.Text.Json.Nodes;
using Breakwater.Protocols.Dots;
using Breakwater.SystemTests.Support;

namespace Breakwater.SystemTests.Dots;

/// <summary>The program itself between libcoap's clients and GoBGP: a request ends as a rule at the BGP peer, and goes with it.</summary>
public class DotsToBgpTests
{
    [NeedsTheory("coap-client-openssl", "coap-client-gnutls", "gobgpd", "gobgp")]
    [InlineData("openssl", "coaps", "psk")]
    [InlineData("gnutls", "coaps+tcp", "certificate")]
    public async Task A_request_becomes_a_rule_at_a_peer_and_goes_with_its_withdrawal(string library, string scheme, string credential)
    {
        using var folder = new TemporaryFolder();
        var certificates = new TestCertificates(folder, "ec");
        folder.Write("alpha.psk", "a very good key");
        var (dots, bgp, api) = (FreePort.Udp(), FreePort.Tcp(), FreePort.Tcp());
        using var peer = Command.Start(["gobgpd", "-f", folder.Write("gobgpd.toml", $"""
            [global.config]
              as = 64501
              router-id = "127.0.0.9"
              port = {bgp}
              local-address-list = ["127.0.0.9"]
            [[neighbors]]
              [neighbors.config]
                neighbor-address = "127.0.0.1"
                peer-as = 64500
              [neighbors.transport.config]
                passive-mode = true
              [[neighbors.afi-safis]]
                [neighbors.afi-safis.config]
                  afi-safi-name = "ipv4-flowspec"
            """), "--api-hosts", $"127.0.0.1:{api}"]);
        using var service = await Service.Start(new ServiceSettings
        {
            Folder = folder,
            Home = ["192.0.2.0/24"],
            More = $$"""
                mitigation:
                  modes: {rate_limit: automatic}
                  bgp: {as: 64500, router_id: 203.0.113.1, peers: {gobgp: {address: 127.0.0.9, local_address: 127.0.0.1, port: {{bgp}}, as: 64501, families: [ipv4-flowspec]} } }
                dots:
                  server:
                    listen: ["127.0.0.1:{{dots}}"]
                    certificate_file: {{certificates.Server.Certificate}}
                    key_file: {{certificates.Server.Key}}
                    authority_file: {{certificates.Authority}}
                    limits: {terminating_period: 0s}
                    clients:
                      alpha: {psk_identity: alpha, psk_file: {{folder.File("alpha.psk")}}, certificate_names: [client.example.net], prefixes: [192.0.2.0/24]}

                """,
        });
        File.WriteAllBytes(folder.File("body"), DotsBody.Write(JsonNode.Parse(
            """{"ietf-dots-signal-channel:mitigation-scope":{"scope":[{"target-prefix":["192.0.2.7/32"],"target-protocol":[17],"target-port-range":[{"lower-port":53}],"lifetime":3600}]}}""")!.AsObject()));
        string[] identity = credential == "psk" ? ["-u", "alpha", "-k", "a very good key"] : ["-c", certificates.Client.Certificate, "-j", certificates.Client.Key, "-C", certificates.Authority];
        Task<string> Ask(string method, params string[] more) =>
            Command.Run(["coap-client-" + library, "-v", "3", "-B", "10", "-m", method, .. identity, .. more, $"{scheme}://127.0.0.1:{dots}/.well-known/dots/mitigate/cuid=dz6pHjaADkaFTbjr0JGBpw/mid=1"]);
        async Task<string> Routes() => await Command.Run(["gobgp", "-u", "127.0.0.1", "-p", $"{api}", "global", "rib", "-a", "ipv4-flowspec"]);

        var routes = "";
        await Ask("put", "-t", "271", "-f", folder.File("body"));
        await Poll.Until("the rule at the peer", async () => (routes = await Routes()).Contains("192.0.2.7/32", StringComparison.Ordinal), TimeSpan.FromSeconds(40), () => service.Output + routes);
        Assert.Contains("[protocol: ==udp]", routes, StringComparison.Ordinal);
        Assert.Contains("[destination-port: ==53]", routes, StringComparison.Ordinal);

        await Poll.Until("the client to see it in force", async () =>
        {
            await Ask("get", "-o", folder.File("status"));
            return DotsBody.Read(File.ReadAllBytes(folder.File("status")), out var body, out _) == Core.Flows.DecodeError.None
                && body.ToJsonString().Contains("attack-successfully-mitigated", StringComparison.Ordinal);
        }, TimeSpan.FromSeconds(20), () => service.Output);

        await Ask("put", "-t", "271", "-f", folder.File("body"));
        await Ask("delete");
        await Poll.Until("the rule to go", async () => !(await Routes()).Contains("192.0.2.7/32", StringComparison.Ordinal), TimeSpan.FromSeconds(20), () => service.Output);
    }
}
