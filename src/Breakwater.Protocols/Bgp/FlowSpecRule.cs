using System.Diagnostics.CodeAnalysis;
using Breakwater.Protocols.Net;

namespace Breakwater.Protocols.Bgp;

/// <summary>A flow specification: which packets a filtering rule is about. All components must match.</summary>
/// <remarks>
/// RFC 8955 §4 for IPv4, RFC 8956 §3 for IPv6. Length (one octet below 240, else two with the first four bits set), then
/// components in ascending order of type, each at most once.
/// </remarks>
public sealed class FlowSpecRule : IEquatable<FlowSpecRule>
{
    /// <summary>Longest rule, length field not included (RFC 8955 §4.1).</summary>
    public const int MaxLength = 4095;

    private const int ShortLength = 240;
    private const byte EndOfList = 0x80;

    private readonly FlowSpecComponent[] _components;

    /// <param name="family">IPv4 or IPv6 flow specification, with or without route distinguisher.</param>
    /// <param name="components">In any order; at least one, each type at most once.</param>
    /// <param name="routeDistinguisher">8 octets as a number, for the families with one (RFC 8955 §8).</param>
    /// <exception cref="ArgumentException">No component, one twice, or one of the other family.</exception>
    public FlowSpecRule(BgpFamily family, IEnumerable<FlowSpecComponent> components, ulong routeDistinguisher = 0)
    {
        if (!family.IsFlowSpec) throw new ArgumentException($"{family} has no flow specifications", nameof(family));
        Family = family;
        RouteDistinguisher = routeDistinguisher;
        _components = [.. components.OrderBy(c => c.Type)];
        if (_components.Length == 0) throw new ArgumentException("a flow specification needs a component", nameof(components));
        for (var i = 0; i < _components.Length; i++)
        {
            if (i > 0 && _components[i].Type == _components[i - 1].Type) throw new ArgumentException($"component {_components[i].Type} twice", nameof(components));
            if (_components[i] is FlowSpecPrefix prefix && prefix.Prefix.IsV4 != (family.Afi == BgpFamily.Ipv4)) throw new ArgumentException($"{prefix.Prefix} in {family}", nameof(components));
            if (_components[i] is FlowSpecValues { Terms.Count: 0 }) throw new ArgumentException($"component {_components[i].Type} without values", nameof(components));
        }
    }

    private FlowSpecRule(BgpFamily family, FlowSpecComponent[] components, ulong routeDistinguisher)
    {
        Family = family;
        _components = components;
        RouteDistinguisher = routeDistinguisher;
    }

    public BgpFamily Family { get; }

    /// <summary>8 octets as a number; 0 in families without one.</summary>
    public ulong RouteDistinguisher { get; }

    /// <summary>In ascending order of type.</summary>
    public IReadOnlyList<FlowSpecComponent> Components => _components;

    private bool HasDistinguisher => Family.Safi == BgpFamily.FlowSpecVpn;

    /// <summary>Octets of the rule on the wire, length field not included.</summary>
    public int Length
    {
        get
        {
            var length = HasDistinguisher ? 8 : 0;
            foreach (var component in _components) length += component is FlowSpecPrefix prefix ? PrefixLength(prefix) : ValuesLength((FlowSpecValues)component);
            return length;
        }
    }

    /// <summary>The octets of the rule, length field included.</summary>
    /// <exception cref="InvalidOperationException">It needs more than 4,095 octets.</exception>
    public byte[] Encode()
    {
        var length = Length;
        if (length > MaxLength) throw new InvalidOperationException($"a flow specification of {length} octets; {MaxLength} fit");
        var bytes = new byte[length + (length < ShortLength ? 1 : 2)];
        var at = 0;
        if (length >= ShortLength) bytes[at++] = (byte)(0xF0 | length >> 8);
        bytes[at++] = (byte)length;
        if (HasDistinguisher)
        {
            System.Buffers.Binary.BinaryPrimitives.WriteUInt64BigEndian(bytes.AsSpan(at), RouteDistinguisher);
            at += 8;
        }
        foreach (var component in _components)
        {
            bytes[at++] = (byte)component.Type;
            at += component is FlowSpecPrefix prefix ? WritePrefix(prefix, bytes.AsSpan(at)) : WriteValues((FlowSpecValues)component, bytes.AsSpan(at));
        }
        return bytes;
    }

    /// <summary>Reads one rule.</summary>
    /// <param name="bytes">The octets of one rule, length field included, and nothing behind.</param>
    /// <param name="problem">What is wrong with it; null when nothing is.</param>
    public static bool TryDecode(BgpFamily family, ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out FlowSpecRule? rule, out string? problem)
    {
        rule = null;
        problem = null;
        if (!TryReadLength(bytes, out var header, out var length) || bytes.Length != header + length) problem = "wrong length";
        else
        {
            var reader = new WireReader(bytes[header..]);
            var distinguisher = family.Safi == BgpFamily.FlowSpecVpn ? reader.U64() : 0;
            var components = new List<FlowSpecComponent>(6);
            while (reader.Remaining > 0 && problem is null) problem = ReadComponent(family, ref reader, components);
            if (reader.Failed) problem = "cut short";
            if (components.Count == 0) problem ??= "no component";
            if (problem is null) rule = new FlowSpecRule(family, [.. components], distinguisher);
        }
        return problem is null;
    }

    /// <summary>Reads the length field: RFC 8955 §4.1.</summary>
    internal static bool TryReadLength(ReadOnlySpan<byte> bytes, out int header, out int length)
    {
        header = bytes.IsEmpty || bytes[0] < ShortLength ? 1 : 2;
        length = 0;
        if (bytes.Length < header) return false;
        length = header == 1 ? bytes[0] : (bytes[0] & 0x0F) << 8 | bytes[1];
        return true;
    }

    private static string? ReadComponent(BgpFamily family, ref WireReader reader, List<FlowSpecComponent> into)
    {
        var type = (FlowSpecComponentType)reader.U8();
        // Ascending and each once (RFC 8955 §4.2). An unknown type has no length: nothing behind it could be read.
        if (into.Count > 0 && type <= into[^1].Type) return "components out of order";
        var known = type is >= FlowSpecComponentType.DestinationPrefix and <= FlowSpecComponentType.Fragment
            || (type == FlowSpecComponentType.FlowLabel && family.Afi == BgpFamily.Ipv6);
        if (!known) return "unknown component";
        return type <= FlowSpecComponentType.SourcePrefix ? ReadPrefix(family, type, ref reader, into) : ReadValues(type, ref reader, into);
    }

    private static string? ReadPrefix(BgpFamily family, FlowSpecComponentType type, ref WireReader reader, List<FlowSpecComponent> into)
    {
        var six = family.Afi == BgpFamily.Ipv6;
        var length = reader.U8();
        var offset = six ? reader.U8() : (byte)0;
        if (length > family.AddressBits) return "prefix too long";
        if (offset >= length && (offset, length) != (0, 0)) return "offset beyond the prefix";
        var pattern = reader.Bytes((length - offset + 7) / 8);
        if (reader.Failed) return "cut short";
        if (!WirePrefix.TryRead(pattern, six, length, offset, out var prefix)) return "an IPv4 address in an IPv6 prefix";
        into.Add(new FlowSpecPrefix(type, prefix, offset));
        return null;
    }

    private static string? ReadValues(FlowSpecComponentType type, ref WireReader reader, List<FlowSpecComponent> into)
    {
        var longest = LongestValue(type);
        var meaningful = FlowSpecComponent.IsBitmask(type) ? 0x73 : 0x77;
        var terms = new List<FlowSpecTerm>(2);
        byte head;
        do
        {
            head = reader.U8();
            // RFC 8955 §4.2.1.1: bits without meaning are ignored, and the first term has no AND.
            var term = new FlowSpecTerm((byte)(head & meaningful & (terms.Count == 0 ? ~FlowSpecTerm.AndBit : 0xFF)), 0);
            var value = term.Length switch { 1 => reader.U8(), 2 => reader.U16(), 4 => reader.U32(), _ => reader.U64() };
            if (reader.Failed) return "cut short";
            if (term.Length > longest) return "value too long";
            terms.Add(term with { Value = value });
        } while ((head & EndOfList) == 0);
        into.Add(new FlowSpecValues(type, terms));
        return null;
    }

    /// <summary>Only these have a MUST for their length (RFC 8955 §4.2.2.9, §4.2.2.11, §4.2.2.12); elsewhere a peer may waste octets.</summary>
    private static int LongestValue(FlowSpecComponentType type) => type switch
    {
        FlowSpecComponentType.TcpFlags => 2,
        FlowSpecComponentType.Dscp or FlowSpecComponentType.Fragment => 1,
        _ => 8,
    };

    private int PrefixLength(FlowSpecPrefix prefix) => (Family.Afi == BgpFamily.Ipv6 ? 3 : 2) + (prefix.Prefix.Length - prefix.Offset + 7) / 8;

    private static int ValuesLength(FlowSpecValues values)
    {
        var length = 1;
        foreach (var term in values.Terms) length += 1 + term.Length;
        return length;
    }

    private int WritePrefix(FlowSpecPrefix component, Span<byte> bytes)
    {
        var at = 0;
        bytes[at++] = component.Prefix.Length;
        if (Family.Afi == BgpFamily.Ipv6) bytes[at++] = component.Offset;
        return at + WirePrefix.Write(component.Prefix, component.Offset, bytes[at..]);
    }

    private static int WriteValues(FlowSpecValues component, Span<byte> bytes)
    {
        var at = 0;
        for (var i = 0; i < component.Terms.Count; i++)
        {
            var term = component.Terms[i];
            bytes[at++] = (byte)(term.Operator | (i == component.Terms.Count - 1 ? EndOfList : 0));
            for (var octet = term.Length - 1; octet >= 0; octet--) bytes[at++] = (byte)(term.Value >> (8 * octet));
        }
        return at;
    }

    public bool Equals(FlowSpecRule? other) =>
        other is not null && Family == other.Family && RouteDistinguisher == other.RouteDistinguisher && _components.SequenceEqual(other._components);

    public override bool Equals(object? obj) => Equals(obj as FlowSpecRule);

    public override int GetHashCode() => _components.Aggregate(Family.GetHashCode(), HashCode.Combine);

    /// <summary>"destination 192.0.2.7/32 protocol =17 source-port =123".</summary>
    public override string ToString() => string.Join(' ', _components.Select(c => c.ToString()));
}
