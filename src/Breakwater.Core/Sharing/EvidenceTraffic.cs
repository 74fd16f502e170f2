using Breakwater.Core.Flows;
using Breakwater.Core.Incidents;
using Breakwater.Core.Net;

namespace Breakwater.Core.Sharing;

/// <summary>Lays together the flows of the evidence that look alike: what remains is what is typical of the attack.</summary>
internal static class EvidenceTraffic
{
    /// <summary>Kinds of traffic told of.</summary>
    private const int MaxKinds = 64;

    /// <summary>Ports of one protocol beyond which a port is chance: a flood from every port is told of once.</summary>
    private const int MaxPorts = 4;

    /// <param name="sources">The senders that may be named; all others stay unnamed.</param>
    /// <param name="seen">A receiver as others may see it.</param>
    public static IReadOnlyList<SharedTraffic> Of(Evidence evidence, IReadOnlyCollection<IpAddr> sources, Func<IpAddr, Prefix?> seen)
    {
        var flows = evidence.Flows.Where(f => f.Packets > 0).ToArray();
        var named = sources.ToHashSet();
        var sourcePorts = FewPorts(flows, f => f.SourcePort);
        var destinationPorts = FewPorts(flows, f => f.DestinationPort);
        return
        [
            .. flows.GroupBy(f => (
                    Source: named.Contains(f.Source) ? f.Source : (IpAddr?)null,
                    Destination: named.Contains(f.Destination) ? new Prefix(f.Destination, f.Destination.Bits) : seen(f.Destination),
                    f.Protocol, SourcePort: Port(f, f.SourcePort, sourcePorts), DestinationPort: Port(f, f.DestinationPort, destinationPorts)))
                .Select(g => new SharedTraffic(
                    g.Key.Source, g.Key.Destination, g.Key.Protocol, g.Key.SourcePort, g.Key.DestinationPort, Sum(g.Select(f => f.Packets)), Sum(g.Select(f => f.Bytes)),
                    g.Min(f => f.Start), g.Max(f => f.End), g.Aggregate((byte)0, (flags, f) => (byte)(flags | f.TcpFlags)), g.Count(), g.Key.Source is null ? null : LastPort(g)))
                .OrderByDescending(t => t.Packets).ThenBy(t => t.Source ?? default).ThenBy(t => t.SourcePort).ThenBy(t => t.DestinationPort).Take(MaxKinds),
        ];
    }

    /// <summary>By protocol the ports of one side, where they are few.</summary>
    private static HashSet<(byte Protocol, ushort Port)> FewPorts(Flow[] flows, Func<Flow, ushort> port) =>
        [.. flows.GroupBy(f => f.Protocol).Where(g => g.Select(port).Distinct().Count() <= MaxPorts).SelectMany(g => g.Select(f => (f.Protocol, port(f))))];

    private static int? Port(Flow flow, ushort port, HashSet<(byte, ushort)> few) =>
        flow.Protocol is 6 or 17 && port != 0 && (flow.Flags & FlowFlags.LaterFragment) == 0 && few.Contains((flow.Protocol, port)) ? port : null;

    private static int? LastPort(IEnumerable<Flow> flows) => flows.MaxBy(f => f.End) is { Protocol: 6 or 17, SourcePort: not 0 and var port } ? port : null;

    private static long Sum(IEnumerable<long> counts)
    {
        var sum = 0L;
        foreach (var count in counts) sum = count > long.MaxValue - sum ? long.MaxValue : sum + Math.Max(0, count);
        return sum;
    }
}
