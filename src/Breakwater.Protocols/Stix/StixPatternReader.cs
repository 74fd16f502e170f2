using System.Globalization;
using System.Text;

namespace Breakwater.Protocols.Stix;

/// <summary>An address, network, name or URL that a pattern looks for.</summary>
/// <param name="Value">As written.</param>
/// <param name="Port">The port it is about; 0 for any.</param>
/// <param name="IsUrl">True when it is a URL.</param>
internal readonly record struct StixTerm(string Value, ushort Port, bool IsUrl);

/// <summary>Reads those patterns that say no more than "one of these addresses or names", perhaps with a port. All others mean more than a list can hold.</summary>
/// <remarks>STIX 2.1 §9: observations in brackets joined by OR; inside, comparisons joined by OR, or by AND where only ports and types narrow one value.</remarks>
internal static class StixPatternReader
{
    private const int MaxPattern = 64 * 1024;

    private const int MaxTerms = 10_000;

    /// <summary>What the pattern looks for; empty where it is not understood to the end.</summary>
    public static IReadOnlyList<StixTerm> Read(string pattern)
    {
        if (pattern.Length > MaxPattern || !Tokens(pattern, out var tokens)) return [];
        var terms = new List<StixTerm>();
        for (var at = 0; at < tokens.Count;)
        {
            if (at > 0 && (tokens[at] != "OR" || ++at >= tokens.Count)) return [];
            if (tokens[at] != "[") return [];
            var end = tokens.IndexOf("]", at);
            if (end < 0 || !Observation(tokens.GetRange(at + 1, end - at - 1), terms)) return [];
            at = end + 1;
        }
        return terms;
    }

    private static bool Observation(List<string> tokens, List<StixTerm> terms)
    {
        var values = new List<StixTerm>();
        ushort port = 0;
        bool any = false, all = false;
        for (var at = 0; at < tokens.Count;)
        {
            if (at > 0)
            {
                if (tokens[at] == "OR") any = true;
                else if (tokens[at] == "AND") all = true;
                else return false;
                at++;
            }
            if (at + 2 >= tokens.Count || !Comparison(tokens, ref at, values, ref port)) return false;
        }
        if (any && all || all && values.Count != 1 || values.Count == 0 || terms.Count + values.Count > MaxTerms) return false;
        if (any && port != 0) return false;
        terms.AddRange(values.Select(v => v with { Port = port }));
        return true;
    }

    private static bool Comparison(List<string> tokens, ref int at, List<StixTerm> values, ref ushort port)
    {
        var (path, operation) = (tokens[at], tokens[at + 1]);
        at += 2;
        switch (path)
        {
            case "ipv4-addr:value" or "ipv6-addr:value" or "domain-name:value" or "url:value" or "network-traffic:dst_ref.value" or "network-traffic:src_ref.value":
                if (operation is not ("=" or "IN" or "ISSUBSET") || !Literals(tokens, ref at, operation == "IN", out var literals)) return false;
                values.AddRange(literals.Select(l => new StixTerm(l, 0, path == "url:value")));
                return literals.Count > 0;
            case "network-traffic:dst_port" or "network-traffic:src_port":
                return operation == "=" && at < tokens.Count && ushort.TryParse(tokens[at++], NumberStyles.None, CultureInfo.InvariantCulture, out port);
            case "network-traffic:dst_ref.type" or "network-traffic:src_ref.type":
                return operation == "=" && Literals(tokens, ref at, false, out _);
            default:
                return path.StartsWith("network-traffic:protocols[", StringComparison.Ordinal) && operation == "=" && Literals(tokens, ref at, false, out _);
        }
    }

    /// <summary>One literal, or a set of them in parentheses.</summary>
    private static bool Literals(List<string> tokens, ref int at, bool set, out List<string> literals)
    {
        literals = [];
        if (at >= tokens.Count) return false;
        if (!set)
        {
            if (tokens[at][0] != '\'') return false;
            literals.Add(tokens[at++][1..]);
            return true;
        }
        if (tokens[at++] != "(") return false;
        while (at + 1 < tokens.Count && tokens[at][0] == '\'')
        {
            literals.Add(tokens[at++][1..]);
            var next = tokens[at++];
            if (next == ")") return true;
            if (next != ",") return false;
        }
        return false;
    }

    /// <summary>Words and signs; a text literal begins with a quote and has no quote at its end.</summary>
    private static bool Tokens(string pattern, out List<string> tokens)
    {
        tokens = [];
        for (var at = 0; at < pattern.Length;)
        {
            var c = pattern[at];
            if (char.IsWhiteSpace(c))
            {
                at++;
            }
            else if (c == '\'')
            {
                if (!Text(pattern, ref at, out var text)) return false;
                tokens.Add("'" + text);
            }
            else if (c is '[' or ']' or '(' or ')' or ',' or '=')
            {
                tokens.Add(c.ToString());
                at++;
            }
            else
            {
                var start = at;
                while (at < pattern.Length && !char.IsWhiteSpace(pattern[at]) && !Ends(pattern, start, at)) at++;
                if (at == start) return false;
                tokens.Add(pattern[start..at]);
            }
        }
        return tokens.Count > 0;
    }

    /// <summary>A bracket behind a path is an index and belongs to it; all other signs end a word.</summary>
    private static bool Ends(string pattern, int start, int at)
    {
        var c = pattern[at];
        if (c == '[') return pattern.IndexOf(':', start, at - start) < 0;
        if (c == ']') return pattern.LastIndexOf('[', at - 1, at - start) < 0;
        return c is '(' or ')' or ',' or '=' or '\'';
    }

    private static bool Text(string pattern, ref int at, out string text)
    {
        var value = new StringBuilder();
        text = "";
        for (at++; at < pattern.Length; at++)
        {
            if (pattern[at] == '\\' && at + 1 < pattern.Length) value.Append(pattern[++at]);
            else if (pattern[at] == '\'')
            {
                at++;
                text = value.ToString();
                return true;
            }
            else value.Append(pattern[at]);
        }
        return false;
    }
}
