using System.Text;

namespace Breakwater.Protocols.Feeds;

/// <summary>Reads records of comma-separated values, one after the other. Bounded in fields and in octets of a record; a record beyond is skipped and counted.</summary>
/// <remarks>RFC 4180: a quoted field may hold commas, line breaks and doubled quotes. Blanks around an unquoted or quoted field do not count, as abuse.ch writes them.</remarks>
internal ref struct CsvRecords(ReadOnlySpan<byte> document)
{
    public const int MaxFields = 128;

    private ReadOnlySpan<byte> _rest = document;

    /// <summary>Records that were too long.</summary>
    public long Skipped { get; private set; }

    /// <summary>Takes the next record that is not empty.</summary>
    /// <param name="fields">Cleared and filled.</param>
    /// <returns>False at the end.</returns>
    public bool Next(List<string> fields)
    {
        while (!_rest.IsEmpty)
        {
            fields.Clear();
            var length = RecordLength();
            var record = _rest[..length];
            _rest = _rest[Math.Min(length + 1, _rest.Length)..];
            if (record.Length > 0 && record[^1] == '\r') record = record[..^1];
            if (record.Trim((byte)' ').IsEmpty) continue;
            if (record.Length > FeedText.MaxLine || !Split(record, fields))
            {
                Skipped++;
                continue;
            }
            return true;
        }
        fields.Clear();
        return false;
    }

    /// <summary>Octets up to the line break that ends the record, or all. A quote that never closes ends with its line: one bad line must not swallow the feed.</summary>
    private readonly int RecordLength()
    {
        var line = _rest.IndexOf((byte)'\n');
        if (line < 0) return _rest.Length;
        var quotes = 0;
        var limit = Math.Min(_rest.Length, FeedText.MaxLine);
        for (var i = 0; i < limit; i++)
        {
            if (_rest[i] == '"') quotes++;
            else if (_rest[i] == '\n' && quotes % 2 == 0) return i;
        }
        return quotes % 2 == 0 && limit == _rest.Length ? limit : line;
    }

    private static bool Split(ReadOnlySpan<byte> record, List<string> fields)
    {
        while (true)
        {
            if (fields.Count == MaxFields) return false;
            record = record.TrimStart((byte)' ');
            int end;
            if (!record.IsEmpty && record[0] == '"')
            {
                end = Quoted(record, out var text);
                fields.Add(text);
            }
            else
            {
                end = record.IndexOf((byte)',');
                if (end < 0) end = record.Length;
                fields.Add(FeedText.Text(record[..end].TrimEnd((byte)' ')));
            }
            if (end >= record.Length) return true;
            record = record[(end + 1)..];
        }
    }

    /// <returns>Where the field's comma is, or the end.</returns>
    private static int Quoted(ReadOnlySpan<byte> record, out string text)
    {
        var value = new StringBuilder();
        var from = 1;
        while (true)
        {
            var quote = record[from..].IndexOf((byte)'"');
            if (quote < 0)
            {
                value.Append(FeedText.Text(record[from..]));
                text = value.ToString();
                return record.Length;
            }
            value.Append(FeedText.Text(record.Slice(from, quote)));
            from += quote + 1;
            if (from >= record.Length || record[from] != '"') break;
            value.Append('"');
            from++;
        }
        text = value.ToString();
        var comma = record[from..].IndexOf((byte)',');
        return comma < 0 ? record.Length : from + comma;
    }
}
