namespace Breakwater.Core.Mitigations.Rails;

/// <summary>Blackholing a source announces somebody else's address: only where switched on, and only single hosts.</summary>
/// <remarks>RFC 5635 §4: the announcement stays inside the own network, whose routers check sources by unicast reverse path.</remarks>
public sealed class SourceBlackholeRail(bool allowed) : IGuardRail
{
    public string Name => "source-blackhole";

    public string? Refuse(Mitigation mitigation, RailContext context)
    {
        if (mitigation.Action != MitigationAction.Blackhole || mitigation.Match.Source is not { } source) return null;
        if (!allowed) return $"it would announce {source}, which is not ours (mitigation.rails.source_blackholes allows single hosts)";
        return source.IsHost ? null : $"{source} is more than one host";
    }
}
