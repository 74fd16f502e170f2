using System.Buffers.Text;
using System.Security.Cryptography;

namespace Breakwater.Protocols.Dots;

/// <summary>The identifier that a client derives from its credential.</summary>
public static class DotsIdentity
{
    /// <summary>RFC 9132 §4.4.1.1: the first 16 octets of SHA-256 in base64url without padding, 22 characters.</summary>
    /// <param name="credential">The Subject Public Key Info of the certificate in DER, or the PSK identity.</param>
    public static string Cuid(ReadOnlySpan<byte> credential) => Base64Url.EncodeToString(SHA256.HashData(credential).AsSpan(0, 16));
}
