namespace Breakwater.Protocols.Ipfix;

/// <summary>One field of a template (RFC 7011 §3.2; RFC 3954 §5.2).</summary>
/// <param name="Enterprise">Private enterprise number; 0 for IANA's elements and for all of NetFlow v9.</param>
/// <param name="Element">Information element (NetFlow v9: field type), or a scope type of NetFlow v9 when <paramref name="IsV9Scope"/>.</param>
/// <param name="Length">Octets; <see cref="Variable"/> when each record tells.</param>
/// <param name="IsScope">The field says what an options record is about.</param>
/// <param name="IsV9Scope">The scope is one of NetFlow v9's own types: System 1, Interface 2, Line Card 3, Cache 4, Template 5 (RFC 3954 §6.1).</param>
public readonly record struct FieldSpecifier(uint Enterprise, ushort Element, ushort Length, bool IsScope = false, bool IsV9Scope = false)
{
    /// <summary>RFC 7011 §7: the length stands in the record, before the content.</summary>
    public const ushort Variable = 65535;

    /// <summary>The enterprise number of the reverse direction of a biflow (RFC 5103 §6.1).</summary>
    public const uint ReverseEnterprise = 29305;

    public bool IsVariable => Length == Variable;
}
