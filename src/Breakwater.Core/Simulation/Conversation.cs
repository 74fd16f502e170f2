using Breakwater.Core.Flows;
using Breakwater.Core.Net;

namespace Breakwater.Core.Simulation;

/// <summary>Two ends that talk: whatever one sends becomes a record in the queue.</summary>
internal readonly struct Conversation(FlowQueue queue, byte protocol, IpAddr client, IpAddr server, ushort clientPort, ushort serverPort)
{
    /// <param name="at">When the last of the packets is sent.</param>
    /// <param name="packets">Packets, from 1.</param>
    /// <param name="length">Octets of each over IPv4; 20 more over IPv6.</param>
    /// <param name="tcpFlags">Flags of each.</param>
    public void Ask(Timestamp at, int packets, int length, byte tcpFlags) =>
        Send(at, client, server, clientPort, serverPort, packets, length, tcpFlags);

    /// <inheritdoc cref="Ask"/>
    public void Answer(Timestamp at, int packets, int length, byte tcpFlags) =>
        Send(at, server, client, serverPort, clientPort, packets, length, tcpFlags);

    private void Send(Timestamp at, IpAddr from, IpAddr to, ushort fromPort, ushort toPort, int packets, int length, byte tcpFlags) => queue.Add(new Flow
    {
        Source = from,
        Destination = to,
        SourcePort = fromPort,
        DestinationPort = toPort,
        Protocol = protocol,
        TcpFlags = tcpFlags,
        Packets = packets,
        SampledPackets = (uint)packets,
        Bytes = (long)packets * (from.IsV4 ? length : length + 20),
        // A burst leaves at about a packet in a tenth of a millisecond.
        Start = at - TimeSpan.FromMicroseconds(100 * (packets - 1)),
        End = at,
        Ttl = 57,
        Flags = packets == 1 ? FlowFlags.SinglePacket : FlowFlags.None,
    });
}
