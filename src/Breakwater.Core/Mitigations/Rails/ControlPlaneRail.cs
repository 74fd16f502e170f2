using System.Globalization;
using Breakwater.Core.Flows;
using Breakwater.Core.Net;

namespace Breakwater.Core.Mitigations.Rails;

/// <summary>No drop or rate limit matches TCP to or from port 179, or a port that routers are managed by.</summary>
/// <remarks>
/// An announcement that kept BGP sessions from forming once took a backbone down for hours. A blackhole or a diversion takes
/// all traffic of its destination: routers are kept from those by <see cref="NeverTouchRail"/>.
/// </remarks>
public sealed class ControlPlaneRail(IEnumerable<ushort> ports) : IGuardRail
{
    private const ushort Bgp = 179;
    private const byte Tcp = 6, Syn = 0x02, Ack = 0x10, Psh = 0x08;

    private readonly ushort[] _ports = [.. ports.Append(Bgp).Distinct().Order()];

    public string Name => "control-plane";

    public string? Refuse(Mitigation mitigation, RailContext context)
    {
        if (mitigation.Action is not (MitigationAction.Drop or MitigationAction.RateLimit) || mitigation.Match.Destination is not { } destination) return null;
        foreach (var port in _ports)
        {
            if (MatchesTo(mitigation.Match, destination, port))
                return string.Create(CultureInfo.InvariantCulture, $"it matches TCP to port {port}: leave that port out of its destination ports ({Ports()})");
            if (MatchesFrom(mitigation.Match, destination, port))
                return string.Create(CultureInfo.InvariantCulture, $"it matches TCP from port {port}: leave that port out of its source ports ({Ports()})");
        }
        return null;
    }

    /// <summary>The same rule with the ports left out that it must not match; the rule itself where it cannot name ports, or where none would be left.</summary>
    public TrafficMatch Narrowed(TrafficMatch match)
    {
        if (match.Destination is not { } destination || match.Protocols.Count == 0 || !match.Protocols.All(FlowWeights.CarriesPorts)) return match;
        var narrowed = match;
        foreach (var port in _ports)
        {
            if (MatchesTo(narrowed, destination, port))
            {
                // An empty list would match every port.
                if (Without(narrowed.DestinationPorts, port) is not { Count: > 0 } left) return match;
                narrowed = narrowed with { DestinationPorts = left };
            }
            if (MatchesFrom(narrowed, destination, port))
            {
                if (Without(narrowed.SourcePorts, port) is not { Count: > 0 } left) return match;
                narrowed = narrowed with { SourcePorts = left };
            }
        }
        return narrowed;
    }

    private string Ports() => string.Join(", ", Without([], _ports));

    private static IReadOnlyList<ValueRange> Without(IReadOnlyList<ValueRange> ranges, params ReadOnlySpan<ushort> ports)
    {
        List<ValueRange> left = ranges.Count == 0 ? [new ValueRange(0, 65535)] : [.. ranges];
        foreach (var port in ports)
        {
            left = [.. left.SelectMany<ValueRange, ValueRange>(r => r.From <= port && port <= r.To ? [new(r.From, port - 1), new(port + 1, r.To)] : [r])
                .Where(r => r.From <= r.To)];
        }
        return left;
    }

    /// <summary>The packets that open a session to the port, and those that keep it up.</summary>
    private static bool MatchesTo(TrafficMatch match, Prefix destination, ushort port) =>
        ReachesEphemeral(match.SourcePorts) && Hits(match with { SourcePorts = [] }, destination, 0, port, Syn, Ack, Ack | Psh);

    private static bool MatchesFrom(TrafficMatch match, Prefix destination, ushort port) =>
        ReachesEphemeral(match.DestinationPorts) && Hits(match with { DestinationPorts = [] }, destination, port, 0, Syn | Ack, Ack, Ack | Psh);

    /// <summary>The other end of a session has a port from 1024 on.</summary>
    private static bool ReachesEphemeral(IReadOnlyList<ValueRange> ports) => ports.Count == 0 || ports.Any(r => r.To >= 1024);

    /// <summary>Looks at protocol, ports and flags only: sources, lengths and marks of a session can be any.</summary>
    private static bool Hits(TrafficMatch match, Prefix destination, ushort from, ushort to, params ReadOnlySpan<int> packets)
    {
        var bare = match with { Source = null, PacketLengths = [], Dscp = [] };
        foreach (var flags in packets)
            if (bare.Matches(new Flow { Destination = destination.Address, Protocol = Tcp, SourcePort = from, DestinationPort = to, TcpFlags = (byte)flags })) return true;
        return false;
    }
}
