namespace Breakwater.Protocols.Cbor;

/// <summary>What kind of data item comes next.</summary>
/// <remarks>RFC 8949 §3.1: the eight major types, with the simple values of major type 7 told apart as far as we use them.</remarks>
public enum CborType : byte
{
    /// <summary>Nothing: the bytes are at their end, or a read has failed.</summary>
    None,
    Unsigned,
    Negative,
    Bytes,
    Text,
    Array,
    Map,
    Tag,
    Boolean,
    Null,

    /// <summary>A floating-point number, or a simple value without a meaning here: can be skipped, not read.</summary>
    Other,

    /// <summary>The stop code that ends an array or map of indefinite length.</summary>
    Break,
}
