using System.Globalization;
using Breakwater.Core.Flows;
using Breakwater.Core.Sharing;

namespace Breakwater.Protocols.Feeds;

/// <summary>A report of Shadowserver as CSV: what others saw of addresses, mostly the reader's own.</summary>
/// <remarks>The first record names the columns: <c>timestamp, severity, ip, protocol, port, …, tag, infection</c>; newer event reports have <c>src_ip</c> and <c>src_port</c>.</remarks>
public static class Shadowserver
{
    /// <param name="document">UTF-8.</param>
    /// <param name="sink">Gets the entries.</param>
    /// <returns>What is wrong with the document as a whole.</returns>
    public static DecodeError Read(ReadOnlyMemory<byte> document, FeedSink sink)
    {
        var records = new CsvRecords(document.Span);
        var fields = new List<string>();
        if (!records.Next(fields)) return DecodeError.None;
        fields[0] = fields[0].TrimStart('\uFEFF');
        var columns = fields.ToArray();
        int address = Column(columns, "ip", "src_ip"), time = Column(columns, "timestamp"), port = Column(columns, "port", "src_port"), severity = Column(columns, "severity");
        int[] words = [Column(columns, "infection"), Column(columns, "tag"), Column(columns, "type"), Column(columns, "service")];
        if (address < 0) return DecodeError.InvalidValue;
        while (records.Next(fields))
        {
            var told = string.Join(' ', words.Where(w => w >= 0 && w < fields.Count).Select(w => fields[w]));
            // A report without an infection is about a service that should not be open.
            var category = FeedCategoryNames.Guess(told) is var guess && guess == FeedCategory.Listed && words[0] < 0 ? FeedCategory.OpenService : guess;
            if (address >= fields.Count || !FeedEntry.TryParse(fields[address], category, out var entry) || entry.Prefix is null)
            {
                sink.Skip();
                continue;
            }
            sink.Add(entry with
            {
                Seen = Field(fields, time) is { Length: > 0 } text ? FeedText.Time(text) : null,
                Port = category == FeedCategory.OpenService && ushort.TryParse(Field(fields, port), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : (ushort)0,
                Confidence = Field(fields, severity) switch { "critical" => 1f, "high" => 0.95f, "medium" => 0.8f, "low" => 0.6f, "info" => 0.4f, _ => 0.8f },
            });
        }
        for (var i = 0L; i < records.Skipped; i++) sink.Skip();
        return DecodeError.None;
    }

    private static string Field(List<string> fields, int column) => column >= 0 && column < fields.Count ? fields[column] : "";

    private static int Column(string[] columns, params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
            if (Array.IndexOf(columns, name) is >= 0 and var at) return at;
        return -1;
    }
}
