namespace Breakwater.Protocols.Bgp;

/// <summary>One TCP connection of a session: what has arrived of it, and how far the exchange of OPENs has come.</summary>
internal sealed class BgpConnection(int id, bool incoming)
{
    private byte[] _buffer = new byte[BgpFraming.MaxLength];
    private int _start;
    private int _end;

    public int Id => id;

    /// <summary>True when the peer connected to us.</summary>
    public bool Incoming => incoming;

    /// <summary>OpenSent, OpenConfirm or Established.</summary>
    public BgpState State { get; set; } = BgpState.OpenSent;

    /// <summary>Set from OpenConfirm on.</summary>
    public BgpNegotiated? Negotiated { get; set; }

    /// <summary>When silence becomes death; null for never.</summary>
    public TimeSpan? HoldDeadline { get; set; }

    /// <summary>When the next KEEPALIVE is due; null for never.</summary>
    public TimeSpan? KeepaliveDue { get; set; }

    public bool Extended => State >= BgpState.OpenConfirm && Negotiated is { ExtendedMessages: true };

    /// <summary>Takes as much as there is room for. There is always room for something, since whole messages are taken out before.</summary>
    /// <returns>Octets taken.</returns>
    public int Append(ReadOnlySpan<byte> bytes)
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
        }
        if (Extended && _buffer.Length < BgpFraming.MaxExtendedLength) Array.Resize(ref _buffer, BgpFraming.MaxExtendedLength);
        var taken = Math.Min(bytes.Length, _buffer.Length - _end);
        bytes[..taken].CopyTo(_buffer.AsSpan(_end));
        _end += taken;
        return taken;
    }

    /// <summary>Takes the next whole message out of what has arrived.</summary>
    public BgpFrameStatus TryTake(out BgpMessageType type, out ReadOnlySpan<byte> body, out BgpNotification? error)
    {
        var status = BgpFraming.Read(_buffer.AsSpan(_start, _end - _start), Extended, out type, out var length, out error);
        body = status == BgpFrameStatus.Complete ? _buffer.AsSpan(_start + BgpFraming.HeaderLength, length - BgpFraming.HeaderLength) : default;
        if (status == BgpFrameStatus.Complete) _start += length;
        return status;
    }
}
