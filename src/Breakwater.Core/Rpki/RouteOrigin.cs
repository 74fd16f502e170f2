using System.Globalization;
using Breakwater.Core.Net;

namespace Breakwater.Core.Rpki;

/// <summary>Whether a route's origin is as its ROAs say (RFC 6811 §2).</summary>
public enum OriginValidity : byte
{
    /// <summary>No ROA covers the prefix.</summary>
    NotFound,

    /// <summary>A ROA covers it, allows its length, and names its origin.</summary>
    Valid,

    /// <summary>ROAs cover it, and none allows it.</summary>
    Invalid,
}

public static class OriginValidityNames
{
    /// <summary>The word for people and JSON.</summary>
    public static string Name(this OriginValidity validity) => validity switch
    {
        OriginValidity.NotFound => "not-found",
        OriginValidity.Valid => "valid",
        OriginValidity.Invalid => "invalid",
        _ => throw new ArgumentOutOfRangeException(nameof(validity)),
    };
}

/// <summary>A route, and what the ROAs say of its origin.</summary>
/// <param name="Route">The announced prefix.</param>
/// <param name="As">The AS that announces it.</param>
/// <param name="Validity">The verdict.</param>
/// <param name="Covering">Payloads that cover it, widest first: the evidence.</param>
public sealed record RouteOrigin(Prefix Route, uint As, OriginValidity Validity, IReadOnlyList<Vrp> Covering)
{
    /// <summary>The verdict and what it rests on, in words.</summary>
    public string Because => Validity switch
    {
        OriginValidity.NotFound => string.Create(CultureInfo.InvariantCulture, $"no ROA covers {Route}"),
        OriginValidity.Valid => string.Create(CultureInfo.InvariantCulture, $"{Covering.First(Allows)} allows {Route} from AS{As}"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{string.Join(", ", Covering.Take(3))}{(Covering.Count > 3 ? " and others" : "")} cover{(Covering.Count == 1 ? "s" : "")} {Route}, but {(Covering.Any(v => v.As == As) ? $"not its length of {Route.Length}" : $"not from AS{As}")}"),
    };

    /// <summary>Payloads that allow this origin longer prefixes than are announced.</summary>
    /// <param name="announced">All prefixes that are announced.</param>
    /// <remarks>RFC 9319 §5: whoever forges this origin may then announce a longer part, and wins.</remarks>
    public IEnumerable<Vrp> TooWide(IReadOnlyList<Prefix> announced) =>
        Covering.Where(v => v.As == As && v.MaxLength > v.Prefix.Length && announced.Where(v.Prefix.Contains).All(p => p.Length < v.MaxLength));

    private bool Allows(Vrp vrp) => vrp.As == As && Route.Length <= vrp.MaxLength;
}
