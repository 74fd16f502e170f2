using System.Globalization;
using Breakwater.Core.Flows;
using Breakwater.Protocols.Json;
using Breakwater.Protocols.Stix;

namespace Breakwater.Protocols.Taxii;

/// <summary>Which objects of a collection a client asks for.</summary>
/// <remarks>TAXII 2.1 §3.4, §3.5. All fields are joined by AND, the values of one by OR.</remarks>
public sealed record TaxiiQuery
{
    /// <summary>Values of one field, and identifiers; more are no question but an attack.</summary>
    private const int MaxValues = 100;

    /// <summary>Only objects added after this moment. It is the time of arrival, never a time of STIX.</summary>
    public Timestamp? AddedAfter { get; init; }

    /// <summary>What the client wants at most; null when it does not say.</summary>
    public int? Limit { get; init; }
    public IReadOnlyList<string> Ids { get; init; } = [];
    public IReadOnlyList<string> Types { get; init; } = [];

    /// <summary>Versions asked for by their time, as STIX writes it.</summary>
    public IReadOnlyList<string> Versions { get; init; } = [];
    public bool First { get; init; }
    public bool Last { get; init; } = true;
    public bool All { get; init; }

    /// <summary>False when a specification version is asked for that nothing here is written in.</summary>
    public bool Stix21 { get; init; } = true;

    /// <summary>Reads the query of a request.</summary>
    /// <param name="parameters">Each parameter with its values, one for each time that it occurs.</param>
    /// <param name="matchable">Fields that <c>match[…]</c> may name at this endpoint.</param>
    /// <param name="query">What is asked for, when the answer is null.</param>
    /// <returns>What is malformed; null when nothing is.</returns>
    public static string? Read(IEnumerable<KeyValuePair<string, string[]>> parameters, IReadOnlyCollection<string> matchable, out TaxiiQuery query)
    {
        query = new TaxiiQuery();
        Timestamp? next = null;
        foreach (var (name, values) in parameters)
        {
            var value = values.Length > 0 ? values[0] : "";
            var known = name is "added_after" or "limit" or "next" || name.StartsWith("match[", StringComparison.Ordinal);
            if (!known) continue;
            if (values.Length > 1) return $"{name} occurs more than once";
            switch (name)
            {
                case "added_after":
                    if (!Rfc3339.TryParse(value, out var after)) return "added_after is not a timestamp such as 2016-02-21T05:01:01.000000Z";
                    query = query with { AddedAfter = after };
                    break;
                case "limit":
                    if (!long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) || limit < 1) return "limit is not a positive whole number";
                    query = query with { Limit = (int)Math.Min(limit, int.MaxValue) };
                    break;
                case "next":
                    if (!TryReadNext(value, out var from)) return "next is not a value that this server gave";
                    next = from;
                    break;
                default:
                    if (ReadMatch(name, value, matchable, ref query) is { } problem) return problem;
                    break;
            }
        }
        // Whatever a client puts into next, it can only leave out more of what its own query finds.
        if (next is { } place && (query.AddedAfter is not { } earlier || place > earlier)) query = query with { AddedAfter = place };
        return null;
    }

    /// <summary>The value of <c>next</c> that goes on after an object.</summary>
    public static string Next(Timestamp added) => (added.Nanoseconds / 1000).ToString(CultureInfo.InvariantCulture);

    private static bool TryReadNext(string text, out Timestamp added)
    {
        var good = long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var microseconds) && microseconds <= long.MaxValue / 1000;
        added = new Timestamp(good ? microseconds * 1000 : 0);
        return good;
    }

    private static string? ReadMatch(string name, string value, IReadOnlyCollection<string> matchable, ref TaxiiQuery query)
    {
        if (name[^1] != ']') return $"{name} is not a match of a field";
        var field = name[6..^1];
        if (field is not ("id" or "type" or "version" or "spec_version")) return null;
        if (!matchable.Contains(field)) return $"match[{field}] has no meaning here";
        var values = value.Split(',', MaxValues + 1);
        if (values.Length > MaxValues) return $"match[{field}] has more than {MaxValues} values";
        if (values.Any(v => v.Length == 0 || v.Length > 300)) return $"match[{field}] holds an empty or endless value";
        switch (field)
        {
            case "id":
                if (values.Any(v => !StixId.TryParse(v, out _))) return "match[id] holds what is no STIX identifier";
                query = query with { Ids = values };
                return null;
            case "type":
                query = query with { Types = values };
                return null;
            case "spec_version":
                query = query with { Stix21 = values.Contains("2.1") };
                return null;
            default:
                return ReadVersions(values, ref query);
        }
    }

    private static string? ReadVersions(string[] values, ref TaxiiQuery query)
    {
        if (values.Distinct().Count() != values.Length) return "match[version] names a version twice";
        if (values.Contains("all") && values.Length > 1) return "match[version]=all stands alone";
        var times = new List<string>();
        foreach (var value in values.Where(v => v is not ("all" or "first" or "last")))
        {
            if (!Rfc3339.TryParse(value, out var time)) return $"match[version] is neither all, first, last nor a timestamp";
            // Ours have milliseconds: a finer one is a version that we do not have.
            times.Add(time.Nanoseconds % Timestamp.NanosecondsPerMillisecond == 0 ? StixTime.Format(time) : Rfc3339.Format(time));
        }
        query = query with { Versions = times, First = values.Contains("first"), Last = values.Contains("last"), All = values.Contains("all") };
        return null;
    }
}
