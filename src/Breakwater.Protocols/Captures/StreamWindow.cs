namespace Breakwater.Protocols.Captures;

/// <summary>A sliding window of fixed size over a stream: files of any length are read in bounded memory, in large blocks.</summary>
internal sealed class StreamWindow(Stream stream) : IDisposable
{
    /// <summary>Large enough that reading costs little beside decoding, and for four of the longest packets.</summary>
    public const int Size = 1 << 20;

    /// <summary>Most files are small.</summary>
    private const int FirstSize = 64 * 1024;

    private byte[] _bytes = [];
    private int _start;
    private int _end;
    private bool _ended;

    /// <summary>Octets of the stream consumed so far.</summary>
    public long Position { get; private set; }

    /// <summary>Where in <see cref="Memory"/> the unread octets begin.</summary>
    public int Start => _start;

    /// <summary>What is wrong with the compressed stream underneath; it ends there.</summary>
    public string? Damage { get; private set; }

    public ReadOnlySpan<byte> Unread => _bytes.AsSpan(_start, _end - _start);

    /// <summary>Everything in the window, read or not; stays as it is until <see cref="Fill"/>.</summary>
    public ReadOnlyMemory<byte> Memory => _bytes.AsMemory(0, _end);

    /// <param name="count">At most the length of <see cref="Unread"/>.</param>
    public void Advance(int count)
    {
        _start += count;
        Position += count;
    }

    /// <summary>Moves the unread octets to the front and fills the room behind them.</summary>
    /// <returns>False when the stream has ended or the window is full of unread octets.</returns>
    /// <exception cref="IOException">The stream failed.</exception>
    public bool Fill()
    {
        if (_ended) return false;
        var room = _bytes.Length switch { 0 => new byte[FirstSize], < Size => new byte[Size], _ => _bytes };
        Unread.CopyTo(room);
        _bytes = room;
        _end -= _start;
        _start = 0;
        var before = _end;
        try
        {
            while (_end < _bytes.Length && !_ended)
            {
                var read = stream.Read(_bytes, _end, _bytes.Length - _end);
                _ended = read == 0;
                _end += read;
            }
        }
        catch (InvalidDataException damaged)
        {
            // GZipStream says so of damaged and of truncated input; what it gave before is good.
            Damage = damaged.Message;
            _ended = true;
        }
        return _end > before;
    }

    public void Dispose() => stream.Dispose();
}
