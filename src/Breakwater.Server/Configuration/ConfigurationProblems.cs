using System.Globalization;

namespace Breakwater.Server.Configuration;

/// <summary>Everything that is wrong with one file, as it is found. Bounded: a file of another kind is wrong a million times.</summary>
internal sealed class ConfigurationProblems
{
    /// <summary>More mistakes than this help nobody.</summary>
    public const int Most = 100;

    private readonly List<ConfigurationProblem> _found = [];
    private bool _cut;

    public int Count => _found.Count;

    /// <summary>True once a mistake was left out: looking on finds nothing that will be said.</summary>
    public bool IsCut => _cut;

    /// <summary>In the order of the file; that there are more comes last.</summary>
    public IReadOnlyList<ConfigurationProblem> All =>
    [
        .. _found.OrderBy(p => p.Line),
        .. _cut ? [new ConfigurationProblem("", string.Create(CultureInfo.InvariantCulture, $"more than {Most} mistakes; the rest is not shown"), 0)] : Array.Empty<ConfigurationProblem>(),
    ];

    /// <summary>Takes a mistake; a control character in a key or a message becomes a blank, for a message is one line on a terminal.</summary>
    public void Add(string path, string message, int line)
    {
        if (_found.Count < Most) _found.Add(new ConfigurationProblem(OneLine(path), OneLine(message), line));
        else _cut = true;
    }

    private static string OneLine(string text) =>
        text.Any(char.IsControl) ? string.Concat(text.Select(c => char.IsControl(c) ? ' ' : c)) : text;
}
