using Breakwater.Core.Flows;
using Breakwater.Core.Sharing;

namespace Breakwater.Protocols.Feeds;

/// <summary>A plain list: an address, network or domain name a line; what follows <c>#</c>, <c>;</c> or a blank is a comment. Host files count as lists of names.</summary>
public static class PlainList
{
    /// <param name="document">UTF-8.</param>
    /// <param name="sink">Gets the entries.</param>
    /// <returns>What is wrong with the document as a whole: nothing ever is.</returns>
    public static DecodeError Read(ReadOnlyMemory<byte> document, FeedSink sink)
    {
        var rest = document.Span;
        while (FeedText.NextLine(ref rest, out var line))
        {
            var comment = line.IndexOfAny("#;"u8);
            if (comment >= 0) line = line[..comment];
            line = line.Trim(" \t"u8);
            if (line.IsEmpty) continue;
            if (line.Length > FeedText.MaxLine)
            {
                sink.Skip();
                continue;
            }
            var text = FeedText.Text(line).AsSpan();
            var blank = text.IndexOfAny(" \t,");
            var first = blank < 0 ? text : text[..blank];
            // "0.0.0.0 bad.example" in the form of /etc/hosts lists the name.
            if (blank > 0 && first is "0.0.0.0" or "127.0.0.1" or "::" or "::1") first = Second(text[blank..]);
            if (FeedEntry.TryParse(first, FeedCategory.Listed, out var entry)) sink.Add(entry);
            else sink.Skip();
        }
        return DecodeError.None;
    }

    private static ReadOnlySpan<char> Second(ReadOnlySpan<char> rest)
    {
        rest = rest.TrimStart(" \t");
        var end = rest.IndexOfAny(" \t");
        return end < 0 ? rest : rest[..end];
    }
}
