using Breakwater.Core.Net;

namespace Breakwater.Protocols.Dots;

/// <summary>With what a request conflicts (RFC 9132 §4.4.1.3).</summary>
/// <param name="Status">Not told for a cuid collision.</param>
/// <param name="Prefixes">The targets in conflict.</param>
/// <param name="Mid">The other request, when it is the same client's.</param>
/// <param name="RetryTimer">Seconds after which to ask again; only for a request that is not in force.</param>
public sealed record DotsConflict(
    DotsConflictCause Cause,
    DotsConflictStatus? Status = null,
    IReadOnlyList<Prefix>? Prefixes = null,
    uint? Mid = null,
    uint? RetryTimer = null);
