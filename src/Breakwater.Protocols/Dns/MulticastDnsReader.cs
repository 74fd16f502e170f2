using Breakwater.Core.Behaviour;
using Breakwater.Core.Behaviour.Payload;
using Breakwater.Core.Flows;
using Breakwater.Protocols.Net;

namespace Breakwater.Protocols.Dns;

/// <summary>Hears by multicast DNS what hosts call themselves and which services they offer.</summary>
/// <remarks>
/// RFC 6762: port 5353; a host announces its own records in responses, so the sender is the host. RFC 6763 §4.1: the data of a PTR record is an
/// instance, <c>Living room._airplay._tcp.local</c>; the service is its owner, <c>_airplay._tcp.local</c>.
/// </remarks>
public sealed class MulticastDnsReader : IPayloadReader
{
    private const ushort Port = 5353;
    private const byte Udp = 17;
    private const int MaxRecords = 32;

    private readonly byte[] _name = new byte[DnsName.MaxText];

    public string Name => "mdns";

    public bool Wants(in Flow flow) => flow.SourcePort == Port && flow.Protocol == Udp;

    public void Read(in Flow flow, ReadOnlySpan<byte> packet, int linkType, IObservationSink observations)
    {
        if (!PacketParser.TryPayload(packet, linkType, flow, out var message)) return;
        var reader = new DnsReader(message);
        var header = reader.Header;
        if (reader.Failed || !header.IsResponse || header.Opcode != 0) return;
        for (var i = 0; i < header.Questions; i++)
            if (!reader.TryQuestion(_name, out _)) return;
        var records = Math.Min(header.Answers + header.Authorities + header.Additionals, MaxRecords);
        for (var i = 0; i < records && reader.TryRecord(out var record); i++)
        {
            if (!reader.TryOwner(record, _name, out var length)) continue;
            switch (record.Type)
            {
                case DnsNames.A or DnsNames.Aaaa:
                    Tell(flow, FactKind.MulticastName, length, observations);
                    break;
                // Services begin with an underscore; other pointers are reverse names and lists of services.
                case DnsNames.Ptr when length > 0 && _name[0] == (byte)'_' && !_name.AsSpan(0, length).StartsWith("_services._dns-sd"u8):
                    Tell(flow, FactKind.Service, length, observations);
                    break;
            }
        }
    }

    private void Tell(in Flow flow, FactKind kind, int length, IObservationSink observations)
    {
        var name = _name.AsSpan(0, length);
        if (name.EndsWith(".local"u8)) name = name[..^".local".Length];
        if (name.IsEmpty) return;
        var fact = new FactObservation { Host = flow.Source, Kind = kind, Value = name };
        observations.Take(flow, fact);
    }
}
