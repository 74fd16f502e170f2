using System.CommandLine;
using System.Net;
using System.Net.Http.Headers;

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

    public void Dispose() => _http.Dispose();
}
