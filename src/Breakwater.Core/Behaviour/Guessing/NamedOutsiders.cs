using Breakwater.Core.Flows;
using Breakwater.Core.Incidents;

namespace Breakwater.Core.Behaviour.Guessing;

/// <summary>How many guessers elsewhere may still be of medium severity: whatever listens on the Internet is guessed at all day.</summary>
internal sealed class NamedOutsiders(GuessingOptions options)
{
    private Timestamp _hour = Timestamp.Min;
    private int _named;

    /// <summary>The severity of one more.</summary>
    public Severity Next(Timestamp now)
    {
        if (now - _hour >= TimeSpan.FromHours(1)) (_hour, _named) = (now, 0);
        if (_named >= options.MaxGuessersAnHour) return Severity.Low;
        _named++;
        return Severity.Medium;
    }
}
