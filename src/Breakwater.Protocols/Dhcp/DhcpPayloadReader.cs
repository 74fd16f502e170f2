using System.Buffers.Text;
using Breakwater.Core.Behaviour;
using Breakwater.Core.Behaviour.Payload;
using Breakwater.Core.Flows;
using Breakwater.Core.Net;
using Breakwater.Protocols.Net;

namespace Breakwater.Protocols.Dhcp;

/// <summary>Hears by DHCP what hosts are called and which DHCP client they run.</summary>
/// <remarks>
/// RFC 2131 §4.3.2: a client that takes an address up asks for it by option 50, one that renews has it in ciaddr already; only those two, and an INFORM, say
/// which address the client's words belong to. Discovery does not, and a reply repeats none of the words. Live capture keeps 256 octets: enough for some options.
/// </remarks>
public sealed class DhcpPayloadReader : IPayloadReader
{
    private const ushort ServerPort = 67;
    private const byte Udp = 17, Request = 3, Inform = 8;

    /// <summary>Three digits and a comma for each of 255 options, or two digits for each octet.</summary>
    private readonly byte[] _text = new byte[255 * 4];

    public string Name => "dhcp";

    public bool Wants(in Flow flow) => flow.DestinationPort == ServerPort && flow.Protocol == Udp;

    public void Read(in Flow flow, ReadOnlySpan<byte> packet, int linkType, IObservationSink observations)
    {
        if (!PacketParser.TryPayload(packet, linkType, flow, out var payload)) return;
        if (!DhcpMessage.TryRead(payload, out var message) || !message.IsRequest || message.Type is not (Request or Inform)) return;
        var host = message.ClientAddress.V4Bits != 0 ? message.ClientAddress : message.RequestedAddress;
        if (host.IsNone || host.V4Bits == 0) return;
        Tell(flow, host, FactKind.DhcpName, message.HostName, observations);
        Tell(flow, host, FactKind.DhcpVendor, message.VendorClass, observations);
        Tell(flow, host, FactKind.DhcpFingerprint, Decimal(message.ParameterRequestList), observations);
        Tell(flow, host, FactKind.DhcpClientId, Hexadecimal(message.ClientId, 0), observations);
        Tell(flow, host, FactKind.HardwareAddress, Hexadecimal(message.HardwareAddress, (byte)':'), observations);
    }

    private static void Tell(in Flow flow, IpAddr host, FactKind kind, ReadOnlySpan<byte> value, IObservationSink observations)
    {
        // Old clients end names with a zero octet.
        value = value.TrimEnd((byte)0);
        if (value.IsEmpty) return;
        var fact = new FactObservation { Host = host, Kind = kind, Value = value };
        observations.Take(flow, fact);
    }

    private ReadOnlySpan<byte> Decimal(ReadOnlySpan<byte> codes)
    {
        var length = 0;
        foreach (var code in codes)
        {
            if (length > 0) _text[length++] = (byte)',';
            Utf8Formatter.TryFormat(code, _text.AsSpan(length), out var written);
            length += written;
        }
        return _text.AsSpan(0, length);
    }

    private ReadOnlySpan<byte> Hexadecimal(ReadOnlySpan<byte> octets, byte separator)
    {
        var digits = "0123456789abcdef"u8;
        var length = 0;
        foreach (var octet in octets)
        {
            if (length > 0 && separator != 0) _text[length++] = separator;
            _text[length++] = digits[octet >> 4];
            _text[length++] = digits[octet & 0xF];
        }
        return _text.AsSpan(0, length);
    }
}
