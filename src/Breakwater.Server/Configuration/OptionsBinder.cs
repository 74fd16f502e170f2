using System.Collections;
using System.ComponentModel.DataAnnotations;
using System.Globalization;

namespace Breakwater.Server.Configuration;

/// <summary>Fills any options class from the configuration file, and says everything that is wrong at once.</summary>
/// <remarks>
/// A key is a property in snake_case. What is not in the file keeps the default the class gives it.
/// </remarks>
internal sealed class OptionsBinder(List<ConfigurationProblem> problems)
{
    /// <summary>Nodes visited at most, aliases counted as often as they are used; a MiB of YAML holds fewer.</summary>
    private const int MaxVisits = 500_000;

    /// <summary>More mistakes than this help nobody; a file of another kind would print thousands.</summary>
    private const int MaxProblems = 100;

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
        if (node is null || Visit(node, path)) Validate(options, path, node?.Line ?? 0);
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
    private void Validate(object options, string path, int line)
    {
        if (options is not IValidatableObject validatable) return;
        foreach (var result in validatable.Validate(new ValidationContext(options)))
        {
            if (result == ValidationResult.Success) continue;
            var member = result.MemberNames.FirstOrDefault();
            Report(member is null ? path : YamlReader.Join(path, member.Contains('.') ? member : KeyNames.SnakeCase(member)), result.ErrorMessage ?? "is not valid", line);
        }
    }

    /// <returns>False once too much has been visited.</returns>
    private bool Visit(ConfigurationNode node, string path)
    {
        if (problems.Count > MaxProblems) return false;
        if (++_visits <= MaxVisits) return true;
        if (_visits == MaxVisits + 1) Report(path, "its aliases expand to more than the file may hold", node.Line);
        return false;
    }

    private bool Exhausted => _visits > MaxVisits || problems.Count > MaxProblems;

    private bool Report(string path, string message, int line)
    {
        if (problems.Count < MaxProblems) problems.Add(new ConfigurationProblem(path, message, line));
        else if (problems.Count == MaxProblems) problems.Add(new ConfigurationProblem("", string.Create(CultureInfo.InvariantCulture, $"more than {MaxProblems} mistakes; the rest is not shown"), 0));
        return false;
    }
}
