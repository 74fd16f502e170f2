using Breakwater.Core.Flows;
using Breakwater.Core.Sharing;
using Breakwater.Protocols.Json;
using Breakwater.Protocols.Taxii;

namespace Breakwater.Engine.Sharing;

/// <summary>Reads the indicators of a TAXII 2.1 collection, page by page, and never a page twice.</summary>
/// <remarks>TAXII 2.1 §3.5: by <c>next</c> where the server gives one, else by the time of the last object. A server that repeats itself is left.</remarks>
public sealed class TaxiiFeed : IFeed
{
    /// <summary>Pages of one reading. At a hundred objects a page, what a slow server offers, it is half a million.</summary>
    public const int MaxPages = 5_000;

    public async Task ReadAsync(FeedSource source, FeedSink sink, CancellationToken cancellation)
    {
        // match[type]=indicator, written so that nobody must guess.
        const string query = "objects/?match%5Btype%5D=indicator";
        var place = "";
        var places = new HashSet<string>();
        for (var page = 0; page < MaxPages; page++)
        {
            var document = await source.FetchAsync(query + place, TaxiiMedia.Taxii, cancellation).ConfigureAwait(false);
            if (TaxiiEnvelope.Read(document.Bytes, sink, out var more, out var next) != DecodeError.None) throw new InvalidDataException("it answers what is no TAXII envelope");
            if (!more) return;
            if (next.Length > 0) place = $"&next={Uri.EscapeDataString(next)}";
            else if (Rfc3339.TryParse(document.LastAdded, out _)) place = $"&added_after={Uri.EscapeDataString(document.LastAdded)}";
            else throw new InvalidDataException("it says that there is more, and not how to ask for it");
            if (!places.Add(place)) throw new InvalidDataException("it gives the same page again and again");
        }
        throw new InvalidDataException($"it has more than {MaxPages} pages");
    }
}
