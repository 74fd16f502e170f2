using Breakwater.Core.Behaviour;
using Breakwater.Core.Behaviour.Payload;
using Breakwater.Core.Flows;
using Breakwater.Protocols.Net;

namespace Breakwater.Protocols.Http;

/// <summary>Tells what web servers send in clear, where it is a program, a script, or not to be read: by its octets, with what the server calls it.</summary>
/// <remarks>One packet at a time: content is known where it begins in the packet of the head, and programs also where a packet begins with them.</remarks>
public sealed class HttpContentReader : IPayloadReader
{
    private const byte Tcp = 6, Syn = 2;

    /// <summary>Headers of IP and TCP, and no more: an acknowledgement.</summary>
    private const int Headers = 60;

    public string Name => "http-content";

    /// <remarks>Servers of malware listen on any port; what is meant for TLS is not in clear.</remarks>
    public bool Wants(in Flow flow) =>
        flow.Protocol == Tcp && flow.Bytes > Headers && flow.DestinationPort >= 1024 && flow.SourcePort is 80 or (>= 1024 and not 8443) && (flow.TcpFlags & Syn) == 0;

    public void Read(in Flow flow, ReadOnlySpan<byte> packet, int linkType, IObservationSink observations)
    {
        if (!PacketParser.TryPayload(packet, linkType, flow, out var segment) || segment.IsEmpty) return;
        if (segment[0] is (byte)'M' or 0x7F)
        {
            if (ContentSniffer.IsProgram(segment)) observations.Take(flow, new ContentObservation { Kind = ContentKind.Program, Octets = Math.Min(segment.Length, ContentSniffer.MaxOctets) });
            return;
        }
        if (!segment.StartsWith("HTTP/1."u8) || !HttpHead.TryRead(segment, out var head) || head.IsEncoded || head.Body.IsEmpty) return;
        var kind = ContentSniffer.KindOf(head.IsChunked ? ContentSniffer.FirstChunk(head.Body) : head.Body, out var octets);
        if (kind != ContentKind.Other) observations.Take(flow, new ContentObservation { Kind = kind, MediaType = head.ContentType, Octets = octets });
    }
}
