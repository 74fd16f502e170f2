using Breakwater.Core.Mitigations;
using Breakwater.Protocols.Bgp;

namespace Breakwater.Engine.Mitigations.Bgp;

/// <summary>What kind of route says a mitigation.</summary>
internal enum AnnouncementKind : byte
{
    Rule,

    /// <summary>A rule about what our hosts send: its destination is not ours.</summary>
    OutboundRule,
    Blackhole,
    SourceBlackhole,
}

/// <summary>A mitigation as routes, before any peer's own communities and next hops.</summary>
/// <param name="Routes">Usually one; of both families where the match names none, several where a list is too long for one.</param>
/// <param name="Way">What a router is to do; the same object for the same, so that peers work out its attributes once.</param>
internal sealed record Announcement(AnnouncementWay Way, IReadOnlyList<BgpNlri> Routes)
{
    public AnnouncementKind Kind => Way.Kind;
    public FlowSpecActions? Actions => Way.Actions;

    /// <param name="problem">Why BGP cannot say it; null when it can.</param>
    public static Announcement? Of(Mitigation mitigation, out string? problem)
    {
        problem = null;
        if (mitigation.Action == MitigationAction.Blackhole) return Blackhole(mitigation.Match, out problem);
        if (mitigation.Match is { Destination: null, Source: null }) problem = "a rule without destination is never announced";
        else if (mitigation.Action == MitigationAction.Divert && mitigation.DivertTo is null) problem = "it does not say where to divert to";
        else if (FlowSpecMapping.Rules(mitigation.Match) is { Count: > 0 } rules)
            return new Announcement(AnnouncementWay.Of(mitigation.IsOutbound ? AnnouncementKind.OutboundRule : AnnouncementKind.Rule, ActionsOf(mitigation)), [.. rules.Select(BgpNlri.Of)]);
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
        if (match.Source is { } source) return new Announcement(AnnouncementWay.Of(AnnouncementKind.SourceBlackhole, null), [BgpNlri.Of(source)]);
        if (match.Destination is { } destination) return new Announcement(AnnouncementWay.Of(AnnouncementKind.Blackhole, null), [BgpNlri.Of(destination)]);
        problem = "a blackhole needs a prefix";
        return null;
    }
}

/// <summary>Kind and action of an announcement.</summary>
/// <remarks>One object per different one: comparing thousands of actions by value, for each peer at each change, would take longer than sending them.</remarks>
internal sealed class AnnouncementWay
{
    /// <summary>Far more than there are rates in force at a time; old ones go by starting over.</summary>
    private const int MaxKnown = 10_000;

    private static readonly Dictionary<(AnnouncementKind, FlowSpecActions?), AnnouncementWay> Known = [];

    private AnnouncementWay(AnnouncementKind kind, FlowSpecActions? actions)
    {
        Kind = kind;
        Actions = actions;
    }

    public AnnouncementKind Kind { get; }

    /// <summary>What a rule does; null for blackholes.</summary>
    public FlowSpecActions? Actions { get; }

    public static AnnouncementWay Of(AnnouncementKind kind, FlowSpecActions? actions)
    {
        lock (Known)
        {
            if (Known.TryGetValue((kind, actions), out var way)) return way;
            if (Known.Count >= MaxKnown) Known.Clear();
            return Known[(kind, actions)] = new AnnouncementWay(kind, actions);
        }
    }
}
