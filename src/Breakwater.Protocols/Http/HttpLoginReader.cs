using Breakwater.Core.Behaviour;
using Breakwater.Core.Behaviour.Payload;
using Breakwater.Core.Flows;
using Breakwater.Protocols.Net;

namespace Breakwater.Protocols.Http;

/// <summary>Tells of passwords that are presented to web servers in clear, and of how the servers answer.</summary>
public sealed class HttpLoginReader : IPayloadReader
{
    private const byte Tcp = 6, Push = 8, Syn = 2;

    /// <summary>A status line: "HTTP/1.1 200".</summary>
    private const int ShortestAnswer = 12;

    public string Name => "http-login";

    /// <remarks>Clients push what they say; the first segment of a long answer is not pushed, so of the usual ports every segment of a server is looked at.</remarks>
    public bool Wants(in Flow flow) =>
        flow.Protocol == Tcp && (flow.TcpFlags & Syn) == 0 && (flow.SourcePort is 80 or 81 or 8000 or 8080 or 8888 || ((flow.TcpFlags & Push) != 0 && flow.SourcePort >= 1024));

    public void Read(in Flow flow, ReadOnlySpan<byte> packet, int linkType, IObservationSink observations)
    {
        if (!PacketParser.TryPayload(packet, linkType, flow, out var segment) || segment.Length < ShortestAnswer) return;
        if (segment.StartsWith("HTTP/1."u8))
        {
            // RFC 9112 §4: version, space, three digits.
            if (segment[8] != ' ' || !char.IsAsciiDigit((char)segment[9]) || !char.IsAsciiDigit((char)segment[10]) || !char.IsAsciiDigit((char)segment[11])) return;
            var status = (segment[9] - '0') * 100 + (segment[10] - '0') * 10 + segment[11] - '0';
            observations.Take(flow, new WebAnswer(status, (int)Math.Min(flow.Bytes, int.MaxValue)));
        }
        else if (HttpLogin.TryRead(segment, out var login)) observations.Take(flow, login);
    }
}
