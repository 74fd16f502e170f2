using System.Collections;
using System.ComponentModel.DataAnnotations;

namespace Breakwater.Server.Configuration;

/// <summary>Fills any options class from the configuration file, and says everything that is wrong at once.</summary>
/// <remarks>
/// A key is a property in snake_case. What is not in the file keeps the default the class gives it.
/// </remarks>
internal sealed class OptionsBinder(ConfigurationProblems problems)
{
    /// <summary>Nodes visited at most, aliases counted as often as they are used; a MiB of YAML holds fewer.</summary>
    private const int MaxVisits = 500_000;

    private int _visits;

    /// <param name="node">The section in the file; null or empty leaves the defaults.</param>
    /// <param name="options">The object to fill.</param>
    /// <param name="path">Path of the section, empty for the root.</param>
    public void Bind(ConfigurationNode? node, object options, string path)
    {
        if (node is not null and not ScalarNode { IsNull: true })
        {
            if (node is MapNode map) BindKeys(map, options, path);
            else Report(path, "must be a map of keys and values", node.Line);
        }
        if (node is null || Visit(node, path)) Validate(node, options, path);
    }

    private void BindKeys(MapNode map, object options, string path)
    {
        var properties = OptionProperty.Of(options.GetType());
        foreach (var (key, value) in map.Entries)
        {
            if (!Visit(value, path)) return;
            var child = YamlReader.Join(path, ScalarValues.Shown(key.Text));
            // Some people write keys-like-this; there is only one thing they can mean.
            var name = key.Text.Replace('-', '_');
            if (properties.FirstOrDefault(p => p.Key == name) is { } property)
                BindProperty(property, value, options, child);
            else
                Unknown(child, key, [.. properties.Select(p => p.Key)]);
        }
        foreach (var property in properties.Where(p => p.Rules.Any(r => r is RequiredAttribute) && !map.Entries.Any(e => e.Key.Text.Replace('-', '_') == p.Key)))
            if (property.Rules.Any(rule => !OptionRules.Holds(rule, property.Property.GetValue(options)!))) Report(YamlReader.Join(path, property.Key), "is missing", map.Line);
    }

    private void Unknown(string path, ScalarNode key, IReadOnlyList<string> known)
    {
        var closest = KeyNames.Closest(key.Text.ToLowerInvariant(), known);
        Report(path, closest is null ? $"no such key here; known: {string.Join(", ", known)}" : $"no such key; was '{closest}' meant?", key.Line);
    }

    private void BindProperty(OptionProperty property, ConfigurationNode node, object owner, string path)
    {
        if (node is ScalarNode { IsNull: true } && (property.Nullable || !ScalarValues.Knows(property.Type)))
        {
            if (property.Nullable && property.Property.SetMethod is not null) property.Property.SetValue(owner, null);
            return;
        }

        if (!ScalarValues.Knows(property.Type) && Container.Of(property.Type) is null)
        {
            var section = property.Property.GetValue(owner) ?? Activator.CreateInstance(property.Type)!;
            Bind(node, section, path);
            if (property.Property.SetMethod is not null) property.Property.SetValue(owner, section);
            return;
        }

        if (!TryRead(node, property.Type, path, out var value)) return;
        if (Broken(property, value!, path, node.Line)) return;
        if (property.Property.SetMethod is { IsPublic: true }) property.Property.SetValue(owner, value);
        else Refill(property.Property.GetValue(owner), value!);
    }

    /// <summary>Reads a value, a list or a dictionary.</summary>
    /// <returns>False when it was wrong, which has been reported.</returns>
    private bool TryRead(ConfigurationNode node, Type type, string path, out object? value)
    {
        value = null;
        if (!Visit(node, path)) return false;
        if (ScalarValues.Knows(type)) return TryReadScalar(node, type, path, out value);
        if (Container.Of(type) is { } container)
            return container.Key is null ? TryReadList(node, type, container.Value, path, out value) : TryReadMap(node, container.Key, container.Value, path, out value);
        value = Activator.CreateInstance(type)!;
        var before = problems.Count;
        Bind(node, value, path);
        return problems.Count == before;
    }

    private bool TryReadScalar(ConfigurationNode node, Type type, string path, out object? value)
    {
        value = null;
        if (node is not ScalarNode scalar) return Report(path, $"must be {ScalarValues.Kind(type)}, not a {(node is ListNode ? "list" : "map")}", node.Line);
        if (scalar.IsNull) return Report(path, $"has no value: write {ScalarValues.Kind(type)}", node.Line);
        return ScalarValues.Read(type, scalar.Text, out value) is not { } wrong || Report(path, wrong, node.Line);
    }

    private bool TryReadList(ConfigurationNode node, Type type, Type itemType, string path, out object? value)
    {
        value = null;
        if (node is not ListNode list) return Report(path, $"must be a list, such as [{(node is ScalarNode { IsNull: false } one ? ScalarValues.Shown(one.Text) : "…")}]", node.Line);
        var items = (IList)Activator.CreateInstance(typeof(List<>).MakeGenericType(itemType))!;
        var good = true;
        for (var i = 0; i < list.Items.Count; i++)
        {
            if (Exhausted) return false;
            if (TryRead(list.Items[i], itemType, $"{path}[{i}]", out var item)) items.Add(item);
            else good = false;
        }
        if (!good) return false;
        if (type.IsArray)
        {
            var array = Array.CreateInstance(itemType, items.Count);
            items.CopyTo(array, 0);
            value = array;
        }
        else
        {
            value = type.IsInstanceOfType(items) ? items : Activator.CreateInstance(type, items);
        }
        return true;
    }

    private bool TryReadMap(ConfigurationNode node, Type keyType, Type itemType, string path, out object? value)
    {
        value = null;
        if (node is not MapNode map) return Report(path, "must be a map of names and values", node.Line);
        var items = (IDictionary)Activator.CreateInstance(typeof(Dictionary<,>).MakeGenericType(keyType, itemType))!;
        var good = true;
        foreach (var (key, item) in map.Entries)
        {
            if (Exhausted) return false;
            var child = YamlReader.Join(path, ScalarValues.Shown(key.Text));
            if (ScalarValues.Read(keyType, key.Text, out var name) is { } wrong) good = Report(child, wrong, key.Line);
            else if (items.Contains(name!)) good = Report(child, "stands here twice", key.Line);
            else if (TryRead(item, itemType, child, out var read)) items[name!] = read;
            else good = false;
        }
        value = items;
        return good;
    }

    private static void Refill(object? collection, object value)
    {
        if (collection is IDictionary map)
        {
            map.Clear();
            foreach (DictionaryEntry entry in (IDictionary)value) map[entry.Key] = entry.Value;
        }
        else if (collection is IList list)
        {
            list.Clear();
            foreach (var item in (IEnumerable)value) list.Add(item);
        }
    }

    private bool Broken(OptionProperty property, object value, string path, int line)
    {
        var broken = false;
        foreach (var rule in property.Rules)
        {
            if (OptionRules.Holds(rule, value)) continue;
            broken = true;
            Report(path, OptionRules.Explain(rule, value), line);
        }
        return broken;
    }

    /// <summary>What no single key can know: asks the class itself. It names a property, or the path of a key further down.</summary>
    private void Validate(ConfigurationNode? node, object options, string path)
    {
        if (options is not IValidatableObject validatable) return;
        foreach (var result in validatable.Validate(new ValidationContext(options)))
        {
            if (problems.IsCut) return;
            if (result == ValidationResult.Success) continue;
            var member = result.MemberNames.FirstOrDefault() is { } name ? name.Contains('.') ? name : KeyNames.SnakeCase(name) : "";
            Report(member.Length == 0 ? path : YamlReader.Join(path, member), result.ErrorMessage ?? "is not valid", LineOf(node, member));
        }
    }

    /// <summary>Where the deepest key of a path stands that is in the file; 0 without a file.</summary>
    private static int LineOf(ConfigurationNode? node, string path)
    {
        var line = node?.Line ?? 0;
        while (path.Length > 0 && node is MapNode map)
        {
            // A name may have dots in it, so keys are compared, not pieces of the path.
            var entry = map.Entries.FirstOrDefault(e => path == e.Key.Text || path.StartsWith(e.Key.Text + ".", StringComparison.Ordinal));
            if (entry is null) break;
            (node, line) = (entry.Value, entry.Key.Line);
            path = path.Length > entry.Key.Text.Length ? path[(entry.Key.Text.Length + 1)..] : "";
        }
        return line;
    }

    /// <returns>False once too much has been visited.</returns>
    private bool Visit(ConfigurationNode node, string path)
    {
        if (problems.IsCut) return false;
        if (++_visits <= MaxVisits) return true;
        if (_visits == MaxVisits + 1) Report(path, "its aliases expand to more than the file may hold", node.Line);
        return false;
    }

    private bool Exhausted => _visits > MaxVisits || problems.IsCut;

    private bool Report(string path, string message, int line)
    {
        problems.Add(path, message, line);
        return false;
    }
}
