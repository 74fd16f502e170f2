using System.Net;
using System.Text.Json.Nodes;
using Breakwater.Core.Mitigations;
using Breakwater.Core.Mitigations.Rails;
using Breakwater.Core.Net;
using Breakwater.Engine.Dots;
using Breakwater.Protocols.Dots;
using Breakwater.SystemTests.Support;
using Microsoft.Extensions.Logging.Abstractions;

namespace Breakwater.SystemTests.Dots;

/// <summary>libcoap's clients, on OpenSSL and on GnuTLS, against our DOTS server over every transport with every kind of credential.</summary>
public sealed class CoapClientTests : IAsyncLifetime
{
    private const string Request = """{"ietf-dots-signal-channel:mitigation-scope":{"scope":[{"target-prefix":["192.0.2.7/32"],"target-protocol":[17],"target-port-range":[{"lower-port":53}],"lifetime":3600}]}}""";
    private const string Path = ".well-known/dots/mitigate/cuid=dz6pHjaADkaFTbjr0JGBpw";

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

    [NeedsTheory("coap-client-openssl", "coap-client-gnutls")]
    [InlineData("openssl", "coaps", "psk")]
    [InlineData("openssl", "coaps", "certificate")]
    [InlineData("openssl", "coaps+tcp", "psk")]
    [InlineData("openssl", "coaps+tcp", "certificate")]
    [InlineData("gnutls", "coaps", "psk")]
    [InlineData("gnutls", "coaps", "certificate")]
    [InlineData("gnutls", "coaps+tcp", "psk")]
    [InlineData("gnutls", "coaps+tcp", "certificate")]
    public async Task Creates_observes_refreshes_and_withdraws_a_mitigation(string library, string scheme, string credential)
    {
        var body = Body(Request);

        var created = await Client(library, scheme, credential, "put", Path + "/mid=1", ["-t", "271", "-f", body]);
        Assert.Equal((1L, 3600L), (Number(created, "mid"), Number(created, "lifetime")));
        await Poll.Until("the mitigation", () => Task.FromResult(_desk.InForce.Count == 1), TimeSpan.FromSeconds(5));
        var mitigation = _desk.InForce[0];
        Assert.Equal(("alpha", MitigationOrigin.DotsClient, MitigationAction.RateLimit), (mitigation.Requester, mitigation.Origin, mitigation.Action));
        Assert.Equal((Prefix.Parse("192.0.2.7/32"), new ValueRange(53, 53)), (mitigation.Match.Destination!.Value, mitigation.Match.DestinationPorts[0]));

        var observing = Client(library, scheme, credential, "get", Path + "/mid=1", ["-s", "6"], wholeOutput: true);
        await Task.Delay(TimeSpan.FromSeconds(1));
        _desk.Activate();
        var seen = await observing;
        Assert.Contains("attack-mitigation-in-progress", seen.ToJsonString(), StringComparison.Ordinal);
        Assert.Contains("attack-successfully-mitigated", seen.ToJsonString(), StringComparison.Ordinal);
        Assert.Contains("567890", seen.ToJsonString(), StringComparison.Ordinal);

        var before = _desk.InForce[0].Expires;
        var refreshed = await Client(library, scheme, credential, "put", Path + "/mid=1", ["-t", "271", "-f", Body(Request.Replace("3600", "7200", StringComparison.Ordinal))]);
        Assert.Equal(7200, Number(refreshed, "lifetime"));
        await Poll.Until("the longer life", () => Task.FromResult(_desk.InForce[0].Expires > before + TimeSpan.FromMinutes(50)), TimeSpan.FromSeconds(25));

        await Client(library, scheme, credential, "delete", Path + "/mid=1", []);
        await Poll.Until("the withdrawal", () => Task.FromResult(_desk.InForce.Count == 0 && _desk.Withdrawn.Count == 1), TimeSpan.FromSeconds(5));
    }

    [NeedsTheory("coap-client-openssl", "coap-client-gnutls")]
    [InlineData("openssl", "coaps", "wrong-psk")]
    [InlineData("openssl", "coaps", "wrong-certificate")]
    [InlineData("openssl", "coaps+tcp", "wrong-psk")]
    [InlineData("openssl", "coaps+tcp", "wrong-certificate")]
    [InlineData("gnutls", "coaps", "wrong-psk")]
    [InlineData("gnutls", "coaps", "wrong-certificate")]
    [InlineData("gnutls", "coaps+tcp", "wrong-psk")]
    [InlineData("gnutls", "coaps+tcp", "wrong-certificate")]
    public async Task Lets_nobody_in_with_a_wrong_key_or_a_strangers_certificate(string library, string scheme, string credential)
    {
        var answer = await Client(library, scheme, credential, "put", Path + "/mid=1", ["-t", "271", "-f", Body(Request)], tolerant: true, within: 4);
        Assert.Empty(answer.AsArray());
        Assert.Equal(0, _desk.Asked);
    }

    [NeedsTheory("coap-client-openssl"), InlineData("coaps"), InlineData("coaps+tcp")]
    public async Task Takes_clients_with_rsa_keys(string scheme)
    {
        await _service.StopAsync(CancellationToken.None);
        _service.Dispose();
        await Start(rsa: true);
        var created = await Client("openssl", scheme, "certificate", "put", Path + "/mid=1", ["-t", "271", "-f", Body(Request)]);
        Assert.Equal(1, Number(created, "mid"));
    }

    [NeedsFact("coap-client-openssl")]
    public async Task Refuses_others_prefixes_and_names_the_rail()
    {
        var foreign = await Client("openssl", "coaps", "psk", "put", Path + "/mid=1", ["-t", "271", "-f", Body(Request.Replace("192.0.2.7", "198.51.100.7", StringComparison.Ordinal))], text: true);
        Assert.Contains("198.51.100.7/32 is not within the prefixes of this client", foreign.ToJsonString(), StringComparison.Ordinal);
        _desk.Refusal = new Refusal("never-touch", "192.0.2.7 is ours to keep");
        var railed = await Client("openssl", "coaps", "psk", "put", Path + "/mid=2", ["-t", "271", "-f", Body(Request)], text: true);
        Assert.Contains("never-touch: 192.0.2.7 is ours to keep", railed.ToJsonString(), StringComparison.Ordinal);
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
                    PskFile = _folder.Write("alpha.psk", "a very good key\n"),
                    CertificateNames = ["client.example.net"],
                    Prefixes = [Prefix.Parse("192.0.2.0/24")],
                },
            },
        }, new DotsCallHome(new Dictionary<string, DotsPeerOptions>(), []), _desk, _desk, TimeProvider.System, NullLogger<DotsServerService>.Instance);
        await _service.StartAsync(CancellationToken.None);
    }

    private string Body(string json)
    {
        var file = _folder.File(System.IO.Path.GetRandomFileName());
        File.WriteAllBytes(file, DotsBody.Write(JsonNode.Parse(json)!.AsObject()));
        return file;
    }

    /// <summary>Runs a client and decodes what it received: several messages one after the other when it observes.</summary>
    private async Task<JsonNode> Client(string library, string scheme, string credential, string method, string path, string[] more, bool wholeOutput = false, bool tolerant = false, bool text = false, int within = 15)
    {
        var output = _folder.File(System.IO.Path.GetRandomFileName());
        using var strangers = new TemporaryFolder();
        var other = credential == "wrong-certificate" ? new TestCertificates(strangers, "other") : _certificates;
        string[] identity = credential switch
        {
            "psk" => ["-u", "alpha", "-k", "a very good key"],
            "wrong-psk" => ["-u", "alpha", "-k", "another key"],
            _ => ["-c", other.Client.Certificate, "-j", other.Client.Key, "-C", _certificates.Authority],
        };
        string[] command = ["coap-client-" + library, "-v", "6", "-B", $"{within}", "-m", method, "-o", output, .. identity, .. more, $"{scheme}://{_endpoint}/{path}"];
        using var process = Command.Start(command);
        await process.WaitForExit(TimeSpan.FromSeconds(within + 15));
        var bytes = File.Exists(output) ? await File.ReadAllBytesAsync(output) : [];
        if (text) return JsonValue.Create(System.Text.Encoding.UTF8.GetString(bytes) + process.Output);
        var messages = new JsonArray();
        // A file with several bodies: each is as long as makes it readable.
        for (var start = 0; start < bytes.Length;)
        {
            var length = Enumerable.Range(1, bytes.Length - start).FirstOrDefault(n => DotsBody.Read(bytes.AsSpan(start, n), out _, out _) == Core.Flows.DecodeError.None);
            if (length == 0) break;
            DotsBody.Read(bytes.AsSpan(start, length), out var body, out _);
            messages.Add((JsonNode)body);
            start += length;
        }
        Assert.True(tolerant || method == "delete" || messages.Count > 0, $"{string.Join(' ', command)}\n{process.Output}");
        return wholeOutput || tolerant || messages.Count == 0 ? messages : messages[0]!.DeepClone();
    }

    private static long Number(JsonNode body, string name) => (long)body["ietf-dots-signal-channel:mitigation-scope"]!["scope"]![0]![name]!;
}
