using System.Text.Json;
using Breakwater.Core.Flows;
using Breakwater.Protocols.Captures;

namespace Breakwater.Protocols.Zeek;

/// <summary>Reads Zeek's conn.log: tab-separated with a header that names the columns, or one JSON object a line.</summary>
/// <remarks>
/// The header may come again anywhere (rotated logs concatenated) and the columns be in any order, with others among them; labels
/// behind the last one are not looked at. A record gives a flow for each direction that carried packets. Records come in the order
/// of the connections' ends.
/// </remarks>
public sealed class ZeekConnReader(Stream stream) : ICaptureReader
{
    private readonly LineReader _lines = new(stream);
    private readonly ProblemList _problems = new();
    private byte _separator = (byte)'\t';
    private ColumnMap? _columns;
    private bool _badLineReported;
    private bool _ended;

    /// <summary>True when the stream is the content of a gzip file.</summary>
    internal bool Compressed { get; init; }

    public string Format => Compressed ? "zeek-conn.gz" : "zeek-conn";
    public long Position => _lines.Position;
    public long Packets => 0;
    public long Skipped { get; private set; }
    public IReadOnlyList<string> Problems => _problems.All;

    public bool Read(FlowBatch batch)
    {
        batch.Clear();
        batch.ReceivedAt = Timestamp.Min;
        while (batch.Count < FlowBatch.HandOver && !_ended)
        {
            if (!_lines.TryRead(out var line)) End();
            else if (line.IsEmpty) continue;
            else if (line[0] == (byte)'#') ReadHeader(line);
            else if (!ReadRecord(line, batch)) Skip();
        }
        return batch.Count > 0;
    }

    public void Dispose() => _lines.Dispose();

    private bool ReadRecord(ReadOnlySpan<byte> line, FlowBatch batch)
    {
        Span<Range> fields = stackalloc Range[ZeekConnRecord.Columns.Length];
        if (line[0] == (byte)'{')
        {
            if (!LocateJson(line, fields)) return false;
        }
        else if (_columns is null)
        {
            return false;
        }
        else
        {
            _columns.Locate(line, fields);
        }
        return ZeekConnRecord.AddTo(batch, line, fields);
    }

    /// <summary>"#separator \x09", "#fields" and the names, each behind a separator; the other header lines say nothing that is needed.</summary>
    private void ReadHeader(ReadOnlySpan<byte> line)
    {
        if (line.StartsWith("#separator "u8))
        {
            var value = line["#separator "u8.Length..];
            if (value.Length == 4 && value.StartsWith("\\x"u8) && System.Buffers.Text.Utf8Parser.TryParse(value[2..], out byte code, out _, 'x')) _separator = code;
            else if (value.Length == 1) _separator = value[0];
        }
        else if (line.StartsWith("#fields"u8) && line.Length > "#fields"u8.Length)
        {
            var columns = new ColumnMap(line["#fields."u8.Length..], _separator, ZeekConnRecord.Columns);
            int[] needed = [ZeekConnRecord.Time, ZeekConnRecord.OrigHost, ZeekConnRecord.RespHost, ZeekConnRecord.Protocol, ZeekConnRecord.OrigPackets];
            var missing = needed.Where(n => !columns.Has(n)).Select(n => ZeekConnRecord.Columns[n]).ToList();
            _columns = missing.Count == 0 ? columns : null;
            if (_columns is null) _problems.Add($"line {_lines.Number}: not a conn.log, these columns are missing: {string.Join(", ", missing)}");
        }
    }

    /// <summary>Numbers and strings lie in the line as they are; a string with escapes is none of those wanted.</summary>
    private static bool LocateJson(ReadOnlySpan<byte> line, Span<Range> fields)
    {
        fields.Clear();
        try
        {
            var json = new Utf8JsonReader(line);
            sbyte name = -1;
            while (json.Read())
            {
                if (json.CurrentDepth != 1) continue;
                var start = (int)json.TokenStartIndex;
                switch (json.TokenType)
                {
                    case JsonTokenType.PropertyName:
                        name = ColumnMap.IndexOf(json.ValueSpan, ZeekConnRecord.Columns);
                        break;
                    case JsonTokenType.Number when name >= 0:
                        fields[name] = start..(start + json.ValueSpan.Length);
                        break;
                    case JsonTokenType.String when name >= 0:
                        fields[name] = (start + 1)..(start + 1 + json.ValueSpan.Length);
                        break;
                }
            }
            return true;
        }
        catch (JsonException)
        {
            // The only way the reader has to say that the text is not JSON.
            return false;
        }
    }

    private void Skip()
    {
        Skipped++;
        if (!_badLineReported) _problems.Add($"line {_lines.Number} holds no flow: no header before it, or no address, time or packets in it; all such lines are counted");
        _badLineReported = true;
    }

    private void End()
    {
        _ended = true;
        Skipped += _lines.Overlong;
        if (_lines.Overlong > 0) _problems.Add($"{_lines.Overlong} lines are longer than {StreamWindow.Size} octets");
        if (_lines.Damage is { } damage) _problems.Add($"gzip content ends at octet {Position}: {damage}");
    }
}
