using Breakwater.SystemTests.Support;

namespace Breakwater.SystemTests.Dots;

/// <summary>GoBGP on this machine's loopback, which needs no privileges: a peer of one service, and the rules that it holds.</summary>
internal sealed class RulesAtGoBgp : IDisposable
{
    private const string Address = "127.0.0.9";

    private readonly Command _daemon;
    private readonly int _port = FreePort.Tcp(), _api = FreePort.Tcp();
    private readonly uint _ourAs;

    /// <param name="folder">Where its configuration lies.</param>
    /// <param name="ourAs">Our AS; 64501, which is its own, makes the session internal.</param>
    public RulesAtGoBgp(TemporaryFolder folder, uint ourAs = 64500)
    {
        _ourAs = ourAs;
        _daemon = Command.Start(["gobgpd", "-f", folder.Write("gobgpd.toml", $"""
            [global.config]
              as = 64501
              router-id = "{Address}"
              port = {_port}
              local-address-list = ["{Address}"]
            [[neighbors]]
              [neighbors.config]
                neighbor-address = "127.0.0.1"
                peer-as = {ourAs}
              [neighbors.transport.config]
                passive-mode = true
              [[neighbors.afi-safis]]
                [neighbors.afi-safis.config]
                  afi-safi-name = "ipv4-flowspec"
            """), "--api-hosts", $"127.0.0.1:{_api}"]);
    }

    /// <summary>The value of <c>mitigation.bgp</c> that makes it a peer.</summary>
    public string Yaml => $$"""{as: {{_ourAs}}, router_id: 203.0.113.1, peers: {gobgp: {address: {{Address}}, local_address: 127.0.0.1, port: {{_port}}, as: 64501, families: [ipv4-flowspec]} } }""";

    /// <summary>Its rules, one a line, as it prints them.</summary>
    public async Task<IReadOnlyList<string>> Rules()
    {
        var table = await Command.Run(["gobgp", "-u", "127.0.0.1", "-p", $"{_api}", "global", "rib", "-a", "ipv4-flowspec"]);
        return [.. table.Split('\n').Where(line => line.Contains("[destination: ", StringComparison.Ordinal))];
    }

    public void Dispose() => _daemon.Dispose();
}
