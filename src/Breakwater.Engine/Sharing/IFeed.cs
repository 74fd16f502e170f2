using Breakwater.Core.Flows;
using Breakwater.Core.Sharing;

namespace Breakwater.Engine.Sharing;

/// <summary>Where the last reading of a feed stopped, for feeds that tell what changed since.</summary>
/// <param name="Cursor">As the feed's server calls it.</param>
/// <param name="Entries">What the feed said until then.</param>
public sealed record FeedPlace(string Cursor, IReadOnlyList<FeedEntry> Entries);

/// <summary>How feeds of one format are read: one attempt, told when to stop. When, how often and what comes of it is not its business.</summary>
public interface IFeed
{
    /// <summary>Reads the feed.</summary>
    /// <param name="source">Fetches documents.</param>
    /// <param name="last">Where to go on; null to read it as a whole.</param>
    /// <param name="sink">Gets all entries, those that stay as well.</param>
    /// <returns>Where to go on next time; empty where the feed is always read as a whole.</returns>
    /// <exception cref="InvalidDataException">What was fetched is not what the format says.</exception>
    /// <exception cref="HttpRequestException">It could not be fetched.</exception>
    Task<string> ReadAsync(FeedSource source, FeedPlace? last, FeedSink sink, CancellationToken cancellation);
}

/// <summary>Reads a document of a format whose parser needs nothing else.</summary>
/// <param name="parser">Reads one document; the moment is that of the fetch.</param>
public sealed class DocumentFeed(Func<ReadOnlyMemory<byte>, Timestamp, FeedSink, DecodeError> parser) : IFeed
{
    public async Task<string> ReadAsync(FeedSource source, FeedPlace? last, FeedSink sink, CancellationToken cancellation)
    {
        var document = await source.FetchAsync("", "", cancellation).ConfigureAwait(false);
        if (parser(document.Bytes, source.Now, sink) is not DecodeError.None and var error) throw new InvalidDataException($"it is not of this format ({error.Name()})");
        return "";
    }
}
