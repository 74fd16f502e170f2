using System.Net.Sockets;

namespace Breakwater.Engine.Mitigations.Bgp;

/// <summary>One TCP connection of a peer: a reader, and a buffer that a sender empties. Its owner calls it under the owner's lock.</summary>
internal sealed class BgpTransport(int id, Socket socket)
{
    /// <summary>Octets that may wait for a peer that reads slowly; what is wanted beyond is worked out anew when there is room.</summary>
    private const int Room = 128 * 1024;

    private byte[] _filling = new byte[16 * 1024];
    private byte[] _sending = [];
    private int _filled;
    private bool _closing;

    public int Id => id;

    /// <summary>Our address of the connection.</summary>
    public System.Net.IPEndPoint? Local => (System.Net.IPEndPoint?)socket.LocalEndPoint;

    /// <summary>True when another message may be added.</summary>
    public bool HasRoom => !_closing && _filled < Room;

    /// <summary>When the send that is under way began; null when none is.</summary>
    public TimeSpan? SendingSince { get; private set; }

    /// <summary>Space for a message, to be followed by <see cref="Added"/>.</summary>
    public Span<byte> Space(int length)
    {
        if (_filling.Length - _filled < length) Array.Resize(ref _filling, Math.Max(_filling.Length * 2, _filled + length));
        return _filling.AsSpan(_filled);
    }

    public void Added(int length) => _filled += length;

    public void Add(ReadOnlySpan<byte> message)
    {
        if (_closing) return;
        message.CopyTo(Space(message.Length));
        _filled += message.Length;
    }

    /// <summary>What is to be sent next; empty when nothing waits or a send is under way.</summary>
    public ReadOnlyMemory<byte> TakeFilled(TimeSpan now)
    {
        if (SendingSince is not null || _filled == 0) return default;
        (_filling, _sending) = (_sending.Length >= 16 * 1024 ? _sending : new byte[16 * 1024], _filling);
        var taken = _sending.AsMemory(0, _filled);
        _filled = 0;
        SendingSince = now;
        return taken;
    }

    /// <summary>The send is over.</summary>
    public void Sent()
    {
        SendingSince = null;
        if (_closing && _filled == 0) Dispose();
    }

    /// <summary>Sends what waits, then closes. A peer that does not read gets a second.</summary>
    public void Close()
    {
        _closing = true;
        if (SendingSince is null && _filled == 0) Dispose();
        else _ = DisposeLater();
    }

    public ValueTask<int> ReceiveAsync(Memory<byte> buffer) => socket.ReceiveAsync(buffer);

    public ValueTask<int> SendAsync(ReadOnlyMemory<byte> bytes) => socket.SendAsync(bytes);

    public void Dispose() => socket.Dispose();

    private async Task DisposeLater()
    {
        await Task.Delay(TimeSpan.FromSeconds(1)).ConfigureAwait(false);
        Dispose();
    }
}
