using System.Buffers.Binary;
using Breakwater.Core.Behaviour;
using Breakwater.Core.Behaviour.Payload;
using Breakwater.Core.Flows;
using Breakwater.Core.Net;
using Breakwater.Protocols.Net;

namespace Breakwater.Protocols.Dns;

/// <summary>Tells of DNS queries and responses, on port 53 over UDP or in the first segment of a TCP stream.</summary>
/// <remarks>
/// RFC 1035 §4.2. A response whose tail was not captured is told with the answers before the cut. Over TCP two octets of length precede the message (§4.2.2); a
/// segment that begins otherwise is the middle of a stream and is passed over.
/// </remarks>
public sealed class DnsPayloadReader : IPayloadReader
{
    private const ushort Port = 53;
    private const byte Tcp = 6, Udp = 17;
    private const int MaxAddresses = 16, MaxText = 1024;

    /// <summary>A message of thousands of empty records is not an answer to anybody.</summary>
    private const int MaxRecords = 64;

    private readonly byte[] _name = new byte[DnsName.MaxText];
    private readonly byte[] _text = new byte[MaxText];
    private readonly IpAddr[] _addresses = new IpAddr[MaxAddresses];

    public string Name => "dns";

    public bool Wants(in Flow flow) => (flow.SourcePort == Port || flow.DestinationPort == Port) && flow.Protocol is Udp or Tcp;

    public void Read(in Flow flow, ReadOnlySpan<byte> packet, int linkType, IObservationSink observations)
    {
        if (!PacketParser.TryPayload(packet, linkType, flow, out var payload)) return;
        if (flow.Protocol == Tcp)
        {
            // A long response may go on in the next segment, and further questions may follow in this one: the first message is read.
            if (payload.Length < 2 + DnsHeader.Length) return;
            payload = payload.Slice(2, Math.Min(BinaryPrimitives.ReadUInt16BigEndian(payload), payload.Length - 2));
        }
        ReadMessage(flow, payload, observations);
    }

    /// <summary>Reads one message without its length octets.</summary>
    /// <returns>False for what is not a query or response with a question.</returns>
    internal bool ReadMessage(in Flow flow, ReadOnlySpan<byte> message, IObservationSink observations)
    {
        var reader = new DnsReader(message);
        var header = reader.Header;
        // Opcodes other than QUERY ask nothing about names. Nobody sends more than one question (RFC 9619).
        if (reader.Failed || header.Opcode != 0 || header.Questions != 1) return false;
        if (!reader.TryQuestion(_name, out var question)) return false;
        var answers = 0;
        var addresses = 0;
        var text = 0;
        var timeToLive = uint.MaxValue;
        var code = header.ResponseCode;
        var records = Math.Min(header.Answers + header.Authorities + header.Additionals, MaxRecords);
        for (var i = 0; i < records && header.IsResponse && reader.TryRecord(out var record); i++)
        {
            if (record.Type == DnsNames.Opt) code |= (ushort)(record.TimeToLive >> 24 << 4);
            if (i >= header.Answers) continue;
            answers++;
            timeToLive = Math.Min(timeToLive, record.TimeToLive);
            var data = reader.DataOf(record);
            switch (record.Type)
            {
                case DnsNames.A when data.Length == 4 && addresses < MaxAddresses:
                    _addresses[addresses++] = IpAddr.V4(data);
                    break;
                case DnsNames.Aaaa when data.Length == 16 && addresses < MaxAddresses:
                    _addresses[addresses++] = IpAddr.V6(data);
                    break;
                case DnsNames.Txt:
                    text += reader.CopyText(record, _text.AsSpan(text));
                    break;
                case DnsNames.Null:
                    data = data[..Math.Min(data.Length, MaxText - text)];
                    data.CopyTo(_text.AsSpan(text));
                    text += data.Length;
                    break;
            }
        }
        var isResponse = header.IsResponse;
        var observation = new DnsObservation
        {
            Client = isResponse ? flow.Destination : flow.Source,
            Server = isResponse ? flow.Source : flow.Destination,
            IsResponse = isResponse,
            ResponseCode = isResponse ? code : (ushort)0,
            QuestionType = question.Type,
            Name = _name.AsSpan(0, question.NameLength),
            Answers = answers,
            Addresses = _addresses.AsSpan(0, addresses),
            Text = _text.AsSpan(0, text),
            TimeToLive = answers == 0 ? 0 : timeToLive,
            Length = message.Length,
        };
        observations.Take(flow, observation);
        return true;
    }
}
