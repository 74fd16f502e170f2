using System.Buffers.Binary;
using Breakwater.Core.Behaviour;
using Breakwater.Core.Behaviour.Payload;
using Breakwater.Core.Flows;

namespace Breakwater.Protocols.Net;

/// <summary>Tells of echo requests and replies, and what data they begin with.</summary>
/// <remarks>RFC 792, "Echo or Echo Reply Message", and RFC 4443 §4.1: type 1, code 1, checksum 2, identifier 2, sequence number 2, data.</remarks>
public sealed class EchoReader : IPayloadReader
{
    /// <summary>What of the data is compared: enough to differ, and less than any capture or router leaves of a packet.</summary>
    public const int HeadOctets = 32;

    private const int Header = 8;
    private const byte Icmp = 1, Icmpv6 = 58;

    public string Name => "echo";

    public bool Wants(in Flow flow) => flow.Protocol switch
    {
        Icmp => flow.DestinationPort >> 8 is 0 or 8,
        Icmpv6 => flow.DestinationPort >> 8 is 128 or 129,
        _ => false,
    } && (flow.Flags & FlowFlags.SinglePacket) != 0;

    public void Read(in Flow flow, ReadOnlySpan<byte> packet, int linkType, IObservationSink observations)
    {
        if (!PacketParser.TryTransport(packet, linkType, flow, out var message) || message.Length < Header) return;
        var data = message[Header..];
        var observation = new EchoObservation(
            message[0] is 0 or 129,
            BinaryPrimitives.ReadUInt16BigEndian(message[4..]),
            BinaryPrimitives.ReadUInt16BigEndian(message[6..]),
            HashOf(data[..Math.Min(data.Length, HeadOctets)]),
            data.Length);
        observations.Take(flow, observation);
    }

    /// <summary>FNV-1a.</summary>
    private static ulong HashOf(ReadOnlySpan<byte> octets)
    {
        var hash = 0xCBF2_9CE4_8422_2325;
        foreach (var octet in octets) hash = (hash ^ octet) * 0x100_0000_01B3;
        return hash;
    }
}
