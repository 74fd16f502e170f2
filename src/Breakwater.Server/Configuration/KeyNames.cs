using System.Text;

namespace Breakwater.Server.Configuration;

/// <summary>Between the file's <c>snake_case</c> and the program's <c>PascalCase</c>.</summary>
internal static class KeyNames
{
    /// <summary>A longer word is no slip of the pen, and comparing costs its length squared.</summary>
    private const int MaxSuggested = 64;

    /// <summary>PacketsPerSecond → packets_per_second, Pulses2 → pulses2.</summary>
    public static string SnakeCase(string name) => Separated(name, '_');

    /// <summary>SynFlood → syn-flood.</summary>
    public static string KebabCase(string name) => Separated(name, '-');

    /// <summary>The one of <paramref name="known"/> that was most likely meant; null when none is close.</summary>
    public static string? Closest(string written, IEnumerable<string> known)
    {
        if (written.Length > MaxSuggested) return null;
        string? best = null;
        // A third of the letters may be wrong: "pakets_per_sec" finds its word, "colour" does not become "home".
        var least = Math.Max(1, written.Length / 3) + 1;
        foreach (var candidate in known)
        {
            var distance = Distance(written, candidate);
            if (distance < least)
                (best, least) = (candidate, distance);
        }
        return best;
    }

    private static string Separated(string name, char separator)
    {
        var result = new StringBuilder(name.Length + 8);
        for (var i = 0; i < name.Length; i++)
        {
            if (i > 0 && char.IsUpper(name[i]) && (!char.IsUpper(name[i - 1]) || (i + 1 < name.Length && char.IsLower(name[i + 1]))))
                result.Append(separator);
            result.Append(char.ToLowerInvariant(name[i]));
        }
        return result.ToString();
    }

    /// <summary>Edit distance after Damerau and Levenshtein, adjacent swaps counted as one.</summary>
    private static int Distance(string a, string b)
    {
        var rows = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++) rows[i, 0] = i;
        for (var j = 0; j <= b.Length; j++) rows[0, j] = j;
        for (var i = 1; i <= a.Length; i++)
        {
            for (var j = 1; j <= b.Length; j++)
            {
                var change = a[i - 1] == b[j - 1] ? 0 : 1;
                rows[i, j] = Math.Min(Math.Min(rows[i - 1, j] + 1, rows[i, j - 1] + 1), rows[i - 1, j - 1] + change);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                    rows[i, j] = Math.Min(rows[i, j], rows[i - 2, j - 2] + 1);
            }
        }
        return rows[a.Length, b.Length];
    }
}
