namespace Breakwater.Engine.Dots;

/// <summary>Room for so many sessions and no more.</summary>
internal sealed class DotsRoom(int max)
{
    private int _inside;
    private long _turnedAway;
    private long _failedHandshakes;

    public int Inside => Volatile.Read(ref _inside);

    /// <summary>Peers that found no room.</summary>
    public long TurnedAway => Interlocked.Read(ref _turnedAway);

    /// <summary>Peers that could not prove who they are, or broke off.</summary>
    public long FailedHandshakes => Interlocked.Read(ref _failedHandshakes);

    public bool TryEnter()
    {
        if (Interlocked.Increment(ref _inside) <= max) return true;
        Interlocked.Decrement(ref _inside);
        Interlocked.Increment(ref _turnedAway);
        return false;
    }

    public void Leave() => Interlocked.Decrement(ref _inside);

    public void HandshakeFailed() => Interlocked.Increment(ref _failedHandshakes);
}
