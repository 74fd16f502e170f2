using System.Runtime.CompilerServices;
using Breakwater.Core.Flows;
using Breakwater.Core.Net;

namespace Breakwater.Core.Behaviour;

/// <summary>Says of a flow whether it is part of a conversation, of which, and who may have begun it.</summary>
internal static class ContactKey
{
    private const byte Icmp = 1, Tcp = 6, Icmpv6 = 58;
    private const byte Syn = 2, Rst = 4, Ack = 16;

    /// <summary>A hash that both directions of a conversation share; 0 for a flow that is part of none.</summary>
    /// <remarks>Of none: what goes to many (multicast, broadcast), comes from nobody, is an error about something else, or has no ports because it is the rest of a fragment.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Hash(in Flow flow)
    {
        if ((flow.Flags & FlowFlags.LaterFragment) != 0 || Bogons.IsMulticastOrBroadcast(flow.Destination)) return 0;
        if (IsNobody(flow.Source) || IsNobody(flow.Destination) || flow.Source == flow.Destination) return 0;
        uint ports = 0;
        ushort a = 0, b = 0;
        if (flow.Protocol is Icmp or Icmpv6)
        {
            if (Question(flow, out _) is not { } question) return 0;
            ports = question;
        }
        else (a, b) = (flow.SourcePort, flow.DestinationPort);
        // Commutative, so that both directions come to the same.
        var hash = Mix(flow.Source, a) + Mix(flow.Destination, b) + (ports << 8 | flow.Protocol) * 0x9E37_79B9_7F4A_7C15;
        hash ^= hash >> 29;
        hash *= 0xBF58_476D_1CE4_E5B9;
        // Never 0; the place in a table is told by the low bits.
        return hash ^ (hash >> 32) | 1ul << 63;
    }

    /// <summary>Of an ICMP message type·256 of the question that it asks or answers; null for errors and other messages that nobody answers.</summary>
    /// <remarks>RFC 792, RFC 950, RFC 4443 §4; neighbour discovery (RFC 4861) is not traffic between hosts.</remarks>
    public static ushort? Question(in Flow flow, out bool isAnswer)
    {
        var type = flow.DestinationPort >> 8;
        isAnswer = false;
        if (flow.Protocol == Icmp)
        {
            switch (type)
            {
                case 8 or 13 or 15 or 17: return (ushort)(type << 8);
                case 0: isAnswer = true; return 8 << 8;
                case 14 or 16 or 18: isAnswer = true; return (ushort)((type - 1) << 8);
                default: return null;
            }
        }
        isAnswer = type == 129;
        return type is 128 or 129 ? (ushort)(128 << 8) : null;
    }

    /// <summary>True when the flow's source is the one who began, as far as the flow alone tells.</summary>
    public static bool IsFromInitiator(in Flow flow)
    {
        if ((flow.Flags & FlowFlags.Reverse) != 0) return false;
        switch (flow.Protocol)
        {
            case Tcp when (flow.TcpFlags & (Syn | Ack)) == Syn: return true;
            // A record ORs the flags of its packets: with SYN and ACK in more than one packet, either side may have sent it.
            case Tcp when (flow.TcpFlags & (Syn | Ack)) == (Syn | Ack) && flow.Packets == 1: return false;
            case Tcp when (flow.Flags & FlowFlags.Answered) != 0: return true;
            case Tcp when (flow.TcpFlags & Rst) != 0 && (flow.TcpFlags & Syn) == 0 && flow.Packets == 1: return ServicePorts.Rank(flow.SourcePort) < ServicePorts.Rank(flow.DestinationPort);
            case Tcp: return ServicePorts.Rank(flow.SourcePort) <= ServicePorts.Rank(flow.DestinationPort);
            case Icmp or Icmpv6: return Question(flow, out var isAnswer) is null || !isAnswer;
            // Of UDP whoever comes first, but for answers of services to clients whose question was not seen.
            case 17 when (flow.Flags & FlowFlags.Answered) == 0: return flow.SourcePort >= 1024 || flow.DestinationPort < 1024 || ServicePorts.IsKnown(flow.DestinationPort);
            default: return true;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsNobody(in IpAddr address) => address.Low == 0 ? address.High == 0 : address.IsV4 && address.V4Bits == 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Mix(in IpAddr address, ushort port)
    {
        var x = (address.Low ^ address.High * 0x9E37_79B9_7F4A_7C15) + (ulong)port * 0xD6E8_FEB8_6659_FD93;
        x ^= x >> 32;
        x *= 0xD6E8_FEB8_6659_FD93;
        return x ^ (x >> 29);
    }
}
