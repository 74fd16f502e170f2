using Breakwater.Core.Flows;
using Breakwater.Core.Sharing;

namespace Breakwater.Engine.Sharing;

/// <summary>How feeds of one format are read: one attempt, told when to stop. When, how often and what comes of it is not its business.</summary>
public interface IFeed
{
    /// <summary>Reads the feed as a whole.</summary>
    /// <param name="source">Fetches documents.</param>
    /// <param name="sink">Gets the entries.</param>
    /// <exception cref="InvalidDataException">What was fetched is not what the format says.</exception>
    /// <exception cref="HttpRequestException">It could not be fetched.</exception>
    Task ReadAsync(FeedSource source, FeedSink sink, CancellationToken cancellation);
}

/// <summary>Reads a document of a format whose parser needs nothing else.</summary>
/// <param name="parser">Reads one document; the moment is that of the fetch.</param>
public sealed class DocumentFeed(Func<ReadOnlyMemory<byte>, Timestamp, FeedSink, DecodeError> parser) : IFeed
{
    public async Task ReadAsync(FeedSource source, FeedSink sink, CancellationToken cancellation)
    {
        var document = await source.FetchAsync("", "", cancellation).ConfigureAwait(false);
        if (parser(document.Bytes, source.Now, sink) is not DecodeError.None and var error) throw new InvalidDataException($"it is not of this format ({error.Name()})");
    }
}
