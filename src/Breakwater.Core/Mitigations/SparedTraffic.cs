using Breakwater.Core.Flows;

namespace Breakwater.Core.Mitigations;

/// <summary>The traffic that rules should spare, counted twice: by its packets, and by what is lost with them.</summary>
/// <remarks>Who drops the packet that opens a connection drops the connection. So SYN and SYN-ACK together weigh as much as all of TCP.</remarks>
internal sealed class SparedTraffic
{
    private const byte Fin = 0x01, Syn = 0x02, Rst = 0x04, Psh = 0x08, Ack = 0x10;

    /// <summary>Octets of a SYN with the options that common stacks send.</summary>
    private const int OpeningLength = 60;

    public SparedTraffic(IReadOnlyList<Flow> flows)
    {
        Flows = flows;
        double tcp = 0, openings = 0;
        foreach (var flow in flows)
        {
            if (flow.Protocol != 6 || IsConnection(flow)) continue;
            tcp += flow.Weight();
            if (IsOpening(flow)) openings += flow.Weight();
        }
        var perOpening = openings > 0 ? tcp / openings : 1;
        var weighed = new List<Flow>(flows.Count);
        foreach (var flow in flows)
        {
            if (IsConnection(flow)) weighed.AddRange(flow, OpeningOf(flow));
            else weighed.Add(IsOpening(flow) ? flow with { Packets = Times(flow.Weight(), perOpening), Bytes = Times(Math.Max(0, flow.Bytes), perOpening) } : flow);
        }
        Weighed = weighed;
    }

    private SparedTraffic(IReadOnlyList<Flow> flows, IReadOnlyList<Flow> weighed) => (Flows, Weighed) = (flows, weighed);

    public IReadOnlyList<Flow> Flows { get; }

    /// <summary>The same, with openings weighed by their connections.</summary>
    public IReadOnlyList<Flow> Weighed { get; }

    /// <summary>What would be lost by dropping what any of the rules matches, 0 to 1: the larger of both counts.</summary>
    public double LossBy(params IReadOnlyList<TrafficMatch> rules) => Math.Max(Flows.ShareOf(rules), Weighed.ShareOf(rules));

    /// <summary>At most so many flows, evenly chosen.</summary>
    public SparedTraffic Thinned(int flows) => new(Flows.Thinned(flows), Weighed.Thinned(flows));

    private static bool IsOpening(in Flow flow) => flow.Protocol == 6 && (flow.TcpFlags & (Fin | Syn | Rst | Psh)) == Syn;

    /// <summary>SYN, and something that comes after it, in one record: it hides the opening packet, which a router would see.</summary>
    private static bool IsConnection(in Flow flow) =>
        flow.Protocol == 6 && flow.Packets > 1 && (flow.Flags & FlowFlags.SinglePacket) == 0 && (flow.TcpFlags & Syn) != 0 && (flow.TcpFlags & (Fin | Psh | Ack)) != 0;

    /// <summary>Where the sender is the server by its port, the opening packet was a SYN-ACK, else a SYN. It weighs as much as the record.</summary>
    private static Flow OpeningOf(in Flow record) => record with
    {
        TcpFlags = record.SourcePort < record.DestinationPort ? (byte)(Syn | Ack) : Syn,
        Bytes = Times(record.Weight(), OpeningLength),
        Flags = record.Flags | FlowFlags.SinglePacket,
    };

    private static long Times(double count, double factor) => (long)Math.Min(count * factor, 1e15);
}
