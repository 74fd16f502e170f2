namespace Breakwater.Engine.Dots;

/// <summary>A protected way to one peer. It hands on what comes and takes what is to be sent; it knows nothing of CoAP.</summary>
internal abstract class DotsLink(string peer, Action<DotsLinkEvent> report)
{
    private int _closed;

    /// <summary>Address and port, for logs.</summary>
    public string Peer { get; } = peer;

    /// <summary>True over TCP.</summary>
    public abstract bool IsReliable { get; }

    /// <summary>Our end of the handshake.</summary>
    public abstract IDotsHandshake Handshake { get; }

    /// <summary>Sends octets, or drops them when the link cannot take more; never waits for the peer.</summary>
    public abstract void Send(byte[] bytes);

    /// <summary>Says good-bye and ends the link.</summary>
    public abstract void Close();

    protected void Report(DotsLinkEventKind kind, byte[]? bytes = null)
    {
        if (kind == DotsLinkEventKind.Closed && Interlocked.Exchange(ref _closed, 1) == 1) return;
        report(new DotsLinkEvent(this, kind, bytes ?? []));
    }
}

internal enum DotsLinkEventKind : byte
{
    /// <summary>The handshake is complete.</summary>
    Opened,
    Received,

    /// <summary>Over, once: <see cref="IDotsHandshake.SaidGoodBye"/> tells how.</summary>
    Closed,
}

internal readonly record struct DotsLinkEvent(DotsLink Link, DotsLinkEventKind Kind, byte[] Bytes);
