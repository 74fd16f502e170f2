using Breakwater.Core.Flows;
using Breakwater.Core.Net;
using Breakwater.Core.Sharing;

namespace Breakwater.Protocols.Feeds;

/// <summary>Spamhaus DROP as JSON lines: networks in the hands of criminals.</summary>
/// <remarks>One object a line: <c>{"cidr":…,"sblid":…,"rir":…}</c>, and one with <c>"type":"metadata"</c>, <c>timestamp</c> and <c>copyright</c>. Spamhaus asks to read it not more than once an hour.</remarks>
public static class SpamhausDrop
{
    /// <param name="document">UTF-8.</param>
    /// <param name="sink">Gets the entries.</param>
    /// <returns>What is wrong with the document as a whole.</returns>
    public static DecodeError Read(ReadOnlyMemory<byte> document, FeedSink sink)
    {
        var at = 0;
        var good = 0;
        var rest = document.Span;
        while (FeedText.NextLine(ref rest, out var line))
        {
            var start = at;
            at = document.Length - rest.Length;
            if (line.Trim(" \t"u8).IsEmpty) continue;
            if (line.Length > FeedText.MaxLine)
            {
                sink.Skip();
                continue;
            }
            using var json = FeedText.Parse(document.Slice(start, line.Length));
            if (json is not null && Prefix.TryParse(json.RootElement.Text("cidr"), out var prefix)) sink.Add(FeedEntry.Of(prefix, FeedCategory.Criminal));
            else if (json is null || json.RootElement.Text("type") != "metadata")
            {
                sink.Skip();
                continue;
            }
            good++;
        }
        return good > 0 || document.IsEmpty ? DecodeError.None : DecodeError.InvalidValue;
    }
}
