using Breakwater.Core.Flows;
using Breakwater.Core.Mitigations.Rails;

namespace Breakwater.Core.Mitigations;

/// <summary>How often each match and action was in force, and until when it is held down after it did not help or was taken back. Bounded.</summary>
internal sealed class HoldDowns(RailOptions options)
{
    private const int Max = 10_000;

    private readonly OrderedDictionary<string, (int Lives, int Holds, Timestamp Until)> _rules = [];

    /// <returns>Which life this is: 1 for the first.</returns>
    public int Begin(Mitigation mitigation)
    {
        var (lives, holds, until) = Take(mitigation);
        _rules[KeyOf(mitigation)] = (lives + 1, holds, until);
        return lives + 1;
    }

    /// <summary>Lives so far: 0 for a rule that was never in force.</summary>
    public int Lives(Mitigation mitigation) => _rules.TryGetValue(KeyOf(mitigation), out var rule) ? rule.Lives : 0;

    /// <summary>Holds the rule down, twice as long as the last time.</summary>
    public void Hold(Mitigation mitigation, Timestamp now)
    {
        var (lives, holds, _) = Take(mitigation);
        var factor = Math.Pow(2, Math.Min(holds, 30));
        var ticks = Math.Min(options.HoldDown.Ticks * factor, options.MaxHoldDown.Ticks);
        _rules[KeyOf(mitigation)] = (lives, holds + 1, now + TimeSpan.FromTicks((long)ticks));
    }

    public Timestamp? HeldUntil(Mitigation mitigation) =>
        _rules.TryGetValue(KeyOf(mitigation), out var rule) && rule.Holds > 0 ? rule.Until : null;

    private (int Lives, int Holds, Timestamp Until) Take(Mitigation mitigation)
    {
        if (_rules.Remove(KeyOf(mitigation), out var rule)) return rule;
        if (_rules.Count >= Max) _rules.RemoveAt(0);
        return default;
    }

    private static string KeyOf(Mitigation mitigation) => $"{mitigation.Action}|{mitigation.Match.Key()}";
}
