using System.Globalization;
using System.Text;
using Breakwater.Core.Net;

namespace Breakwater.Protocols.Bgp;

/// <summary>What one component of a flow specification looks at (IANA "Flow Spec Component Types").</summary>
public enum FlowSpecComponentType : byte
{
    DestinationPrefix = 1,
    SourcePrefix = 2,
    Protocol = 3,
    Port = 4,
    DestinationPort = 5,
    SourcePort = 6,
    IcmpType = 7,
    IcmpCode = 8,
    TcpFlags = 9,
    PacketLength = 10,
    Dscp = 11,
    Fragment = 12,

    /// <summary>IPv6 only (RFC 8956 §3.7).</summary>
    FlowLabel = 13,
}

/// <summary>One condition of a flow specification.</summary>
public abstract record FlowSpecComponent(FlowSpecComponentType Type)
{
    /// <summary>Flags and fragment bits are compared with masks, everything else with numbers (RFC 8955 §4.2.1).</summary>
    internal static bool IsBitmask(FlowSpecComponentType type) => type is FlowSpecComponentType.TcpFlags or FlowSpecComponentType.Fragment;

    private protected string TypeName => Type switch
    {
        FlowSpecComponentType.DestinationPrefix => "destination",
        FlowSpecComponentType.SourcePrefix => "source",
        FlowSpecComponentType.Protocol => "protocol",
        FlowSpecComponentType.Port => "port",
        FlowSpecComponentType.DestinationPort => "destination-port",
        FlowSpecComponentType.SourcePort => "source-port",
        FlowSpecComponentType.IcmpType => "icmp-type",
        FlowSpecComponentType.IcmpCode => "icmp-code",
        FlowSpecComponentType.TcpFlags => "tcp-flags",
        FlowSpecComponentType.PacketLength => "packet-length",
        FlowSpecComponentType.Dscp => "dscp",
        FlowSpecComponentType.Fragment => "fragment",
        _ => "flow-label",
    };
}

/// <summary>The destination or source address lies in a prefix.</summary>
/// <remarks>RFC 8955 §4.2.2.1, §4.2.2.2; RFC 8956 §3.1, §3.2.</remarks>
/// <param name="Prefix">Of the family of the rule. The bits before the offset are 0.</param>
/// <param name="Offset">IPv6 only: as many leading bits of the address are not looked at; below the length of the prefix, or 0.</param>
public sealed record FlowSpecPrefix(FlowSpecComponentType Type, Prefix Prefix, byte Offset = 0) : FlowSpecComponent(Type)
{
    public override string ToString() => Offset == 0 ? $"{TypeName} {Prefix}" : string.Create(CultureInfo.InvariantCulture, $"{TypeName} {Prefix.Address}/{Offset}-{Prefix.Length}");
}

/// <summary>A field of the packet fulfils a list of comparisons, joined by OR and AND.</summary>
/// <remarks>RFC 8955 §4.2.1: AND binds tighter than OR.</remarks>
public sealed record FlowSpecValues(FlowSpecComponentType Type, IReadOnlyList<FlowSpecTerm> Terms) : FlowSpecComponent(Type)
{
    /// <summary>True when a field of this value fulfils the list.</summary>
    public bool Matches(ulong field)
    {
        var bitmask = IsBitmask(Type);
        var any = false;
        var all = true;
        for (var i = 0; i < Terms.Count; i++)
        {
            if (i > 0 && !Terms[i].And)
            {
                any |= all;
                all = true;
            }
            all &= bitmask ? Terms[i].MatchesBits(field) : Terms[i].MatchesNumber(field);
        }
        return any | all;
    }

    public bool Equals(FlowSpecValues? other) => other is not null && Type == other.Type && Terms.SequenceEqual(other.Terms);

    public override int GetHashCode() => Terms.Aggregate((int)Type, HashCode.Combine);

    public override string ToString()
    {
        var text = new StringBuilder(TypeName);
        for (var i = 0; i < Terms.Count; i++)
        {
            text.Append(i > 0 && Terms[i].And ? "&" : " ");
            text.Append(IsBitmask(Type) ? Terms[i].BitsText : Terms[i].NumberText);
        }
        return text.ToString();
    }
}

/// <summary>One comparison of a list: operator and value.</summary>
/// <remarks>RFC 8955 §4.2.1.1, §4.2.1.2.</remarks>
/// <param name="Operator">The operator octet without its end-of-list bit: AND (0x40), length code (0x30), comparison (0x07, or 0x03 for bit masks).</param>
/// <param name="Value">What the field is compared with; fits the length.</param>
public readonly record struct FlowSpecTerm(byte Operator, ulong Value)
{
    internal const byte AndBit = 0x40;
    internal const byte LessThan = 4;
    internal const byte GreaterThan = 2;
    internal const byte EqualTo = 1;
    internal const byte Not = 2;
    internal const byte Match = 1;

    /// <summary>True when this term and the one before must both hold; never in the first of a list.</summary>
    public bool And => (Operator & AndBit) != 0;

    /// <summary>Octets of the value: 1, 2, 4 or 8.</summary>
    public int Length => 1 << (Operator >> 4 & 3);

    /// <param name="comparison">The low bits: less, greater, equal; or not, match.</param>
    /// <param name="least">Fewest octets for the value: the standard wants four for flow labels (RFC 8956 §3.7).</param>
    internal static FlowSpecTerm Of(byte comparison, ulong value, bool and = false, int least = 1)
    {
        var code = value switch { <= 0xFF => 0, <= 0xFFFF => 1, <= 0xFFFF_FFFF => 2, _ => 3 };
        while (1 << code < least) code++;
        return new FlowSpecTerm((byte)(comparison | code << 4 | (and ? AndBit : 0)), value);
    }

    internal bool MatchesNumber(ulong field) =>
        ((Operator & LessThan) != 0 && field < Value) || ((Operator & GreaterThan) != 0 && field > Value) || ((Operator & EqualTo) != 0 && field == Value);

    internal bool MatchesBits(ulong field)
    {
        var holds = (Operator & Match) != 0 ? (field & Value) == Value : (field & Value) != 0;
        return holds != ((Operator & Not) != 0);
    }

    internal string NumberText => string.Create(CultureInfo.InvariantCulture, $"{Comparison}{((Operator & 7) is 0 or 7 ? "" : Value)}");

    internal string BitsText => string.Create(CultureInfo.InvariantCulture, $"{((Operator & Not) != 0 ? "!" : "")}{((Operator & Match) != 0 ? "=" : "")}0x{Value:x}");

    private string Comparison => (Operator & 7) switch
    {
        0 => "false",
        1 => "=",
        2 => ">",
        3 => ">=",
        4 => "<",
        5 => "<=",
        6 => "!=",
        _ => "true",
    };
}
