namespace Breakwater.Core.Sharing;

/// <summary>The newest table of what is known to be bad: written by whoever reads feeds, read by anyone.</summary>
public sealed class KnownBadBoard
{
    private KnownBad _current = KnownBad.Empty;

    public KnownBad Current
    {
        get => Volatile.Read(ref _current);
        set => Volatile.Write(ref _current, value);
    }
}
