using Breakwater.Core.Flows;

namespace Breakwater.Core.Mitigations;

/// <summary>Measures what mitigations do: the traffic of their targets before and after, and what the places that hold them count.</summary>
internal sealed class Trials
{
    private readonly Dictionary<string, Trial> _trials = [];
    private TrafficSnapshot _traffic = TrafficSnapshot.Empty;

    public void Observe(TrafficSnapshot traffic) => _traffic = traffic;

    /// <param name="attackRate">Packets per second of the attack, as far as known; 0 when not.</param>
    public void Begin(Mitigation mitigation, double attackRate)
    {
        var (to, from) = Rates(mitigation);
        _trials[mitigation.Id] = new Trial(Math.Max(attackRate, to ?? 0), from ?? 0);
    }

    public void End(string id) => _trials.Remove(id);

    /// <returns>True when more was dropped than before: the attack goes on.</returns>
    public bool Count(string id, long? dropped, Timestamp now)
    {
        if (dropped is not { } packets || !_trials.TryGetValue(id, out var trial)) return false;
        var more = packets > (trial.Dropped ?? 0);
        _trials[id] = trial with { Dropped = packets, LastDrop = more ? now : trial.LastDrop };
        return more;
    }

    /// <summary>When packets were last seen to be dropped; null where nobody counts.</summary>
    public Timestamp? LastDrop(string id) => _trials.TryGetValue(id, out var trial) ? trial.LastDrop : null;

    /// <param name="attackSeen">Whether detection still sees the attack; null when there is no incident.</param>
    /// <param name="helpfulShare">Share of the attack that must be gone.</param>
    public MitigationEffect? Judge(Mitigation mitigation, bool? attackSeen, double helpfulShare, Timestamp now)
    {
        if (!_trials.TryGetValue(mitigation.Id, out var trial) || mitigation.Activated is not { } since) return null;
        var (to, from) = Rates(mitigation);
        var seconds = Math.Max(1, (now - since).TotalSeconds);
        var gone = attackSeen == false || trial.Before - (to ?? 0) >= helpfulShare * trial.Before;
        var dropped = trial.Dropped is { } packets && packets / seconds >= helpfulShare * trial.Before;
        return new MitigationEffect(now, gone || dropped, trial.Before, to, trial.AnswersBefore, from ?? 0, trial.Dropped);
    }

    /// <summary>Packets per second to and from the destination now; null when none of it is among the heaviest hosts.</summary>
    private (double? To, double? From) Rates(Mitigation mitigation)
    {
        if (mitigation.Match.Destination is not { } destination) return default;
        double? to = null, from = null;
        foreach (var host in _traffic.TopHosts)
        {
            if (!destination.Contains(host.Host)) continue;
            to = (to ?? 0) + host.In.PacketsPerSecond;
            from = (from ?? 0) + host.Out.PacketsPerSecond;
        }
        return (to, from);
    }

    private readonly record struct Trial(double Before, double AnswersBefore)
    {
        public long? Dropped { get; init; }
        public Timestamp? LastDrop { get; init; }
    }
}
