using System.CommandLine;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Breakwater.Protocols.Json;

namespace Breakwater.Server.Cli;

/// <summary>Asks a running service, for the commands that show what it knows.</summary>
internal sealed class ApiClient : IDisposable
{
    public const string TokenVariable = "BREAKWATER_TOKEN";

    private const int MaxAnswer = 64 << 20;

    private readonly HttpClient _http;

    /// <param name="url">Where the service is, without a path.</param>
    public ApiClient(string url)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
            throw new CommandFailedException($"--url: '{url}' is not an address such as http://127.0.0.1:8080", ExitCode.Usage);
        Address = address.GetLeftPart(UriPartial.Authority);
        // No proxy: what is asked for is on this machine or on the operator's own network.
        _http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = new Uri(Address), Timeout = TimeSpan.FromSeconds(10), MaxResponseContentBufferSize = MaxAnswer };
        if (Environment.GetEnvironmentVariable(TokenVariable) is { Length: > 0 } token)
            _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
    }

    public string Address { get; }

    public static Option<string> Url() => new("--url")
    {
        Description = $"Where the service is; a token, where one is asked for, comes from {TokenVariable}.",
        HelpName = "URL",
        DefaultValueFactory = _ => "http://127.0.0.1:8080",
    };

    /// <param name="path">Path and query.</param>
    /// <param name="cancel">Gives up.</param>
    /// <exception cref="CommandFailedException">The service does not answer, or refuses.</exception>
    public async Task<byte[]> GetAsync(string path, CancellationToken cancel)
    {
        try
        {
            using var answer = await _http.GetAsync(path, cancel);
            if (answer.IsSuccessStatusCode) return await answer.Content.ReadAsByteArrayAsync(cancel);
            throw answer.StatusCode switch
            {
                HttpStatusCode.NotFound => new CommandFailedException($"{Address} knows no {path}", ExitCode.NotFound),
                HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => new CommandFailedException($"{Address} asks for a token: set {TokenVariable}", ExitCode.Unreachable),
                var status => new CommandFailedException($"{Address} answers {(int)status} to {path}", ExitCode.Unreachable),
            };
        }
        catch (HttpRequestException unreachable)
        {
            throw new CommandFailedException($"no service at {Address} ({unreachable.Message}); is `breakwater serve` running?", ExitCode.Unreachable);
        }
        catch (TaskCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw new CommandFailedException($"{Address} does not answer in time", ExitCode.Unreachable);
        }
    }

    /// <summary>Asks for a change; an answer that refuses is an answer.</summary>
    /// <param name="body">Null for none.</param>
    /// <exception cref="CommandFailedException">The service does not answer, or knows nobody by this token.</exception>
    public async Task<ApiAnswer> SendAsync(HttpMethod method, string path, JsonObject? body, CancellationToken cancel)
    {
        try
        {
            using var request = new HttpRequestMessage(method, path);
            if (body is not null) request.Content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
            using var answer = await _http.SendAsync(request, cancel);
            if (answer.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden)
                throw new CommandFailedException($"{Address} asks for a token of an operator: set {TokenVariable}", ExitCode.Unreachable);
            return new ApiAnswer((int)answer.StatusCode, answer.Content.Headers.ContentType?.MediaType ?? "", await answer.Content.ReadAsByteArrayAsync(cancel));
        }
        catch (HttpRequestException unreachable)
        {
            throw new CommandFailedException($"no service at {Address} ({unreachable.Message}); is `breakwater serve` running?", ExitCode.Unreachable);
        }
        catch (TaskCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw new CommandFailedException($"{Address} does not answer in time", ExitCode.Unreachable);
        }
    }

    public void Dispose() => _http.Dispose();
}

/// <summary>What the service answered to a change.</summary>
internal sealed record ApiAnswer(int Status, string ContentType, byte[] Body)
{
    public bool IsGood => Status is >= 200 and < 300;

    /// <summary>True when the body is a mitigation, be it a refused one.</summary>
    public bool HasMitigation => ContentType == "application/json" && Body.Length > 0;

    /// <summary>What a problem says (RFC 9457).</summary>
    public string Detail
    {
        get
        {
            // Between us and the service there may be a proxy with words of its own.
            using var document = ForeignJson.Parse(Body);
            return document is { RootElement.ValueKind: JsonValueKind.Object } && document.RootElement.TryGetProperty("detail", out var detail) && detail.ValueKind == JsonValueKind.String
                ? detail.GetString()! : $"the service answers {Status}";
        }
    }
}
