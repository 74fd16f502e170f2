using System.Text.Json;
using Breakwater.Core.Flows;
using Breakwater.Core.Sharing;

namespace Breakwater.Protocols.Feeds;

/// <summary>The lists of abuse.ch: Feodo Tracker as JSON or CSV, URLhaus as CSV.</summary>
/// <remarks>
/// Feodo JSON: an array of <c>ip_address, port, status, malware, first_seen, last_online</c>. CSV: the last comment line before the records names the columns;
/// Feodo's are <c>first_seen_utc, dst_ip, dst_port, c2_status, last_online, malware</c>, URLhaus' <c>id, dateadded, url, url_status, last_online, threat, tags, urlhaus_link, reporter</c>.
/// What is offline is not listed: nobody is harmed by it now.
/// </remarks>
public static class AbuseCh
{
    private static readonly string[] UrlhausColumns = ["id", "dateadded", "url", "url_status", "last_online", "threat", "tags", "urlhaus_link", "reporter"];

    /// <param name="document">UTF-8.</param>
    /// <param name="sink">Gets the entries.</param>
    /// <returns>What is wrong with the document as a whole.</returns>
    public static DecodeError Read(ReadOnlyMemory<byte> document, FeedSink sink)
    {
        var start = document.Span.TrimStart(" \t\r\n\uFEFF"u8);
        return !start.IsEmpty && start[0] is (byte)'[' or (byte)'{' ? ReadJson(document, sink) : ReadCsv(document, sink);
    }

    private static DecodeError ReadJson(ReadOnlyMemory<byte> document, FeedSink sink)
    {
        using var json = FeedText.Parse(document);
        if (json is null || json.RootElement.ValueKind != JsonValueKind.Array) return DecodeError.InvalidValue;
        foreach (var line in json.RootElement.EnumerateArray())
        {
            if (IsOffline(line.Text("status"))) continue;
            if (!FeedEntry.TryParse(line.Text("ip_address"), FeedCategory.CommandAndControl, out var entry))
            {
                sink.Skip();
                continue;
            }
            sink.Add(entry with { Port = FeedText.Port(line.Number("port")), Seen = FeedText.Time(line.Text("last_online")) ?? FeedText.Time(line.Text("first_seen")) });
        }
        return DecodeError.None;
    }

    private static DecodeError ReadCsv(ReadOnlyMemory<byte> document, FeedSink sink)
    {
        var records = new CsvRecords(document.Span);
        var fields = new List<string>();
        string[] columns = [];
        while (records.Next(fields))
        {
            if (fields[0].StartsWith('#'))
            {
                fields[0] = fields[0].TrimStart('#', ' ');
                if (IsHeader(fields)) columns = [.. fields];
                continue;
            }
            if (IsHeader(fields))
            {
                columns = [.. fields];
                continue;
            }
            // URLhaus without its comments is recognised by its nine columns.
            if (columns.Length == 0 && fields.Count == UrlhausColumns.Length) columns = UrlhausColumns;
            if (TryRead(fields, columns, out var entry)) sink.Add(entry);
            else if (!IsOffline(Field(fields, columns, "url_status", "c2_status"))) sink.Skip();
        }
        for (var i = 0L; i < records.Skipped; i++) sink.Skip();
        return columns.Length > 0 ? DecodeError.None : DecodeError.InvalidValue;
    }

    private static bool TryRead(List<string> fields, string[] columns, out FeedEntry entry)
    {
        entry = default;
        if (IsOffline(Field(fields, columns, "url_status", "c2_status"))) return false;
        var seen = FeedText.Time(Field(fields, columns, "last_online")) ?? FeedText.Time(Field(fields, columns, "dateadded", "first_seen_utc", "first_seen"));
        if (Field(fields, columns, "url") is { Length: > 0 } url)
        {
            if (!FeedText.TryHost(url, FeedCategory.Malware, out entry)) return false;
            entry = entry with { Seen = seen };
            return true;
        }
        if (!FeedEntry.TryParse(Field(fields, columns, "dst_ip", "ip_address", "ip"), FeedCategory.CommandAndControl, out entry)) return false;
        entry = entry with { Port = ushort.TryParse(Field(fields, columns, "dst_port", "port"), out var port) ? port : (ushort)0, Seen = seen };
        return true;
    }

    private static bool IsHeader(List<string> fields) => fields.Contains("url") && fields.Contains("url_status") || fields.Contains("dst_ip") || fields.Contains("ip_address");

    private static bool IsOffline(string status) => status.Equals("offline", StringComparison.OrdinalIgnoreCase);

    private static string Field(List<string> fields, string[] columns, params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
            if (Array.IndexOf(columns, name) is >= 0 and var at && at < fields.Count) return fields[at];
        return "";
    }
}
