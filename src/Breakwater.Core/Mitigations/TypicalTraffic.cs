using Breakwater.Core.Flows;
using Breakwater.Core.Net;

namespace Breakwater.Core.Mitigations;

/// <summary>
/// What a host on the Internet commonly receives, packet by packet. Stands in for the target's ordinary traffic where none or
/// too little was seen, so that a rule is judged by what it would usually cost and not only by the few packets at hand.
/// </summary>
/// <remarks>Shares are round numbers after public traffic mixes; only their order matters, for they rank rules and are never shown.</remarks>
internal static class TypicalTraffic
{
    private const ushort Ephemeral = 50_000;

    /// <param name="target">Where the traffic goes.</param>
    /// <param name="servicePort">Port of the service that the target is assumed to offer.</param>
    /// <returns>Flows that weigh 1,000 packets together.</returns>
    public static IReadOnlyList<Flow> To(Prefix target, ushort servicePort)
    {
        var icmp = (byte)(target.IsV4 ? 1 : 58);
        var echoRequest = (ushort)((target.IsV4 ? 8 : 128) << 8);
        var echoReply = (ushort)((target.IsV4 ? 0 : 129) << 8);
        var unreachable = (ushort)((target.IsV4 ? 3 : 1) << 8);
        return
        [
            // Clients of the target's service.
            Packets(20, 6, Ephemeral, servicePort, 60, 0x02),
            Packets(10, 6, Ephemeral, servicePort, 52, 0x02),
            Packets(80, 6, Ephemeral, servicePort, 52, 0x10),
            Packets(50, 6, Ephemeral, servicePort, 40, 0x10),
            Packets(80, 6, Ephemeral, servicePort, 600, 0x18),
            Packets(15, 6, Ephemeral, servicePort, 52, 0x11),
            Packets(5, 6, Ephemeral, servicePort, 40, 0x04),
            Packets(30, 17, Ephemeral, servicePort, 200, 0),
            // Servers that the target is a client of.
            Packets(300, 6, 443, Ephemeral, 1500, 0x10),
            Packets(40, 6, 443, Ephemeral, 52, 0x10),
            Packets(25, 6, 443, Ephemeral, 40, 0x10),
            Packets(20, 6, 443, Ephemeral, 60, 0x12),
            Packets(50, 6, 80, Ephemeral, 1500, 0x10),
            Packets(5, 6, 443, Ephemeral, 40, 0x14),
            Packets(120, 17, 443, Ephemeral, 1280, 0),
            Packets(40, 17, 443, Ephemeral, 80, 0),
            Packets(20, 17, 53, Ephemeral, 120, 0),
            Packets(10, 17, 53, Ephemeral, 300, 0),
            Packets(5, 17, 123, 123, 76, 0),
            Packets(5, 17, 3478, Ephemeral, 100, 0),
            Packets(45, 17, Ephemeral, Ephemeral, 200, 0),
            // The rest.
            Packets(5, icmp, 0, echoRequest, 84, 0),
            Packets(5, icmp, 0, echoReply, 84, 0),
            Packets(3, icmp, 0, unreachable, 56, 0),
            Packets(7, 50, 0, 0, 1400, 0),
            Packets(2, 47, 0, 0, 1400, 0),
            Packets(3, 17, 0, 0, 1500, 0, FlowFlags.Fragment | FlowFlags.LaterFragment),
        ];

        Flow Packets(long packets, byte protocol, ushort sourcePort, ushort destinationPort, int length, byte tcpFlags, FlowFlags flags = FlowFlags.None) => new()
        {
            Destination = target.Address,
            Packets = packets,
            Bytes = packets * length,
            Protocol = protocol,
            SourcePort = sourcePort,
            DestinationPort = destinationPort,
            TcpFlags = tcpFlags,
            Flags = flags | FlowFlags.SinglePacket,
        };
    }
}
