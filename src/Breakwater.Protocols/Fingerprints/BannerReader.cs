using Breakwater.Core.Behaviour;
using Breakwater.Core.Flows;
using Breakwater.Protocols.Net;

namespace Breakwater.Protocols.Fingerprints;

/// <summary>Knows servers by the line they greet with, on whatever port they listen.</summary>
/// <remarks>SSH: RFC 4253 §4.2. VNC: RFC 6143 §7.1.1.</remarks>
public sealed class BannerReader : IPayloadReader
{
    private const byte Tcp = 6, Psh = 8;

    /// <summary>A greeting is one line: RFC 4253 allows 255 octets of it.</summary>
    private const int MaxOctets = 60 + 60 + 255;

    public string Name => "banner";

    public bool Wants(in Flow flow) => flow.Protocol == Tcp && (flow.TcpFlags & Psh) != 0 && flow.Bytes <= MaxOctets;

    public void Read(in Flow flow, ReadOnlySpan<byte> packet, int linkType, IObservationSink observations)
    {
        if (!PacketParser.TryPayload(packet, linkType, flow, out var content)) return;
        if (content.StartsWith("SSH-"u8)) observations.Take(flow, new ServiceBanner(BannerService.Ssh));
        else if (content.StartsWith("RFB 00"u8)) observations.Take(flow, new ServiceBanner(BannerService.Vnc));
    }
}
