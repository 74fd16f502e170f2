using Breakwater.Core.Behaviour;
using Breakwater.Core.Behaviour.Payload;
using Breakwater.Core.Flows;
using Breakwater.Protocols.Net;

namespace Breakwater.Protocols.Http;

/// <summary>Hears by SSDP what devices are and what they run.</summary>
/// <remarks>UPnP Device Architecture 2.0 §1.2.2 (NOTIFY) and §1.3.3 (response to a search), both from the device, over UDP 1900.</remarks>
public sealed class SsdpReader : IPayloadReader
{
    private const ushort Port = 1900;
    private const byte Udp = 17;

    public string Name => "ssdp";

    public bool Wants(in Flow flow) => (flow.DestinationPort == Port || flow.SourcePort == Port) && flow.Protocol == Udp;

    public void Read(in Flow flow, ReadOnlySpan<byte> packet, int linkType, IObservationSink observations)
    {
        if (!PacketParser.TryPayload(packet, linkType, flow, out var message)) return;
        if (!HttpHead.TryRead(message, out var head)) return;
        if (head.Method.SequenceEqual("M-SEARCH"u8))
        {
            // A control point may say what it is as well (§1.3.2).
            Tell(flow, FactKind.UserAgent, head.UserAgent, observations);
            return;
        }
        if (!head.IsResponse && !head.Method.SequenceEqual("NOTIFY"u8)) return;
        Tell(flow, FactKind.UpnpServer, head.Server, observations);
        // A root device announces itself by its identifier as well, which names no kind.
        if (!head.SearchTarget.StartsWith("uuid:"u8)) Tell(flow, FactKind.UpnpType, head.SearchTarget, observations);
    }

    private static void Tell(in Flow flow, FactKind kind, ReadOnlySpan<byte> value, IObservationSink observations)
    {
        if (value.IsEmpty) return;
        var fact = new FactObservation { Host = flow.Source, Kind = kind, Value = value };
        observations.Take(flow, fact);
    }
}
