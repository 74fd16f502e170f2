using Breakwater.Core.Flows;
using Breakwater.Core.Mitigations;
using Breakwater.Core.Net;
using Breakwater.Protocols.Bgp;

namespace Breakwater.Engine.Mitigations.Bgp;

/// <summary>Writes the messages of one rule and one blackhole to nobody, before the first real ones: code that has never run is compiled while the flood comes in.</summary>
internal static class BgpWarmUp
{
    private const uint As = 64_500;

    public static void Run()
    {
        BgpFamily[] families = [BgpFamily.Ipv4Unicast, BgpFamily.Ipv4FlowSpec];
        var policy = new PeerPolicy(new BgpPeerOptions { As = As }, As);
        var rib = new AdjRibOut();
        rib.Begin(families.ToHashSet());
        var wanted = new Dictionary<BgpNlri, RouteAttributes>();
        foreach (var mitigation in Mitigations())
        {
            if (Announcement.Of(mitigation, out _) is not { } announcement) continue;
            foreach (var route in announcement.Routes)
                if (policy.Of(announcement, route, IpAddr.Parse("192.0.2.1"), out _) is { } attributes) wanted[route] = attributes;
        }
        rib.Want(wanted);
        var encoder = new UpdateEncoder(new UpdateContext(FourOctetAs: true, Internal: true), BgpFraming.MaxLength);
        Write(rib, encoder);
        rib.Want(new Dictionary<BgpNlri, RouteAttributes>());
        Write(rib, encoder);
    }

    private static IEnumerable<Mitigation> Mitigations()
    {
        var now = Timestamp.FromUnixSeconds(1_700_000_000);
        var target = Prefix.Parse("192.0.2.7/32");
        var blackhole = new Mitigation
        {
            Id = "warm-up",
            Origin = MitigationOrigin.Incident,
            Requester = "",
            Match = new TrafficMatch { Destination = target },
            Action = MitigationAction.Blackhole,
            Created = now,
            Since = now,
            Expires = now,
            Reason = "",
        };
        yield return blackhole;
        yield return blackhole with { Match = new TrafficMatch { Destination = target, Protocols = [17], SourcePorts = [53] }, Action = MitigationAction.Drop };
        yield return blackhole with { Match = new TrafficMatch { Destination = target, Protocols = [6], TcpFlags = 2, TcpFlagsMask = 18 }, Action = MitigationAction.RateLimit, RatePacketsPerSecond = 1_000 };
    }

    private static void Write(AdjRibOut rib, UpdateEncoder encoder)
    {
        Span<byte> message = new byte[encoder.MaxLength];
        while (rib.Write(encoder, message) > 0)
        {
        }
    }
}
