namespace Breakwater.Protocols.Captures;

/// <summary>Reads a text file line by line without copying. A line longer than the window is left out and counted.</summary>
internal sealed class LineReader(Stream stream) : IDisposable
{
    private readonly StreamWindow _window = new(stream);

    /// <summary>Octets consumed so far.</summary>
    public long Position => _window.Position;

    /// <summary>Number of the line read last, from 1.</summary>
    public long Number { get; private set; }

    /// <summary>Lines left out.</summary>
    public long Overlong { get; private set; }

    /// <summary>What is wrong with the compressed stream underneath; the lines end there.</summary>
    public string? Damage => _window.Damage;

    /// <param name="line">Without its line end (LF or CR LF); valid until the next call.</param>
    /// <returns>False at the end of the file.</returns>
    public bool TryRead(out ReadOnlySpan<byte> line)
    {
        var overlong = false;
        while (true)
        {
            var unread = _window.Unread;
            var end = unread.IndexOf((byte)'\n');
            if (end < 0 && unread.Length == StreamWindow.Size)
            {
                overlong = true;
                _window.Advance(unread.Length);
                continue;
            }
            if (end < 0 && _window.Fill()) continue;
            // Filling may have moved what is unread.
            line = _window.Unread;
            if (line.IsEmpty) return false;
            _window.Advance(end < 0 ? line.Length : end + 1);
            Number++;
            if (overlong)
            {
                Overlong++;
                overlong = false;
                continue;
            }
            if (end >= 0) line = line[..end];
            if (line is [.., (byte)'\r']) line = line[..^1];
            return true;
        }
    }

    public void Dispose() => _window.Dispose();
}
