using Breakwater.Core.Flows;
using Breakwater.Protocols.Captures;

namespace Breakwater.Protocols.Argus;

/// <summary>Reads Argus records printed as CSV ("binetflow"): a header line that names the columns, then one record a line.</summary>
/// <remarks>Times carry no zone and are taken as UTC. A record gives a flow for each direction that carried packets.</remarks>
public sealed class ArgusReader(Stream stream) : ICaptureReader
{
    private readonly LineReader _lines = new(stream);
    private readonly ProblemList _problems = new();
    private ColumnMap? _columns;
    private bool _badLineReported;
    private bool _ended;

    /// <summary>True when the stream is the content of a gzip file.</summary>
    internal bool Compressed { get; init; }

    public string Format => Compressed ? "argus-binetflow.gz" : "argus-binetflow";
    public long Position => _lines.Position;
    public long Packets => 0;
    public long Skipped { get; private set; }
    public IReadOnlyList<string> Problems => _problems.All;

    public bool Read(FlowBatch batch)
    {
        batch.Clear();
        batch.ReceivedAt = Timestamp.Min;
        Span<Range> fields = stackalloc Range[ArgusRecord.Columns.Length];
        while (batch.Count < FlowBatch.HandOver && !_ended)
        {
            if (!_lines.TryRead(out var line))
            {
                End();
            }
            else if (IsHeader(line))
            {
                // Again where files were concatenated.
                _columns = new ColumnMap(line, SeparatorOf(line), ArgusRecord.Columns);
            }
            else if (!line.IsEmpty)
            {
                _columns?.Locate(line, fields);
                if (_columns is null || !ArgusRecord.AddTo(batch, line, fields)) Skip();
            }
        }
        return batch.Count > 0;
    }

    public void Dispose() => _lines.Dispose();

    /// <summary>True for a line of column names with the few that no flow can do without.</summary>
    internal static bool IsHeader(ReadOnlySpan<byte> line)
    {
        // Cheap first: records begin with a digit.
        if (line.IsEmpty || !char.IsAsciiLetter((char)line[0])) return false;
        var columns = new ColumnMap(line, SeparatorOf(line), ArgusRecord.Columns);
        return columns.Has(ArgusRecord.StartTime) && columns.Has(ArgusRecord.Protocol)
            && columns.Has(ArgusRecord.SourceAddress) && columns.Has(ArgusRecord.DestinationAddress);
    }

    private static byte SeparatorOf(ReadOnlySpan<byte> header) => header.Contains((byte)'\t') ? (byte)'\t' : (byte)',';

    private void Skip()
    {
        Skipped++;
        if (!_badLineReported) _problems.Add($"line {_lines.Number} holds no flow: no header before it, or no IP address, time or packets in it; all such lines are counted");
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
