using System.Globalization;
using Breakwater.Core.Net;

namespace Breakwater.Core.Rpki;

/// <summary>Validated ROA payload (RFC 6811 §2): an AS may originate the prefix, and parts of it down to a length.</summary>
/// <param name="Prefix">The prefix.</param>
/// <param name="MaxLength">Longest part of it that may be announced, in bits; at least the prefix's own length.</param>
/// <param name="As">Who may; 0 says that nobody may (RFC 6483 §4).</param>
public readonly record struct Vrp(Prefix Prefix, byte MaxLength, uint As)
{
    /// <summary>"192.0.2.0/24-26 AS64500"; without the second length where it is the prefix's own.</summary>
    public override string ToString() =>
        MaxLength == Prefix.Length ? string.Create(CultureInfo.InvariantCulture, $"{Prefix} AS{As}") : string.Create(CultureInfo.InvariantCulture, $"{Prefix}-{MaxLength} AS{As}");
}
