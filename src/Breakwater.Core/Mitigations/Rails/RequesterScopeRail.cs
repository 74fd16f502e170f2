namespace Breakwater.Core.Mitigations.Rails;

/// <summary>Who asks from outside asks for its own prefixes only.</summary>
/// <remarks>RFC 9132 §4.4.1: a server must refuse a target that is not the client's.</remarks>
public sealed class RequesterScopeRail : IGuardRail
{
    public string Name => "requester-scope";

    public string? Refuse(Mitigation mitigation, RailContext context)
    {
        if (mitigation.RequesterPrefixes is not { } own)
            return mitigation.Origin == MitigationOrigin.DotsClient ? $"'{mitigation.Requester}' has no prefixes of its own" : null;
        return mitigation.Match.Destination is { } destination && own.Any(p => p.Contains(destination))
            ? null
            : $"{mitigation.Match.Destination?.ToString() ?? "everything"} is not inside the prefixes of '{mitigation.Requester}'";
    }
}
