namespace Breakwater.Core.Mitigations;

/// <summary>Which of an incident's proposals to begin with, and what comes after one that did not help: rate-limit, drop, divert, blackhole.</summary>
public static class Ladder
{
    /// <summary>The proposals that together stop what is wanted, without the harder alternatives that follow them.</summary>
    /// <param name="proposals">As synthesized: the best first, or first those that complement each other.</param>
    public static IReadOnlyList<ProposedMitigation> First(IReadOnlyList<ProposedMitigation> proposals)
    {
        var first = new List<ProposedMitigation>();
        var covered = 0.0;
        foreach (var proposal in proposals)
        {
            if (covered >= RuleSynthesizer.WantedShare) break;
            // The last rung is reached by climbing.
            if (proposal.Action == MitigationAction.Blackhole && first.Count > 0) break;
            first.Add(proposal);
            covered += proposal.AttackShare;
        }
        return first;
    }

    /// <summary>What to try after a mitigation that did not help.</summary>
    /// <param name="scrubber">Where to divert to; null: that rung is missing.</param>
    /// <returns>Match, action and target of the next rung; null when it was the last, or when the rest is not for a whole prefix.</returns>
    public static (TrafficMatch Match, MitigationAction Action, DivertTarget? Target)? After(Mitigation mitigation, DivertTarget? scrubber)
    {
        var destination = new TrafficMatch { Destination = mitigation.Match.Destination };
        var isHost = mitigation.Match.Destination is { IsHost: true };
        return mitigation.Action switch
        {
            MitigationAction.RateLimit => (mitigation.Match, MitigationAction.Drop, null),
            MitigationAction.Drop when scrubber is not null => (destination, MitigationAction.Divert, scrubber),
            MitigationAction.Drop or MitigationAction.Divert when isHost => (destination, MitigationAction.Blackhole, null),
            _ => null,
        };
    }
}
