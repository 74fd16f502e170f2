namespace Breakwater.Core.Behaviour.Payload;

/// <summary>The beginning of what a web server sent in clear, where it is something to take note of. The flow's source is the server.</summary>
public readonly ref struct ContentObservation
{
    public required ContentKind Kind { get; init; }

    /// <summary>Media type that the server gave, parameters included; empty when it gave none, or the head came in a packet before.</summary>
    public ReadOnlySpan<byte> MediaType { get; init; }

    /// <summary>Octets of it that were looked at.</summary>
    public required int Octets { get; init; }
}

/// <summary>What content is by its octets, whatever its label says.</summary>
public enum ContentKind : byte
{
    /// <summary>Nothing to take note of.</summary>
    Other,

    /// <summary>A program of Windows (PE) or of Linux (ELF).</summary>
    Program,

    /// <summary>A script for a Unix shell or interpreter.</summary>
    Script,

    /// <summary>Octets as if drawn by lot, and no known compressed format: encrypted.</summary>
    Cipher,

    /// <summary>Hexadecimal digits or base64 and nothing else: binary data made printable.</summary>
    Encoded,
}
