namespace Breakwater.Core.Flows;

/// <summary>Why bytes from outside could not be (fully) decoded. A return value and a metric label; closed list.</summary>
public enum DecodeError : byte
{
    None = 0,

    /// <summary>The datagram ended inside a header or record.</summary>
    Truncated,

    /// <summary>The version field names no protocol that we decode.</summary>
    UnsupportedVersion,

    /// <summary>A length or count field contradicts the datagram or the standard.</summary>
    InvalidLength,

    /// <summary>A set or FlowSet identifier that the standard reserves.</summary>
    InvalidSet,

    /// <summary>A template that the standard forbids: no fields, bad identifier, or records of no length.</summary>
    InvalidTemplate,

    /// <summary>Data arrived before its template and did not fit the waiting room.</summary>
    UnknownTemplate,

    /// <summary>The exporter has as many templates or observation domains as the options allow.</summary>
    TableFull,

    /// <summary>More records than one batch holds.</summary>
    TooManyRecords,

    /// <summary>A packet header (Ethernet, IP, TCP …) inside a sample or capture is malformed.</summary>
    MalformedPacket,

    /// <summary>A header protocol or link type that we do not decode.</summary>
    UnsupportedEncapsulation,

    /// <summary>A field value outside what its type allows (sampling rate 0, time outside any range).</summary>
    InvalidValue,
}
