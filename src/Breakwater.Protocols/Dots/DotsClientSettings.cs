namespace Breakwater.Protocols.Dots;

/// <summary>How a client presents itself to one server.</summary>
/// <param name="Credential">Subject Public Key Info in DER, or the PSK identity: the cuid is derived from it.</param>
/// <param name="Lifetime">How long a request is to live unless refreshed.</param>
/// <param name="Configuration">Session configuration to ask for; null to take the server's.</param>
/// <param name="ReleaseAfter">What began at the loss of the signal is let go once a session has stood for so long.</param>
public sealed record DotsClientSettings(ReadOnlyMemory<byte> Credential, TimeSpan Lifetime, DotsSessionConfiguration? Configuration = null, TimeSpan ReleaseAfter = default);
