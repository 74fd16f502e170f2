using Breakwater.Core.Mitigations;
using Breakwater.Protocols.Bgp;

namespace Breakwater.Engine.Mitigations.Bgp;

/// <summary>What kind of route says a mitigation.</summary>
internal enum AnnouncementKind : byte { Rule, Blackhole, SourceBlackhole }

/// <summary>A mitigation as routes, before any peer's own communities and next hops.</summary>
/// <param name="Routes">Usually one; of both families where the match names none, several where a list is too long for one.</param>
/// <param name="Actions">What a rule does; null for blackholes.</param>
internal sealed record Announcement(AnnouncementKind Kind, IReadOnlyList<BgpNlri> Routes, FlowSpecActions? Actions)
{
    /// <param name="problem">Why BGP cannot say it; null when it can.</param>
    public static Announcement? Of(Mitigation mitigation, out string? problem)
    {
        problem = null;
        if (mitigation.Action == MitigationAction.Blackhole) return Blackhole(mitigation.Match, out problem);
        if (mitigation.Match is { Destination: null, Source: null }) problem = "a rule without destination is never announced";
        else if (mitigation.Action == MitigationAction.Divert && mitigation.DivertTo is null) problem = "it does not say where to divert to";
        else if (FlowSpecMapping.Rules(mitigation.Match) is { Count: > 0 } rules)
            return new Announcement(AnnouncementKind.Rule, [.. rules.Select(BgpNlri.Of)], ActionsOf(mitigation));
        else problem = "source and destination are of different address families: nothing can match";
        return null;
    }

    private static FlowSpecActions ActionsOf(Mitigation mitigation) => mitigation.Action switch
    {
        // RFC 8955 §7.1: octets per second.
        MitigationAction.RateLimit => new() { BytesPerSecond = (float?)(mitigation.RateBitsPerSecond / 8), PacketsPerSecond = (float?)mitigation.RatePacketsPerSecond },
        MitigationAction.Divert => new() { RedirectTo = mitigation.DivertTo!.RouteTarget, RedirectToAddress = mitigation.DivertTo.NextHop },
        _ => FlowSpecActions.Drop,
    };

    /// <summary>RFC 7999 for destinations; RFC 5635 §4 for sources, where the destination only says on whose behalf.</summary>
    private static Announcement? Blackhole(TrafficMatch match, out string? problem)
    {
        problem = null;
        if (match.Source is { } source) return new Announcement(AnnouncementKind.SourceBlackhole, [BgpNlri.Of(source)], null);
        if (match.Destination is { } destination) return new Announcement(AnnouncementKind.Blackhole, [BgpNlri.Of(destination)], null);
        problem = "a blackhole needs a prefix";
        return null;
    }
}
