using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Breakwater.Core.Net;
using Breakwater.Engine.Dots;
using Breakwater.Protocols.Dots;
using Breakwater.SystemTests.Support;
using Microsoft.Extensions.Logging.Abstractions;

namespace Breakwater.SystemTests.Dots;

/// <summary>Whoever has no credential costs only himself; and the data channel, which asks for one too.</summary>
public sealed class HostileClientTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private readonly RecordingDesk _desk = new();
    private readonly DotsDataStore _store = new();
    private DotsServerSection _section = null!;
    private TestCertificates _certificates = null!;
    private DotsServerService _service = null!;
    private DotsDataChannelService _dataChannel = null!;
    private IPEndPoint _endpoint = null!, _data = null!;

    public async Task InitializeAsync()
    {
        _certificates = new TestCertificates(_folder, "ec");
        _endpoint = new IPEndPoint(IPAddress.Loopback, FreePort.Udp());
        _data = new IPEndPoint(IPAddress.Loopback, FreePort.Tcp());
        _section = new DotsServerSection
        {
            Listen = [_endpoint],
            DataChannel = [_data],
            CertificateFile = _certificates.Server.Certificate,
            KeyFile = _certificates.Server.Key,
            AuthorityFile = _certificates.Authority,
            MaxSessions = 8,
            Clients = new Dictionary<string, DotsClientOptions>
            {
                ["alpha"] = new()
                {
                    PskIdentity = "alpha",
                    PskFile = _folder.Write("alpha.psk", "a very good key"),
                    CertificateNames = ["client.example.net"],
                    Prefixes = [Prefix.Parse("192.0.2.0/24")],
                },
            },
        };
        _service = new DotsServerService(_section, new DotsCallHome(new Dictionary<string, DotsCallHomeOptions>(), []), _desk, _store, TimeProvider.System, NullLogger<DotsServerService>.Instance);
        await _service.StartAsync(CancellationToken.None);
        _dataChannel = new DotsDataChannelService(_section, _store, TimeProvider.System, NullLoggerFactory.Instance);
        await _dataChannel.StartAsync(CancellationToken.None);
    }

    public async Task DisposeAsync()
    {
        await _dataChannel.StopAsync(CancellationToken.None);
        await _dataChannel.DisposeAsync();
        await _service.StopAsync(CancellationToken.None);
        _service.Dispose();
        _folder.Dispose();
    }

    [NeedsTheory("coap-client-openssl"), InlineData("coaps"), InlineData("coaps+tcp")]
    public async Task Serves_its_clients_while_others_send_garbage_half_handshakes_and_nothing(string scheme)
    {
        var random = new Random(7);
        using var udp = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        var silent = new List<Socket>();
        // A ClientHello of DTLS 1.2 up to the cookie (RFC 6347 §4.2.1), from many addresses that never send the cookie back.
        var hello = Convert.FromHexString("16fefd0000000000000000003c0100003000000000000000" + "30" + "fefd" + new string('0', 64) + "00" + "00" + "0006" + "c02bd00100ff" + "0100" + "0000");
        for (var i = 0; i < 3000; i++)
        {
            var garbage = new byte[random.Next(1, 1200)];
            random.NextBytes(garbage);
            if (i % 3 == 0) garbage[0] = 22;
            await udp.SendToAsync(garbage, _endpoint);
            using var forged = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            if (i % 10 == 0) await forged.SendToAsync(hello, _endpoint);
        }
        for (var i = 0; i < 4; i++)
        {
            var connection = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            await connection.ConnectAsync(_endpoint);
            if (i % 2 == 0) await connection.SendAsync("\x16\x03\x03\x00\x05garbage"u8.ToArray());
            silent.Add(connection);
        }
        var body = _folder.File("body");
        File.WriteAllBytes(body, DotsBody.Write(JsonNode.Parse("""{"ietf-dots-signal-channel:mitigation-scope":{"scope":[{"target-prefix":["192.0.2.7/32"],"lifetime":3600}]}}""")!.AsObject()));

        await Command.Run(["coap-client-openssl", "-B", "10", "-m", "put", "-t", "271", "-f", body, "-u", "alpha", "-k", "a very good key", $"{scheme}://{_endpoint}/.well-known/dots/mitigate/cuid=x/mid=1"]);

        await Poll.Until("the rules of its request", () => Task.FromResult(_desk.InForce.Count == 2), TimeSpan.FromSeconds(15));
        foreach (var connection in silent) connection.Dispose();
    }

    [Fact]
    public async Task Takes_aliases_over_https_from_clients_with_a_certificate_alone()
    {
        var root = $"https://{_data}{DotsDataChannel.Root}";
        using (var stranger = Http(null)) await Assert.ThrowsAnyAsync<HttpRequestException>(() => stranger.GetAsync(root + "/capabilities"));
        using var others = new TemporaryFolder();
        using (var impostor = Http(new TestCertificates(others, "other").Client)) await Assert.ThrowsAnyAsync<HttpRequestException>(() => impostor.GetAsync(root + "/capabilities"));

        using var http = Http(_certificates.Client);
        Assert.True((await http.GetAsync(root + "/capabilities")).IsSuccessStatusCode);
        Assert.Equal(HttpStatusCode.Created, (await http.PostAsync(root, Json("""{"ietf-dots-data-channel:dots-client":[{"cuid":"x"}]}"""))).StatusCode);
        Assert.Equal(HttpStatusCode.Created, (await http.PostAsync(root + "/dots-client=x", Json("""{"ietf-dots-data-channel:aliases":{"alias":[{"name":"web","target-prefix":["192.0.2.80/32"]}]}}"""))).StatusCode);
        var shown = await http.GetAsync(root + "/dots-client=x/aliases/alias=web?content=config");
        Assert.Equal("application/yang-data+json", shown.Content.Headers.ContentType!.MediaType);
        Assert.Contains("192.0.2.80/32", await shown.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, (await http.PostAsync(root, new StringContent("x", Encoding.UTF8, "text/plain"))).StatusCode);
        Assert.Contains("/restconf", await http.GetStringAsync($"https://{_data}/.well-known/host-meta"), StringComparison.Ordinal);

        // A filter in force becomes a rule without a request.
        var filter = """{"ietf-dots-data-channel:acls":{"acl":[{"name":"f","activation-type":"immediate","aces":{"ace":[{"name":"a","matches":{"ipv4":{"source-ipv4-network":"203.0.113.0/24"}},"actions":{"forwarding":"drop"}}]}}]}}""";
        Assert.Equal(HttpStatusCode.Created, (await http.PostAsync(root + "/dots-client=x", Json(filter))).StatusCode);
        await Poll.Until("the rule", () => Task.FromResult(_desk.InForce.Any(m => m.Match.Source?.ToString() == "203.0.113.0/24" && m.Match.Destination?.ToString() == "192.0.2.0/24")), TimeSpan.FromSeconds(10));
        await http.DeleteAsync(root + "/dots-client=x/acls/acl=f");
        await Poll.Until("the rule to go", () => Task.FromResult(_desk.InForce.Count == 0), TimeSpan.FromSeconds(10));
    }

    private HttpClient Http((string Certificate, string Key)? client)
    {
        var handler = new SocketsHttpHandler();
        handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate!.Subject == "CN=dots.example.net";
        if (client is { } pem) handler.SslOptions.ClientCertificates = [X509CertificateLoader.LoadPkcs12(X509Certificate2.CreateFromPemFile(pem.Certificate, pem.Key).Export(X509ContentType.Pkcs12), null)];
        return new HttpClient(handler) { Timeout = TimeSpan.FromSeconds(15) };
    }

    private static ByteArrayContent Json(string text)
    {
        var content = new ByteArrayContent(Encoding.UTF8.GetBytes(text));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/yang-data+json");
        return content;
    }
}
