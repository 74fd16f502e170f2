using System.Text.Json;
using Breakwater.Core.Flows;
using Breakwater.Core.Sharing;
using Breakwater.Protocols.Feeds;

namespace Breakwater.Protocols.Stix;

/// <summary>Reads the indicators of a bundle or of a TAXII envelope: addresses, networks and names to look for.</summary>
/// <remarks>STIX 2.1 §4.7; the older 2.0 looks the same here. What is revoked or over is left out; what no simple list can say is counted as not understood.</remarks>
public static class StixFeed
{
    /// <param name="document">UTF-8.</param>
    /// <param name="sink">Gets the entries.</param>
    /// <returns>What is wrong with the document as a whole.</returns>
    public static DecodeError Read(ReadOnlyMemory<byte> document, FeedSink sink)
    {
        using var json = FeedText.Parse(document);
        if (json is null || json.RootElement.ValueKind != JsonValueKind.Object) return DecodeError.InvalidValue;
        Read(json.RootElement, sink);
        return DecodeError.None;
    }

    internal static void Read(JsonElement container, FeedSink sink)
    {
        // Of several versions in one document the newest counts (§3.6).
        var newest = new Dictionary<string, JsonElement>();
        foreach (var item in container.Items("objects").Where(o => o.Text("type") == "indicator"))
        {
            var id = item.Text("id");
            if (!newest.TryGetValue(id, out var known) || string.CompareOrdinal(known.Text("modified"), item.Text("modified")) < 0) newest[id] = item;
        }
        // Pages of a collection and what changed since the last reading: newer versions take the place of older ones.
        sink.Supersede(newest.Keys);
        foreach (var (id, indicator) in newest) ReadIndicator(id, indicator, sink);
    }

    private static void ReadIndicator(string id, JsonElement indicator, FeedSink sink)
    {
        if (indicator.True("revoked")) return;
        if (indicator.Text("pattern_type") is not ("stix" or ""))
        {
            sink.Skip();
            return;
        }
        var words = string.Join(' ', indicator.Items("indicator_types").Concat(indicator.Items("labels")).Select(FeedText.Text).Append(indicator.Text("name")));
        var category = FeedCategoryNames.Guess(words);
        var confidence = indicator.Number("confidence") is >= 0 and <= 100 and var percent ? (float)(percent / 100) : 1;
        // 0 means that none is stated (§3.2).
        if (confidence == 0) confidence = 1;
        var terms = StixPatternReader.Read(indicator.Text("pattern"));
        if (terms.Count == 0) sink.Skip();
        foreach (var term in terms)
        {
            if (!(term.IsUrl ? FeedText.TryHost(term.Value, category, out var entry) : FeedEntry.TryParse(term.Value, category, out entry)))
            {
                sink.Skip();
                continue;
            }
            sink.Add(entry with
            {
                Port = term.Port != 0 ? term.Port : entry.Port,
                Seen = FeedText.Time(indicator.Text("valid_from")),
                Until = FeedText.Time(indicator.Text("valid_until")),
                Confidence = confidence,
                Reference = StixId.TryParse(id, out _) ? id : null,
            });
        }
    }
}
