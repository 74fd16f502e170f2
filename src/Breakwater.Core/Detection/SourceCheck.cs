using Breakwater.Core.Flows;
using Breakwater.Core.Net;

namespace Breakwater.Core.Detection;

/// <summary>Knows which source addresses cannot be real on traffic to home, and how much of a kind of traffic carries one.</summary>
/// <remarks>
/// Three sorts: special-purpose space that nobody sends from (RFC 6890); private, shared and link-local space, where home is
/// public altogether; home's own addresses on an interface by which the rest of the world comes in (BCP 38, RFC 2827, turned
/// round). Shares come from the sample of flows that each kind of traffic keeps, so that nothing is asked per packet.
/// </remarks>
public sealed class SourceCheck
{
    /// <summary>Share of impossible sources from which all sources count as forged: addresses drawn at random from all of IPv4 hit 14 %.</summary>
    public const double Proof = 0.05;

    /// <summary>Flows of the sample that must have an impossible source: fewer are stray packets.</summary>
    private const int MinHits = 6;

    private readonly HomeNetwork _home;
    private readonly bool _localIsForeign;
    private readonly bool _knowsHome;

    public SourceCheck(HomeNetwork home)
    {
        _home = home;
        _knowsHome = home.Home.All(p => p.Length > 0);
        _localIsForeign = _knowsHome && !home.Home.Any(Bogons.OverlapsLocal);
    }

    /// <summary>True when an address is impossible as the source of inbound traffic, wherever it came in.</summary>
    public bool CannotSend(in IpAddr source) => Bogons.Contains(source) || (_localIsForeign && Bogons.IsLocal(source));

    /// <param name="inbound">Traffic towards home.</param>
    /// <param name="outbound">What the target sent, if it was seen: an interface by which that comes is inside; null when not known.</param>
    public ForgedSources Judge(TrafficComponent inbound, TrafficProfile? outbound = null)
    {
        double all = 0, special = 0, local = 0, own = 0, land = 0;
        var hits = 0;
        var (at, outside) = ((Exporter: (ushort)0, Interface: 0u), false);
        foreach (ref readonly var flow in inbound.Sample)
        {
            all += flow.Packets;
            if ((flow.Flags & FlowFlags.Loopback) != 0) continue;
            if (flow.IsLand) land += flow.Packets;
            else if (IsSpecial(flow)) special += flow.Packets;
            else if (_localIsForeign && IsForeignLocal(flow)) local += flow.Packets;
            else if (IsOwn(flow))
            {
                // Most come in by the same interface as the one before.
                if (at != (flow.Exporter, flow.InputInterface)) (at, outside) = ((flow.Exporter, flow.InputInterface), IsOutside(flow, inbound, outbound));
                if (!outside) continue;
                own += flow.Packets;
            }
            else continue;
            hits++;
        }
        return all > 0 ? new ForgedSources(special / all, local / all, own / all, land / all, hits >= MinHits) : default;
    }

    /// <summary>DHCP clients have no address yet (RFC 2131 §4.1).</summary>
    private static bool IsSpecial(in Flow flow) =>
        Bogons.Contains(flow.Source) && !(flow.Protocol == 17 && flow.DestinationPort is 67 or 68 && flow.Source == IpAddr.V4(0u));

    /// <summary>Routers on the link speak of neighbours from link-local addresses (RFC 4861).</summary>
    private static bool IsForeignLocal(in Flow flow) => flow.Protocol != 58 && Bogons.IsLocal(flow.Source);

    private bool IsOwn(in Flow flow) => _knowsHome && flow.InputInterface != 0 && _home.GroupOf(flow.Source) >= 0;

    /// <summary>True when the rest of the world comes in by the same interface and the target's own packets to it do not.</summary>
    private bool IsOutside(in Flow flow, TrafficComponent inbound, TrafficProfile? outbound)
    {
        // Without the other direction a tap on a mirror port looks like an uplink.
        if (outbound is null || outbound.Packets == 0) return false;
        foreach (var component in outbound.Components)
            foreach (ref readonly var sent in component.Sample)
                // What "sent" to another of us may itself be forged.
                if (sent.Exporter == flow.Exporter && sent.InputInterface == flow.InputInterface && _home.GroupOf(sent.Destination) < 0) return false;
        foreach (ref readonly var other in inbound.Sample)
            if (other.Exporter == flow.Exporter && other.InputInterface == flow.InputInterface && _home.GroupOf(other.Source) < 0) return true;
        return false;
    }
}

/// <summary>Shares of a kind of traffic's packets, 0 to 1, by why their source cannot be real.</summary>
/// <param name="Special">Special-purpose space.</param>
/// <param name="Local">Private, shared or link-local space that is not home.</param>
/// <param name="Own">Home's own addresses, from outside.</param>
/// <param name="Land">The destination itself.</param>
/// <param name="IsSure">Enough flows of the sample are of these sorts.</param>
public readonly record struct ForgedSources(double Special, double Local, double Own, double Land, bool IsSure)
{
    public double Share => IsSure ? Special + Local + Own + Land : 0;

    /// <summary>True when so much is impossible that no source address of this traffic tells who sent it.</summary>
    public bool IsProof => Share >= SourceCheck.Proof;
}
