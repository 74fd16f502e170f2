using System.Collections;

namespace Breakwater.Server.Configuration;

/// <summary>Every key of the configuration file, out of the options classes themselves: it cannot be out of date.</summary>
public static class ConfigurationReference
{
    /// <summary>Writes Markdown: one table for each section.</summary>
    public static void Write(TextWriter output) => new Writer(output).Section("", new BreakwaterOptions());

    /// <summary>Every key with its path, as the tables have them.</summary>
    public static IReadOnlyList<string> Keys()
    {
        var writer = new Writer(TextWriter.Null);
        writer.Section("", new BreakwaterOptions());
        return writer.Keys;
    }

    private sealed class Writer(TextWriter output)
    {
        private readonly XmlSummaries _summaries = new();

        public List<string> Keys { get; } = [];

        public void Section(string path, object options)
        {
            var properties = OptionProperty.Of(options.GetType());
            var nested = new List<(string Path, object Options)>();
            var rows = new List<(OptionProperty Property, object? Default)>();
            foreach (var property in properties)
            {
                var value = property.Property.GetValue(options);
                var child = YamlReader.Join(path, property.Key);
                if (ScalarValues.Knows(property.Type))
                {
                    rows.Add((property, value));
                }
                else if (Container.Of(property.Type) is { } container)
                {
                    rows.Add((property, value));
                    if (!ScalarValues.Knows(container.Value))
                        nested.Add((child + (container.Key is null ? "[]" : ".NAME"), Activator.CreateInstance(container.Value)!));
                }
                else
                {
                    nested.Add((child, value ?? Activator.CreateInstance(property.Type)!));
                }
            }
            Table(path, rows);
            foreach (var (child, section) in nested) Section(child, section);
        }

        private void Table(string path, List<(OptionProperty Property, object? Default)> rows)
        {
            if (rows.Count == 0) return;
            output.WriteLine(path.Length == 0 ? "### At the top" : $"### `{path}`");
            output.WriteLine();
            output.WriteLine("| Key | Meaning | Value | Default | Range | Change |");
            output.WriteLine("|---|---|---|---|---|---|");
            foreach (var (property, value) in rows)
            {
                Keys.Add(YamlReader.Join(path, property.Key));
                var meaning = $"{_summaries.Summary(property.Property)} {_summaries.Remarks(property.Property)}".Trim();
                var range = string.Join(", ", property.Rules.Select(OptionRules.Describe).OfType<string>());
                output.WriteLine($"| `{property.Key}` | {Cell(meaning)} | {Cell(Kind(property.Type))} | {Cell(Default(value))} | {Cell(range)} | {(property.IsLive ? "live" : "restart")} |");
            }
            output.WriteLine();
        }

        private static string Kind(Type type)
        {
            if (ScalarValues.Knows(type)) return Short(type);
            var container = Container.Of(type)!;
            var item = ScalarValues.Knows(container.Value) ? Short(container.Value) : "map, see below";
            return container.Key is null ? $"list: {item}" : $"by {Short(container.Key)}: {item}";
        }

        /// <summary>"a duration such as 500ms …" → "duration".</summary>
        private static string Short(Type type)
        {
            var kind = ScalarValues.Kind(type);
            if (type.IsEnum || type == typeof(bool)) return kind;
            foreach (var article in new[] { "an ", "a " })
                if (kind.StartsWith(article, StringComparison.Ordinal)) kind = kind[article.Length..];
            var example = kind.IndexOf(" such as", StringComparison.Ordinal);
            return example < 0 ? kind : kind[..example];
        }

        private static string Default(object? value) => value is IEnumerable items and not string
            ? string.Join(", ", items.Cast<object>().Where(i => ScalarValues.Knows(i.GetType())).Select(i => $"`{ScalarValues.Write(i)}`")) is { Length: > 0 } list ? list : "none"
            : value is null ? "none" : $"`{ScalarValues.Write(value)}`";

        private static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal);
    }
}
