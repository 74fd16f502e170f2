using Breakwater.Core.Flows;
using Breakwater.Core.Sharing;
using Breakwater.Protocols.Json;
using Breakwater.Protocols.Taxii;

namespace Breakwater.Engine.Sharing;

/// <summary>Reads the indicators of a TAXII 2.1 collection, page by page, and never a page twice: all of them first, then what was added since.</summary>
/// <remarks>
/// TAXII 2.1 §3.5: by <c>next</c> where the server gives one, else by the time of the last object; a server that repeats itself is left. §5.4: <c>added_after</c> with
/// the <c>X-TAXII-Date-Added-Last</c> of the reading before gives what came since. What is revoked comes as a newer version; what a server drops without a word is only
/// missed by the next reading of the whole.
/// </remarks>
public sealed class TaxiiFeed : IFeed
{
    /// <summary>Pages of one reading. At a hundred objects a page, what a slow server offers, it is half a million.</summary>
    public const int MaxPages = 5_000;

    public async Task<string> ReadAsync(FeedSource source, FeedPlace? last, FeedSink sink, CancellationToken cancellation)
    {
        // match[type]=indicator, written so that nobody must guess.
        const string query = "objects/?match%5Btype%5D=indicator";
        var cursor = last?.Cursor ?? "";
        foreach (var entry in (last?.Entries ?? []).Where(e => e.Until is not { } until || until > source.Now)) sink.Add(entry);
        var since = AddedAfter(cursor);
        var place = since;
        var places = new HashSet<string>();
        for (var page = 0; page < MaxPages; page++)
        {
            var document = await source.FetchAsync(query + place, TaxiiMedia.Taxii, cancellation).ConfigureAwait(false);
            if (TaxiiEnvelope.Read(document.Bytes, sink, out var more, out var next) != DecodeError.None) throw new InvalidDataException("it answers what is no TAXII envelope");
            var isTold = Rfc3339.TryParse(document.LastAdded, out _);
            if (isTold) cursor = document.LastAdded;
            if (!more) return cursor;
            if (next.Length > 0) place = $"{since}&next={Uri.EscapeDataString(next)}";
            else if (isTold) place = AddedAfter(cursor);
            else throw new InvalidDataException("it says that there is more, and not how to ask for it");
            if (!places.Add(place)) throw new InvalidDataException("it gives the same page again and again");
        }
        throw new InvalidDataException($"it has more than {MaxPages} pages");
    }

    private static string AddedAfter(string time) => time.Length > 0 ? $"&added_after={Uri.EscapeDataString(time)}" : "";
}
