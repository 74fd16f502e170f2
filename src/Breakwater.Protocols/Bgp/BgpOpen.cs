using System.Buffers.Binary;
using Breakwater.Protocols.Net;

namespace Breakwater.Protocols.Bgp;

/// <summary>The first message of each side: who it is and what it can do.</summary>
/// <remarks>
/// RFC 4271 §4.2: version (8 bits), AS (16), hold time in seconds (16), identifier (32), length of the optional parameters (8), parameters.
/// RFC 9072: the length is 255 and the first parameter's type 255 when lengths have 16 bits. RFC 6793 §4.2.2: an AS beyond 16 bits stands in a capability.
/// </remarks>
public sealed record BgpOpen
{
    private const byte Version = 4;
    private const byte CapabilitiesParameter = 2;
    private const byte ExtendedLength = 255;

    /// <summary>What stands in a field of 16 bits for an AS number that needs more (RFC 6793 §9).</summary>
    public const ushort AsTrans = 23456;

    /// <summary>The sender's AS: of the capability where there is one, else of the field.</summary>
    public required uint As { get; init; }

    /// <summary>Seconds without a message after which the session is dead; 0 for never.</summary>
    public required ushort HoldTime { get; init; }

    /// <summary>The sender's identifier, usually written as an IPv4 address; not 0 (RFC 6286 §2.1).</summary>
    public required uint Identifier { get; init; }

    public IReadOnlyList<BgpCapability> Capabilities { get; init; } = [];

    /// <summary>The one capability of its kind; null when the sender has it not. Of several, the last (RFC 5492 §4 leaves it open).</summary>
    public T? Capability<T>() where T : BgpCapability => Capabilities.OfType<T>().LastOrDefault();

    /// <summary>Families of the session; IPv4 unicast alone when the sender names none (RFC 4760 §8).</summary>
    public IReadOnlySet<BgpFamily> Families
    {
        get
        {
            var named = Capabilities.OfType<MultiprotocolCapability>().Select(c => c.Family).ToHashSet();
            return named.Count > 0 ? named : [BgpFamily.Ipv4Unicast];
        }
    }

    /// <summary>Reads the body of an OPEN.</summary>
    /// <returns>What to tell the peer when the message cannot be accepted; null when it can.</returns>
    public static BgpNotification? Decode(ReadOnlySpan<byte> body, out BgpOpen open)
    {
        open = new BgpOpen { As = 0, HoldTime = 0, Identifier = 0 };
        var reader = new WireReader(body);
        var version = reader.U8();
        uint number = reader.U16();
        var holdTime = reader.U16();
        var identifier = reader.U32();
        int length = reader.U8();
        if (reader.Failed) return Error(0);
        if (version != Version) return Error(BgpErrorSubcode.UnsupportedVersion, [0, Version]);
        // RFC 9072 §2: both octets are needed to know, since 255 octets of ordinary parameters are possible too.
        var extended = length == ExtendedLength && reader.Remaining > 0 && reader.Rest[0] == ExtendedLength;
        if (extended)
        {
            reader.Skip(1);
            length = reader.U16();
        }
        if (reader.Failed || length != reader.Remaining) return Error(0);

        var capabilities = new List<BgpCapability>();
        while (reader.Remaining > 0)
        {
            var parameter = reader.U8();
            var value = reader.Bytes(extended ? reader.U16() : reader.U8());
            if (reader.Failed) return Error(0);
            if (parameter != CapabilitiesParameter) return Error(BgpErrorSubcode.UnsupportedOptionalParameter);
            if (!ReadCapabilities(value, capabilities)) return Error(0);
        }
        if (capabilities.OfType<FourOctetAsCapability>().LastOrDefault() is { } four) number = four.As;
        if (number == 0) return Error(BgpErrorSubcode.BadPeerAs); // RFC 7607 §2
        if (identifier == 0) return Error(BgpErrorSubcode.BadIdentifier);
        if (holdTime is 1 or 2) return Error(BgpErrorSubcode.UnacceptableHoldTime);
        open = new BgpOpen { As = number, HoldTime = holdTime, Identifier = identifier, Capabilities = capabilities };
        return null;
    }

    /// <summary>Writes the whole message, header included.</summary>
    /// <exception cref="InvalidOperationException">The capabilities do not fit 255 octets, which ours always do.</exception>
    public byte[] Encode()
    {
        Span<byte> parameters = stackalloc byte[255];
        var used = 2;
        Span<byte> value = stackalloc byte[255];
        foreach (var capability in Capabilities)
        {
            var length = capability.WriteValue(value);
            if (used + 2 + length > parameters.Length) throw new InvalidOperationException("the capabilities of an OPEN need more than 255 octets");
            parameters[used] = capability.Code;
            parameters[used + 1] = (byte)length;
            value[..length].CopyTo(parameters[(used + 2)..]);
            used += 2 + length;
        }
        parameters[0] = CapabilitiesParameter;
        parameters[1] = (byte)(used - 2);
        if (Capabilities.Count == 0) used = 0;

        var message = new byte[BgpFraming.HeaderLength + 10 + used];
        BgpFraming.WriteHeader(message, BgpMessageType.Open, message.Length);
        var body = message.AsSpan(BgpFraming.HeaderLength);
        body[0] = Version;
        BinaryPrimitives.WriteUInt16BigEndian(body[1..], As > ushort.MaxValue ? AsTrans : (ushort)As);
        BinaryPrimitives.WriteUInt16BigEndian(body[3..], HoldTime);
        BinaryPrimitives.WriteUInt32BigEndian(body[5..], Identifier);
        body[9] = (byte)used;
        parameters[..used].CopyTo(body[10..]);
        return message;
    }

    private static bool ReadCapabilities(ReadOnlySpan<byte> value, List<BgpCapability> into)
    {
        var reader = new WireReader(value);
        while (reader.Remaining > 0)
        {
            var code = reader.U8();
            var content = reader.Bytes(reader.U8());
            if (reader.Failed) return false;
            into.Add(BgpCapability.Decode(code, content));
        }
        return true;
    }

    private static BgpNotification Error(byte subcode, byte[]? data = null) => new(BgpErrorCode.Open, subcode, data);
}
