using System.Globalization;
using Breakwater.Protocols.Coap;

namespace Breakwater.Protocols.Dots;

/// <summary>What a request is about: the operation, and what its path says beside.</summary>
/// <remarks>RFC 9132 §4.2 and §4.4.1: /.well-known/dots/OPERATION, then cdid, cuid, mid or sid in this order, each at most once.</remarks>
public sealed record DotsPath(string Operation, string? Cdid, string? Cuid, uint? Mid, uint? Sid)
{
    public const string Mitigate = "mitigate";
    public const string Config = "config";
    public const string Heartbeat = "hb";

    /// <summary>RFC 9066 §5.2.2: a Call Home client sends its server elsewhere.</summary>
    public const string Redirect = "redirect";

    /// <summary>Longest segment: a cuid should have 22 characters.</summary>
    private const int MaxIdentifier = 80;

    private static readonly string[] Order = ["cdid", "cuid", "mid", "sid"];

    /// <summary>The path of a request.</summary>
    /// <param name="problem">Why there is none; null for a path of somebody else's.</param>
    public static DotsPath? Of(CoapMessage request, out string? problem)
    {
        problem = null;
        var segments = request.Texts(CoapOptions.UriPath).ToArray();
        // The operations of telemetry (RFC 9244 §6) are not ours either: a server without them does not look at their identifiers.
        if (segments is not [".well-known", "dots", (Mitigate or Config or Heartbeat or Redirect) and var operation, .. var rest]) return null;
        var values = new string?[Order.Length];
        var last = -1;
        foreach (var segment in rest)
        {
            var equals = segment.IndexOf('=', StringComparison.Ordinal);
            var at = equals < 0 ? -1 : Array.IndexOf(Order, segment[..equals]);
            if (at < 0) problem = $"'{segment}' has no meaning in the path";
            else if (at <= last) problem = $"{Order[at]} is out of order";
            else if (equals + 1 == segment.Length) problem = $"{Order[at]} is empty";
            else if (segment.Length > MaxIdentifier || segment.AsSpan().IndexOfAnyExceptInRange('!', '~') >= 0 || segment.Contains('/', StringComparison.Ordinal)) problem = $"{Order[at]} is not an identifier";
            else if (at >= 2 && !uint.TryParse(segment.AsSpan(equals + 1), NumberStyles.None, CultureInfo.InvariantCulture, out _)) problem = $"{Order[at]} is not a number";
            if (problem is not null) return null;
            values[at] = segment[(equals + 1)..];
            last = at;
        }
        return new DotsPath(operation, values[0], values[1], Number(values[2]), Number(values[3]));
    }

    /// <summary>The Uri-Path options of this path.</summary>
    public IReadOnlyList<CoapOption> ToOptions()
    {
        var segments = new List<string> { ".well-known", "dots", Operation };
        if (Cdid is not null) segments.Add("cdid=" + Cdid);
        if (Cuid is not null) segments.Add("cuid=" + Cuid);
        if (Mid is { } mid) segments.Add(string.Create(CultureInfo.InvariantCulture, $"mid={mid}"));
        if (Sid is { } sid) segments.Add(string.Create(CultureInfo.InvariantCulture, $"sid={sid}"));
        return [.. segments.Select(s => CoapOption.Text(CoapOptions.UriPath, s))];
    }

    private static uint? Number(string? text) => text is null ? null : uint.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture);
}
