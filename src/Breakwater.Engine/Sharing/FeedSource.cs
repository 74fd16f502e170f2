using System.Buffers;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Breakwater.Core.Flows;
using Breakwater.Engine.Notification;

namespace Breakwater.Engine.Sharing;

/// <summary>A document of a feed.</summary>
/// <param name="Bytes">Its bytes.</param>
/// <param name="LastAdded">TAXII's <c>X-TAXII-Date-Added-Last</c>; empty where there is none.</param>
public sealed record FeedDocument(byte[] Bytes, string LastAdded);

/// <summary>Where a feed is fetched: an address with its key, or a file. Bounded in octets.</summary>
public sealed class FeedSource : IDisposable
{
    private readonly FeedOptions _options;
    private readonly int _maxBytes;
    private readonly TimeProvider _time;
    private readonly HttpClient? _http;
    private readonly string _key;

    /// <param name="maxBytes">Longest document.</param>
    /// <exception cref="InvalidDataException">The key or the authorities are not where the options say.</exception>
    public FeedSource(FeedOptions options, int maxBytes, TimeProvider time)
    {
        (_options, _maxBytes, _time) = (options, maxBytes, time);
        _key = SecretSource.Read(options.KeyFile, options.KeyVariable);
        if (_key.Any(c => c is <= ' ' or >= '\x7F')) throw new InvalidDataException("the key holds a character that no header may hold");
        if (options.Url.Length > 0) _http = NotifierTls.Http(options.Url, NotifierTls.Authorities(options.AuthorityFile));
    }

    public Timestamp Now => Timestamp.From(_time.GetUtcNow());

    /// <param name="path">Relative to the feed's address; empty for the address itself. Never anything that came from outside but digits, letters and hyphens.</param>
    /// <param name="accept">Media type; empty for any.</param>
    /// <exception cref="InvalidDataException">It is longer than allowed, or the file cannot be read.</exception>
    /// <exception cref="HttpRequestException">The server does not give it.</exception>
    public async Task<FeedDocument> FetchAsync(string path, string accept, CancellationToken cancellation)
    {
        if (_http is null) return new FeedDocument(await ReadFileAsync(cancellation).ConfigureAwait(false), "");
        using var request = new HttpRequestMessage(HttpMethod.Get, path.Length == 0 ? new Uri(_options.Url) : new Uri(_options.Url.TrimEnd('/') + "/" + path));
        request.Headers.UserAgent.Add(new ProductInfoHeaderValue("breakwater", null));
        if (accept.Length > 0) request.Headers.TryAddWithoutValidation("Accept", accept);
        if (_options.User.Length > 0) request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{_options.User}:{_key}")));
        else if (_options.KeyHeader.Length > 0) request.Headers.TryAddWithoutValidation(_options.KeyHeader, _key);
        using var answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation).ConfigureAwait(false);
        if (answer.StatusCode != HttpStatusCode.OK) throw new HttpRequestException(string.Create(CultureInfo.InvariantCulture, $"it answers {(int)answer.StatusCode}"));
        var stream = await answer.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
        await using var _ = stream.ConfigureAwait(false);
        var added = answer.Headers.TryGetValues("X-TAXII-Date-Added-Last", out var values) ? values.First() : "";
        return new FeedDocument(await BoundedAsync(stream, cancellation).ConfigureAwait(false), added);
    }

    public void Dispose() => _http?.Dispose();

    private async Task<byte[]> ReadFileAsync(CancellationToken cancellation)
    {
        try
        {
            var file = File.OpenRead(_options.File);
            await using var _ = file.ConfigureAwait(false);
            return await BoundedAsync(file, cancellation).ConfigureAwait(false);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new InvalidDataException(problem.Message, problem);
        }
    }

    private async Task<byte[]> BoundedAsync(Stream stream, CancellationToken cancellation)
    {
        var document = new ArrayBufferWriter<byte>();
        while (true)
        {
            var read = await stream.ReadAsync(document.GetMemory(64 * 1024), cancellation).ConfigureAwait(false);
            if (read == 0) return document.WrittenSpan.ToArray();
            document.Advance(read);
            if (document.WrittenCount > _maxBytes) throw new InvalidDataException("it is longer than feeds.max_mebibytes allows");
        }
    }
}
