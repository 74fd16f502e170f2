using Breakwater.Core.Net;
using Breakwater.Protocols.Bgp;

namespace Breakwater.Engine.Mitigations.Bgp;

/// <summary>What one peer is told with each kind of route: path, communities, next hop.</summary>
/// <param name="ownAs">Our AS.</param>
internal sealed class PeerPolicy(BgpPeerOptions options, uint ownAs)
{
    private const int MaxKnown = 10_000;

    private readonly Dictionary<(AnnouncementWay, bool Four), (IpAddr? NextHop, RouteAttributes Attributes)> _known = [];

    private readonly (List<BgpCommunity>, List<BgpLargeCommunity>) _rule = Parse(options.Communities);
    private readonly (List<BgpCommunity>, List<BgpLargeCommunity>) _blackhole = Parse([.. options.BlackholeCommunities, .. options.Communities]);
    private readonly (List<BgpCommunity>, List<BgpLargeCommunity>) _source = Parse([.. options.SourceBlackholeCommunities, .. options.Communities]);

    /// <summary>A router of our own AS.</summary>
    private bool IsInternal => options.As == ownAs;

    /// <summary>Attributes of one route; null when the peer cannot be told, with the reason.</summary>
    /// <param name="local">Our address of the session: next hop where the configuration names none.</param>
    public RouteAttributes? Of(Announcement announcement, BgpNlri route, IpAddr? local, out string? problem)
    {
        problem = null;
        if (announcement.Kind == AnnouncementKind.SourceBlackhole && options.SourceBlackholeCommunities.Count == 0)
        {
            problem = "the peer takes no source-based blackholes: source_blackhole_communities is empty";
            return null;
        }
        if (announcement.Kind == AnnouncementKind.OutboundRule && !IsInternal)
        {
            problem = "its destination is not ours: only routers of our own AS are told";
            return null;
        }
        var four = route.Family.Afi == BgpFamily.Ipv4Unicast.Afi;
        IpAddr? nextHop = null;
        if (announcement.Actions is null)
        {
            nextHop = four ? options.NextHopV4 : options.NextHopV6;
            if (nextHop is null && local?.IsV4 == four) nextHop = local;
            if (nextHop is null)
            {
                problem = $"no next hop: the session has no address of that family, and {(four ? "next_hop_v4" : "next_hop_v6")} is not set";
                return null;
            }
        }
        if (_known.TryGetValue((announcement.Way, four), out var known) && known.NextHop == nextHop) return known.Attributes;
        if (_known.Count >= MaxKnown) _known.Clear();
        var attributes = Make(announcement, four, nextHop);
        _known[(announcement.Way, four)] = (nextHop, attributes);
        return attributes;
    }

    private RouteAttributes Make(Announcement announcement, bool four, IpAddr? nextHop)
    {
        var (communities, large) = announcement.Kind switch
        {
            AnnouncementKind.Blackhole => _blackhole,
            AnnouncementKind.SourceBlackhole => _source,
            _ => _rule,
        };
        var path = new PathAttributes
        {
            Origin = BgpOrigin.Igp,
            AsPath = IsInternal ? [] : [new AsSegment(AsSegmentKind.Sequence, [ownAs])],
            LocalPreference = IsInternal ? options.LocalPreference : null,
            Communities = communities,
            LargeCommunities = large,
        };
        if (announcement.Actions is { } actions)
        {
            IpAddr? leadsTo = null;
            if (options.RedirectForm == BgpRedirectForm.NextHop && actions.RedirectToAddress is { } address)
            {
                actions = actions with { RedirectToAddress = null, RedirectToRouteNextHop = true };
                leadsTo = address;
            }
            path = path with { ExtendedCommunities = actions.Communities(ownAs), Ipv6ExtendedCommunities = actions.Ipv6Communities };
            return new RouteAttributes(path, leadsTo is { } hop ? Octets(hop) : []);
        }
        // RFC 9234 §5: what goes down to a customer, or across to a peer, is marked so that it does not come up again. Unicast only.
        if (options.Role is BgpRole.Provider or BgpRole.Peer or BgpRole.RouteServer) path = path with { OnlyToCustomer = ownAs };
        return four ? new RouteAttributes(path with { NextHop = nextHop }, []) : new RouteAttributes(path, Octets(nextHop!.Value));
    }

    private static byte[] Octets(IpAddr address)
    {
        var octets = new byte[16];
        address.WriteTo(octets);
        return address.IsV4 ? octets[12..] : octets;
    }

    /// <summary>Each once, in ascending order: what routers compare and print.</summary>
    private static (List<BgpCommunity>, List<BgpLargeCommunity>) Parse(IReadOnlyList<string> texts)
    {
        var communities = new SortedSet<uint>();
        var large = new SortedSet<(uint, uint, uint)>();
        foreach (var text in texts)
        {
            if (BgpCommunity.TryParse(text, out var community)) communities.Add(community.Value);
            else if (BgpLargeCommunity.TryParse(text, out var wide)) large.Add((wide.Administrator, wide.Data1, wide.Data2));
        }
        return ([.. communities.Select(c => new BgpCommunity(c))], [.. large.Select(l => new BgpLargeCommunity(l.Item1, l.Item2, l.Item3))]);
    }
}
