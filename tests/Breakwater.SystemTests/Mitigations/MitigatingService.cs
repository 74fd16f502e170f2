using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Breakwater.SystemTests.Support;

namespace Breakwater.SystemTests.Mitigations;

/// <summary>Settings of a service that may mitigate, and what an operator can ask of it. Its one peer never answers: rules stay approved.</summary>
internal static class MitigatingService
{
    private const string Anna = "anna-token";

    public static ServiceSettings Settings(TemporaryFolder folder, string rails = "", string modes = "{rate_limit: automatic, drop: automatic, divert: automatic, blackhole: automatic}") => new()
    {
        Folder = folder,
        Home = ["192.0.2.0/24", "198.51.100.0/24", "2001:db8::/44"],
        Listen = [$"127.0.0.1:{FreePort.Udp()}"],
        More = $$"""
            host_groups:
              web: {prefixes: [198.51.100.0/25]}
              watched: {prefixes: [198.51.100.128/25], modes: {drop: observe} }
            mitigation:
              modes: {{modes}}
              rails: { never_touch: [192.0.2.53/32, 2001:db8:0:1::/64]{{(rails.Length > 0 ? ", " + rails : "")}} }
              divert_targets: {scrubber: {next_hop: 203.0.113.9} }
              bgp: {as: 64500, router_id: 203.0.113.1, peers: {nobody: {address: 127.0.0.9, port: {{FreePort.Tcp()}}, as: 64501} } }

            """,
    };

    /// <summary>The same with an operator's token, which an API section of its own needs.</summary>
    public static string WithTokens(ServiceSettings settings) => settings.ToYaml().Replace(
        $"api: {{ listen: \"127.0.0.1:{settings.HttpPort}\" }}",
        $"api: {{ listen: \"127.0.0.1:{settings.HttpPort}\", tokens: [{Token("anna", Anna)}] }}", StringComparison.Ordinal);

    /// <summary>The command line as an operator.</summary>
    public static string[] Cli(ServiceSettings settings, params string[] arguments) =>
        ["env", $"BREAKWATER_TOKEN={Anna}", .. Service.Breakwater(["mitigations", .. arguments, "--url", $"http://127.0.0.1:{settings.HttpPort}"])];

    public static async Task<(int Status, JsonElement Answer)> Send(this Service service, HttpMethod method, string path, string? body = null, string token = Anna)
    {
        using var request = new HttpRequestMessage(method, "/api/v1/mitigations" + path);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        if (body is not null) request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        using var answer = await service.Http.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        if (text.Length == 0) return ((int)answer.StatusCode, default);
        using var document = JsonDocument.Parse(text);
        return ((int)answer.StatusCode, document.RootElement.Clone());
    }

    public static async Task<IReadOnlyList<MitigationView>> Mitigations(this Service service) =>
        [.. (await service.Get("/api/v1/mitigations?limit=500")).GetProperty("mitigations").EnumerateArray().Select(m => new MitigationView(m))];

    /// <summary>Those that mitigators should hold.</summary>
    public static async Task<IReadOnlyList<MitigationView>> InForce(this Service service) => [.. (await service.Mitigations()).Where(m => m["state"] is "approved" or "active")];

    private static string Token(string name, string token) =>
        $"{{name: {name}, role: operator, sha256: {Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)))}}}";
}

/// <summary>A mitigation as the API shows it.</summary>
internal sealed record MitigationView(JsonElement Json)
{
    /// <summary>A text field; null where it is null.</summary>
    public string? this[string name] => Json.GetProperty(name).GetString();
}
