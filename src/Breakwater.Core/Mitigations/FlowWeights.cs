using Breakwater.Core.Flows;

namespace Breakwater.Core.Mitigations;

/// <summary>What rule synthesis asks of a flow.</summary>
internal static class FlowWeights
{
    /// <summary>Its packets; records that claim fewer than none weigh nothing.</summary>
    public static double Weight(this in Flow flow) => Math.Max(0, flow.Packets);

    /// <summary>Share of the packets that at least one of the rules matches, 0 to 1; 0 when there are no packets.</summary>
    public static double ShareOf(this IReadOnlyList<Flow> flows, params IReadOnlyList<TrafficMatch> rules)
    {
        double matched = 0, total = 0;
        foreach (var flow in flows)
        {
            total += flow.Weight();
            foreach (var rule in rules)
            {
                if (!rule.Matches(flow)) continue;
                matched += flow.Weight();
                break;
            }
        }
        return total == 0 ? 0 : matched / total;
    }

    /// <summary>At most so many flows, evenly chosen.</summary>
    public static IReadOnlyList<Flow> Thinned(this IReadOnlyList<Flow> flows, int count)
    {
        if (flows.Count <= count) return flows;
        var step = (double)flows.Count / count;
        return [.. Enumerable.Range(0, count).Select(i => flows[(int)(i * step)])];
    }

    public static bool IsIcmp(this in Flow flow) => flow.Protocol is 1 or 58;

    /// <summary>
    /// False for other protocols than TCP, UDP, DCCP, SCTP and UDP-Lite, for later fragments, and for records with no port at all:
    /// exporters that do not tell fragments write 0 to both, and a router that is given port 0 finds none in a fragment.
    /// </summary>
    public static bool HasPorts(this in Flow flow) =>
        CarriesPorts(flow.Protocol) && (flow.Flags & FlowFlags.LaterFragment) == 0 && (flow.SourcePort | flow.DestinationPort) != 0;

    public static bool CarriesPorts(byte protocol) => protocol is 6 or 17 or 33 or 132 or 136;
}
