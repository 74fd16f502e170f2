using System.Net;
using Breakwater.Core.Mitigations.Rails;
using Breakwater.Core.Net;
using Breakwater.Engine.Dots;
using Breakwater.Protocols.Dots;
using Breakwater.SystemTests.Support;
using Microsoft.Extensions.Logging.Abstractions;

namespace Breakwater.SystemTests.Dots;

/// <summary>Whom the server lets in, and what it says to whom it refuses. What becomes of a request that is granted: <see cref="DotsToBgpTests"/>.</summary>
public sealed class CoapClientTests : IAsyncLifetime
{
    private const string Request = """{"ietf-dots-signal-channel:mitigation-scope":{"scope":[{"target-prefix":["192.0.2.7/32"],"target-protocol":[17],"target-port-range":[{"lower-port":53}],"lifetime":3600}]}}""";
    private const string Mitigation = "mitigate/cuid=dz6pHjaADkaFTbjr0JGBpw/mid=1";

    private readonly TemporaryFolder _folder = new();
    private readonly RecordingDesk _desk = new();
    private TestCertificates _certificates = null!;
    private DotsServerService _service = null!;
    private IPEndPoint _endpoint = null!;

    public async Task InitializeAsync() => await Start(rsa: false);

    public async Task DisposeAsync()
    {
        await _service.StopAsync(CancellationToken.None);
        _service.Dispose();
        _folder.Dispose();
    }

    [NeedsFact("coap-client-openssl", "coap-client-gnutls")]
    public async Task Lets_nobody_in_with_a_wrong_key_or_a_strangers_certificate()
    {
        var refused = await Task.WhenAll(CoapClient.Everyone.Select(async way =>
        {
            var client = Client(way.Library, way.Scheme, "wrong-" + way.Credential);
            return (Who: client.ToString(), (await client.Ask("put", Mitigation, Request, within: 4)).Bodies);
        }));
        Assert.All(refused, r => Assert.True(r.Bodies.Count == 0, r.Who));
        Assert.Equal(0, _desk.Asked);
    }

    [NeedsTheory("coap-client-openssl"), InlineData("coaps"), InlineData("coaps+tcp")]
    public async Task Takes_clients_with_rsa_keys(string scheme)
    {
        await _service.StopAsync(CancellationToken.None);
        _service.Dispose();
        await Start(rsa: true);
        var (created, said) = await Client("openssl", scheme, "certificate").Ask("put", Mitigation, Request);
        Assert.True(created is [var body] && body.ToJsonString().Contains("\"mid\":1,", StringComparison.Ordinal), said);
    }

    [NeedsFact("coap-client-openssl")]
    public async Task Refuses_others_prefixes_and_names_the_rail()
    {
        var client = Client("openssl", "coaps", "psk");
        var (_, foreign) = await client.Ask("put", Mitigation, Request.Replace("192.0.2.7", "198.51.100.7", StringComparison.Ordinal));
        Assert.Contains("198.51.100.7/32 is not within the prefixes of this client", foreign, StringComparison.Ordinal);
        _desk.Refusal = new Refusal("never-touch", "192.0.2.7 is ours to keep");
        var (_, railed) = await client.Ask("put", Mitigation, Request);
        Assert.Contains("never-touch: 192.0.2.7 is ours to keep", railed, StringComparison.Ordinal);
        Assert.Equal(0, _desk.Asked);
    }

    private async Task Start(bool rsa)
    {
        _certificates = new TestCertificates(_folder, rsa ? "rsa" : "ec", rsa);
        _endpoint = new IPEndPoint(IPAddress.Loopback, FreePort.Udp());
        _service = new DotsServerService(new DotsServerSection
        {
            Listen = [_endpoint],
            CertificateFile = _certificates.Server.Certificate,
            KeyFile = _certificates.Server.Key,
            AuthorityFile = _certificates.Authority,
            Limits = new DotsServerOptions { TerminatingPeriod = TimeSpan.Zero },
            Clients = new Dictionary<string, DotsClientOptions>
            {
                ["alpha"] = new()
                {
                    PskIdentity = "alpha",
                    PskFile = _folder.Write("alpha.psk", CoapClient.Key + "\n"),
                    CertificateNames = ["client.example.net"],
                    Prefixes = [Prefix.Parse("192.0.2.0/24")],
                },
            },
        }, new DotsCallHome(new Dictionary<string, DotsCallHomeOptions>(), []), _desk, _desk, TimeProvider.System, NullLogger<DotsServerService>.Instance);
        await _service.StartAsync(CancellationToken.None);
    }

    private CoapClient Client(string library, string scheme, string credential) =>
        new(library, scheme, credential) { Folder = _folder, Certificates = _certificates, Server = _endpoint };
}
