using System.Buffers.Binary;
using Breakwater.Core.Behaviour;
using Breakwater.Core.Flows;
using Breakwater.Protocols.Net;

namespace Breakwater.Protocols.Fingerprints;

/// <summary>Reads pings and their answers: ICMP and ICMPv6 echo.</summary>
/// <remarks>RFC 792, echo or echo reply, and RFC 4443 §4: type 1, code 1, checksum 2, identifier 2, sequence number 2, data.</remarks>
public sealed class EchoReader : IPayloadReader
{
    private const byte Icmp = 1, Icmpv6 = 58;

    public string Name => "echo";

    public bool Wants(in Flow flow) =>
        flow.Protocol == Icmp ? flow.DestinationPort is 0 or 8 << 8 : flow.Protocol == Icmpv6 && flow.DestinationPort is 128 << 8 or 129 << 8;

    public void Read(in Flow flow, ReadOnlySpan<byte> packet, int linkType, IObservationSink observations)
    {
        if ((flow.Flags & FlowFlags.Fragment) != 0 || !PacketParser.TryTransport(packet, linkType, flow, out var message) || message.Length < 8) return;
        observations.Take(flow, new EchoMessage(
            message[0] is 0 or 129, BinaryPrimitives.ReadUInt16BigEndian(message[4..]), BinaryPrimitives.ReadUInt16BigEndian(message[6..]),
            Hash(message[8..]), (int)Math.Min(flow.Bytes, int.MaxValue)));
    }

    /// <summary>FNV-1a: equal data gives equal hashes; whoever wants to hide a difference could send no data at all.</summary>
    private static ulong Hash(ReadOnlySpan<byte> data)
    {
        var hash = 14_695_981_039_346_656_037;
        foreach (var octet in data) hash = (hash ^ octet) * 1_099_511_628_211;
        return hash;
    }
}
