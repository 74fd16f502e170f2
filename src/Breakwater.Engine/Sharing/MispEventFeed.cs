using Breakwater.Core.Flows;
using Breakwater.Core.Sharing;
using Breakwater.Protocols.Misp;

namespace Breakwater.Engine.Sharing;

/// <summary>Reads a MISP feed: its manifest, then the newest events.</summary>
public sealed class MispEventFeed : IFeed
{
    /// <summary>Events read, newest first: what is older has mostly changed hands.</summary>
    public const int MaxEvents = 500;

    public async Task<string> ReadAsync(FeedSource source, FeedPlace? last, FeedSink sink, CancellationToken cancellation)
    {
        var manifest = await source.FetchAsync("manifest.json", "application/json", cancellation).ConfigureAwait(false);
        if (MispFeed.ReadManifest(manifest.Bytes, MaxEvents, out var events) != DecodeError.None) throw new InvalidDataException("its manifest.json is none");
        var good = 0;
        foreach (var id in events)
        {
            var told = await source.FetchAsync($"{id}.json", "application/json", cancellation).ConfigureAwait(false);
            if (MispFeed.ReadEvent(told.Bytes, sink) == DecodeError.None) good++;
            else sink.Skip();
        }
        if (good == 0 && events.Count > 0) throw new InvalidDataException("none of its events can be read");
        return "";
    }
}
