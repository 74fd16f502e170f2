using System.Net;
using System.Text.Json.Nodes;
using Breakwater.Core.Flows;
using Breakwater.Protocols.Dots;
using Breakwater.SystemTests.Support;

namespace Breakwater.SystemTests.Dots;

/// <summary>One of libcoap's clients on one transport with one kind of credential: what it asks, and what it is answered.</summary>
/// <param name="Library">"openssl" or "gnutls".</param>
/// <param name="Scheme">"coaps" or "coaps+tcp".</param>
/// <param name="Credential">"psk" or "certificate"; "wrong-psk" and "wrong-certificate" for those of somebody else.</param>
internal sealed record CoapClient(string Library, string Scheme, string Credential)
{
    /// <summary>Key of "alpha".</summary>
    public const string Key = "a very good key";

    /// <summary>All ways to reach a server.</summary>
    public static IReadOnlyList<(string Library, string Scheme, string Credential)> Everyone { get; } =
    [
        .. from library in new[] { "openssl", "gnutls" }
           from scheme in new[] { "coaps", "coaps+tcp" }
           from credential in new[] { "psk", "certificate" }
           select (library, scheme, credential),
    ];

    /// <summary>Where bodies and answers lie.</summary>
    public required TemporaryFolder Folder { get; init; }
    public required TestCertificates Certificates { get; init; }
    public required IPEndPoint Server { get; init; }

    /// <summary>Runs it once.</summary>
    /// <param name="method">"put", "get" or "delete".</param>
    /// <param name="path">Below /.well-known/dots.</param>
    /// <param name="body">In JSON; null for none.</param>
    /// <param name="observe">Seconds for which it observes.</param>
    /// <param name="within">Seconds until it gives up.</param>
    /// <returns>Every body that it was sent, in order, and what it wrote.</returns>
    public async Task<(IReadOnlyList<JsonObject> Bodies, string Raw)> Ask(string method, string path, string? body = null, int observe = 0, int within = 15)
    {
        var output = Folder.File(Path.GetRandomFileName());
        using var strangers = new TemporaryFolder();
        var certificates = Credential == "wrong-certificate" ? new TestCertificates(strangers, "other") : Certificates;
        List<string> command = ["coap-client-" + Library, "-v", "6", "-B", $"{within}", "-m", method, "-o", output];
        command.AddRange(Credential switch
        {
            "psk" => ["-u", "alpha", "-k", Key],
            "wrong-psk" => ["-u", "alpha", "-k", "another key"],
            _ => ["-c", certificates.Client.Certificate, "-j", certificates.Client.Key, "-C", Certificates.Authority],
        });
        if (body is not null)
        {
            var file = Folder.File(Path.GetRandomFileName());
            await File.WriteAllBytesAsync(file, DotsBody.Write(JsonNode.Parse(body)!.AsObject()));
            command.AddRange(["-t", $"{DotsBody.ContentFormat}", "-f", file]);
        }
        if (observe > 0) command.AddRange(["-s", $"{observe}"]);
        using var process = Command.Start([.. command, $"{Scheme}://{Server}/.well-known/dots/{path}"]);
        await process.WaitForExit(TimeSpan.FromSeconds(within + observe + 15));
        var bytes = File.Exists(output) ? await File.ReadAllBytesAsync(output) : [];
        return (Bodies(bytes), System.Text.Encoding.UTF8.GetString(bytes) + process.Output);
    }

    public override string ToString() => $"{Library} over {Scheme} with {Credential}";

    /// <summary>A file with several bodies: each is as long as makes it readable.</summary>
    private static List<JsonObject> Bodies(byte[] bytes)
    {
        var bodies = new List<JsonObject>();
        for (var start = 0; start < bytes.Length;)
        {
            var length = Enumerable.Range(1, bytes.Length - start).FirstOrDefault(n => DotsBody.Read(bytes.AsSpan(start, n), out _, out _) == DecodeError.None);
            if (length == 0) break;
            DotsBody.Read(bytes.AsSpan(start, length), out var body, out _);
            bodies.Add(body);
            start += length;
        }
        return bodies;
    }
}
