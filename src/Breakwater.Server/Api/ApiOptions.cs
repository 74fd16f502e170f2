using System.ComponentModel.DataAnnotations;
using System.Net;
using Breakwater.Core;

namespace Breakwater.Server.Api;

/// <summary>Section <c>api</c> of the configuration file.</summary>
public sealed class ApiOptions : IValidatableObject
{
    /// <summary>Local address and TCP port of the page, the HTTP API and the metrics.</summary>
    /// <remarks>On loopback: open it to others only with tokens, and behind a proxy that speaks TLS.</remarks>
    public IPEndPoint Listen { get; set; } = new(IPAddress.Loopback, 8080);

    /// <summary>Who may ask, and what. A request carries its token as <c>Authorization: Bearer TOKEN</c>.</summary>
    [Live]
    [MaxLength(1000)]
    public IReadOnlyList<ApiToken> Tokens { get; set; } = [];

    /// <summary>CrowdSec bouncers that take the sources which we drop or blackhole: their <c>api_url</c> is this API's address, their key goes in <c>X-Api-Key</c>.</summary>
    [Live]
    [MaxLength(1000)]
    public IReadOnlyList<ApiBouncer> Bouncers { get; set; } = [];

    /// <summary>Requests from this machine need no token to look, as long as the API listens on loopback only.</summary>
    /// <remarks>So that the page works at once. Turn it off where people share the machine, or where a proxy on it passes on other people's requests.</remarks>
    [Live]
    public bool AllowLoopbackViewer { get; set; } = true;

    /// <summary>Names under which browsers may reach the API, beside localhost and plain addresses.</summary>
    /// <remarks>Any other name is refused: a web site could point its own name at this address and read what the page reads (DNS rebinding).</remarks>
    [Live]
    [MaxLength(100)]
    public IReadOnlyList<string> AllowedHosts { get; set; } = [];

    /// <summary>Clients that may follow live events at the same time.</summary>
    [Live]
    [Range(1, 10_000)]
    public int MaxEventClients { get; set; } = 64;

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Tokens.GroupBy(t => t.Name, StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1) is { } twice)
            yield return new ValidationResult($"two tokens are named '{twice.Key}'", [nameof(Tokens)]);
        if (Bouncers.GroupBy(b => b.Name, StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1) is { } same)
            yield return new ValidationResult($"two bouncers are named '{same.Key}'", [nameof(Bouncers)]);
    }
}
