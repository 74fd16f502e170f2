using System.Net;
using Breakwater.Core.Flows;
using Breakwater.Core.Mitigations;
using Breakwater.Core.Mitigations.Rails;
using Breakwater.Core.Net;
using Breakwater.Engine.Dots;
using Breakwater.Engine.Mitigations;
using Breakwater.Protocols.Dots;
using Breakwater.SystemTests.Support;
using Microsoft.Extensions.Logging.Abstractions;

namespace Breakwater.SystemTests.Dots;

/// <summary>Two Breakwaters: one asks, the other is asked, over a link that breaks.</summary>
public sealed class UpstreamTests : IAsyncLifetime
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(20);

    private readonly TemporaryFolder _folder = new();
    private readonly RecordingDesk _desk = new();
    private TestCertificates _certificates = null!;
    private DotsServerService _server = null!;
    private CuttableLink _link = null!;

    public async Task InitializeAsync()
    {
        _certificates = new TestCertificates(_folder, "ec");
        var endpoint = new IPEndPoint(IPAddress.Loopback, FreePort.Udp());
        _server = new DotsServerService(new DotsServerSection
        {
            Listen = [endpoint],
            CertificateFile = _certificates.Server.Certificate,
            KeyFile = _certificates.Server.Key,
            AuthorityFile = _certificates.Authority,
            Limits = new DotsServerOptions { TerminatingPeriod = TimeSpan.Zero },
            Clients = new Dictionary<string, DotsClientOptions>
            {
                ["beta"] = new()
                {
                    PskIdentity = "beta",
                    PskFile = _folder.Write("beta.psk", "hex:00112233445566778899aabbccddeeff"),
                    CertificateNames = ["client.example.net"],
                    Prefixes = [Prefix.Parse("192.0.2.0/24")],
                },
            },
        }, new DotsCallHome(new Dictionary<string, DotsCallHomeOptions>(), []), _desk, _desk, TimeProvider.System, NullLogger<DotsServerService>.Instance);
        await _server.StartAsync(CancellationToken.None);
        _link = new CuttableLink(endpoint);
    }

    public async Task DisposeAsync()
    {
        await _link.DisposeAsync();
        await _server.StopAsync(CancellationToken.None);
        _server.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(DotsTransport.Udp, true)]
    [InlineData(DotsTransport.Udp, false)]
    [InlineData(DotsTransport.Tcp, true)]
    [InlineData(DotsTransport.Tcp, false)]
    public async Task Asks_its_provider_sees_it_done_and_lets_go_whatever_happens_to_the_link(DotsTransport transport, bool psk)
    {
        await using var mitigator = Mitigator(transport, psk);
        await mitigator.StartAsync(CancellationToken.None);
        await mitigator.ApplyAsync([Cleared("192.0.2.7/32")], CancellationToken.None);
        await Poll.Until("the request", () => Task.FromResult(_desk.InForce.Count == 1), Soon);
        Assert.Equal("192.0.2.7/32", _desk.InForce[0].Match.Destination.ToString());

        _desk.Activate();
        await Poll.Until("word of it", () => Task.FromResult(mitigator.Status.Single() is { State: PlacementState.Seen, DroppedPackets: 1234 }), Soon);

        _link.Cut();
        await mitigator.ApplyAsync([Cleared("192.0.2.7/32"), Cleared("192.0.2.8/32")], CancellationToken.None);
        await Task.Delay(TimeSpan.FromSeconds(4));
        Assert.Single(_desk.InForce);

        _link.Restore();
        await Poll.Until("the second request", () => Task.FromResult(_desk.InForce.Count == 2), Soon);
        await Poll.Until("word of both", () =>
        {
            _desk.Activate();
            return Task.FromResult(mitigator.Status.All(s => s.State == PlacementState.Seen));
        }, TimeSpan.FromSeconds(45));

        await mitigator.WithdrawAllAsync(CancellationToken.None);
        await Poll.Until("the withdrawal", () => Task.FromResult(_desk.InForce.Count == 0), Soon);
        await mitigator.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task Is_protected_once_its_provider_no_longer_hears_it()
    {
        await using var mitigator = Mitigator(DotsTransport.Tcp, psk: true, held: "192.0.2.0/28");
        await mitigator.StartAsync(CancellationToken.None);
        await Task.Delay(TimeSpan.FromSeconds(3));
        Assert.Empty(_desk.InForce);

        _link.Cut();

        // A target alone becomes two rules: UDP and ICMP, and new TCP connections.
        await Poll.Until("what was held", () => Task.FromResult(_desk.InForce.Count == 2), Soon);
        Assert.All(_desk.InForce, m => Assert.Equal("192.0.2.0/28", m.Match.Destination.ToString()));
        await mitigator.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task Says_why_its_provider_refuses()
    {
        await using var mitigator = Mitigator(DotsTransport.Tcp, psk: true);
        await mitigator.StartAsync(CancellationToken.None);
        await mitigator.ApplyAsync([Cleared("198.51.100.7/32")], CancellationToken.None);
        await Poll.Until("the refusal", () => Task.FromResult(mitigator.Status.Single().State == PlacementState.Failed), Soon);
        Assert.Contains("not within the prefixes", mitigator.Status.Single().Problem, StringComparison.Ordinal);
        await mitigator.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task Trusts_no_server_of_another_name()
    {
        await using var mitigator = Mitigator(DotsTransport.Udp, psk: false, name: "other.example.net");
        await mitigator.StartAsync(CancellationToken.None);
        await mitigator.ApplyAsync([Cleared("192.0.2.7/32")], CancellationToken.None);
        await Task.Delay(TimeSpan.FromSeconds(4));
        Assert.Equal(PlacementState.Pending, mitigator.Status.Single().State);
        Assert.Equal(0, _desk.Asked);
        await mitigator.StopAsync(CancellationToken.None);
    }

    private DotsMitigator Mitigator(DotsTransport transport, bool psk, string? held = null, string name = "dots.example.net") => new(new Dictionary<string, DotsUpstreamOptions>
    {
        ["provider"] = new()
        {
            Address = _link.Address,
            Transport = transport,
            Name = name,
            PskIdentity = psk ? "beta" : "",
            PskFile = psk ? _folder.File("beta.psk") : "",
            CertificateFile = psk ? "" : _certificates.Client.Certificate,
            KeyFile = psk ? "" : _certificates.Client.Key,
            AuthorityFile = psk ? "" : _certificates.Authority,
            Retry = TimeSpan.FromSeconds(1),
            ProtectOnSignalLoss = held is null ? [] : [Prefix.Parse(held)],
        },
    }, TimeProvider.System, NullLogger<DotsMitigator>.Instance);

    private static ClearedMitigation Cleared(string target)
    {
        var now = Timestamp.From(DateTimeOffset.UtcNow);
        var rails = new GuardRails(new RailOptions { Owned = [Prefix.Parse("192.0.2.0/24"), Prefix.Parse("198.51.100.0/24")] }, [], [], []);
        var mitigation = new Mitigation
        {
            Id = target,
            Origin = MitigationOrigin.Operator,
            Requester = "anna",
            Match = new TrafficMatch { Destination = Prefix.Parse(target), Protocols = [17] },
            Action = MitigationAction.RateLimit,
            RateBitsPerSecond = 1e6,
            Created = now,
            Since = now,
            Expires = now + TimeSpan.FromMinutes(10),
            Reason = "a test",
            Approvers = ["anna", "bert"],
        };
        Assert.True(rails.TryClear(mitigation, new RailContext { Now = now, Mode = MitigationMode.Automatic }, out var cleared, out var refusal), refusal.ToString());
        return cleared;
    }
}
