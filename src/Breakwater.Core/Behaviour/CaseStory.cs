using Breakwater.Core.Flows;
using Breakwater.Core.Incidents;

namespace Breakwater.Core.Behaviour;

/// <summary>The life of one incident about a host: told, told again as it grows, ended, perhaps taken up again.</summary>
internal sealed class CaseStory(Incident first)
{
    /// <summary>Changes of numbers alone are told no more often than this.</summary>
    private static readonly TimeSpan Pace = TimeSpan.FromSeconds(30);

    private Timestamp _publishedAt = Timestamp.Min;
    private bool _stale;

    public Incident Current { get; private set; } = first;

    public bool IsOpen => Current.State != IncidentState.Ended;

    /// <returns>True when it is worth telling now.</returns>
    public bool Take(Incident told, Timestamp now)
    {
        var reopened = !IsOpen && told.LastSeen > Current.LastSeen;
        if (!IsOpen && !reopened) return false;
        var news = reopened || told.Severity > Current.Severity || told.Vectors.Except(Current.Vectors).Any();
        Replace(told);
        _stale = true;
        return news || (_publishedAt != Timestamp.Min && now - _publishedAt >= Pace);
    }

    /// <summary>Puts the newest telling in place; what identifies the story and what was worst stay.</summary>
    public void Replace(Incident told) => Current = told with
    {
        Id = Current.Id,
        Start = told.Start < Current.Start ? told.Start : Current.Start,
        DetectedAt = Current.DetectedAt,
        Severity = told.Severity > Current.Severity ? told.Severity : Current.Severity,
        Confidence = Math.Max(told.Confidence, Current.Confidence),
    };

    /// <summary>The same, when a part of what it was told of is allowed after all: it may become less grave.</summary>
    public void Amend(Incident told) => Current = told with { Id = Current.Id, Start = Current.Start, DetectedAt = Current.DetectedAt, State = Current.State, End = Current.End };

    public void Published(Timestamp now)
    {
        _publishedAt = now;
        _stale = false;
    }

    /// <summary>Ends it when it was quiet for the hold time.</summary>
    /// <returns>True when there is something to tell: the end, or numbers that waited.</returns>
    public bool Follow(Timestamp now, TimeSpan hold)
    {
        if (!IsOpen) return false;
        if (now - Current.LastSeen >= hold)
        {
            End();
            return true;
        }
        if (!_stale || now - _publishedAt < Pace) return false;
        Published(now);
        return true;
    }

    public void End() => Current = Current with { State = IncidentState.Ended, End = Current.LastSeen };

    /// <summary>Takes it back: what it tells of is allowed.</summary>
    public void Withdraw() => Current = BehaviourException.Withdraw(Current);
}
