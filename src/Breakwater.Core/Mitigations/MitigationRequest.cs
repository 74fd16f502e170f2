using Breakwater.Core.Net;

namespace Breakwater.Core.Mitigations;

/// <summary>What somebody other than our own policy asks for: a person, a DOTS client, a feed.</summary>
/// <param name="Origin">Not <see cref="MitigationOrigin.Incident"/>.</param>
/// <param name="Requester">Name of the token, client or feed.</param>
/// <param name="Match">What traffic.</param>
/// <param name="Action">What to do about it.</param>
/// <param name="Lifetime">For how long, from now; the rails bound it.</param>
/// <param name="Reason">Why, in the requester's words.</param>
public sealed record MitigationRequest(
    MitigationOrigin Origin, string Requester, TrafficMatch Match, MitigationAction Action, TimeSpan Lifetime, string Reason)
{
    public double? RateBitsPerSecond { get; init; }
    public double? RatePacketsPerSecond { get; init; }

    /// <summary>Name of one of <c>mitigation.divert_targets</c>; null for the first.</summary>
    public string? DivertTo { get; init; }

    /// <summary>What the requester may ask for; must be set for a DOTS client.</summary>
    public IReadOnlyList<Prefix>? RequesterPrefixes { get; init; }

    /// <summary>The incident that it is about; null for none.</summary>
    public string? IncidentId { get; init; }

    /// <summary>A name of the requester's own that makes asking again the same request: a refresh of its lifetime, not a second rule. Null: every request is new.</summary>
    public string? Key { get; init; }
}
