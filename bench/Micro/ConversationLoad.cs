using Breakwater.Core.Flows;
using Breakwater.Core.Net;

namespace Breakwater.Micro;

/// <summary>Conversations of home clients with servers elsewhere, many at the same time, their flows in the order in which a line carries them.</summary>
/// <param name="packets">Flows of each side of a conversation: 1 for records that hold all of it, more for packets.</param>
internal sealed class ConversationLoad(int packets)
{
    private const int Together = 512;

    private readonly Random _random = new(1);
    private readonly (uint Client, uint Server, ushort Port, int Sent)[] _talks = new (uint, uint, ushort, int)[Together];
    private int _at;

    /// <summary>Adds the next flow of each side of one conversation.</summary>
    public void AddTo(FlowBatch batch)
    {
        ref var talk = ref _talks[_at++ % Together];
        if (talk.Sent == 0) talk = (ExportLoad.FirstHost + (uint)_random.Next(10_000), 0x0800_0000 + (uint)_random.Next(65_536) * 251, (ushort)_random.Next(32_768, 61_000), 0);
        talk.Sent++;
        // One in ten is not answered. A record ORs the flags of its packets.
        var silent = (talk.Client ^ talk.Server) % 10 == 0;
        var (first, last) = (talk.Sent == 1, talk.Sent == packets);
        var asked = (first ? 2 : 0) | (first && packets > 1 || silent ? 0 : 0x18) | (last && !silent ? 1 : 0);
        var answered = (first ? 2 : 0) | 0x10 | (last ? 1 : 0);
        batch.Add(Flow(talk.Client, talk.Server, talk.Port, 443, asked));
        if (!silent) batch.Add(Flow(talk.Server, talk.Client, 443, talk.Port, answered));
        if (last || silent) talk.Sent = 0;
    }

    /// <summary>The same conversations with other servers.</summary>
    public static void MoveOn(FlowBatch batch)
    {
        foreach (ref var flow in batch.Mutable)
        {
            ref var server = ref flow.DestinationPort == 443 ? ref flow.Destination : ref flow.Source;
            server = IpAddr.V4(server.V4Bits + 97);
        }
    }

    private Flow Flow(uint source, uint destination, ushort sourcePort, ushort destinationPort, int flags) => new()
    {
        Source = IpAddr.V4(source),
        Destination = IpAddr.V4(destination),
        SourcePort = sourcePort,
        DestinationPort = destinationPort,
        Protocol = 6,
        TcpFlags = (byte)flags,
        Packets = packets == 1 ? 10 : 1,
        SampledPackets = packets == 1 ? 10u : 1,
        Bytes = packets == 1 ? 8_000 : 800,
        Exporter = 1,
        Flags = packets == 1 ? FlowFlags.None : FlowFlags.SinglePacket,
    };
}
