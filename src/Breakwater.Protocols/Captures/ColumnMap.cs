using System.Text;

namespace Breakwater.Protocols.Captures;

/// <summary>Where the wanted columns stand in a file whose header line names them, in whatever order and among whatever others.</summary>
internal sealed class ColumnMap
{
    private const sbyte Unwanted = -1;

    private readonly byte _separator;
    private readonly sbyte[] _wanted;

    /// <param name="header">Column names, divided by the separator.</param>
    /// <param name="names">The wanted names; a field's index is its name's.</param>
    public ColumnMap(ReadOnlySpan<byte> header, byte separator, string[] names)
    {
        _separator = separator;
        var wanted = new List<sbyte>();
        foreach (var range in header.Split(separator)) wanted.Add(IndexOf(header[range], names));
        // What stands behind the last wanted column is never looked at: payloads and labels may be long.
        var last = wanted.FindLastIndex(w => w != Unwanted);
        _wanted = [.. wanted.Take(last + 1)];
    }

    public bool Has(int name) => Array.IndexOf(_wanted, (sbyte)name) >= 0;

    /// <summary>Finds the wanted fields of a line.</summary>
    /// <param name="fields">One for each name; those missing from the line are left empty.</param>
    public void Locate(ReadOnlySpan<byte> line, Span<Range> fields)
    {
        fields.Clear();
        var start = 0;
        foreach (var wanted in _wanted)
        {
            if (start > line.Length) return;
            var length = line[start..].IndexOf(_separator);
            var end = length < 0 ? line.Length : start + length;
            if (wanted != Unwanted) fields[wanted] = start..end;
            start = end + 1;
        }
    }

    /// <returns>Index of the name, -1 for one that nobody wants.</returns>
    public static sbyte IndexOf(ReadOnlySpan<byte> name, string[] names)
    {
        for (var i = 0; i < names.Length; i++)
            if (Ascii.EqualsIgnoreCase(name, names[i])) return (sbyte)i;
        return Unwanted;
    }
}
