using Breakwater.Core.Behaviour;
using Breakwater.Core.Behaviour.Payload;
using Breakwater.Core.Flows;
using Breakwater.Protocols.Net;

namespace Breakwater.Protocols.Tls;

/// <summary>Tells of TLS ClientHellos, on whatever port: the first octets say what it is.</summary>
public sealed class TlsPayloadReader : IPayloadReader
{
    private const byte Tcp = 6, Push = 8, Syn = 2;

    private readonly byte[] _fingerprint = new byte[Ja4.Length];
    private readonly byte[] _name = new byte[255];

    public string Name => "tls";

    /// <remarks>Clients push what they say first, and speak from high ports; servers of malware listen on any.</remarks>
    public bool Wants(in Flow flow) => flow.Protocol == Tcp && (flow.TcpFlags & (Syn | Push)) == Push && flow.SourcePort >= 1024 && flow.DestinationPort != 80;

    public void Read(in Flow flow, ReadOnlySpan<byte> packet, int linkType, IObservationSink observations)
    {
        if (!PacketParser.TryPayload(packet, linkType, flow, out var segment)) return;
        if (!ClientHello.TryRead(segment, out var hello)) return;
        var hasFingerprint = Ja4.TryWrite(hello, _fingerprint);
        var name = hello.ServerName.Length <= _name.Length ? hello.ServerName : default;
        for (var i = 0; i < name.Length; i++) _name[i] = name[i] is >= (byte)'A' and <= (byte)'Z' ? (byte)(name[i] | 0x20) : name[i];
        var observation = new RequestObservation
        {
            IsTls = true,
            ServerName = _name.AsSpan(0, name.Length),
            Signature = hasFingerprint ? _fingerprint : default(ReadOnlySpan<byte>),
            Protocol = hello.Alpn,
            IsWhole = hello.IsWhole,
        };
        observations.Take(flow, observation);
    }
}
