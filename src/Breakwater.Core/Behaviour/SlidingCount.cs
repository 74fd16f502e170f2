namespace Breakwater.Core.Behaviour;

/// <summary>Counts what happened in the last so many seconds, from two counts: this window's, and the share of the former one's that is not too old.</summary>
internal struct SlidingCount(uint windowSeconds)
{
    private uint _began;
    private float _current, _former;

    public void Add(uint seconds, int times = 1)
    {
        Roll(seconds);
        _current += times;
    }

    public float At(uint seconds)
    {
        Roll(seconds);
        return _current + _former * (1 - (float)(seconds - _began) / windowSeconds);
    }

    private void Roll(uint seconds)
    {
        // Records come late: what lies before the window counts for it.
        if (seconds < _began || seconds - _began < windowSeconds) return;
        _former = seconds - _began < 2 * windowSeconds ? _current : 0;
        _current = 0;
        _began = seconds - seconds % windowSeconds;
    }
}
