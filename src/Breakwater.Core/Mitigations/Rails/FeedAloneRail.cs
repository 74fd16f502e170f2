namespace Breakwater.Core.Mitigations.Rails;

/// <summary>What others say raises scores; without an incident of our own or a person's approval it blocks nothing.</summary>
public sealed class FeedAloneRail : IGuardRail
{
    public string Name => "feed-alone";

    public string? Refuse(Mitigation mitigation, RailContext context) =>
        mitigation.Origin == MitigationOrigin.Feed && mitigation.IncidentId is null && mitigation.Approvers.Count == 0
            ? $"only '{mitigation.Requester}' says so, and no list alone ever blocks"
            : null;
}
