namespace Breakwater.Core.Mitigations.Rails;

/// <summary>Who asks from outside asks for its own prefixes only.</summary>
/// <remarks>RFC 9132 §4.4.1: a server must refuse a target that is not the client's. RFC 9066 §5.3.1: a source that is not its own.</remarks>
public sealed class RequesterScopeRail : IGuardRail
{
    public string Name => "requester-scope";

    public string? Refuse(Mitigation mitigation, RailContext context)
    {
        if (mitigation.RequesterPrefixes is not { } own)
            return mitigation.Origin is MitigationOrigin.DotsClient or MitigationOrigin.CallHome ? $"'{mitigation.Requester}' has no prefixes of its own" : null;
        return mitigation.OurSide is { } side && own.Any(p => p.Contains(side))
            ? null
            : $"{mitigation.OurSide?.ToString() ?? "everything"} is not inside the prefixes of '{mitigation.Requester}'";
    }
}
