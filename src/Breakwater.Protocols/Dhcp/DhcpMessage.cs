using System.Buffers.Binary;
using Breakwater.Core.Net;

namespace Breakwater.Protocols.Dhcp;

/// <summary>What a DHCPv4 message says of the client, as spans into the message. Absent options are empty.</summary>
/// <remarks>RFC 2131 §2 (fixed part of 236 octets, then the cookie), RFC 2132 (options). Options that the server name and file fields hold are not read.</remarks>
public readonly ref struct DhcpMessage
{
    private const int FixedPart = 236;
    private const uint Cookie = 0x6382_5363;

    private DhcpMessage(ReadOnlySpan<byte> message)
    {
        IsRequest = message[0] == 1;
        HardwareAddress = message[2] <= 16 ? message.Slice(28, message[2]) : default;
        ClientAddress = IpAddr.V4(message[12..]);
        YourAddress = IpAddr.V4(message[16..]);
        // Code 1, length 1, value; 0 is padding and has no length, 255 ends (RFC 2132 §2). The same code again goes on with the value (RFC 3396): the first piece is enough here.
        for (var rest = message[(FixedPart + 4)..]; rest.Length > 0;)
        {
            var code = rest[0];
            if (code == 255)
            {
                IsWhole = true;
                break;
            }
            if (code == 0)
            {
                rest = rest[1..];
                continue;
            }
            if (rest.Length < 2 || rest.Length - 2 < rest[1]) break;
            var value = rest.Slice(2, rest[1]);
            switch (code)
            {
                case 12: HostName = value; break;
                case 50 when value.Length == 4: RequestedAddress = IpAddr.V4(value); break;
                case 53 when value.Length == 1: Type = value[0]; break;
                case 55: ParameterRequestList = value; break;
                case 60: VendorClass = value; break;
                case 61: ClientId = value; break;
            }
            rest = rest[(2 + value.Length)..];
        }
    }

    /// <summary>op: 1 from a client, 2 from a server.</summary>
    public bool IsRequest { get; }

    /// <summary>Option 53 (RFC 2132 §9.6): 1 DISCOVER, 2 OFFER, 3 REQUEST, 4 DECLINE, 5 ACK, 6 NAK, 7 RELEASE, 8 INFORM; 0 when absent (BOOTP).</summary>
    public byte Type { get; }

    /// <summary>chaddr, as long as hlen says.</summary>
    public ReadOnlySpan<byte> HardwareAddress { get; }

    /// <summary>ciaddr: the address that the client has and can be reached by; 0.0.0.0 when it has none.</summary>
    public IpAddr ClientAddress { get; }

    /// <summary>yiaddr: the address that a server gives.</summary>
    public IpAddr YourAddress { get; }

    /// <summary>Option 50 (RFC 2132 §9.1); none when absent.</summary>
    public IpAddr RequestedAddress { get; }

    /// <summary>Option 12 (RFC 2132 §3.14).</summary>
    public ReadOnlySpan<byte> HostName { get; }

    /// <summary>Option 60 (RFC 2132 §9.13).</summary>
    public ReadOnlySpan<byte> VendorClass { get; }

    /// <summary>Option 55 (RFC 2132 §9.8): option codes in the order of the client's wish.</summary>
    public ReadOnlySpan<byte> ParameterRequestList { get; }

    /// <summary>Option 61 (RFC 2132 §9.14): type 1, then the identifier.</summary>
    public ReadOnlySpan<byte> ClientId { get; }

    /// <summary>True when the end option was seen: what is absent was not sent.</summary>
    public bool IsWhole { get; }

    /// <returns>False for what is too short, neither request nor reply, or without DHCP's cookie.</returns>
    public static bool TryRead(ReadOnlySpan<byte> payload, out DhcpMessage message)
    {
        message = default;
        if (payload.Length < FixedPart + 4 || payload[0] is not (1 or 2)) return false;
        if (BinaryPrimitives.ReadUInt32BigEndian(payload[FixedPart..]) != Cookie) return false;
        message = new DhcpMessage(payload);
        return true;
    }
}
