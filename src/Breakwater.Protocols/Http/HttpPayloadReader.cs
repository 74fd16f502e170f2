using Breakwater.Core.Behaviour;
using Breakwater.Core.Behaviour.Payload;
using Breakwater.Core.Flows;
using Breakwater.Protocols.Net;

namespace Breakwater.Protocols.Http;

/// <summary>Tells of HTTP requests in clear, on whatever port: the first octets say what it is.</summary>
public sealed class HttpPayloadReader : IPayloadReader
{
    private const byte Tcp = 6, Push = 8, Syn = 2;

    private readonly byte[] _host = new byte[255];

    public string Name => "http";

    /// <remarks>Clients push what they say first, and speak from high ports; servers of malware listen on any.</remarks>
    public bool Wants(in Flow flow) => flow.Protocol == Tcp && (flow.TcpFlags & (Syn | Push)) == Push && flow.SourcePort >= 1024;

    public void Read(in Flow flow, ReadOnlySpan<byte> packet, int linkType, IObservationSink observations)
    {
        if (!PacketParser.TryPayload(packet, linkType, flow, out var segment)) return;
        if (!HttpHead.TryRead(segment, out var head) || head.IsResponse) return;
        var host = head.Host.Length <= _host.Length ? head.Host : default;
        for (var i = 0; i < host.Length; i++) _host[i] = host[i] is >= (byte)'A' and <= (byte)'Z' ? (byte)(host[i] | 0x20) : host[i];
        var observation = new RequestObservation
        {
            IsTls = false,
            ServerName = _host.AsSpan(0, host.Length),
            Signature = head.UserAgent,
            Protocol = head.Method,
            Target = head.Target,
            Fields = head.Fields,
            Content = head.Body.IsEmpty || head.IsEncoded ? ContentKind.Other : ContentSniffer.KindOf(head.IsChunked ? ContentSniffer.FirstChunk(head.Body) : head.Body, out _),
            MediaType = head.ContentType,
            IsWhole = head.IsWhole,
        };
        observations.Take(flow, observation);
    }
}
