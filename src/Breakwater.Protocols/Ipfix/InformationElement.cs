using System.Collections.Frozen;

namespace Breakwater.Protocols.Ipfix;

/// <summary>An entry of IANA's registry of IPFIX information elements.</summary>
/// <param name="Name">As registered, such as <c>octetDeltaCount</c>; reverse elements begin with <c>reverse</c> (RFC 5103 §6.1).</param>
public sealed record InformationElement(ushort Id, string Name, ElementType Type)
{
    private static readonly string[] V9Scopes = ["System", "Interface", "LineCard", "Cache", "Template"];
    private static readonly FrozenDictionary<ushort, InformationElement> Registered = Load();

    /// <summary>The registry's entry for a field, null when it has none (other enterprises, numbers not assigned).</summary>
    public static InformationElement? Of(FieldSpecifier field)
    {
        if (field.IsV9Scope)
        {
            var number = field.Element - 1;
            return (uint)number < V9Scopes.Length ? new InformationElement(field.Element, "scope" + V9Scopes[number], ElementType.Unsigned) : null;
        }
        if (field.Enterprise == 0) return Registered.GetValueOrDefault(field.Element);
        if (field.Enterprise != FieldSpecifier.ReverseEnterprise || !Registered.TryGetValue(field.Element, out var forward)) return null;
        return forward with { Name = "reverse" + char.ToUpperInvariant(forward.Name[0]) + forward.Name[1..] };
    }

    private static FrozenDictionary<ushort, InformationElement> Load()
    {
        var elements = new Dictionary<ushort, InformationElement>();
        foreach (var line in InformationElementTable.Text.AsSpan().EnumerateLines())
        {
            var parts = line.ToString().Split(' ');
            var id = ushort.Parse(parts[0], System.Globalization.CultureInfo.InvariantCulture);
            elements[id] = new InformationElement(id, parts[1], TypeOf(parts[2]));
        }
        return elements.ToFrozenDictionary();
    }

    private static ElementType TypeOf(string name) => name switch
    {
        "unsigned8" or "unsigned16" or "unsigned32" or "unsigned64" => ElementType.Unsigned,
        "signed32" => ElementType.Signed,
        "float64" => ElementType.Float,
        "boolean" => ElementType.Boolean,
        "string" => ElementType.String,
        "macAddress" => ElementType.MacAddress,
        "ipv4Address" or "ipv6Address" => ElementType.Address,
        "dateTimeSeconds" => ElementType.Seconds,
        "dateTimeMilliseconds" => ElementType.Milliseconds,
        "dateTimeMicroseconds" or "dateTimeNanoseconds" => ElementType.Ntp,
        _ => ElementType.Octets,
    };
}

/// <summary>Abstract data types (RFC 7012 §3.1), as far as they are read differently.</summary>
public enum ElementType : byte
{
    /// <summary>Bytes without a further meaning to us: octetArray, lists, unsigned256.</summary>
    Octets,
    Unsigned,
    Signed,
    Float,
    Boolean,
    String,
    MacAddress,
    Address,
    Seconds,
    Milliseconds,
    Ntp,
}
