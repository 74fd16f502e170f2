namespace Breakwater.Protocols.Dots;

/// <summary>How a parameter's value looks in CBOR and in JSON.</summary>
/// <remarks>RFC 9132 §6, Table 5, columns "CBOR Major Type" and "JSON Type"; RFC 7951 §6.1 makes strings of 64-bit numbers.</remarks>
public enum DotsKind : byte
{
    /// <summary>A map of parameters; JSON object.</summary>
    Container,

    /// <summary>An array of maps; JSON array of objects.</summary>
    List,

    /// <summary>Text.</summary>
    Text,

    /// <summary>An array of texts.</summary>
    TextList,

    /// <summary>Unsigned integer of up to 32 bits; JSON number.</summary>
    Number,

    /// <summary>An array of unsigned integers of up to 32 bits; JSON array of numbers.</summary>
    NumberList,

    /// <summary>Unsigned integer; JSON string.</summary>
    Counter,

    /// <summary>Unsigned integer, or -1 for no end; JSON number.</summary>
    Lifetime,

    /// <summary>Tag 4 with exponent -2; JSON string with two decimals.</summary>
    Decimal,

    Boolean,

    /// <summary>Unsigned integer out of a registry; JSON string with its label.</summary>
    Enumeration,

    /// <summary>An array of the former.</summary>
    EnumerationList,
}
