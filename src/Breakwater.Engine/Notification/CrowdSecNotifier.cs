using System.Buffers;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Breakwater.Protocols.CrowdSec;
using Breakwater.Protocols.Json;

namespace Breakwater.Engine.Notification;

/// <summary>Gives incidents to a CrowdSec local API as alerts without a decision: what is done about them is not decided there.</summary>
/// <remarks>CrowdSec, local API: <c>POST /v1/watchers/login</c> gives a token, with which <c>POST /v1/alerts</c> takes a list of alerts.</remarks>
public sealed class CrowdSecNotifier : INotifier
{
    public const string PartName = "crowdsec";

    private readonly Uri _login;
    private readonly Uri _alerts;
    private readonly string _machine;
    private readonly string _password;
    private readonly HttpClient _http;
    private string? _token;

    /// <exception cref="InvalidDataException">The password or the authorities are not where the options say.</exception>
    public CrowdSecNotifier(CrowdSecOptions options)
    {
        var root = options.Url.TrimEnd('/');
        _login = new Uri(root + "/v1/watchers/login");
        _alerts = new Uri(root + "/v1/alerts");
        _machine = options.MachineId;
        _password = SecretSource.Read(options.PasswordFile, options.PasswordVariable);
        _http = NotifierTls.Http(options.Url, NotifierTls.Authorities(options.AuthorityFile));
    }

    public string Name => PartName;

    public async Task<Delivery> SendAsync(NoticeGroup group, CancellationToken cancellation)
    {
        // An alert is one story: the beginning and the end are enough, and mitigations are not CrowdSec's.
        var told = group.Notices.Where(n => n.Kind is NoticeKind.Opened or NoticeKind.Ended).ToArray();
        if (told.Length == 0) return Delivery.Done;
        var body = Json(json =>
        {
            json.WriteStartArray();
            foreach (var notice in told) AlertJson.Write(json, notice.Incident!, notice.Kind.Name(), notice.Title());
            json.WriteEndArray();
        });
        if (_token is null && await LogInAsync(cancellation).ConfigureAwait(false) is { } refused) return refused;
        using var request = Post(_alerts, body);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _token);
        using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation).ConfigureAwait(false);
        if (response.StatusCode is not (HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden)) return WebhookNotifier.Verdict(response);
        // The token is of limited life: the next attempt logs in again.
        _token = null;
        return Delivery.Failed("the token is no longer taken");
    }

    public void Dispose() => _http.Dispose();

    private async Task<Delivery?> LogInAsync(CancellationToken cancellation)
    {
        using var request = Post(_login, Json(json =>
        {
            json.WriteStartObject();
            json.WriteString("machine_id", _machine);
            json.WriteString("password", _password);
            json.WriteStartArray("scenarios");
            json.WriteEndArray();
            json.WriteEndObject();
        }));
        using var response = await _http.SendAsync(request, cancellation).ConfigureAwait(false);
        if (!response.IsSuccessStatusCode) return Delivery.Failed($"it refuses to log us in: {(int)response.StatusCode}");
        using var answer = ForeignJson.Parse(await response.Content.ReadAsByteArrayAsync(cancellation).ConfigureAwait(false));
        _token = answer is { RootElement.ValueKind: JsonValueKind.Object } && answer.RootElement.TryGetProperty("token", out var token) && token.ValueKind == JsonValueKind.String ? token.GetString() : null;
        // A token with a line break would be a header of its own.
        if (_token is null || _token.Any(c => c is <= ' ' or >= '\x7F')) _token = null;
        return _token is null ? Delivery.Failed("its answer to the login holds no token") : null;
    }

    private static HttpRequestMessage Post(Uri where, byte[] body)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, where) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.UserAgent.Add(new ProductInfoHeaderValue("breakwater", null));
        return request;
    }

    private static byte[] Json(Action<Utf8JsonWriter> write)
    {
        var output = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(output)) write(json);
        return output.WrittenSpan.ToArray();
    }
}
