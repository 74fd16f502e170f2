using System.Globalization;
using Breakwater.Core.Flows;
using Breakwater.Core.Net;
using Breakwater.Protocols.Json;

namespace Breakwater.Server.Api;

/// <summary>Reads query parameters, and collects everything that is wrong with them under their names.</summary>
internal sealed class QueryErrors
{
    private readonly Dictionary<string, string[]> _errors = [];

    /// <param name="known">A parameter that is none of these is a mistake: a filter with a typing error would silently not filter.</param>
    public QueryErrors(HttpRequest request, params ReadOnlySpan<string> known)
    {
        foreach (var name in request.Query.Keys)
            if (!known.Contains(name)) Add(name, $"no such parameter; known: {string.Join(", ", known.ToArray())}");
    }

    /// <summary>The answer that lists them; null when there are none.</summary>
    public IResult? Answer =>
        _errors.Count == 0 ? null : Results.ValidationProblem(_errors, "Some query parameters are wrong; 'errors' says which and why.", type: "about:blank");

    public void Add(string name, string problem) => _errors[name] = [problem];

    public delegate bool NameParser<T>(string name, out T value);

    /// <summary>A name out of a closed list.</summary>
    public T? Name<T>(string parameter, string? text, NameParser<T> parse, IEnumerable<string> names) where T : struct
    {
        if (text is null) return null;
        if (parse(text, out var value)) return value;
        Add(parameter, $"must be one of {string.Join(", ", names)}");
        return null;
    }

    public Prefix? Prefix(string parameter, string? text)
    {
        if (text is null) return null;
        if (Core.Net.Prefix.TryParse(text, out var prefix)) return prefix;
        Add(parameter, "must be an address such as 192.0.2.1 or a prefix such as 2001:db8::/32");
        return null;
    }

    public Timestamp? Time(string parameter, string? text)
    {
        if (text is null) return null;
        if (Rfc3339.TryParse(text, out var time)) return time;
        Add(parameter, "must be a date-time as in RFC 3339, such as 2026-01-31T12:00:00Z (a + of an offset is written %2B)");
        return null;
    }

    public int? Number(string parameter, string? text, int least, int most)
    {
        if (text is null) return null;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most) return number;
        Add(parameter, string.Create(CultureInfo.InvariantCulture, $"must be a whole number from {least} to {most}"));
        return null;
    }
}
