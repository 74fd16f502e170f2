using System.Buffers;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Breakwater.Server.Configuration;

/// <summary>Turns the text of a YAML file into <see cref="ConfigurationNode"/>s, in bounded time and memory.</summary>
/// <remarks>
/// Strict where YAML is lax: one document, no key twice, no tags. An alias is the node it names, not a copy, and the binder
/// bounds how many nodes it visits, so a file that expands without end costs nothing.
/// </remarks>
internal sealed class YamlReader
{
    /// <summary>Longest file read, in characters; a generous configuration has a few ten thousand.</summary>
    public const int MaxLength = 1 << 20;

    private const int MaxDepth = 32;

    private static readonly SearchValues<char> Forbidden =
        SearchValues.Create([.. Enumerable.Range(0, 32).Select(c => (char)c).Where(c => c is not ('\t' or '\n' or '\r'))]);

    private readonly Dictionary<string, ConfigurationNode> _anchors = [];
    private readonly ConfigurationProblems _problems;
    private readonly Parser _events;

    private YamlReader(string text, ConfigurationProblems problems)
    {
        _events = new Parser(new StringReader(text));
        _problems = problems;
    }

    /// <summary>Reads the file's text.</summary>
    /// <param name="text">The whole file.</param>
    /// <param name="problems">Receives what is wrong with it as YAML.</param>
    /// <returns>The root; null for an empty file, or when it could not be read as YAML at all.</returns>
    public static ConfigurationNode? Read(string text, ConfigurationProblems problems)
    {
        if (text.Length > MaxLength)
        {
            problems.Add("", $"the file has {text.Length} characters, at most {MaxLength} are read", 0);
            return null;
        }

        // YAML 1.2 §5.1: C0 controls other than tab and line ends cannot stand in a file; the parser would stop at a NUL as at the end.
        var control = text.AsSpan().IndexOfAny(Forbidden);
        if (control >= 0)
        {
            problems.Add("", "not a text file", 1 + text.AsSpan(0, control).Count('\n'));
            return null;
        }

        var reader = new YamlReader(text, problems);
        try
        {
            return reader.Document();
        }
        catch (YamlException fault)
        {
            problems.Add("", $"not YAML: {Reason(fault)}", (int)fault.Start.Line);
        }
        catch (InvalidOperationException)
        {
            // YamlDotNet 16.3 answers "[a\nb: c" so, where other unfinished lists give a YamlException.
            problems.Add("", "not YAML: a list or map is not closed", (int)(reader._events.Current?.End.Line ?? 1));
        }
        return null;
    }

    private ConfigurationNode? Document()
    {
        _events.Consume<StreamStart>();
        if (_events.Accept<StreamEnd>(out _)) return null;
        _events.Consume<DocumentStart>();
        var root = Node("", 0);
        _events.Consume<DocumentEnd>();
        if (_events.Accept<DocumentStart>(out var second))
            _problems.Add("", "a second document ('---'): the file holds one", (int)second.Start.Line);
        return root;
    }

    private ConfigurationNode Node(string path, int depth)
    {
        if (depth > MaxDepth) throw new YamlException(_events.Current!.Start, _events.Current.End, $"more than {MaxDepth} levels deep");

        if (_events.TryConsume<AnchorAlias>(out var alias))
        {
            if (_anchors.TryGetValue(alias.Value.Value, out var known)) return known;
            Report(path, $"no anchor '&{alias.Value}' stands before this alias", alias);
            return new ScalarNode("", false, (int)alias.Start.Line);
        }

        if (_events.TryConsume<Scalar>(out var scalar))
        {
            RefuseTag(path, scalar);
            return Anchored(scalar, new ScalarNode(scalar.Value, scalar.Style is not ScalarStyle.Plain, (int)scalar.Start.Line));
        }

        if (_events.TryConsume<SequenceStart>(out var sequence))
        {
            RefuseTag(path, sequence);
            var items = new List<ConfigurationNode>();
            while (!_events.TryConsume<SequenceEnd>(out _)) items.Add(Node($"{path}[{items.Count}]", depth + 1));
            return Anchored(sequence, new ListNode(items, (int)sequence.Start.Line));
        }

        var mapping = _events.Consume<MappingStart>();
        RefuseTag(path, mapping);
        return Anchored(mapping, Mapping(path, depth, (int)mapping.Start.Line));
    }

    private MapNode Mapping(string path, int depth, int line)
    {
        var entries = new List<MapEntry>();
        var lines = new Dictionary<string, int>(StringComparer.Ordinal);
        while (!_events.TryConsume<MappingEnd>(out _))
        {
            var key = Node(path, depth + 1);
            // Shortened: a path of long keys, made anew for each key below them, would cost the square of the file.
            var child = key is ScalarNode { Text: var name } ? Join(path, ScalarValues.Shown(name)) : path;
            var value = Node(child, depth + 1);
            if (key is not ScalarNode scalar)
                _problems.Add(path, "a key must be a word, not a list or a map", key.Line);
            else if (!lines.TryAdd(scalar.Text, scalar.Line))
                _problems.Add(child, $"stands here again, first on line {lines[scalar.Text]}", scalar.Line);
            else
                entries.Add(new MapEntry(scalar, value));
        }
        return new MapNode(entries, line);
    }

    internal static string Join(string path, string key) => path.Length == 0 ? key : $"{path}.{key}";

    private T Anchored<T>(NodeEvent start, T node) where T : ConfigurationNode
    {
        if (!start.Anchor.IsEmpty) _anchors[start.Anchor.Value] = node;
        return node;
    }

    private void RefuseTag(string path, NodeEvent start)
    {
        // "!" is what the parser gives a quoted scalar; it is not written in the file.
        if (!start.Tag.IsEmpty && !start.Tag.IsNonSpecific) Report(path, $"tags such as '{start.Tag}' are not read", start);
    }

    private void Report(string path, string message, ParsingEvent at) => _problems.Add(path, message, (int)at.Start.Line);

    /// <summary>The parser's own words without its "(Line: 3, Col: 1, Idx: 20) - (Line …): " in front, in one line.</summary>
    private static string Reason(YamlException fault)
    {
        var words = (fault.InnerException?.Message ?? fault.Message).ReplaceLineEndings(" ");
        return words.Length > 0 ? char.ToLowerInvariant(words[0]) + words[1..].TrimEnd('.') : "unreadable";
    }
}
