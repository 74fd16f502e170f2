namespace Breakwater.Core.Mitigations.Rails;

/// <summary>What others say raises scores; without an incident of our own or a person's approval it blocks nothing.</summary>
public sealed class FeedAloneRail : IGuardRail
{
    public string Name => "feed-alone";

    public string? Refuse(Mitigation mitigation, RailContext context)
    {
        if (mitigation.Origin != MitigationOrigin.Feed || mitigation.Approvers.Count > 0) return null;
        if (mitigation.IncidentId is not { } incident) return $"only '{mitigation.Requester}' says so, and no list alone ever blocks";
        // What is in force already began with one that was known.
        return context.Quality is null && mitigation.Activated is null ? $"'{mitigation.Requester}' names incident {incident}, which is none of ours that is open" : null;
    }
}
