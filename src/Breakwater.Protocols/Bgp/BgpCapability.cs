using System.Buffers.Binary;
using Breakwater.Protocols.Net;

namespace Breakwater.Protocols.Bgp;

/// <summary>One thing that a speaker says it can do, in its OPEN.</summary>
/// <remarks>RFC 5492 §4: code (8 bits), length (8 bits), value. Codes from the IANA registry "Capability Codes".</remarks>
public abstract record BgpCapability(byte Code)
{
    internal const byte MultiprotocolCode = 1;
    internal const byte RouteRefreshCode = 2;
    internal const byte ExtendedMessageCode = 6;
    internal const byte RoleCode = 9;
    internal const byte GracefulRestartCode = 64;
    internal const byte FourOctetAsCode = 65;
    internal const byte EnhancedRouteRefreshCode = 70;

    /// <summary>Writes the value, at most 255 octets.</summary>
    /// <returns>Octets written.</returns>
    internal abstract int WriteValue(Span<byte> value);

    /// <summary>A known capability of a length that it cannot have is kept as one that we do not know, which is to say: ignored.</summary>
    internal static BgpCapability Decode(byte code, ReadOnlySpan<byte> value)
    {
        var reader = new WireReader(value);
        switch (code)
        {
            case MultiprotocolCode when value.Length == 4:
                var afi = reader.U16();
                reader.Skip(1);
                return new MultiprotocolCapability(new BgpFamily(afi, reader.U8()));
            case RouteRefreshCode when value.IsEmpty: return new RouteRefreshCapability();
            case ExtendedMessageCode when value.IsEmpty: return new ExtendedMessageCapability();
            case EnhancedRouteRefreshCode when value.IsEmpty: return new EnhancedRouteRefreshCapability();
            case RoleCode when value.Length == 1: return new RoleCapability((BgpRole)value[0]);
            case FourOctetAsCode when value.Length == 4: return new FourOctetAsCapability(reader.U32());
            case GracefulRestartCode when value.Length >= 2 && (value.Length - 2) % 4 == 0: return GracefulRestartCapability.Read(ref reader);
            default: return new OtherCapability(code, value.ToArray());
        }
    }
}

/// <summary>The session may carry routes of this family.</summary>
/// <remarks>RFC 4760 §8: AFI (16 bits), reserved (8 bits), SAFI (8 bits).</remarks>
public sealed record MultiprotocolCapability(BgpFamily Family) : BgpCapability(MultiprotocolCode)
{
    internal override int WriteValue(Span<byte> value)
    {
        BinaryPrimitives.WriteUInt16BigEndian(value, Family.Afi);
        value[2] = 0;
        value[3] = Family.Safi;
        return 4;
    }
}

/// <summary>We may be asked to send everything again (RFC 2918 §2).</summary>
public sealed record RouteRefreshCapability() : BgpCapability(RouteRefreshCode)
{
    internal override int WriteValue(Span<byte> value) => 0;
}

/// <summary>Begin and end of what is sent again are marked (RFC 7313 §3.1).</summary>
public sealed record EnhancedRouteRefreshCapability() : BgpCapability(EnhancedRouteRefreshCode)
{
    internal override int WriteValue(Span<byte> value) => 0;
}

/// <summary>Messages may have up to 65,535 octets (RFC 8654 §3).</summary>
public sealed record ExtendedMessageCapability() : BgpCapability(ExtendedMessageCode)
{
    internal override int WriteValue(Span<byte> value) => 0;
}

/// <summary>AS numbers have 32 bits in this session (RFC 6793 §3).</summary>
public sealed record FourOctetAsCapability(uint As) : BgpCapability(FourOctetAsCode)
{
    internal override int WriteValue(Span<byte> value)
    {
        BinaryPrimitives.WriteUInt32BigEndian(value, As);
        return 4;
    }
}

/// <summary>What a speaker is to its eBGP peer (RFC 9234 §4.1, table 1).</summary>
public enum BgpRole : byte { Provider = 0, RouteServer = 1, RouteServerClient = 2, Customer = 3, Peer = 4 }

/// <summary>The sender's role towards the receiver (RFC 9234 §4.1).</summary>
public sealed record RoleCapability(BgpRole Role) : BgpCapability(RoleCode)
{
    internal override int WriteValue(Span<byte> value)
    {
        value[0] = (byte)Role;
        return 1;
    }
}

/// <summary>The peer may keep our routes while we are away, for so long and for these families.</summary>
/// <remarks>RFC 4724 §3; the N bit is RFC 8538 §2. Restart flags (4 bits), restart time in seconds (12 bits), then AFI, SAFI and flags of each family.</remarks>
/// <param name="Restarting">R: the sender has just restarted.</param>
/// <param name="Notification">N: the peer's routes are kept over a NOTIFICATION too.</param>
/// <param name="RestartTime">Seconds, 0 to 4,095.</param>
/// <param name="Families">Families whose forwarding state is kept, each with the F bit: it was preserved over the last restart.</param>
public sealed record GracefulRestartCapability(
    bool Restarting, bool Notification, ushort RestartTime, IReadOnlyList<(BgpFamily Family, bool Preserved)> Families) : BgpCapability(GracefulRestartCode)
{
    internal static GracefulRestartCapability Read(ref WireReader reader)
    {
        var head = reader.U16();
        var families = new List<(BgpFamily, bool)>();
        while (reader.Remaining >= 4)
        {
            var family = new BgpFamily(reader.U16(), reader.U8());
            families.Add((family, (reader.U8() & 0x80) != 0));
        }
        return new GracefulRestartCapability((head & 0x8000) != 0, (head & 0x4000) != 0, (ushort)(head & 0x0FFF), families);
    }

    internal override int WriteValue(Span<byte> value)
    {
        BinaryPrimitives.WriteUInt16BigEndian(value, (ushort)((Restarting ? 0x8000 : 0) | (Notification ? 0x4000 : 0) | (RestartTime & 0x0FFF)));
        var written = 2;
        foreach (var (family, preserved) in Families)
        {
            BinaryPrimitives.WriteUInt16BigEndian(value[written..], family.Afi);
            value[written + 2] = family.Safi;
            value[written + 3] = (byte)(preserved ? 0x80 : 0);
            written += 4;
        }
        return written;
    }
}

/// <summary>A capability that we have no use for, kept as it came.</summary>
public sealed record OtherCapability(byte Code, ReadOnlyMemory<byte> Value) : BgpCapability(Code)
{
    internal override int WriteValue(Span<byte> value)
    {
        Value.Span.CopyTo(value);
        return Value.Length;
    }
}
