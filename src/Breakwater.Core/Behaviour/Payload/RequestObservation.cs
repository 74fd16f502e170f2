namespace Breakwater.Core.Behaviour.Payload;

/// <summary>How a client presented itself to a server: a TLS ClientHello, or the head of an HTTP request. The flow's source is the client.</summary>
public readonly ref struct RequestObservation
{
    /// <summary>True for TLS, false for HTTP in clear.</summary>
    public required bool IsTls { get; init; }

    /// <summary>Server name of TLS (SNI) or host of HTTP, lower case; empty when the client named none, or it was not captured.</summary>
    public ReadOnlySpan<byte> ServerName { get; init; }

    /// <summary>JA4 fingerprint of TLS, or user agent of HTTP; empty when there is none or it was not captured whole.</summary>
    public ReadOnlySpan<byte> Signature { get; init; }

    /// <summary>First protocol offered by ALPN, or the method of HTTP.</summary>
    public ReadOnlySpan<byte> Protocol { get; init; }

    /// <summary>Target of the HTTP request; empty for TLS.</summary>
    public ReadOnlySpan<byte> Target { get; init; }

    /// <summary>Which of the fields that browsers send are in the head of an HTTP request, as far as it was captured; none for TLS.</summary>
    public RequestFields Fields { get; init; }

    /// <summary>What an HTTP request brings is, by its octets, as far as the same packet holds it.</summary>
    public ContentKind Content { get; init; }

    /// <summary>What the request calls that (Content-Type); empty when it gives it no name.</summary>
    public ReadOnlySpan<byte> MediaType { get; init; }

    /// <summary>True when everything that could have held name and signature was captured: their absence then means something.</summary>
    public bool IsWhole { get; init; }
}

/// <summary>Header fields that browsers send with each request (RFC 9110 §12.5), or with most (§10.1.3).</summary>
[Flags]
public enum RequestFields : byte
{
    None = 0,
    Accept = 1,
    AcceptLanguage = 2,
    AcceptEncoding = 4,
    Referer = 8,
}
