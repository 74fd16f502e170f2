using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;

namespace Breakwater.Engine.Notification;

/// <summary>Posts notices as JSON, signed as Standard Webhooks has it: receivers find a library that checks it.</summary>
/// <remarks>
/// standardwebhooks.com: <c>webhook-signature</c> is "v1," and the base64 of HMAC-SHA256 over <c>webhook-id</c>, ".",
/// <c>webhook-timestamp</c> (seconds since 1970), "." and the body. The identifier is the same on every attempt, and stands in
/// <c>Idempotency-Key</c> as well.
/// </remarks>
public sealed class WebhookNotifier : INotifier
{
    public const string PartName = "webhook";

    private const string SecretPrefix = "whsec_";

    private readonly Uri _url;
    private readonly byte[]? _secret;
    private readonly HttpClient _http;
    private readonly TimeProvider _time;

    /// <exception cref="InvalidDataException">The secret or the authorities are not where the options say.</exception>
    public WebhookNotifier(WebhookOptions options, TimeProvider time)
    {
        _url = new Uri(options.Url);
        _secret = SecretSource.Read(options.SecretFile, options.SecretVariable) is { Length: > 0 } secret ? Octets(secret) : null;
        _http = NotifierTls.Http(options.Url, NotifierTls.Authorities(options.AuthorityFile));
        _time = time;
    }

    public string Name => PartName;

    public async Task<Delivery> SendAsync(NoticeGroup group, CancellationToken cancellation)
    {
        var body = NoticeJson.Write(group);
        var now = _time.GetUtcNow().ToUnixTimeSeconds();
        using var request = new HttpRequestMessage(HttpMethod.Post, _url) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.UserAgent.Add(new ProductInfoHeaderValue("breakwater", null));
        request.Headers.Add("Idempotency-Key", group.Id);
        request.Headers.Add("webhook-id", group.Id);
        request.Headers.Add("webhook-timestamp", now.ToString(CultureInfo.InvariantCulture));
        if (_secret is not null) request.Headers.Add("webhook-signature", Sign(_secret, group.Id, now, body));
        // The answer's body says nothing that we act on: it is not read.
        using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation).ConfigureAwait(false);
        return Verdict(response);
    }

    public void Dispose() => _http.Dispose();

    /// <summary>The value of <c>webhook-signature</c>.</summary>
    /// <param name="time">Seconds since 1970.</param>
    internal static string Sign(byte[] secret, string id, long time, byte[] body)
    {
        byte[] signed = [.. Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{id}.{time}.")), .. body];
        return "v1," + Convert.ToBase64String(HMACSHA256.HashData(secret, signed));
    }

    /// <summary>408, 429 and the server's own troubles pass; another 4xx comes again whenever we ask again (RFC 9110 §15.5).</summary>
    internal static Delivery Verdict(HttpResponseMessage response)
    {
        if (response.IsSuccessStatusCode) return Delivery.Done;
        var status = (int)response.StatusCode;
        var problem = string.Create(CultureInfo.InvariantCulture, $"it answers {status}");
        return status is >= 300 and < 500 and not (408 or 425 or 429) ? Delivery.Refused(problem) : Delivery.Failed(problem);
    }

    private static byte[] Octets(string secret)
    {
        if (!secret.StartsWith(SecretPrefix, StringComparison.Ordinal)) return Encoding.UTF8.GetBytes(secret);
        try
        {
            return Convert.FromBase64String(secret[SecretPrefix.Length..]);
        }
        catch (FormatException)
        {
            throw new InvalidDataException("notifications.webhook: the secret begins with whsec_ but is not base64");
        }
    }
}
