using System.Buffers.Binary;
using Breakwater.Core.Behaviour;
using Breakwater.Core.Flows;
using Breakwater.Protocols.Net;

namespace Breakwater.Protocols.Fingerprints;

/// <summary>Finds scanners that write their SYN by hand, by what they write into it.</summary>
/// <remarks>
/// Mirai sets the sequence number to the destination's IPv4 address, so as to know answers without keeping state: Antonakakis et al., "Understanding
/// the Mirai Botnet" (USENIX Security 2017), section 4.1.
/// </remarks>
public sealed class SynFingerprintReader : IPayloadReader
{
    private const byte Tcp = 6, Syn = 2, Ack = 16;

    public string Name => "syn-fingerprint";

    public bool Wants(in Flow flow) =>
        flow.Protocol == Tcp && (flow.TcpFlags & (Syn | Ack)) == Syn && (flow.Flags & FlowFlags.Malformed) == 0 && flow.Destination.IsV4;

    public void Read(in Flow flow, ReadOnlySpan<byte> packet, int linkType, IObservationSink observations)
    {
        // RFC 9293 §3.1: ports 2 and 2, then the sequence number.
        if (!PacketParser.TryTransport(packet, linkType, flow, out var segment) || segment.Length < 8) return;
        if (BinaryPrimitives.ReadUInt32BigEndian(segment[4..]) == flow.Destination.V4Bits) observations.Take(flow, new SynFingerprint(SynTool.Mirai));
    }
}
