using Breakwater.Core.Flows;

namespace Breakwater.Core.Mitigations;

/// <summary>What a rule would have dropped of traffic that was seen: the preview before, and the answer to "what if".</summary>
public sealed class RuleReplay(TrafficMatch match)
{
    public TrafficMatch Match { get; } = match;

    /// <summary>Flows, packets and octets that it would have matched.</summary>
    public long Flows { get; private set; }
    public long Packets { get; private set; }
    public long Bytes { get; private set; }

    /// <summary>The same of what it would have let through, counting only what goes to its destination.</summary>
    public long SparedPackets { get; private set; }
    public long SparedBytes { get; private set; }

    public void Observe(in Flow flow)
    {
        if (flow.Packets <= 0 || Match.Destination is { } destination && !destination.Contains(flow.Destination)) return;
        if (!Match.Matches(flow))
        {
            SparedPackets += flow.Packets;
            SparedBytes += Math.Max(0, flow.Bytes);
            return;
        }
        Flows++;
        Packets += flow.Packets;
        Bytes += Math.Max(0, flow.Bytes);
    }

    /// <summary>Share of the packets that the rule matches, 0 to 1; null when there are none.</summary>
    public static double? ShareOf(IReadOnlyList<Flow> flows, TrafficMatch match) => flows.Any(f => f.Packets > 0) ? flows.ShareOf(match) : null;
}
